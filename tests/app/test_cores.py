"""Cores that may be used: what the affinity leaves, and what each control group above this process allows."""

import os
from pathlib import Path

import pytest

from service.app.cores import usable_cores


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))


def machine(root: Path, groups: str, **files: str) -> Path:
    told = {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}
    for name, text in told.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_without_control_groups_every_core_counts(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == 8


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 8), ("350000 100000", 3), ("50000 100000", 1), ("1600000 100000", 8)]
)
def test_a_quota_counts_in_whole_cores_and_leaves_one_at_least(tmp_path: Path, quota: str, cores: int) -> None:
    assert usable_cores(machine(tmp_path, "0::/\n", **{"cpu.max": f"{quota}\n"})) == cores


def test_the_smallest_quota_of_all_groups_above_counts(tmp_path: Path) -> None:
    files = {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "400000 100000\n"}
    assert usable_cores(machine(tmp_path, "0::/a/b\n", **files)) == 2


@pytest.mark.parametrize(("quota", "cores"), [("-1", 8), ("250000", 2)])
def test_the_older_control_groups_count_as_well(tmp_path: Path, quota: str, cores: int) -> None:
    files = {"cpu/cpu.cfs_quota_us": f"{quota}\n", "cpu/cpu.cfs_period_us": "100000\n"}
    assert usable_cores(machine(tmp_path, "4:memory:/x\n2:cpu,cpuacct:/docker/1\n", **files)) == cores
