from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    CellKey,
    CellState,
    Judgement,
    Legs,
    LevelReason,
    Method,
    Thresholds,
    VolumeSettings,
    advance,
    raise_levels,
)
from service.core.volume.levels import Levels
from tests.core.volume.cells import PRIOR, day, end_of, strangers

SUNDAY = date(2026, 3, 1)
NOTHING, LOCAL, FORMAL = 0, 1, 2
LONDON, PARIS, ROME = (CellKey(process="order-to-cash", category="refund", region=it) for it in ("uk", "fr", "it"))
SAFETY = CellKey(process="order-to-cash", category="safety", region="uk")
NO_LEGS = Legs()
CRITICAL_AT = datetime(2026, 2, 26, 9, tzinfo=UTC)
TWO_OF_THREE, SEVERAL_REGIONS = Legs(two_of_three=True), Legs(several_regions=True)
ZERO_TOLERANCE = Legs(zero_tolerance=frozenset({"safety"}))


def state(cell: CellKey, *weeks_ago: int) -> CellState:
    """A cell with alarms so many weeks before this tick."""
    return CellState(cell=cell, alarms=tuple(SUNDAY - timedelta(weeks=weeks) for weeks in weeks_ago))


def raised(
    ranks: Sequence[int], states: Sequence[CellState], legs: Legs, critical: Collection[CellKey] = ()
) -> list[tuple[int, int, LevelReason]]:
    """Each cell's rank, weeks and reason; the statistic found the ranks in windows of four weeks."""
    levels = Levels(
        rank=np.array(ranks, np.int64),
        weeks=np.full(len(ranks), 4),
        reasons=[LevelReason.STATISTIC] * len(ranks),
    )
    raise_levels(levels, states, dict.fromkeys(critical, CRITICAL_AT), SUNDAY, legs)
    return list(zip(levels.rank.tolist(), levels.weeks.tolist(), levels.reasons, strict=True))


def as_found(rank: int) -> tuple[int, int, LevelReason]:
    return rank, 4, LevelReason.STATISTIC


@pytest.mark.parametrize("weeks_ago", [(1,), (2,), (2, 1), (5, 1)])
def test_a_second_local_adjustment_within_three_weeks_calls_for_a_formal_review(weeks_ago: tuple[int, ...]) -> None:
    assert raised([LOCAL], [state(LONDON, *weeks_ago)], TWO_OF_THREE) == [(FORMAL, 4, LevelReason.TWO_OF_THREE)]


@pytest.mark.parametrize(("rank", "weeks_ago"), [(LOCAL, ()), (LOCAL, (3,)), (NOTHING, (1, 2)), (FORMAL, (1, 2))])
def test_a_first_one_an_old_one_and_a_clear_week_are_left_as_they_are(rank: int, weeks_ago: tuple[int, ...]) -> None:
    assert raised([rank], [state(LONDON, *weeks_ago)], TWO_OF_THREE) == [as_found(rank)]


def test_on_a_daily_tick_the_alarm_of_a_window_that_overlaps_is_no_second_one() -> None:
    for days_ago, rank in ((1, LOCAL), (6, LOCAL), (7, FORMAL), (20, FORMAL), (21, LOCAL)):
        before = CellState(cell=LONDON, alarms=(SUNDAY - timedelta(days=days_ago),))
        assert raised([LOCAL], [before], TWO_OF_THREE)[0][0] == rank


def test_the_same_in_two_regions_at_one_tick_calls_for_a_formal_review_in_both() -> None:
    states = [state(LONDON), state(PARIS), state(ROME)]
    assert raised([LOCAL, NOTHING, LOCAL], states, SEVERAL_REGIONS) == [
        (FORMAL, 4, LevelReason.SEVERAL_REGIONS),
        as_found(NOTHING),
        (FORMAL, 4, LevelReason.SEVERAL_REGIONS),
    ]


def test_a_formal_review_in_one_region_raises_the_local_adjustment_of_another() -> None:
    assert raised([FORMAL, LOCAL], [state(LONDON), state(PARIS)], SEVERAL_REGIONS) == [
        as_found(FORMAL),
        (FORMAL, 4, LevelReason.SEVERAL_REGIONS),
    ]


def test_two_categories_or_two_processes_are_not_two_regions() -> None:
    elsewhere = replace(PARIS, process="returns")
    states = [state(LONDON), state(SAFETY), state(elsewhere)]
    assert raised([LOCAL] * 3, states, SEVERAL_REGIONS) == [as_found(LOCAL)] * 3


@pytest.mark.parametrize("rank", [NOTHING, LOCAL])
def test_one_critical_feedback_calls_for_a_formal_review_where_nothing_is_tolerated(rank: int) -> None:
    found = raised([rank, rank], [state(SAFETY), state(LONDON)], ZERO_TOLERANCE, {SAFETY, LONDON})
    assert found == [(FORMAL, 1, LevelReason.ZERO_TOLERANCE), as_found(rank)]


def test_what_is_formal_by_itself_keeps_its_window_and_its_reason() -> None:
    assert raised([FORMAL], [state(SAFETY, 1, 2)], ZERO_TOLERANCE, {SAFETY}) == [as_found(FORMAL)]


def test_what_is_critical_after_an_act_is_not_tolerated_in_that_very_week_and_what_was_before_it_was_known() -> None:
    minute = timedelta(minutes=1)
    before, after = (replace(state(SAFETY), acted_at=CRITICAL_AT + step) for step in (minute, -minute))
    assert raised([NOTHING], [before], ZERO_TOLERANCE, [SAFETY]) == [as_found(NOTHING)]
    assert raised([NOTHING], [after], ZERO_TOLERANCE, [SAFETY]) == [(FORMAL, 1, LevelReason.ZERO_TOLERANCE)]


def test_without_a_critical_feedback_nothing_is_raised() -> None:
    assert raised([LOCAL], [state(SAFETY)], ZERO_TOLERANCE) == [as_found(LOCAL)]


@pytest.mark.parametrize(
    ("legs", "found"),
    [
        (TWO_OF_THREE, (FORMAL, 4, LevelReason.TWO_OF_THREE)),
        (SEVERAL_REGIONS, (FORMAL, 4, LevelReason.SEVERAL_REGIONS)),
        (ZERO_TOLERANCE, (FORMAL, 1, LevelReason.ZERO_TOLERANCE)),
        (NO_LEGS, (LOCAL, 4, LevelReason.STATISTIC)),
    ],
)
def test_each_leg_stands_alone(legs: Legs, found: tuple[int, int, LevelReason]) -> None:
    states = [state(SAFETY, 1), state(replace(SAFETY, region="fr"))]
    assert raised([LOCAL, LOCAL], states, legs, {SAFETY})[0] == found


keys = st.builds(
    CellKey,
    process=st.sampled_from(("order-to-cash", "returns")),
    category=st.sampled_from(("refund", "safety")),
    region=st.sampled_from((None, "uk", "fr")),
)
some_legs = st.builds(
    Legs,
    zero_tolerance=st.frozensets(st.sampled_from(("refund", "safety"))),
    two_of_three=st.booleans(),
    several_regions=st.booleans(),
)
ranked_cells = st.lists(
    st.tuples(keys, st.integers(0, 2), st.lists(st.integers(1, 4), max_size=2)), unique_by=lambda one: one[0]
)


@given(ranked_cells, some_legs, st.frozensets(keys))
def test_legs_raise_to_formal_or_leave_alone_and_more_legs_raise_no_fewer(
    cells: list[tuple[CellKey, int, list[int]]], legs: Legs, critical: frozenset[CellKey]
) -> None:
    ranks, states = [rank for _, rank, _ in cells], [state(key, *weeks) for key, _, weeks in cells]
    found = [rank for rank, _, _ in raised(ranks, states, legs, critical)]
    assert all(after in {before, FORMAL} for before, after in zip(ranks, found, strict=True))
    assert raised(ranks, states, NO_LEGS, critical) == [as_found(rank) for rank in ranks]
    all_legs = Legs(zero_tolerance=frozenset({"refund", "safety"}), two_of_three=True, several_regions=True)
    everything = [rank for rank, _, _ in raised(ranks, states, all_legs, critical)]
    assert all(more >= fewer for more, fewer in zip(everything, found, strict=True))


def test_the_evidence_of_a_raised_cell_says_what_raised_it() -> None:
    weeks = [2] * 16 + [6] * 3
    history = strangers(weeks, cell=LONDON)
    judgement = Judgement((history,), end_of(weeks), VolumeSettings(), PRIOR)
    found = judgement.evidence(0)
    before, _ = advance(
        CellState(cell=LONDON), found.level, found.window, end_of(weeks) - timedelta(weeks=1), VolumeSettings()
    )
    raise_levels(judgement.levels, (before,), {}, end_of(weeks), TWO_OF_THREE)
    assert found.level is Level.LOCAL_ADJUSTMENT
    assert judgement.evidence(0) == replace(found, level=Level.FORMAL_REVIEW, reason=LevelReason.TWO_OF_THREE)


def test_zero_tolerance_waits_neither_for_a_baseline_nor_for_a_chart() -> None:
    fresh = replace(strangers([0] * 20, cell=SAFETY), first_day=day(7 * 18))
    charted = strangers([1] * 20, cell=replace(SAFETY, region="fr"), thresholds=Thresholds(method=Method.U_CHART))
    judgement = Judgement((fresh, charted), end_of(20), VolumeSettings(), PRIOR)
    states = [CellState(cell=one.cell) for one in (fresh, charted)]
    critical = dict.fromkeys((one.cell for one in states), CRITICAL_AT)
    raise_levels(judgement.levels, states, critical, end_of(20), ZERO_TOLERANCE)
    assert [(judgement.evidence(row).method, judgement.evidence(row).level) for row in range(2)] == [
        (Method.FIXED_COUNT, Level.FORMAL_REVIEW),
        (Method.U_CHART, Level.FORMAL_REVIEW),
    ]
