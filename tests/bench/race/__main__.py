"""`python -m tests.bench.race`: run the race, or a part of it, into deploy/benchmarks/race.json, its page and plots.

A long race is run in pieces: with `--add` what the file holds stays, and what is there already is not run again, but
for what has failed. `--page` writes the page and the plots of the file and runs nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from tests.bench.race.contestants import ROOT
from tests.bench.race.page import page
from tests.bench.race.plots import plots
from tests.bench.race.schedule import Asked, Race
from tests.bench.race.turn import MOST_SECONDS
from tests.bench.race.workloads import WORKLOADS

RESULTS = ROOT / "deploy" / "benchmarks" / "race.json"


def main(arguments: Sequence[str]) -> None:
    given = _given(arguments)
    results: Path = given.results
    if not given.page:
        asked = {name: value for name, value in vars(given).items() if name != "page"}
        asyncio.run(Race(Asked(**asked)).run())
    document = orjson.loads(results.read_bytes())
    results.with_suffix(".md").write_text(page(document), encoding="utf-8")
    images = results.parent / "images"
    images.mkdir(exist_ok=True)
    for name, drawn in plots(document).items():
        (images / f"{name}.svg").write_text(drawn, encoding="utf-8")


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.race", description=__doc__)
    parser.add_argument("--only", type=_names, help="contestants, by commas: ours, by_hand, faststream/own, write-only")
    parser.add_argument("--workloads", type=_names, default=list(WORKLOADS), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="of a run, 60 at most")
    parser.add_argument("--events", type=int, default=300_000, help="records of a workload but the backlog's")
    parser.add_argument("--processes", type=int, default=1, help="also run our service with so many processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--no-latency", dest="latency", action="store_false", help="leave the runs at half of the maximum out"
    )
    parser.add_argument("--add", action="store_true", help="keep what the file has, and run what is missing")
    parser.add_argument("--page", action="store_true", help="only write the page and the plots again")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    if unknown := set(given.workloads) - WORKLOADS.keys():
        parser.error(f"no workload: {', '.join(sorted(unknown))}")
    if not 0 < given.seconds <= MOST_SECONDS:
        parser.error(f"--seconds: up to {MOST_SECONDS:.0f}")
    return given


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


if __name__ == "__main__":
    main(sys.argv[1:])
