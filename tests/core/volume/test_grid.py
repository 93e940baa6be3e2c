from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.volume import GRID_DAYS, CellHistory, DayRange
from service.core.volume.gamma import Matrix
from service.core.volume.grid import COLUMNS, week_grid, weekly_trials
from tests.core.volume.cells import CELL, FIRST_DAY, by_age, day, end_of, strangers, turnout

DOWN_WEIGHT = 0.7


@st.composite
def watched_cells(draw: st.DrawFn) -> tuple[CellHistory, date]:
    """A cell and the day of a tick; some of its customers and ranges lie before, after or beyond what is watched."""
    tick = draw(st.integers(-10, 500))
    number = st.integers(-30, 530)
    customers = draw(st.dictionaries(number, st.sets(st.integers(0, 9), min_size=1), max_size=30))
    ranges = st.lists(
        st.builds(
            lambda first, length: DayRange(first=day(first), last=day(first + length)), number, st.integers(0, 60)
        ),
        max_size=4,
    )
    exposure = draw(st.none() | st.lists(st.floats(0, 4), min_size=GRID_DAYS, max_size=GRID_DAYS))
    return (
        CellHistory(
            cell=CELL,
            first_day=FIRST_DAY,
            counted=turnout(customers),
            exposure=None if exposure is None else np.array(exposure),
            down_weighted=tuple(draw(ranges)),
            formal=tuple(draw(ranges)),
        ),
        day(tick),
    )


def plain_row(history: CellHistory, window_end: date) -> list[tuple[float, float, float, float, bool]]:
    """Week by week from the tick back: count, exposure, what of both is lent to a baseline, and whether it is clean."""
    rows = []
    for week in range(COLUMNS):
        ages = [age for age in range(7 * week, 7 * week + 7) if window_end - timedelta(days=age) >= history.first_day]
        dates = [window_end - timedelta(days=age) for age in ages]
        counts = [history.counted.days.tolist().count(one.toordinal()) for one in dates]
        exposure = [1.0 if history.exposure is None else max(1e-6, float(history.exposure[age])) for age in ages]
        weights = [DOWN_WEIGHT if any(one in taken for taken in history.down_weighted) else 1.0 for one in dates]
        formal = any(one in taken for taken in history.formal for one in dates)
        rows.append(
            (
                float(sum(counts)),
                sum(exposure),
                sum(count * weight for count, weight in zip(counts, weights, strict=True)),
                sum(amount * weight for amount, weight in zip(exposure, weights, strict=True)),
                len(ages) == 7 and not formal,
            )
        )
    return rows


@settings(deadline=None)
@given(watched_cells())
def test_the_grid_agrees_with_a_plain_sum_over_days(cell_and_tick: tuple[CellHistory, date]) -> None:
    history, window_end = cell_and_tick
    grid = week_grid((history,), window_end, DOWN_WEIGHT)
    counts, exposure, weighted_counts, weighted_exposure, clean = zip(*plain_row(history, window_end), strict=True)
    assert grid.counts[0].tolist() == list(counts)
    assert grid.exposure[0] == pytest.approx(exposure)
    assert grid.weighted_counts[0] == pytest.approx(weighted_counts)
    assert grid.weighted_exposure[0] == pytest.approx(weighted_exposure)
    assert grid.clean[0].tolist() == list(clean)
    assert grid.history_days.tolist() == [max(0, (window_end - FIRST_DAY).days + 1)]


def newest(weekly: Matrix, weeks: int) -> list[float]:
    figures: list[float] = weekly[0, :weeks].tolist()
    return figures


def test_the_first_column_is_the_week_that_ends_with_the_tick() -> None:
    grid = week_grid((strangers([1, 2, 3]),), end_of(3), DOWN_WEIGHT)
    assert newest(grid.counts, 4) == [3, 2, 1, 0]
    assert newest(grid.exposure, 4) == [7, 7, 7, 0]
    assert grid.clean[0, :4].tolist() == [True, True, True, False]


def test_a_week_that_was_watched_in_part_has_its_days_and_is_not_clean() -> None:
    grid = week_grid((strangers([1, 2, 3]),), day(16), DOWN_WEIGHT)
    assert newest(grid.counts, 3) == [3, 2, 1]
    assert newest(grid.exposure, 3) == [7, 7, 3]
    assert grid.clean[0, :3].tolist() == [True, True, False]


def test_a_day_of_an_alarm_lends_a_part_to_the_baseline_and_one_of_a_formal_review_takes_its_week_out() -> None:
    alarmed = replace(strangers([1, 2, 3]), down_weighted=(DayRange(first=day(9), last=day(10)),))
    grid = week_grid((alarmed,), end_of(3), DOWN_WEIGHT)
    assert newest(grid.weighted_counts, 3) == pytest.approx([3, 1.4, 1])
    assert newest(grid.weighted_exposure, 3) == pytest.approx([7, 6.4, 7])
    assert grid.clean[0, :3].tolist() == [True, True, True]
    reviewed = replace(alarmed, formal=(DayRange(first=day(10), last=day(10)),))
    assert week_grid((reviewed,), end_of(3), DOWN_WEIGHT).clean[0, :3].tolist() == [True, False, True]


def test_the_grid_reaches_back_sixty_weeks() -> None:
    grid = week_grid((strangers([5] * 61),), end_of(61), DOWN_WEIGHT)
    assert grid.counts.tolist() == [[5.0] * 60]
    assert grid.history_days.tolist() == [7 * 61]


def test_cells_keep_their_places() -> None:
    histories = (strangers([1, 2]), strangers([]), strangers([0, 7]))
    grid = week_grid(histories, end_of(2), DOWN_WEIGHT)
    assert grid.counts[:, :2].tolist() == [[2, 1], [0, 0], [7, 0]]
    assert grid.rows(1, 3).counts[:, :2].tolist() == [[0, 0], [7, 0]]


def test_no_cells_make_an_empty_grid() -> None:
    grid = week_grid((), FIRST_DAY, DOWN_WEIGHT)
    assert (grid.counts.shape, grid.exposure.shape, grid.clean.shape) == ((0, COLUMNS), (0, COLUMNS), (0, COLUMNS))


def test_trials_are_the_answers_of_watched_weeks() -> None:
    history = replace(strangers([0, 0]), trials=by_age([10] * 7 + [20] * 7))
    assert weekly_trials(history, end_of(2))[:3].tolist() == [140, 70, 0]
    assert weekly_trials(replace(history, trials=np.full(GRID_DAYS, 5.0)), end_of(2))[:3].tolist() == [35, 35, 0]
    assert weekly_trials(strangers([0, 0]), end_of(2)).tolist() == [0] * COLUMNS
