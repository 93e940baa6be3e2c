"""A port on loopback -> another one through which every round trip takes a millisecond more, or as many as asked for.

What a client sends is held for that long; what it is answered is not. Each direction of a connection is a thread, whose
sleep is finer than an event loop's. It runs as a process of its own: `python -m tests.bench.race.delay PORT SECONDS`
prints the port that it listens on and ends with its input.
"""

import socket
import sys
import threading
import time

_CHUNK = 2**20


def main(port: int, seconds: float) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listening, port, seconds), daemon=True).start()
    print(listening.getsockname()[1], flush=True)  # noqa: T201 - the one line that its user waits for
    sys.stdin.read()


def _serve(listening: socket.socket, port: int, seconds: float) -> None:
    while True:
        client, _ = listening.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_pass_on, args=(client, server, seconds), daemon=True).start()
        threading.Thread(target=_pass_on, args=(server, client, 0.0), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket, seconds: float) -> None:
    try:
        while chunk := source.recv(_CHUNK):
            if seconds:
                time.sleep(seconds)
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # Either end has gone; the other one learns of it.
        for end in (source, sink):
            end.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
