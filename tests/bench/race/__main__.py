"""`python -m tests.bench.race`: run the race, or a part of it, into deploy/benchmarks/race.json, its page and plots.

A long race is run in pieces: with `--add` what the file holds stays, and what is there already is not run again, but
for what has failed. `--page` writes the page and the plots of the file and runs nothing.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from service import __version__
from service.bench.places import database
from tests.bench.race.contestants import ROOT, YARDSTICKS, Absent, Contestant, about, contestants, peers, versions
from tests.bench.race.figures import figures, rate_of
from tests.bench.race.ground import Ground, ground, group_of, make_topic, publish
from tests.bench.race.pace import Pace, pace
from tests.bench.race.page import page
from tests.bench.race.plots import plots
from tests.bench.race.runner import Failed
from tests.bench.race.turn import turn
from tests.bench.race.workloads import WORKLOADS, Workload
from tests.bench.race.yardsticks import Learnt, learn, yardstick

RESULTS = ROOT / "deploy" / "benchmarks" / "race.json"
_MOST_SECONDS = 60.0
_LIBRARIES = ("aiokafka", "asyncpg", "orjson", "pydantic")


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    if not asked.page:
        asyncio.run(Race(asked).run())
    document = orjson.loads(asked.results.read_bytes())
    asked.results.with_suffix(".md").write_text(page(document), encoding="utf-8")
    images = asked.results.parent / "images"
    images.mkdir(exist_ok=True)
    for name, drawn in plots(document).items():
        (images / f"{name}.svg").write_text(drawn, encoding="utf-8")


class Race:
    """The runs so far, written down after each."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        kept = asked.add and asked.results.exists()
        self._runs: list[dict[str, Any]] = orjson.loads(asked.results.read_bytes())["runs"] if kept else []
        self._started = time.monotonic()
        self._number = int(time.time())
        self._server = ""

    async def run(self) -> None:
        with tempfile.TemporaryDirectory(prefix="feedback-router-race-") as folder:
            for workload in self._asked.workloads:
                async with ground(Path(folder)) as place:
                    self._server = await _server_version(place)
                    await self._workload(place, WORKLOADS[workload], Path(folder))

    async def _workload(self, place: Ground, workload: Workload, folder: Path) -> None:
        await make_topic(place, workload.topic)
        count = workload.count or self._asked.events
        published = await publish(place, workload, workload.events(self._asked.seed, count))
        self._say(f"{workload.name}: {published:,} records published")
        learnt = await learn(place, workload) if self._wanted_yardsticks() else None
        for repeat in range(1, self._asked.repeats + 1):
            for name in self._wanted_yardsticks():
                if learnt is not None and not self._has(workload.name, name, "turn", repeat):
                    await self._yardstick(place, workload, name, learnt, published, repeat)
            # Everybody is first once, so that what else the machine does falls on nobody alone.
            for one in _rotated(self._wanted(), repeat):
                if not self._has(workload.name, one.key, "turn", repeat):
                    await self._turn(place, workload, one, repeat, folder)
        if not workload.paced or self._asked.no_latency:
            return
        for repeat in range(1, self._asked.repeats + 1):
            for one in _rotated(self._wanted(), repeat):
                rate = rate_of(self._runs, workload.name, one.key)
                if rate is not None and not self._has(workload.name, one.key, "pace", repeat):
                    await self._pace(place, workload, one, repeat, rate / 2, folder)

    async def _yardstick(
        self, place: Ground, workload: Workload, name: str, learnt: Learnt, published: int, repeat: int
    ) -> None:
        found = await yardstick(place, workload, name, learnt, published)
        self._keep(workload, name, "turn", repeat, found)

    async def _turn(self, place: Ground, workload: Workload, one: Contestant, repeat: int, folder: Path) -> None:
        self._number += 1
        group = group_of(one.key, [self._number])
        whole = workload.count is not None and one.peer is None and repeat == 1
        try:
            found = await turn(
                place, workload, one, group, seconds=self._asked.seconds, whole=whole, log=folder / f"{group}.log"
            )
        except (Absent, Failed) as reason:
            found = {"failed": str(reason)}
        self._keep(workload, one.key, "turn", repeat, {**found, **({"whole": True} if whole else {})})

    async def _pace(
        self, place: Ground, workload: Workload, one: Contestant, repeat: int, rate: float, folder: Path
    ) -> None:
        self._number += 1
        group = group_of(one.key, [self._number])
        asked = Pace(rate=rate, seconds=self._asked.seconds, seed=self._asked.seed + repeat)
        try:
            found = await pace(place, workload, one, group, asked, folder / f"{group}.log")
        except (Absent, Failed) as reason:
            found = {"failed": str(reason)}
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

    def _wanted(self) -> Sequence[Contestant]:
        only = self._asked.only
        return [
            one
            for one in contestants(self._asked.processes)
            if only is None or one.key in only or one.peer in only or (one.peer is None and "ours" in only)
        ]

    def _wanted_yardsticks(self) -> Sequence[str]:
        return [name for name in YARDSTICKS if self._asked.only is None or name in self._asked.only]

    def _say(self, said: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - self._started:6.0f} s] {said}\n")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.race", description=__doc__)
    parser.add_argument("--only", type=_names, help="contestants, by commas: ours, by_hand, faststream/own, write-only")
    parser.add_argument("--workloads", type=_names, default=list(WORKLOADS), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="of a run, 60 at most")
    parser.add_argument("--events", type=int, default=300_000, help="records of a workload but the backlog's")
    parser.add_argument("--processes", type=int, default=1, help="also run our service with so many processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-latency", action="store_true", help="leave the runs at half of the maximum out")
    parser.add_argument("--add", action="store_true", help="keep what the file has, and run what is missing")
    parser.add_argument("--page", action="store_true", help="only write the page and the plots again")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.workloads) - WORKLOADS.keys():
        parser.error(f"no workload: {', '.join(sorted(unknown))}")
    if not 0 < asked.seconds <= _MOST_SECONDS:
        parser.error(f"--seconds: up to {_MOST_SECONDS:.0f}")
    return asked


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _rotated(contestants: Sequence[Contestant], repeat: int) -> Sequence[Contestant]:
    first = (repeat - 1) % max(1, len(contestants))
    return [*contestants[first:], *contestants[:first]]


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
        "system": f"{platform.system()} {platform.release()}",
    }


def _versions() -> dict[str, str]:
    return {
        "feedback-router": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


async def _server_version(place: Ground) -> str:
    async with database(place.place.dsn) as dsn:
        connection = await asyncpg.connect(dsn)
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
