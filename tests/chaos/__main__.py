"""`python -m tests.chaos`: faults for so many minutes, a line for each run, a report; exit 1 if anything was found."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.chaos import report
from tests.chaos.faults import FAULTS
from tests.chaos.mutants import MUTANTS
from tests.chaos.run import Ground, Ran, run
from tests.infrastructure.apache_kafka import start_kafka
from tests.infrastructure.postgres import TestServer, start_server

# A bug may have no occasion to show in one story; one that three stories pass over is missed.
_STORIES = 3
# Half of a story without a bug: each bug shows in it.
_EVENTS = 3_000
# Nothing, kills while ticks run, and kills.
_LEAST = 3


def main() -> int:
    arguments = _arguments()
    runs, bugs = asyncio.run(_run_all(arguments))
    missed = sorted(bug.mutant for bug in bugs if bug.clean or bug.is_ours)
    summary = report.summary(runs) | {"mutants": len(bugs), "mutants_missed": missed}
    print(json.dumps(summary))  # noqa: T201 (what machines read)
    if arguments.report:
        asked = {name: value for name, value in vars(arguments).items() if value and name not in {"keep", "report"}}
        report.write([*runs, *bugs], summary, Path(arguments.report), asked=asked)
    return int(bool(missed) or not all(ran.clean for ran in runs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=8.0, help=f"no run but the first {_LEAST} begins later than this"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each further one has the next")
    parser.add_argument("--only", action="append", choices=sorted(FAULTS), help="only this fault; may be given again")
    parser.add_argument("--workers", type=int, action="append", choices=(1, 3), help="1 and 3 unless given")
    parser.add_argument(
        "--brokers", type=int, action="append", choices=(1, 3), help="1 unless given; may be given again"
    )
    parser.add_argument("--events", type=int, default=0, help="how many the story is told with; each fault's own if 0")
    parser.add_argument(
        "--defaults", action="store_true", help="keep the service's own timeouts, to see how it recovers"
    )
    parser.add_argument("--once", action="store_true", help="end when each fault has run with each number of workers")
    parser.add_argument("--mutants", action="store_true", help="first plant each bug in turn, and fail if one passes")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of all processes")
    parser.add_argument("--report", help="a file for the whole report")
    return parser.parse_args()


async def _run_all(arguments: argparse.Namespace) -> tuple[Sequence[Ran], Sequence[Ran]]:
    runs: list[Ran] = []
    bugs: list[Ran] = []
    brokers = arguments.brokers or [1]
    for number, size in enumerate(brokers, start=1):
        end = time.monotonic() + arguments.minutes * 60 / len(brokers)
        with _ground(size, arguments) as ground:
            if arguments.mutants and number == 1:
                bugs = [await _hunt(ground, name, arguments.seed) for name in MUTANTS]
            for name, workers, seed in _plan(arguments):
                # Where planting all bugs took the time, some are still run: bugs that are found prove no run clean.
                if len(runs) >= _LEAST and time.monotonic() > end:
                    break
                runs.append(await run(ground, name, workers=workers, seed=seed, events=arguments.events))
                _say(report.line(runs[-1]))
                if not runs[-1].clean:
                    _say(report.details(runs[-1]))
    return runs, bugs


async def _hunt(ground: Ground, name: str, seed: int, stories: int = _STORIES) -> Ran:
    """Plant a bug, in another story where one gave it no occasion; return the run that found it, or the last."""
    mutant = MUTANTS[name]
    ran = await run(ground, mutant.fault, workers=mutant.workers, seed=seed, mutant=name, events=_EVENTS)
    _say(report.line(ran))
    again = ran.clean and stories > 1
    return await _hunt(ground, name, seed + 1, stories - 1) if again else ran


def _plan(arguments: argparse.Namespace) -> Iterator[tuple[str, int, int]]:
    """Yield (fault, workers, seed): each fault once, with the numbers of workers in turn; then with the next one."""
    seeds = count(arguments.seed)
    sizes = arguments.workers or [1, 3]
    for shift in range(len(sizes)) if arguments.once else count():
        for number, name in enumerate(arguments.only or FAULTS):
            yield name, sizes[(number + shift) % len(sizes)], next(seeds)


@contextmanager
def _ground(brokers: int, arguments: argparse.Namespace) -> Iterator[Ground]:
    with start_kafka(brokers) as kafka, start_server() as postgres:
        yield Ground(
            kafka=kafka,
            postgres=postgres,
            databases=TestServer(postgres.dsn),
            keep=arguments.keep,
            defaults=arguments.defaults,
        )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (the talk of a long run)


if __name__ == "__main__":
    sys.exit(main())
