"""This machine -> how many cores the service may use, by its affinity and by the quotas of its control groups."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/")


def usable_cores(root: Path = _ROOT) -> int:
    """Count whole cores, one at least; `root` is where /proc and /sys are."""
    return max(1, math.floor(min([len(os.sched_getaffinity(0)), *_quotas(root)])))


def _quotas(root: Path) -> Iterator[float]:
    """Yield the cores that each control group above this process allows; those without a limit are left out."""
    mounted = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            inner = mounted / path.strip("/")
            for folder in (inner, *inner.parents):
                if folder.is_relative_to(mounted):
                    yield from _quota(*" ".join(_lines(folder / "cpu.max")).split())
        elif "cpu" in controllers.split(","):
            # The older kind; a container sees its own group where the mount begins.
            for folder in (mounted / "cpu", mounted / "cpu" / path.strip("/")):
                files = (folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")
                yield from _quota(*(line for file in files for line in _lines(file)))


def _quota(*microseconds: str) -> Iterator[float]:
    match microseconds:
        case (quota, period) if quota.isdecimal() and int(quota) > 0 and period.isdecimal() and int(period) > 0:
            yield int(quota) / int(period)
        case _:
            return


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
