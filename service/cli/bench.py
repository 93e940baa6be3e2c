"""`bench`: the benchmarks, on the servers that the environment names or on embedded ones."""

import asyncio
from typing import Annotated

import typer

from service.app.logs import log_to_stderr
from service.assets import playbooks
from service.bench import Scale, Suite, run
from service.cli.serving import USAGE, explained
from service.cli.speech import answer, fail, open_rules, say

_ALL = "all"
_USUAL = Scale()


def bench(
    suite: Annotated[str, typer.Argument(help="end-to-end, core, volume, routes or all.")] = _ALL,
    events: Annotated[int, typer.Option(min=100, max=1_000_000, help="Events of a run.")] = _USUAL.events,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Runs that a median is taken of.")] = _USUAL.repeats,
    seed: Annotated[int, typer.Option(help="Another seed, other events.")] = _USUAL.seed,
) -> None:
    """Measure throughput beside two yardsticks, the core's stages, the volume rule, and what many routes cost."""
    if suite != _ALL and suite not in set(Suite):
        fail(f"There is no suite {suite!r}; there are {', '.join(Suite)} and {_ALL}.", USAGE)
    wanted = tuple(Suite) if suite == _ALL else (Suite(suite),)
    log_to_stderr("ERROR")
    with explained():
        scale = Scale(events=events, repeats=repeats, seed=seed)
        answer(asyncio.run(run(wanted, open_rules(playbooks() / "retail"), scale, say)))
