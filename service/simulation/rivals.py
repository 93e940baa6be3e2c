"""The same years, judged by what others do and by what knows more than any rule can: for comparison, weekly.

Others: "five or more in a week", and a c chart at three sigma. The ceilings: one that has to learn each cell's rate as
ours does, but knows the law of rates, phi, the size and the length of the shift; and a CUSUM that knows each cell's
rate, phi and the size. No rule that has to learn the rate from these counts should do better than the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from service.core.volume.gamma import Matrix, log_rising
from service.core.volume.grid import BASELINE_WEEKS
from service.core.volume.score import log_sum_exp
from service.simulation.drawing import Year
from service.simulation.population import SCORED_WEEKS, Population, Shift
from service.simulation.years import Marks

FIXED = 5
_SIGMAS = 3.0
_CLEAR_WEEKS = 2
_SPREADS = np.linspace(-5.0, 5.0, 61)
_STEPS = 40


class Rival(StrEnum):
    """Who else is asked."""

    FIXED_COUNT = "fixed_count"
    C_CHART = "c_chart"
    RATE_UNKNOWN = "ceiling_rate_unknown"
    RATE_KNOWN = "ceiling_rate_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Cells by scored weeks: a statistic for the ceilings, and what the charts said."""

    charts: Mapping[Rival, Marks]
    statistics: Mapping[tuple[Rival, str], Matrix]


def judge_year(year: Year, population: Population, shifts: Sequence[Shift]) -> Judged:
    """Judge all cells of a year; each ceiling looks for one of the shifts, whose name is in the key."""
    weekly = year.counts.reshape(len(year.counts), -1, 7).sum(axis=2)
    statistics: dict[tuple[Rival, str], Matrix] = {}
    for shift in shifts:
        unknown = _rate_unknown(weekly, year.weekly_rates, population, shift)
        statistics[Rival.RATE_UNKNOWN, shift.name] = unknown[:, population.history_weeks :]
        known = _rate_known(weekly, year.weekly_rates, population.phi, shift.factor)
        statistics[Rival.RATE_KNOWN, shift.name] = known[:, population.history_weeks :]
    return Judged(charts=_charts(weekly, population.history_weeks), statistics=statistics)


def began(condition: Marks) -> Marks:
    """Where a condition holds that did not in the two weeks before."""
    opening = condition.copy()
    for weeks in range(1, _CLEAR_WEEKS + 1):
        opening[:, weeks:] &= ~condition[:, :-weeks]
    return opening


def cut_for(statistics: Sequence[Matrix], per_week: float) -> float:
    """The cut at which so many openings a week come from each of these years in which nothing happened."""
    low, high = 0.0, max(float(one.max()) for one in statistics)
    for _ in range(_STEPS):
        cut = (low + high) / 2
        openings = sum(int(began(one >= cut).sum()) for one in statistics)
        low, high = (cut, high) if openings > per_week * SCORED_WEEKS * len(statistics) else (low, cut)
    return high


def _charts(weekly: Matrix, history_weeks: int) -> Mapping[Rival, Marks]:
    sums = np.cumsum(np.pad(weekly, ((0, 0), (1, 0))), axis=1)
    weeks = np.arange(history_weeks, weekly.shape[1])
    oldest = np.maximum(0, weeks - BASELINE_WEEKS)
    mean = (sums[:, weeks] - sums[:, oldest]) / (weeks - oldest)
    scored = weekly[:, history_weeks:]
    return {
        Rival.FIXED_COUNT: began(scored >= FIXED),
        Rival.C_CHART: began(scored > mean + _SIGMAS * np.sqrt(mean)),
    }


def _rate_known(weekly: Matrix, rates: Matrix, phi: float, factor: float) -> Matrix:
    """CUSUM of the log likelihood ratio of each week, from 0 at the first one."""
    steps = _log_likelihood(weekly, factor * rates[:, None], phi) - _log_likelihood(weekly, rates[:, None], phi)
    total, sums = np.zeros(len(weekly)), []
    for week in range(weekly.shape[1]):
        total = np.maximum(0.0, total + steps[:, week])
        sums.append(total)
    return np.stack(sums, axis=1)


def _rate_unknown(weekly: Matrix, rates: Matrix, population: Population, shift: Shift) -> Matrix:
    """Ln of the Bayes factor averaged over the start of a shift of known size and length at most.

    The rate is integrated out over the true law, on nodes that lie about the true rate: these say where the sum is
    taken, and nothing of which node is right.
    """
    spread = 1 / np.sqrt(population.history_weeks * rates / population.phi + 1 / population.sigma**2)
    nodes = np.log(rates)[:, None] + spread[:, None] * _SPREADS
    law = -0.5 * ((nodes - np.log(population.weekly_median)) / population.sigma) ** 2
    rate = np.exp(nodes)[:, :, None]
    plain, raised = (
        np.cumsum(
            np.pad(_log_likelihood(weekly[:, None, :], factor * rate, population.phi), ((0, 0), (0, 0), (1, 0))), axis=2
        )
        for factor in (1.0, shift.factor)
    )
    unshifted = log_sum_exp(np.swapaxes(law[:, :, None] + plain[:, :, 1:], 1, 2))
    sums = []
    for length in range(1, shift.weeks + 1):
        shifted = plain[:, :, :-length] + raised[:, :, length:] - raised[:, :, :-length]
        factor = log_sum_exp(np.swapaxes(law[:, :, None] + shifted, 1, 2)) - unshifted[:, length - 1 :]
        sums.append(np.pad(factor, ((0, 0), (length - 1, 0)), constant_values=-np.inf))
    averaged: Matrix = log_sum_exp(np.stack(sums, axis=2)) - np.log(shift.weeks)
    return averaged


def _log_likelihood(n: Matrix, mean: Matrix, phi: float) -> Matrix:
    """Of counts with variance phi x mean, but for what does not depend on the mean."""
    if phi <= 1:
        poisson: Matrix = n * np.log(mean) - mean
        return poisson
    r = mean / (phi - 1)
    times = np.broadcast_to(n, np.broadcast_shapes(n.shape, r.shape))
    negative_binomial: Matrix = log_rising(r, times) - r * np.log(phi)
    return negative_binomial
