"""Cell histories -> WeekGrid: one row a cell, one column a week, counted back from the tick's day.

Refuses nothing: days before a cell's first day and after the tick are left out, and an exposure below the floor counts
as the floor, since a day that was watched always has some. A day that a downtime leaves out was not watched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from service.core.volume.counting import CellKey, DayRange, Turnout
from service.core.volume.gamma import Matrix
from service.core.volume.settings import DEFAULT_THRESHOLDS, ExposureSource, Thresholds

MAX_WEEKS = 8
BASELINE_WEEKS = 52
MIN_BASELINE_DAYS = 28
COLUMNS = MAX_WEEKS + BASELINE_WEEKS
GRID_DAYS = 7 * COLUMNS
_MIN_EXPOSURE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysDown:
    """Days of a downtime: 1 for each, else 0, the tick's first and then back.

    `scale` is what exposure is multiplied by on each day, 0 where it is left out; None where all days count alike.
    `ratio_unknown` says that they should count for more, and nothing is known of how much.
    """

    days: Matrix
    scale: Matrix | None = None
    ratio_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellHistory:
    """What a tick has to know about one cell.

    `first_day` is the first day on which a contact of the cell could have been seen, not the day of its first contact:
    that one would start every history with an event. `counted` is a value of `counted_customers`. `exposure` by days,
    the tick's first and then back, has mean about 1 (completed instances over their mean); None where it is unknown.
    `exposed_to` says what it is made of. `trials` are the answers of each day, good ones too. `down_weighted`, `formal`
    and `acted_at` come from the cell's `CellState`: no window reaches back to the day of an act. `harm` is the mean
    severity score, 0..100, of what was counted in the last four weeks. `down` are the days of downtimes of its process,
    None without any; those that are left out have nobody in `counted`.
    """

    cell: CellKey
    first_day: date
    counted: Turnout
    exposure: Matrix | None = None
    exposed_to: ExposureSource = ExposureSource.UNKNOWN
    trials: Matrix | None = None
    down_weighted: tuple[DayRange, ...] = ()
    formal: tuple[DayRange, ...] = ()
    acted_at: datetime | None = None
    harm: float | None = None
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    down: DaysDown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGrid:
    """Arrays of cells by weeks; column 0 is the week that ends with the tick.

    Exposure is 0 before a cell's first day. `weighted_counts` and `weighted_exposure` are what the week lends to a
    baseline: less on days of an alarm. A week is `clean` when it was watched whole and no day of it was in a formal
    review. `history_days` is how many days each cell has been watched, `windows` how many windows of 1 to 8 weeks lie
    wholly after what was last done about it.
    """

    counts: Matrix
    exposure: Matrix
    weighted_counts: Matrix
    weighted_exposure: Matrix
    clean: NDArray[np.bool_]
    history_days: NDArray[np.int64]
    windows: NDArray[np.int64]

    def rows(self, start: int, end: int) -> "WeekGrid":
        """Some of the cells."""
        return WeekGrid(
            counts=self.counts[start:end],
            exposure=self.exposure[start:end],
            weighted_counts=self.weighted_counts[start:end],
            weighted_exposure=self.weighted_exposure[start:end],
            clean=self.clean[start:end],
            history_days=self.history_days[start:end],
            windows=self.windows[start:end],
        )


def week_grid(histories: Sequence[CellHistory], window_end: date, down_weight: float) -> WeekGrid:
    """The grid of the baseline and the longest window before it: 52 + 8 weeks."""
    end = window_end.toordinal()
    first_days = np.array([one.first_day.toordinal() for one in histories], np.int64)
    watched_days = np.clip(end + 1 - first_days, 0, None)
    counts = _weekly_counts(histories, end, first_days)
    whole_weeks_before = watched_days[:, None] - 7 * np.arange(COLUMNS)
    exposure = np.clip(whole_weeks_before, 0, 7).astype(np.float64)
    clean = whole_weeks_before >= 7  # noqa: PLR2004 - days of a week
    for row, one in enumerate(histories):
        if one.exposure is not None or (one.down is not None and one.down.scale is not None):
            exposure[row] = _by_week(_exposed(one, int(watched_days[row])))
    grid = WeekGrid(
        counts=counts,
        exposure=exposure,
        weighted_counts=counts.copy(),
        weighted_exposure=exposure.copy(),
        clean=clean,
        history_days=watched_days,
        windows=np.array([windows_since(one.acted_at, window_end) for one in histories], np.int64),
    )
    for row, one in enumerate(histories):
        if one.down_weighted:
            _weigh_down(grid, row, one, end, down_weight)
        if one.formal:
            grid.clean[row] &= ~(_by_week(_marked(one.formal, end)) > 0)
    return grid


def windows_since(acted_at: datetime | None, window_end: date) -> int:
    """How many of the windows of 1 to 8 weeks that end with a tick lie wholly after the day of an act."""
    if acted_at is None:
        return MAX_WEEKS
    return min(MAX_WEEKS, max(0, (window_end - acted_at.astimezone(UTC).date()).days // 7))


def weekly_trials(history: CellHistory, window_end: date) -> Matrix:
    """The answers of each week, the tick's first; 0 before the cell's first day, and where they are not known."""
    if history.trials is None:
        return np.zeros(COLUMNS)
    days = max(0, (window_end - history.first_day).days + 1)
    daily = np.where(np.arange(GRID_DAYS) < days, history.trials, 0.0)
    if history.down is not None and history.down.scale is not None:
        daily = np.where(history.down.scale > 0, daily, 0.0)
    return _by_week(daily)


def _weekly_counts(histories: Sequence[CellHistory], end: int, first_days: NDArray[np.int64]) -> Matrix:
    if not histories:
        return np.zeros((0, COLUMNS))
    sizes = [len(one.counted.days) for one in histories]
    rows = np.repeat(np.arange(len(histories)), sizes)
    days = np.concatenate([one.counted.days for one in histories])
    weeks = (end - days) // 7
    seen = (days <= end) & (weeks < COLUMNS) & (days >= first_days[rows])
    places = rows[seen] * COLUMNS + weeks[seen]
    return np.bincount(places, minlength=len(histories) * COLUMNS).reshape(-1, COLUMNS).astype(np.float64)


def _weigh_down(grid: WeekGrid, row: int, history: CellHistory, end: int, down_weight: float) -> None:
    weights = np.where(_marked(history.down_weighted, end) > 0, down_weight, 1.0)
    ages = end - history.counted.days
    counts = np.bincount(ages[(ages >= 0) & (ages < GRID_DAYS)], minlength=GRID_DAYS).astype(np.float64)
    watched = int(grid.history_days[row])
    counts[watched:] = 0
    grid.weighted_counts[row] = _by_week(counts * weights)
    grid.weighted_exposure[row] = _by_week(_exposed(history, watched) * weights)


def _exposed(history: CellHistory, watched: int) -> Matrix:
    """The exposure of each day, of which so many were watched."""
    known = np.ones(GRID_DAYS) if history.exposure is None else history.exposure
    floored = np.maximum(known, _MIN_EXPOSURE)
    floored[watched:] = 0
    return floored if history.down is None or history.down.scale is None else floored * history.down.scale


def _marked(ranges: Iterable[DayRange], end: int) -> Matrix:
    marks = np.zeros(GRID_DAYS)
    for days in ranges:
        newest, oldest = end - days.last.toordinal(), end - days.first.toordinal() + 1
        marks[max(0, newest) : max(0, oldest)] = 1
    return marks


def _by_week(daily: Matrix) -> Matrix:
    by_week: Matrix = daily.reshape(COLUMNS, 7).sum(axis=1)
    return by_week
