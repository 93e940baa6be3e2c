from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.core.volume.course import CourseWeek, course
from tests.core.volume.oracle import tail

END = date(2026, 5, 10)


def of(counts: list[float], rate: float, spread: float, exposure: list[float] | None = None) -> tuple[CourseWeek, ...]:
    weeks = np.array([counts])
    watched = np.full(weeks.shape, 7.0) if exposure is None else np.array([exposure])
    return course(END, weeks, watched, np.array([rate]), np.array([spread]))


def test_weeks_are_told_from_the_oldest_with_what_was_to_be_expected() -> None:
    assert of([5, 2], rate=0.5, spread=1.5) == (
        CourseWeek(last=date(2026, 5, 3), x=2, expected=3.5, low=0, high=9),
        CourseWeek(last=END, x=5, expected=3.5, low=0, high=9),
    )


def test_an_unwatched_week_expects_nothing() -> None:
    assert of([0], rate=1.0, spread=1.5, exposure=[0.0]) == (CourseWeek(last=END, x=0, expected=0.0, low=0, high=0),)


def test_cells_together_expect_the_sum_and_scatter_less_than_one_cell_of_that_size_by_far_the_wilder() -> None:
    counts, exposure = np.array([[1.0], [2.0]]), np.full((2, 1), 7.0)
    (both,) = course(END, counts, exposure, np.array([1.0, 2.0]), np.array([1.5, 3.0]))
    (alone,) = course(END, counts[:1], exposure[:1], np.array([3.0]), np.array([3.0]))
    assert (both.x, both.expected, alone.expected) == (3, 21.0, 21.0)
    assert alone.low <= both.low <= both.high <= alone.high


@given(st.floats(0.05, 300), st.floats(1.02, 4))
def test_at_most_a_fortieth_lies_on_either_side_of_the_band(mean: float, spread: float) -> None:
    (week,) = of([0], rate=mean / 7, spread=spread)
    assert tail(week.high + 1, mean, spread) <= 0.025 + 1e-9
    if week.high > 0:
        assert tail(week.high, mean, spread) > 0.025 - 1e-9
    assert 1 - tail(week.low, mean, spread) <= 0.025 + 1e-9
