import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import LevelReason, Thresholds
from service.core.volume.gamma import Matrix
from service.core.volume.levels import Crowd, Levels, find_levels
from service.core.volume.score import Scores

NOTHING, LOCAL, FORMAL = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a cell's score says, and who is behind each of its windows; unusable windows have a factor of -inf."""

    statistic: float
    factors: tuple[float, ...]
    x: tuple[int, ...]
    expected: tuple[float, ...]
    crowds: tuple[Crowd, ...]


MANY = Crowd(customers=9, largest_share=0.1)
# Windows of one to three weeks are usable, and the second says most.
RAISED = Cell(
    statistic=5.0,
    factors=(2.0, 6.0, 4.0, *[-math.inf] * 5),
    x=(6, 12, 14, *[20] * 5),
    expected=(3.0, 6.0, 9.0, *[1.0] * 5),
    crowds=(MANY,) * 8,
)


def scores(cells: Sequence[Cell]) -> Scores:
    def of(figures: Callable[[Cell], Sequence[float]]) -> Matrix:
        return np.array([figures(cell) for cell in cells], np.float64).reshape(len(cells), 8)

    factors = of(lambda cell: cell.factors)
    statistic = np.array([cell.statistic for cell in cells])
    return Scores(
        warm_up=np.isinf(statistic),
        windows=np.full(len(cells), 8),
        statistic=statistic,
        log_bayes_factor=statistic,
        log_bayes_factors=np.stack([factors - 1, factors], axis=2),
        x=of(lambda cell: cell.x),
        exposure=np.ones((len(cells), 8)),
        expected=of(lambda cell: cell.expected),
        baseline_x=np.ones((len(cells), 8)),
        baseline_exposure=np.ones((len(cells), 8)),
    )


def judged(cells: Sequence[Cell], thresholds: Sequence[Thresholds]) -> Levels:
    return find_levels(scores(cells), thresholds, lambda row, weeks: cells[row].crowds[weeks - 1])


def found(cell: Cell, thresholds: Thresholds) -> tuple[int, int, LevelReason]:
    levels = judged((cell,), (thresholds,))
    return int(levels.rank[0]), int(levels.weeks[0]), levels.reasons[0]


def plainly_found(cell: Cell, limits: Thresholds) -> tuple[int, int, LevelReason]:
    """Level by level and window by window."""
    if cell.statistic == -math.inf:
        return (LOCAL if cell.x[0] >= limits.warm_up_min else NOTHING), 1, LevelReason.FIXED_COUNT

    def best(windows: Sequence[int]) -> int:
        return max(windows, key=lambda weeks: (cell.factors[weeks - 1], -weeks))

    reason = LevelReason.STATISTIC
    for level, h, least, customers in (
        (FORMAL, limits.h_formal, limits.formal_min, limits.formal_min_customers),
        (LOCAL, limits.h_local, limits.local_min, limits.local_min_customers),
    ):
        carrying = [
            weeks
            for weeks, (factor, x, expected) in enumerate(zip(cell.factors, cell.x, cell.expected, strict=True), 1)
            if factor > -math.inf and x >= least and x >= limits.min_ratio * expected
        ]
        if cell.statistic < h:
            continue
        if not carrying:
            reason = LevelReason.SMALL_WINDOW
            continue
        crowd = cell.crowds[best(carrying) - 1]
        if crowd.customers < customers:
            reason = LevelReason.FEW_CUSTOMERS
        elif crowd.largest_share > limits.max_customer_share:
            reason = LevelReason.ONE_CUSTOMER
        else:
            return level, best(carrying), reason
    return NOTHING, best(range(1, 9)), reason


few = st.integers(0, 8)
some_crowds = st.builds(Crowd, customers=few, largest_share=st.sampled_from((0.1, 0.4, 0.41, 1.0)))


@st.composite
def some_cells(draw: st.DrawFn) -> Cell:
    usable = draw(st.integers(0, 8))
    factors = draw(st.lists(st.integers(-3, 3).map(float), min_size=usable, max_size=usable))
    return Cell(
        statistic=draw(st.sampled_from((-1.0, 1.0, 2.0, 3.0, 4.0, 5.0))) if usable else -math.inf,
        factors=(*factors, *[-math.inf] * (8 - usable)),
        x=tuple(draw(st.lists(few, min_size=8, max_size=8))),
        expected=tuple(draw(st.lists(st.floats(0.1, 5), min_size=8, max_size=8))),
        crowds=tuple(draw(st.lists(some_crowds, min_size=8, max_size=8))),
    )


some_thresholds = st.builds(
    Thresholds,
    h_local=st.sampled_from((1.0, 2.0, 3.0)),
    h_formal=st.sampled_from((2.0, 4.0, 5.0)),
    local_min=few,
    formal_min=few,
    local_min_customers=few,
    formal_min_customers=few,
    warm_up_min=few,
)


@settings(deadline=None)
@given(st.lists(st.tuples(some_cells(), some_thresholds), max_size=5))
def test_levels_agree_with_a_plain_search_for_each_cell(many: list[tuple[Cell, Thresholds]]) -> None:
    levels = judged([cell for cell, _ in many], [thresholds for _, thresholds in many])
    pairs = zip(levels.rank.tolist(), levels.weeks.tolist(), levels.reasons, strict=True)
    assert list(pairs) == [plainly_found(cell, thresholds) for cell, thresholds in many]


@given(some_cells(), some_thresholds, some_thresholds)
def test_a_lower_threshold_takes_no_level_away(cell: Cell, limits: Thresholds, others: Thresholds) -> None:
    eager = replace(limits, h_local=min(limits.h_local, others.h_local), h_formal=min(limits.h_formal, others.h_formal))
    assert found(cell, eager)[0] >= found(cell, limits)[0]


def test_the_window_that_says_most_carries_the_level() -> None:
    assert found(RAISED, Thresholds()) == (FORMAL, 2, LevelReason.STATISTIC)


def test_of_windows_that_say_as_much_the_shorter_carries_it() -> None:
    alike = replace(RAISED, factors=(6.0, 6.0, 6.0, *[-math.inf] * 5))
    assert found(alike, Thresholds()) == (FORMAL, 1, LevelReason.STATISTIC)


def test_a_window_that_does_not_carry_a_level_gives_way_to_one_that_does() -> None:
    assert found(RAISED, Thresholds(formal_min=13, min_ratio=1.5)) == (FORMAL, 3, LevelReason.STATISTIC)


def test_an_unusable_window_carries_nothing() -> None:
    assert found(RAISED, Thresholds(formal_min=15)) == (LOCAL, 2, LevelReason.SMALL_WINDOW)


def test_each_guard_says_that_it_held_the_level_back() -> None:
    regulars = replace(RAISED, crowds=(Crowd(customers=4, largest_share=0.25),) * 8)
    assert found(regulars, Thresholds()) == (LOCAL, 2, LevelReason.FEW_CUSTOMERS)
    one = replace(RAISED, crowds=(Crowd(customers=6, largest_share=0.41),) * 8)
    assert found(one, Thresholds()) == (NOTHING, 2, LevelReason.ONE_CUSTOMER)
    assert found(one, Thresholds(max_customer_share=0.41)) == (FORMAL, 2, LevelReason.STATISTIC)


def test_each_cell_is_judged_by_its_own_thresholds() -> None:
    levels = judged([RAISED] * 3, [Thresholds(), Thresholds(h_formal=6), Thresholds(h_local=6, h_formal=6)])
    assert [levels.level(row) for row in range(3)] == [Level.FORMAL_REVIEW, Level.LOCAL_ADJUSTMENT, None]


def test_a_formal_review_needs_no_local_threshold() -> None:
    assert found(RAISED, Thresholds(h_local=9, h_formal=4)) == (FORMAL, 2, LevelReason.STATISTIC)


def test_who_is_behind_a_window_is_asked_only_where_the_statistic_suffices() -> None:
    cells = [RAISED, replace(RAISED, statistic=1.0), replace(RAISED, statistic=-math.inf, factors=(-math.inf,) * 8)]
    asked: list[tuple[int, int]] = []

    def crowd(row: int, weeks: int) -> Crowd:
        asked.append((row, weeks))
        return MANY

    levels = find_levels(scores(cells), [Thresholds()] * 3, crowd)
    assert asked == [(0, 2)]
    assert levels.rank.tolist() == [FORMAL, NOTHING, LOCAL]
