"""`simulate-volume`: how often a playbook's volume thresholds are wrong and how often they see, in years made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.cli.serving import USAGE
from service.cli.speech import answer, fail, open_rules, say, talk
from service.simulation import ROUNDS, Asked, Budget, Population, Rule, parts_of, rule_of, simulate, solve
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
    cells: Annotated[int, typer.Option(min=20, max=10_000, help="Cells of the tenant.")] = _USUAL.cells,
    processes: Annotated[int, typer.Option(min=1, max=1_000, help="Processes that the cells are of.")] = 10,
    regions: Annotated[int, typer.Option(min=1, max=100, help="Regions of each process and category.")] = 1,
    median: Annotated[
        float, typer.Option(min=0.01, max=10_000, help="Customers a week of the middle cell.")
    ] = _USUAL.weekly_median,
    sigma: Annotated[float, typer.Option(min=0.05, max=3, help="Spread of the cells' log rates.")] = _USUAL.sigma,
    phi: Annotated[float, typer.Option(min=1, max=20, help="Variance over mean of counts.")] = _USUAL.phi,
    drift: Annotated[float, typer.Option(min=0, max=0.5, help="Weekly step of a log rate.")] = _USUAL.drift,
    history_weeks: Annotated[
        int, typer.Option(min=5, max=104, help="Weeks watched before the year.")
    ] = _USUAL.history_weeks,
    acted_after_days: Annotated[
        int | None,
        typer.Option(
            min=0, max=364, help="Let people close each review so many days after its window, changing nothing."
        ),
    ] = None,
) -> None:
    """Say how many false alarms a playbook's volume rule raises, and which share of planted shifts it finds."""
    if cells % (processes * regions) or cells // processes // regions < 1:
        fail(f"{cells} cells are not {processes} processes of equally many in {regions} regions.", USAGE)
    population = Population(
        cells=cells,
        processes=processes,
        regions=regions,
        weekly_median=median,
        sigma=sigma,
        phi=phi,
        drift=drift,
        history_weeks=history_weeks,
        acted_after_days=acted_after_days,
    )
    rules = open_rules(playbook)
    rule = rule_of(rules.volume, rules.playbook.volume.tick)
    if solved:
        budget = Budget(local=budget_local, formal=budget_formal)
        rule = _solved(range(seed * _SPACE + _SOLVING, seed * _SPACE + _SOLVING + seeds), population, rule, budget)
    asked = Asked(rivals=rivals, outages=outages)
    with _progress("simulate", parts_of(rule, population, asked) * seeds) as heard:
        report = simulate(range(seed * _SPACE, seed * _SPACE + seeds), population, rule, asked, heard)
    report |= {"playbook": rules.digest, "seed": seed}
    answer({**report, "calibrated": calibrated(report, rule)} if solved else report)


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
    with _progress("solve", ROUNDS * len(seeds)) as heard:
        found = solve(seeds, population, rule, budget, heard)
    say(f"Cuts: h_local {found.thresholds.h_local}, h_formal {found.thresholds.h_formal}.")
    return found


@contextmanager
def _progress(what: str, total: int) -> Iterator[Heard]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
