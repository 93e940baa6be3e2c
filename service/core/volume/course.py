"""The last weeks of one cell, or of several together -> what was counted in each, and what was to be expected.

For a person to look at; it decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from service.core.volume.gamma import Matrix, tail_probability

COURSE_WEEKS = 12
_EACH_SIDE = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseWeek:
    """The week that ends with `last`: `low` to `high` is where 95 % of counts would lie if nothing had changed.

    `expected` is what the baseline of the finding makes of the week's exposure. An unwatched week expects 0.
    """

    last: date
    x: int
    expected: float
    low: int
    high: int


def course(
    window_end: date, counts: Matrix, exposure: Matrix, rates: Matrix, spreads: Matrix
) -> tuple[CourseWeek, ...]:
    """Cells by weeks, the newest first; a cell's rate per exposure, and its variance over mean -> the oldest first.

    The variance of a sum is the sum of variances: cells are taken to scatter independently.
    """
    weeks: list[CourseWeek] = []
    for week in reversed(range(min(COURSE_WEEKS, counts.shape[1]))):
        means = rates * exposure[:, week]
        expected = float(means.sum())
        spread = float((means * spreads).sum() / expected) if expected > 0 else 1.0
        low, high = _band(expected, spread)
        weeks.append(
            CourseWeek(
                last=window_end - timedelta(days=7 * week),
                x=int(counts[:, week].sum()),
                expected=expected,
                low=low,
                high=high,
            )
        )
    return tuple(weeks)


# Most cells of a quiet tenant expect the same few counts, and a band takes a hundred sums.
@lru_cache(maxsize=4_096)
def _band(mean: float, spread: float) -> tuple[int, int]:
    """The least count with more than 2.5 % at or below it, and the least with at most 2.5 % above it."""
    if mean <= 0:
        return 0, 0
    dispersion = max(spread, 1 + 1e-9)
    low = _first(lambda n: 1 - tail_probability(n + 1, mean, dispersion) > _EACH_SIDE)
    high = _first(lambda n: tail_probability(n + 1, mean, dispersion) <= _EACH_SIDE)
    return low, high


def _first(holds: Callable[[int], bool]) -> int:
    """The least count from which a condition holds on."""
    top = 1
    while not holds(top):
        top *= 2
    bottom = -1
    while top - bottom > 1:
        middle = (top + bottom) // 2
        bottom, top = (bottom, middle) if holds(middle) else (middle, top)
    return top
