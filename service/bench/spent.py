"""Two moments -> what was spent between them: seconds, and seconds of CPU by our processes and by PostgreSQL.

PostgreSQL's is read from /proc, so it is known where the server runs on this machine and Linux does.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat after the name in brackets: parent, own user and system time, those of reaped children.
_PARENT, _OWN, _REAPED = 1, slice(11, 13), slice(13, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """All in seconds; `postgres` is None where it can not be known."""

    wall: float
    process: float
    postgres: float | None


class Watch:
    """Measures from `start`, or from when it was made; `others` are the processes that count beside this one."""

    def __init__(self, postmaster: int | None) -> None:
        self._postmaster = postmaster
        self.others: Sequence[int] = ()
        self.start()

    def start(self) -> None:
        self._postgres = _server_seconds(self._postmaster)
        self._process = self._process_seconds()
        self._wall = time.perf_counter()

    def read(self) -> Spent:
        wall, process, postgres = time.perf_counter(), self._process_seconds(), _server_seconds(self._postmaster)
        known = postgres is not None and self._postgres is not None
        return Spent(
            wall=wall - self._wall,
            process=process - self._process,
            postgres=postgres - self._postgres
            if postgres is not None and self._postgres is not None and known
            else None,
        )

    def peaks(self) -> Sequence[int]:
        """Return the most bytes that each process ever had in memory, this one's first; 0 where that is not known."""
        return [_peak(pid) for pid in (os.getpid(), *self.others)]

    def _process_seconds(self) -> float:
        stats = [_stat(pid) for pid in self.others]
        ticks = sum(sum(map(int, found[1][_OWN])) for found in stats if found is not None)
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


async def postmaster_of(dsn: str) -> int | None:
    """Return the process id of a server on this machine."""
    connection = await asyncpg.connect(dsn)
    try:
        backend: int = await connection.fetchval("SELECT pg_backend_pid()")
    finally:
        found = _stat(backend)
        await connection.close()
    return int(found[1][_PARENT]) if found is not None and found[0] == "postgres" else None


def _server_seconds(postmaster: int | None) -> float | None:
    """Sum up the CPU time of a server, of its processes, and of those that have ended."""
    if postmaster is None:
        return None
    ticks = 0
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        found = _stat(int(folder.name))
        if found is None:
            continue
        fields = found[1]
        if int(folder.name) == postmaster:
            ticks += sum(map(int, fields[_OWN] + fields[_REAPED]))
        elif int(fields[_PARENT]) == postmaster:
            ticks += sum(map(int, fields[_OWN]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    try:
        text = (_PROC / str(pid) / "status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:")), 0)


def _stat(pid: int) -> tuple[str, list[str]] | None:
    """Return a process's name and the fields after it, None where there is no such process to see."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, rest.split()
