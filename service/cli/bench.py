"""`bench`: the benchmarks, on the servers that the environment names or on embedded ones."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from service.app.logs import log_to_stderr
from service.assets import playbooks
from service.bench import AlertmanagerUnavailable, Asked, Scale, Suite, find, run, table
from service.cli.serving import USAGE, explained
from service.cli.speech import OUT_OF_REACH, answer, fail, open_rules, say

_ALL = "all"
_USUAL = Scale()


def bench(  # noqa: PLR0913 - one for each option
    suite: Annotated[
        str,
        typer.Argument(
            help="end-to-end, core, volume, routes, fatigue, links, classify, queue, stream, latency or all."
        ),
    ] = _ALL,
    events: Annotated[int, typer.Option(min=100, max=1_000_000, help="Events of a run.")] = _USUAL.events,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Runs that a median is taken of.")] = _USUAL.repeats,
    seed: Annotated[int, typer.Option(help="Another seed, other events.")] = _USUAL.seed,
    instances: Annotated[
        int, typer.Option(min=100, max=10_000_000, help="links: process instances in the registry; 3 kB of disk each.")
    ] = _USUAL.instances,
    alerts: Annotated[
        int, typer.Option(min=1_000, max=10_000_000, help="queue: alerts in all queues; 5 kB of disk each.")
    ] = _USUAL.alerts,
    consoles: Annotated[int, typer.Option(min=1, max=400, help="stream: how many follow a queue.")] = _USUAL.consoles,
    data: Annotated[
        Path | None, typer.Option(help="fatigue: the folder of the real files; without it, the demo's storm alone.")
    ] = None,
    *,
    rate: Annotated[
        float, typer.Option(min=0, max=100_000, help="latency: events a second; 0 for half of the maximum.")
    ] = _USUAL.rate,
    seconds: Annotated[float, typer.Option(min=1, max=3_600, help="latency: for how long.")] = _USUAL.seconds,
    processes: Annotated[
        int, typer.Option(min=1, max=4, help="end-to-end: how many decide beside one another; there are 4 partitions.")
    ] = _USUAL.processes,
    classifier: Annotated[
        bool,
        typer.Option("--classifier", help="end-to-end: also with a classifier."),
    ] = False,
    alertmanager: Annotated[
        bool,
        typer.Option("--alertmanager", help="fatigue: the busiest weeks through an Alertmanager as well, 17 minutes."),
    ] = False,
) -> None:
    """Measure throughput beside yardsticks: the core's stages, the volume rule, routes, links, fatigue, classifier."""
    if suite != _ALL and suite not in set(Suite):
        fail(f"There is no suite {suite!r}; there are {', '.join(Suite)} and {_ALL}.", USAGE)
    wanted = tuple(Suite) if suite == _ALL else (Suite(suite),)
    if classifier and processes > 1:
        fail("The road with a classifier is measured in one process.", USAGE)
    log_to_stderr("ERROR")
    if data is not None and not data.is_dir():
        fail(f"{data}: there is no such folder.")
    asked = Asked(folder=data, alertmanager=_program() if alertmanager else None)
    with explained():
        scale = Scale(
            events=events,
            repeats=repeats,
            seed=seed,
            instances=instances,
            alerts=alerts,
            consoles=consoles,
            rate=rate,
            seconds=seconds,
            processes=processes,
        )
        found = asyncio.run(
            run(wanted, open_rules(playbooks() / "retail"), scale, say, asked, with_classifier=classifier)
        )
    if Suite.FATIGUE in found:
        say(table(found[Suite.FATIGUE]))
    answer(found)
    failed = [reason for reason in _left_out(found.get(Suite.FATIGUE)) if alertmanager and _is_ci()]
    if failed:
        fail("; ".join(failed), OUT_OF_REACH)


def _program() -> Path | None:
    """Find the Alertmanager; where there is none its columns are left out, which CI does not take."""
    try:
        return find()
    except AlertmanagerUnavailable as reason:
        if _is_ci():
            fail(str(reason), OUT_OF_REACH)
        say(f"No Alertmanager, its columns are left out: {reason}.")
        return None


def _left_out(report: dict[str, Any] | None) -> list[str]:
    weeks = [one["week"] for one in (report or {"inputs": {}})["inputs"].values()]
    theirs = [week["alertmanager"] for week in weeks if week is not None and week["alertmanager"] is not None]
    return [one["left_out"] for one in theirs if "left_out" in one]


def _is_ci() -> bool:
    return os.environ.get("CI") == "true"
