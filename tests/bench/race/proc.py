"""A process id -> what its tree has spent and needed, as Linux tells in /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat after the name in brackets: parent, and the times of it and of its reaped children.
_PARENT, _TIMES = 1, slice(11, 15)
_KB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Seconds of CPU so far, and the greatest resident size in MB of each process by its id."""

    cpu: float
    peaks: dict[int, float]


def tree_of(root: int) -> Tree:
    """Read a process and all that descend from it; what has ended counts where its parent has reaped it."""
    found = {int(folder.name): _stat(folder) for folder in _PROC.iterdir() if folder.name.isdecimal()}
    known = {pid: fields for pid, fields in found.items() if fields is not None}
    children: dict[int, list[int]] = {}
    for pid, fields in known.items():
        children.setdefault(int(fields[_PARENT]), []).append(pid)
    waiting, members = [root], list[int]()
    while waiting:
        pid = waiting.pop()
        members.append(pid)
        waiting += children.get(pid, ())
    ticks = sum(sum(map(int, known[pid][_TIMES])) for pid in members if pid in known)
    return Tree(
        cpu=ticks / os.sysconf("SC_CLK_TCK"),
        peaks={pid: peak for pid in members if (peak := _peak(pid)) is not None},
    )


def _stat(folder: Path) -> list[str] | None:
    try:
        return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _peak(pid: int) -> float | None:
    try:
        lines = (_PROC / str(pid) / "status").read_text(errors="replace").splitlines()
    except OSError:
        return None
    sizes = [int(line.split()[1]) / _KB for line in lines if line.startswith("VmHWM:")]
    return round(sizes[0], 1) if sizes else None
