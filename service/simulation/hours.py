"""Years by the hour -> how often the hourly horizon calls for a local adjustment, with and without an outage.

Contacts of a day are laid into its hours by a profile of the week. Only hours at whose end enough customers have come
within a day are judged, as live; the prior is that of the first scored week.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.core.volume.gamma import Matrix
from service.core.volume.hourly import REACH_HOURS, WINDOWS, Recent, averaged, log_bayes_factors
from service.core.volume.prior import Prior
from service.core.volume.settings import HourlyThresholds
from service.simulation.drawing import Year
from service.simulation.population import WEEKDAYS, Population

# How busy the hours of a day are, UTC.
_DAY = np.array([3, 2, 2, 2, 2, 3, 5, 8, 12, 15, 16, 16, 15, 14, 14, 14, 14, 14, 14, 15, 16, 14, 10, 5], np.float64)
HOURS = np.outer(WEEKDAYS, _DAY / _DAY.mean()).ravel()
_BASELINE_DAYS = 364
_CLEAR_HOURS = 24
# Candidates that are judged at once.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A cell's rate times `factor` for so many hours, once in each cell, at a random hour of the scored year."""

    factor: float
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyYear:
    """Cells and hours at which an alarm began, and the first hour of each cell's outage, if there was one."""

    cells: NDArray[np.int64]
    hours: NDArray[np.int64]
    outages: NDArray[np.int64] | None


def watch_hours(
    dice: np.random.Generator,
    year: Year,
    population: Population,
    prior: Prior,
    thresholds: HourlyThresholds,
    outage: Outage | None = None,
) -> HourlyYear:
    """Judge every hour of the scored weeks of one year."""
    counts = _by_hour(dice, year)
    start = 7 * 24 * population.history_weeks
    outages = None
    if outage is not None:
        outages = dice.integers(start, counts.shape[1] - outage.hours, len(counts))
        _strike(dice, counts, year, population, outage, outages)
    sums = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    within_a_day = sums[:, REACH_HOURS:] - sums[:, :-REACH_HOURS]
    cells, ends = np.nonzero(within_a_day >= thresholds.min_customers)
    ends += REACH_HOURS
    scored = ends > start
    cells, ends = cells[scored], ends[scored]
    recent = _recent(sums, cells, ends, prior)
    expected = (recent.shape / recent.rate)[:, None] * recent.exposure
    carried = (recent.x >= thresholds.min_customers) & (recent.x >= thresholds.min_ratio * expected)
    alarmed: NDArray[np.bool_] = np.asarray(carried.any(axis=1), np.bool_)
    for at in range(0, len(cells), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        alarmed[some] &= averaged(log_bayes_factors(_some(recent, some), prior.phi)) >= thresholds.h
    cells, ends = cells[alarmed], ends[alarmed]
    began = np.ones(len(cells), np.bool_)
    began[1:] = (cells[1:] != cells[:-1]) | (ends[1:] - ends[:-1] > _CLEAR_HOURS)
    return HourlyYear(cells=cells[began], hours=ends[began] - 1, outages=outages)


def _by_hour(dice: np.random.Generator, year: Year) -> Matrix:
    cells, days = year.counts.shape
    shares = HOURS.reshape(7, 24) / HOURS.reshape(7, 24).sum(axis=1, keepdims=True)
    by_hour = np.zeros((cells, days, 24))
    for weekday in range(7):
        by_hour[:, weekday::7] = dice.multinomial(year.counts[:, weekday::7].astype(np.int64), shares[weekday])
    return by_hour.reshape(cells, days * 24)


def _strike(
    dice: np.random.Generator,
    counts: Matrix,
    year: Year,
    population: Population,
    outage: Outage,
    starts: NDArray[np.int64],
) -> None:
    phi = population.phi
    for cell, start in enumerate(starts.tolist()):
        span = slice(start, start + outage.hours)
        busy = HOURS[np.arange(start, start + outage.hours) % len(HOURS)]
        mean = (outage.factor - 1) * year.weekly_rates[cell] / len(HOURS) * busy
        counts[cell, span] += dice.poisson(dice.gamma(mean / (phi - 1), phi - 1) if phi > 1 else mean)


def _recent(sums: Matrix, cells: NDArray[np.int64], ends: NDArray[np.int64], prior: Prior) -> Recent:
    busy = np.concatenate([[0.0], np.cumsum(np.tile(HOURS, sums.shape[1] // len(HOURS) + 1) / 24)])
    x = np.stack([sums[cells, ends] - sums[cells, ends - window] for window in WINDOWS], axis=1)
    exposure = np.stack([busy[ends] - busy[ends - window] for window in WINDOWS], axis=1)
    until = (ends - REACH_HOURS) // 24
    since = np.maximum(0, until - _BASELINE_DAYS)
    counted = sums[cells, until * 24] - sums[cells, since * 24]
    return Recent(
        x=x,
        exposure=exposure,
        shape=prior.a0 + counted / prior.phi,
        rate=prior.b0 + (until - since) / prior.phi,
    )


def _some(recent: Recent, some: slice) -> Recent:
    return Recent(x=recent.x[some], exposure=recent.exposure[some], shape=recent.shape[some], rate=recent.rate[some])
