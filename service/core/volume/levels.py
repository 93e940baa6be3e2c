"""Scores and thresholds -> the level of each cell and what settled it: the statistic, or the guard that held it back.

Refuses a level whose guards fail: too few events, too small a ratio, too few customers, or one customer behind too many
of them. A cell that has been watched for less than five weeks is judged by a fixed count, never above local adjustment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from service.core.records.words import Level
from service.core.volume.gamma import Matrix
from service.core.volume.score import Scores
from service.core.volume.settings import Thresholds

Numbers = NDArray[np.int64]


class LevelReason(StrEnum):
    """What settled the level: the statistic, count or leg itself, or the guard that held the next higher level back."""

    STATISTIC = "statistic"
    FIXED_COUNT = "fixed_count"
    CHART = "chart"
    ZERO_TOLERANCE = "zero_tolerance"
    RECURRENCE = "recurrence"
    TWO_OF_THREE = "two_of_three"
    SEVERAL_REGIONS = "several_regions"
    SMALL_WINDOW = "small_window"
    FEW_CUSTOMERS = "few_customers"
    ONE_CUSTOMER = "one_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who is behind a window: how many different customers, and the part of its count that one of them supplies."""

    customers: int
    largest_share: float


# Who is behind the window of so many weeks (1 to 8) of the cell in a row.
CrowdOf = Callable[[int, int], Crowd]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """One element a cell: `rank` is 0 for no level, 1 for local adjustment, 2 for formal review.

    `weeks` is the window of the finding: the one with the largest Bayes factor of those that carry the level, or of all
    where there is none.
    """

    rank: Numbers
    weeks: Numbers
    reasons: list[LevelReason]

    def level(self, row: int) -> Level | None:
        """The level of one cell."""
        return LEVELS[int(self.rank[row])]


LEVELS = (None, Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a window has to hold for one level."""

    min_x: int
    min_customers: int


def find_levels(scores: Scores, thresholds: Sequence[Thresholds], crowd: CrowdOf) -> Levels:
    """Judge each cell by its own thresholds; `crowd` is asked about few of them."""
    warm_up = scores.warm_up
    windows = scores.window_log_bayes_factor
    # Of equal windows the first, which is the shorter.
    weeks = np.where(warm_up, 1, windows.argmax(axis=1) + 1)
    least = np.array([one.warm_up_min for one in thresholds], np.float64)
    rank = np.where(warm_up & (scores.windows > 0) & (scores.x[:, 0] >= least), 1, 0)
    reasons = [LevelReason.FIXED_COUNT if early else LevelReason.STATISTIC for early in warm_up.tolist()]
    levels = Levels(rank=rank, weeks=weeks, reasons=reasons)
    h_local = np.array([min(one.h_local, one.h_formal) for one in thresholds], np.float64)
    for row in np.flatnonzero(~warm_up & (scores.statistic >= h_local)).tolist():
        _settle(levels, row, scores, windows[row], thresholds[row], crowd)
    return levels


def guards(thresholds: Thresholds) -> tuple[tuple[int, float, Guard], ...]:
    """Rank, threshold and guard of each level, the highest first."""
    formal = Guard(min_x=thresholds.formal_min, min_customers=thresholds.formal_min_customers)
    local = Guard(min_x=thresholds.local_min, min_customers=thresholds.local_min_customers)
    return (2, thresholds.h_formal, formal), (1, thresholds.h_local, local)


def held_back(crowd: Crowd, guard: Guard, max_share: float) -> LevelReason | None:
    """Why those behind a window do not carry a level; None where they do."""
    if crowd.customers < guard.min_customers:
        return LevelReason.FEW_CUSTOMERS
    if crowd.largest_share > max_share:
        return LevelReason.ONE_CUSTOMER
    return None


def _settle(levels: Levels, row: int, scores: Scores, windows: Matrix, thresholds: Thresholds, crowd: CrowdOf) -> None:
    """Find the highest level whose guards hold; the reason tells what held back the one next above it."""
    x, expected, statistic = scores.x[row], scores.expected[row], float(scores.statistic[row])
    for rank, threshold, guard in guards(thresholds):
        if statistic < threshold:
            continue
        carries = np.isfinite(windows) & (scores.exposure[row] > 0) & (x >= guard.min_x)
        carries &= x >= thresholds.min_ratio * expected
        if not carries.any():
            levels.reasons[row] = LevelReason.SMALL_WINDOW
            continue
        weeks = int(np.where(carries, windows, -np.inf).argmax()) + 1
        held = held_back(crowd(row, weeks), guard, thresholds.max_customer_share)
        if held is None:
            levels.rank[row], levels.weeks[row] = rank, weeks
            return
        levels.reasons[row] = held
