"""Seeds -> what was opened in years with and without a shift, several processes at work side by side.

A seed gives one year without a shift, and one with each; the same seed gives the same years whatever else is asked for.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from service.core.volume import HourlyThresholds
from service.simulation.drawing import Year, draw_year
from service.simulation.hours import Outage, watch_hours
from service.simulation.population import SCORED_WEEKS, Population, Rule, Shift
from service.simulation.years import Openings, Watched, first_prior, watch

_YEARS_AT_ONCE = 5
# The dice by which contacts are laid into hours.
_HOURS = 24
Part = TypeVar("Part")
# Hears of how many more seeds are through.
Heard = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """False openings of one seed per 100 cells and week: of single cells, of siblings together, and by the hour."""

    local: float
    formal: float
    pooled_local: float
    pooled_formal: float
    hourly_local: float

    @property
    def all_local(self) -> float:
        """Every false local adjustment; one that is found by the hour and by days is counted twice."""
        return self.local + self.pooled_local + self.hourly_local

    @property
    def all_formal(self) -> float:
        """Every false formal review."""
        return self.formal + self.pooled_formal


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of the planted shifts of one seed, the share inside which an episode opened, 0..1."""

    local: float
    formal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageFound:
    """Of the outages of one seed, the share that was found: by the siblings together, and by single cells.

    `any_cell` by at least one of the cells that were struck, `best_cell` by the one with the highest rate, `one_cell`
    by one of them on average.
    """

    pooled: float
    any_cell: float
    best_cell: float
    one_cell: float


def false_rates(seeds: Sequence[int], population: Population, rule: Rule, heard: Heard) -> tuple[Rate, ...]:
    """Watch years in which nothing happens."""
    return tuple(spread(partial(_false_rates, population=population, rule=rule), seeds, heard))


def power(seeds: Sequence[int], population: Population, rule: Rule, shift: Shift, heard: Heard) -> tuple[Found, ...]:
    """Watch years in which a shift is planted in some cells; only these are looked at."""
    return tuple(spread(partial(_power, population=population, rule=rule, shift=shift), seeds, heard))


def outages(
    seeds: Sequence[int], population: Population, rule: Rule, shift: Shift, heard: Heard
) -> tuple[OutageFound, ...]:
    """Watch years in which several cells of each category are struck in the same week."""
    return tuple(spread(partial(_outages, population=population, rule=rule, shift=shift), seeds, heard))


def hours_found(
    seeds: Sequence[int], population: Population, thresholds: HourlyThresholds, outage: Outage, heard: Heard
) -> tuple[tuple[float, bool], ...]:
    """Watch years by the hour in which each cell has an outage: its weekly rate, and whether it was found in time."""
    work = partial(_hours_found, population=population, thresholds=thresholds, outage=outage)
    return tuple(spread(work, seeds, heard))


def year_of(seed: int, population: Population, shift: Shift | None) -> Year:
    """Draw the year that a seed stands for; each shift has dice of its own."""
    number = 0 if shift is None else sum(shift.name.encode())
    return draw_year(np.random.default_rng((seed, number, population.history_weeks)), population, shift)


def spread(work: Callable[[tuple[int, ...]], Sequence[Part]], seeds: Sequence[int], heard: Heard) -> Iterator[Part]:
    """Do the work on a few seeds at a time, on every core, and yield what each seed gave in order."""
    parts = [tuple(seeds[at : at + _YEARS_AT_ONCE]) for at in range(0, len(seeds), _YEARS_AT_ONCE)]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for part, done in zip(parts, pool.map(work, parts), strict=True):
            heard(len(part))
            yield from done


def _false_rates(seeds: tuple[int, ...], population: Population, rule: Rule) -> list[Rate]:
    years = [year_of(seed, population, None) for seed in seeds]
    watched = watch(years, population, rule)
    unit = population.cells / 100 * SCORED_WEEKS
    each = population.cells
    groups = len(watched.groups) // len(seeds)
    found = []
    for number in range(len(seeds)):
        cells = slice(number * each, (number + 1) * each)
        pooled = [row for row, group in enumerate(watched.groups) if cells.start <= group.rows[0] < cells.stop]
        if len(pooled) != groups:
            message = "each year has the same groups of siblings"
            raise AssertionError(message)
        found.append(
            Rate(
                local=float(watched.cells.local[cells].sum()) / unit,
                formal=float(watched.cells.formal[cells].sum()) / unit,
                pooled_local=float(watched.pooled.local[pooled].sum()) / unit,
                pooled_formal=float(watched.pooled.formal[pooled].sum()) / unit,
                hourly_local=_hourly(seeds[number], years[number], population, rule.hourly) / unit,
            )
        )
    return found


def _hourly(seed: int, year: Year, population: Population, thresholds: HourlyThresholds | None) -> int:
    if thresholds is None:
        return 0
    dice = np.random.default_rng((seed, _HOURS))
    return len(watch_hours(dice, year, population, first_prior(year, population), thresholds).cells)


def _hours_found(
    seeds: tuple[int, ...], population: Population, thresholds: HourlyThresholds, outage: Outage
) -> list[tuple[float, bool]]:
    found: list[tuple[float, bool]] = []
    for seed in seeds:
        year, dice = year_of(seed, population, None), np.random.default_rng((seed, _HOURS, outage.hours))
        seen = watch_hours(dice, year, population, first_prior(year, population), thresholds, outage)
        starts = seen.outages if seen.outages is not None else np.zeros(population.cells, np.int64)
        inside = (seen.hours >= starts[seen.cells]) & (seen.hours < starts[seen.cells] + outage.hours)
        in_time = set(seen.cells[inside].tolist())
        found.extend((float(rate), cell in in_time) for cell, rate in enumerate(year.weekly_rates))
    return found


def _power(seeds: tuple[int, ...], population: Population, rule: Rule, shift: Shift) -> list[Found]:
    years = [year_of(seed, population, shift) for seed in seeds]
    watched = watch(years, population, rule, judged=range(shift.cells))
    found = []
    for number, year in enumerate(years):
        seen = [
            _inside(watched.cells, number * shift.cells + at, one.start, one.weeks, rule.tick_days)
            for at, one in enumerate(year.planted)
        ]
        local, formal = np.mean(seen, axis=0)
        found.append(Found(local=float(local), formal=float(formal)))
    return found


def _outages(seeds: tuple[int, ...], population: Population, rule: Rule, shift: Shift) -> list[OutageFound]:
    years = [year_of(seed, population, shift) for seed in seeds]
    watched = watch(years, population, rule)
    return [_outage_found(watched, number, year, population, rule) for number, year in enumerate(years)]


def _outage_found(watched: Watched, number: int, year: Year, population: Population, rule: Rule) -> OutageFound:
    offset = number * population.cells
    by_start: dict[tuple[int, int], list[int]] = {}
    per_process = population.cells // population.processes
    for one in year.planted:
        by_start.setdefault((one.cell % per_process, one.start), []).append(one.cell)
    pooled, alone = [], []
    for (category, start), cells in by_start.items():
        weeks = year.planted[0].weeks
        rows = {offset + process * per_process + category for process in range(population.processes)}
        group = next(at for at, siblings in enumerate(watched.groups) if set(siblings.rows) == rows)
        pooled.append(_inside(watched.pooled, group, start, weeks, rule.tick_days)[0])
        busiest = sorted(cells, key=lambda cell: -year.weekly_rates[cell])
        alone.append([_inside(watched.cells, offset + cell, start, weeks, rule.tick_days)[0] for cell in busiest])
    return OutageFound(
        pooled=float(np.mean(pooled)),
        any_cell=float(np.mean([any(each) for each in alone])),
        best_cell=float(np.mean([each[0] for each in alone])),
        one_cell=float(np.mean(alone)),
    )


def _inside(openings: Openings, row: int, start: int, weeks: int, tick_days: int) -> tuple[bool, bool]:
    """Tell whether a local adjustment, and a formal review, opened in a row inside a shift."""
    ticks = 7 // tick_days
    span = slice(start * ticks, (start + weeks) * ticks)
    return bool(openings.local[row, span].any()), bool(openings.formal[row, span].any())
