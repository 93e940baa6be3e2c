"""A module with a dataflow -> a cluster of Bytewax processes on loopback that run it, with recovery.

A worker is a thread, and threads contend for the interpreter, so its page "Performance" has one begin with processes.
Offsets are in the snapshots of the recovery folder, one for each group: a restart goes on where the last one ends.
"""

import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from bytewax.recovery import init_db_dir

from tests.bench.peers import replicas

SNAPSHOT_SECONDS = 5


def run(module: str, processes: int) -> int:
    """Return the exit code when all have ended."""
    folder = Path(sys.prefix) / "recovery" / os.environ["RACE_GROUP"]
    if not folder.exists():
        folder.mkdir(parents=True)
        init_db_dir(folder, processes)
    bytewax = [sys.executable, "-m", "bytewax.run", module, "-r", str(folder), "-s", str(SNAPSHOT_SECONDS), "-b", "0"]
    addresses = ";".join(f"127.0.0.1:{port}" for port in _free_ports(processes))
    return replicas.run([[*bytewax, "-i", str(number), "-a", addresses] for number in range(processes)])


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
