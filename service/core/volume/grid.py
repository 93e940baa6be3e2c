"""Cell histories -> one matrix of cells by days, the last column being the tick's day.

Refuses nothing: days before a cell's first day and after the tick are left out, and an exposure below the floor counts
as the floor, since a day that was watched always has some.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from service.core.volume.counting import CellKey, DayRange
from service.core.volume.gamma import Matrix
from service.core.volume.settings import VolumeSettings

MAX_WEEKS = 8
_MIN_EXPOSURE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class CellHistory:
    """What a tick has to know about one cell.

    `first_day` is the first day on which a contact of the cell could have been seen, not the day of its first contact:
    that one would start every history with an event. `counted` is a value of `counted_customers`. `exposure` is
    relative, with mean about 1 a day over the cells of the prior (completed instances over their mean); a missing day
    had none. `down_weighted` comes from the cell's `CellState`.
    """

    cell: CellKey
    first_day: date
    counted: Mapping[date, frozenset[str]]
    exposure: Mapping[date, float] | None = None
    down_weighted: tuple[DayRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayGrid:
    """`counts`, `exposure` and `weights` are cells by days; `history_days` is how many days each cell has been watched.

    Exposure is 0 before a cell's first day. Weights are 1, or `down_weight` on days taken up by an earlier episode.
    """

    counts: Matrix
    exposure: Matrix
    weights: Matrix
    history_days: NDArray[np.int64]


def day_grid(histories: Sequence[CellHistory], window_end: date, settings: VolumeSettings) -> DayGrid:
    """The grid of the baseline and the longest window before it: `baseline_days` + 56 columns."""
    width = settings.baseline_days + 7 * MAX_WEEKS
    start = window_end - timedelta(days=width - 1)
    counts = np.zeros((len(histories), width))
    exposure = np.zeros((len(histories), width))
    weights = np.ones((len(histories), width))
    for row, history in enumerate(histories):
        first = max(0, (history.first_day - start).days)
        for day, customers in history.counted.items():
            column = (day - start).days
            if first <= column < width:
                counts[row, column] = len(customers)
        exposure[row, first:] = 1.0 if history.exposure is None else _MIN_EXPOSURE
        for day, amount in (history.exposure or {}).items():
            column = (day - start).days
            if first <= column < width:
                exposure[row, column] = max(amount, _MIN_EXPOSURE)
        for taken in history.down_weighted:
            left, right = (taken.first - start).days, (taken.last - start).days + 1
            weights[row, max(0, left) : max(0, right)] = settings.down_weight
    history_days = np.array([max(0, (window_end - history.first_day).days + 1) for history in histories], np.int64)
    return DayGrid(counts=counts, exposure=exposure, weights=weights, history_days=history_days)
