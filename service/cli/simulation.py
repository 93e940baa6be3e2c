"""`simulate-volume`: how often a playbook's volume thresholds are wrong and how often they see, in years made up."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.memory import MemoryStore
from service.cli.offline import SourceName, lines_of, source_of
from service.cli.serving import USAGE
from service.cli.speech import answer, fail, offline_key, open_rules, say, talk
from service.core.mapping import CompiledSource
from service.core.pipeline.rules import Rules
from service.core.pipeline.weighing import histories_of
from service.core.volume.grid import week_grid
from service.core.volume.prior import clean_weeks
from service.runtime.due import REACH
from service.runtime.replay import read_lines, replay
from service.simulation import (
    ROUNDS,
    Asked,
    Budget,
    Population,
    Rule,
    Tenant,
    measured,
    parts_of,
    rule_of,
    simulate,
    solve,
)
from service.simulation.measure import Heard

_USUAL = Population()
_SPACE = 1_000_000
# Seeds for solving are never those that the report is of.
_SOLVING = 500_000


def simulate_volume(  # noqa: PLR0913 - each is an option of the command
    playbook: Annotated[Path, typer.Argument(help="A playbook: one YAML file, or a folder of them.")],
    *,
    seeds: Annotated[int, typer.Option(min=2, max=100_000, help="Years of each kind.")] = 200,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000, help="Other years.")] = 1,
    rivals: Annotated[
        bool, typer.Option("--rivals", help="Judge the same years by a fixed count, a c chart and both ceilings too.")
    ] = False,
    outages: Annotated[
        bool, typer.Option("--outages", help="Strike five cells of a category together as well.")
    ] = False,
    solved: Annotated[
        bool, typer.Option("--solve", help="Find the cuts for the budget first; print what the playbook can hold.")
    ] = False,
    budget_local: Annotated[
        float, typer.Option(min=0.01, max=20, help="False local adjustments per 100 cells and week to solve for.")
    ] = 0.945,
    budget_formal: Annotated[
        float, typer.Option(min=0.001, max=10, help="False formal reviews per 100 cells and week to solve for.")
    ] = 0.088,
    events: Annotated[
        list[Path] | None,
        typer.Option(help="Measure the tenant in recorded events, JSON lines, which are replayed first."),
    ] = None,
    source: SourceName = None,
    cells: Annotated[
        int | None, typer.Option(min=20, max=10_000, help=f"Cells of the tenant: {_USUAL.cells}, or as measured.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=1_000, help=f"Processes they are of: {_USUAL.processes}, or as measured."),
    ] = None,
    regions: Annotated[
        int | None, typer.Option(min=1, max=100, help="Regions of each process and category: 1, or as measured.")
    ] = None,
    median: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=10_000, help=f"Customers a week of the middle cell: {_USUAL.weekly_median}, or as measured."
        ),
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(min=0.05, max=3, help=f"Spread of the cells' log rates: {_USUAL.sigma}, or as measured."),
    ] = None,
    phi: Annotated[
        float | None, typer.Option(min=1, max=20, help=f"Variance over mean of counts: {_USUAL.phi}, or as measured.")
    ] = None,
    drift: Annotated[float, typer.Option(min=0, max=0.5, help="Weekly step of a log rate.")] = _USUAL.drift,
    history_weeks: Annotated[
        int | None,
        typer.Option(min=5, max=104, help=f"Weeks watched before the year: {_USUAL.history_weeks}, or as measured."),
    ] = None,
    acted_after_days: Annotated[
        int | None,
        typer.Option(min=0, max=364, help="Let people close each review so many days after its window, in vain."),
    ] = None,
) -> None:
    """Say how many false alarms a playbook's volume rule raises, and which share of planted shifts it finds."""
    rules = open_rules(playbook)
    tenant = _tenant(events, rules, source_of(rules, source)) if events else None
    said: dict[str, Any] = {
        "cells": cells,
        "processes": processes,
        "regions": regions,
        "weekly_median": median,
        "sigma": sigma,
        "phi": phi,
        "history_weeks": history_weeks,
    }
    population = replace(
        _USUAL if tenant is None else tenant.population,
        drift=drift,
        acted_after_days=acted_after_days,
        **{name: figure for name, figure in said.items() if figure is not None},
    )
    groups = population.processes * population.regions
    if population.cells % groups:
        parts = f"{population.processes} processes of equally many in {population.regions} regions"
        fail(f"{population.cells} cells are not {parts}.", USAGE)
    rule = rule_of(rules.volume, rules.playbook.volume.tick)
    if solved:
        budget = Budget(local=budget_local, formal=budget_formal)
        rule = _solved(range(seed * _SPACE + _SOLVING, seed * _SPACE + _SOLVING + seeds), population, rule, budget)
    asked = Asked(rivals=rivals, outages=outages)
    with progress("simulate", parts_of(rule, population, asked) * seeds) as heard:
        report = simulate(range(seed * _SPACE, seed * _SPACE + seeds), population, rule, asked, heard)
    report |= {"playbook": rules.digest, "seed": seed}
    if tenant is not None:
        report["measured"] = {"cells": tenant.cells, "weeks": tenant.weeks, "customers": tenant.customers}
    answer({**report, "calibrated": calibrated(report, rule)} if solved else report)


def _tenant(files: list[Path], rules: Rules, source: CompiledSource | None) -> Tenant:
    """Replay recorded events, and measure what the last whole day knows of the cells."""
    for file in files:
        if not file.is_file():
            fail(f"{file}: there is no such file.")
    store = MemoryStore()
    records = read_lines(lines_of(files), rules, offline_key(), source)
    with progress("replay", len(records)) as heard:
        end = asyncio.run(replay(store, records, rules, timedelta(), heard)).until
    found = None if end is None else asyncio.run(_measured(store, end.date() - timedelta(days=1), rules))
    if found is None:
        fail("These events hold no five cells with eight weeks each, so that nothing can be measured in them.")
    one = found.population
    say(
        f"Measured in {found.cells} cells of {one.processes} processes, {found.weeks} weeks, {found.customers} "
        f"customers: {one.weekly_median} a week in the middle cell, sigma {one.sigma}, phi {one.phi}."
    )
    return found


async def _measured(store: MemoryStore, end: date, rules: Rules) -> Tenant | None:
    async with store.transaction() as transaction:
        watched = await transaction.load_cells(end - REACH, end)
    histories = histories_of(watched, end, rules)
    grid = week_grid(histories, end, rules.volume.settings.down_weight)
    return measured([one.cell for one in histories], clean_weeks(grid))


def calibrated(report: dict[str, Any], rule: Rule) -> dict[str, Any]:
    """What `volume.calibrated` of a playbook takes: the cuts with the report that they came from."""
    told = report["rule"]
    return {
        "h_local": rule.thresholds.h_local,
        "h_formal": rule.thresholds.h_formal,
        "siblings": told["siblings"],
        "tick": told["tick"],
        "half_life_weeks": told["half_life_weeks"],
        **told["legs"],
        "report": {
            name: report[name]
            for name in ("seed", "seeds", "population", "false_per_100_cells_week", "upper_95", "power")
        },
    }


def _solved(seeds: range, population: Population, rule: Rule, budget: Budget) -> Rule:
    with progress("solve", ROUNDS * len(seeds)) as heard:
        found = solve(seeds, population, rule, budget, heard)
    say(f"Cuts: h_local {found.thresholds.h_local}, h_formal {found.thresholds.h_formal}.")
    return found


@contextmanager
def progress(what: str, total: int) -> Iterator[Heard]:
    """Show how far a simulation is, where a person looks on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
