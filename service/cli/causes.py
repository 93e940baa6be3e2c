"""`simulate-causes`: how often the search for causes names what was planted, and what is none, in made-up processes."""

from dataclasses import replace
from typing import Annotated

import typer

from service.cli.simulation import progress
from service.cli.speech import answer
from service.simulation.causes import Process, parts_of, report_causes

_USUAL = Process()
_SPACE = 1_000_000


def simulate_causes(
    *,
    seeds: Annotated[int, typer.Option(min=2, max=100_000, help="Processes of each kind.")] = 200,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000, help="Other processes.")] = 1,
    instances: Annotated[int, typer.Option(min=50, max=20_000, help="Instances of each process.")] = _USUAL.instances,
    negative: Annotated[
        float, typer.Option(min=0.001, max=0.3, help="Share of instances that are complained of.")
    ] = _USUAL.negative,
    planted: Annotated[
        float, typer.Option(min=0.01, max=0.5, help="Share of instances that have the planted cause.")
    ] = _USUAL.planted,
    lift: Annotated[float, typer.Option(min=1, max=20, help="How much oftener these are complained of.")] = _USUAL.lift,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Weaker, rarer and blurred causes too, six times as much work.")
    ] = False,
) -> None:
    """Say in how many made-up processes a planted cause is named, and in how many something else is."""
    process = replace(_USUAL, instances=instances, negative=negative, planted=planted, lift=lift)
    with progress("simulate", parts_of(sensitivity=sensitivity) * seeds) as heard:
        report = report_causes(range(seed * _SPACE, seed * _SPACE + seeds), process, heard, sensitivity=sensitivity)
    answer(report | {"seed": seed})
