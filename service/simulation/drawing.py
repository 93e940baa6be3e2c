"""Population and dice -> the daily counts of one year, with the shifts that were planted in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.core.volume.gamma import Matrix
from service.simulation.population import SCORED_WEEKS, WEEKDAYS, Population, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One cell's shift: scored weeks from `start`, the first one being 0."""

    cell: int
    start: int
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """`counts` is cells by days; `weekly_rates` are the cells' own, before drift and shifts."""

    counts: Matrix
    weekly_rates: Matrix
    planted: tuple[Planted, ...]


def draw_year(dice: np.random.Generator, population: Population, shift: Shift | None = None) -> Year:
    """Draw one year: rates first, then drift, shifts and counts."""
    weekly = dice.lognormal(np.log(population.weekly_median), population.sigma, population.cells)
    weeks = population.history_weeks + SCORED_WEEKS
    level = np.ones((population.cells, weeks))
    if population.drift:
        level *= np.exp(np.cumsum(dice.normal(0, population.drift, level.shape), axis=1))
    planted = () if shift is None else _planted(dice, population, shift)
    for one in planted:
        start = population.history_weeks + one.start
        level[one.cell, start : start + one.weeks] *= shift.factor if shift is not None else 1.0
    mean = np.repeat(weekly[:, None] / 7 * level, 7, axis=1) * np.tile(WEEKDAYS, weeks)
    return Year(counts=_counts(dice, mean, population.phi), weekly_rates=weekly, planted=planted)


def _planted(dice: np.random.Generator, population: Population, shift: Shift) -> tuple[Planted, ...]:
    if not shift.together:
        starts = dice.integers(0, SCORED_WEEKS - shift.weeks + 1, shift.cells)
        return tuple(Planted(cell=cell, start=int(start), weeks=shift.weeks) for cell, start in enumerate(starts))
    per_process = population.cells // population.processes
    found: list[Planted] = []
    for category in range(per_process):
        struck = dice.permutation(population.processes)[: shift.cells] * per_process + category
        start = int(dice.integers(0, SCORED_WEEKS - shift.weeks + 1))
        found.extend(Planted(cell=int(cell), start=start, weeks=shift.weeks) for cell in struck)
    return tuple(found)


def _counts(dice: np.random.Generator, mean: Matrix, phi: float) -> Matrix:
    """Negative binomial with variance phi x mean: a Poisson count whose mean is a gamma of that dispersion."""
    uneven: NDArray[np.float64] = dice.gamma(mean / (phi - 1), phi - 1) if phi > 1 else mean
    return dice.poisson(uneven).astype(np.float64)
