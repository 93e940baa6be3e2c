"""What is asked for -> runs in turns, each written down before the next begins.

A run that fails is a run with a reason. With `add` what the file holds stays, and what has failed is tried again.
"""

import asyncio
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from aiokafka.errors import KafkaError

from service import __version__
from tests.bench.race.contestants import YARDSTICKS, Absent, Contestant, about, contestants, peers, versions
from tests.bench.race.figures import figures, rate_of
from tests.bench.race.ground import Ground, ground, server_version
from tests.bench.race.pace import Pace, pace
from tests.bench.race.records import Records, make_topic
from tests.bench.race.runner import Failed
from tests.bench.race.turn import turn
from tests.bench.race.workloads import WORKLOADS, Workload
from tests.bench.race.yardsticks import Learnt, learn, yardstick

# What one run may end with; the race goes on.
_FAULTS = (Absent, Failed, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)
_LIBRARIES = ("aiokafka", "asyncpg", "orjson", "pydantic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`only` names contestants, None all of them; `events` are the records of a workload that has no number itself."""

    only: Sequence[str] | None
    workloads: Sequence[str]
    repeats: int
    seconds: float
    events: int
    processes: int
    seed: int
    latency: bool
    add: bool
    results: Path


class Race:
    """The runs so far, written down after each."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        kept = asked.add and asked.results.exists()
        self._runs: list[dict[str, Any]] = orjson.loads(asked.results.read_bytes())["runs"] if kept else []
        self._started = time.monotonic()
        self._number = 0
        self._server = ""

    async def run(self) -> None:
        """Run what is missing; SIGTERM ends it as Ctrl-C does, servers and contestants included."""
        running = asyncio.current_task()
        if running is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        with tempfile.TemporaryDirectory(prefix="feedback-router-race-") as folder:
            for workload in self._asked.workloads:
                async with ground(Path(folder)) as place:
                    self._server = await server_version(place)
                    await self._workload(place, WORKLOADS[workload], Path(folder))

    async def _workload(self, place: Ground, workload: Workload, folder: Path) -> None:
        await make_topic(place, workload.topic)
        records = Records(place, workload, self._asked.seed, self._asked.events)
        published = await records.renew()
        self._say(f"{workload.name}: {published:,} records published")
        learnt = await learn(place, workload) if self._yardsticks() else None
        for repeat in range(1, self._asked.repeats + 1):
            if learnt is not None:
                await self._held_against(place, workload, learnt, published, repeat)
            for one in self._missing(workload, "turn", repeat):
                if workload.rows:
                    await records.renew()
                await self._turn(place, workload, one, repeat, folder)
        if workload.count is not None:
            for one in self._missing(workload, "whole", 1):
                if one.peer is None:
                    await self._turn(place, workload, one, 1, folder, whole=True)
        if workload.paced and self._asked.latency:
            await self._paces(place, workload, folder)

    async def _paces(self, place: Ground, workload: Workload, folder: Path) -> None:
        for repeat in range(1, self._asked.repeats + 1):
            for one in self._missing(workload, "pace", repeat):
                rate = rate_of(self._runs, workload.name, one.key)
                if rate is not None:
                    await self._pace(place, workload, one, repeat, rate / 2, folder)

    async def _held_against(
        self, place: Ground, workload: Workload, learnt: Learnt, published: int, repeat: int
    ) -> None:
        for name in self._yardsticks():
            if not self._has(workload.name, name, "turn", repeat):
                found = await yardstick(place, workload, name, learnt, published)
                self._keep(workload, name, "turn", repeat, found)

    async def _turn(
        self, place: Ground, workload: Workload, one: Contestant, repeat: int, folder: Path, *, whole: bool = False
    ) -> None:
        self._number += 1
        group = f"race-{self._number}"
        try:
            found = await turn(
                place, workload, one, group, seconds=self._asked.seconds, whole=whole, log=folder / f"{group}.log"
            )
        except _FAULTS as reason:
            found = {"failed": str(reason) or type(reason).__name__}
        self._keep(workload, one.key, "whole" if whole else "turn", repeat, found)

    async def _pace(
        self, place: Ground, workload: Workload, one: Contestant, repeat: int, rate: float, folder: Path
    ) -> None:
        self._number += 1
        group = f"race-{self._number}"
        asked = Pace(rate=rate, seconds=self._asked.seconds, seed=self._asked.seed + repeat)
        try:
            found = await pace(place, workload, one, group, asked, folder / f"{group}.log")
        except _FAULTS as reason:
            found = {"failed": str(reason) or type(reason).__name__}
        self._keep(workload, one.key, "pace", repeat, found)

    def _keep(self, workload: Workload, name: str, kind: str, repeat: int, found: dict[str, Any]) -> None:
        head = {"workload": workload.name, "contestant": name, "kind": kind, "repeat": repeat}
        head |= {"at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "load": round(os.getloadavg()[0], 1)}
        # What failed before makes room for what is tried again.
        self._runs = [run for run in self._runs if not _same(run, workload.name, name, kind, repeat)]
        self._runs.append({**head, **found})
        self._say(f"{workload.name} {kind} {repeat} {name}: {_said(found)}")
        document = {
            "figures": figures(self._runs),
            "about": {peer: _told(peer) for peer in peers()},
            "machine": _machine(),
            "versions": {**_versions(), "postgresql": self._server},
            "seconds": self._asked.seconds,
            "seed": self._asked.seed,
            "workloads": {one.name: one.what for one in WORKLOADS.values()},
            "runs": self._runs,
        }
        self._asked.results.parent.mkdir(parents=True, exist_ok=True)
        self._asked.results.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))

    def _has(self, workload: str, name: str, kind: str, repeat: int) -> bool:
        return any(_same(run, workload, name, kind, repeat) and "failed" not in run for run in self._runs)

    def _missing(self, workload: Workload, kind: str, repeat: int) -> Sequence[Contestant]:
        """Return who has no such run yet. Everybody is first once, so that what else happens falls on nobody alone."""
        only = self._asked.only
        found = [
            one
            for one in contestants(self._asked.processes)
            if only is None or one.key in only or one.peer in only or (one.peer is None and "ours" in only)
        ]
        first = (repeat - 1) % max(1, len(found))
        rotated = [*found[first:], *found[:first]]
        return [one for one in rotated if not self._has(workload.name, one.key, kind, repeat)]

    def _yardsticks(self) -> Sequence[str]:
        return [name for name in YARDSTICKS if self._asked.only is None or name in self._asked.only]

    def _say(self, said: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - self._started:6.0f} s] {said}\n")


def _same(run: dict[str, Any], workload: str, name: str, kind: str, repeat: int) -> bool:
    return (run["workload"], run["contestant"], run["kind"], run["repeat"]) == (workload, name, kind, repeat)


def _said(found: dict[str, Any]) -> str:
    if "failed" in found:
        return f"failed, {found['failed']}"
    if "latency_ms" in found:
        return f"{found['latency_ms']} ms at {found['rate']:,} events/s"
    return f"{found['events_per_second']:,.0f} events/s, CPU {found['cpu_per_million']}"


def _told(peer: str) -> dict[str, Any]:
    said = dict(about(peer))
    return {**said, "versions": versions(peer, said.get("packages", ()))}


def _machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "processor": next(named, platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def _versions() -> dict[str, str]:
    return {
        "feedback-router": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }
