"""Closed cases of cells, week by week -> what is found in them, at most a local adjustment."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.words import CellMeasure, Level
from service.core.volume import (
    CellKey,
    CellState,
    ClosedBehind,
    ClosedCases,
    Closings,
    DayRange,
    Evidence,
    EvidenceFlag,
    LevelReason,
    RecontactThresholds,
    Thresholds,
    VolumeSettings,
    cases_together,
    judge_recontacts,
)

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SUNDAY = date(2026, 5, 10)
DAYS = 7
# The last day of which the cases are known.
LAST = SUNDAY - DAYS * DAY
LOCAL = Level.LOCAL_ADJUSTMENT
LIMITS = RecontactThresholds(cell=Thresholds(rule="volume.recontact", h_local=3.98, h_formal=math.inf))

Case = tuple[date, int, bool]


def cell(category: str = "delivery") -> CellKey:
    return CellKey(process="shipping", category=category, region=None, measure=CellMeasure.RECONTACT)


def of(cases: Sequence[Case]) -> ClosedCases:
    return ClosedCases.of(
        [day.toordinal() for day, _, _ in cases], [who for _, who, _ in cases], [again for _, _, again in cases]
    )


def weeks(each: Sequence[tuple[int, int]], *, one_customer: bool = False) -> list[Case]:
    """Cases closed on the Monday of each week, and how many came back; the last week ends with the last known day."""
    found: list[Case] = []
    for number, (closed, returned) in enumerate(each):
        monday = LAST - 6 * DAY - (len(each) - 1 - number) * WEEK
        found += [(monday, 0 if one_customer else number * 1000 + at, at < returned) for at in range(closed)]
    return found


def judged(
    cells: Mapping[CellKey, Sequence[Case]],
    states: Sequence[CellState] = (),
    limits: RecontactThresholds = LIMITS,
) -> list[Evidence]:
    closings = Closings(
        cases={key: of(cases) for key, cases in cells.items()}, states={state.cell: state for state in states}
    )
    return list(judge_recontacts(closings, SUNDAY, DAYS, limits, VolumeSettings()))


QUIET = [(10, 1)] * 20
WORSE = [*QUIET, (10, 6), (10, 6), (10, 6)]


def test_a_risen_share_is_a_local_adjustment_and_says_of_how_many_cases_it_is() -> None:
    (found,) = judged({cell(): weeks(WORSE)})
    assert (found.level, found.reason, found.x, found.customers, found.closed, found.window_end) == (
        LOCAL,
        LevelReason.STATISTIC,
        18,
        18,
        ClosedBehind(cases=30, days=DAYS),
        SUNDAY,
    )
    assert found.window == DayRange(first=LAST - 20 * DAY, last=LAST)
    assert EvidenceFlag.EXPOSURE_UNKNOWN not in found.flags
    assert found.thresholds == LIMITS.cell


def test_the_strongest_rise_calls_for_no_formal_review() -> None:
    (found,) = judged({cell(): weeks([*QUIET, *[(100, 90)] * 8])})
    assert found.level is LOCAL


def test_more_cases_with_as_many_more_recontacts_are_no_rise() -> None:
    assert judged({cell(): weeks([*QUIET, *[(60, 6)] * 3])}) == []


def test_as_many_recontacts_of_fewer_cases_are_a_rise() -> None:
    (found,) = judged({cell(): weeks([*[(60, 6)] * 20, *[(10, 6)] * 3])})
    assert (found.level, found.x) == (LOCAL, 18)


def test_a_window_needs_so_many_closed_cases() -> None:
    rising = weeks(WORSE)
    for least, level in ((30, LOCAL), (31, None)):
        found = judged({cell(): rising}, [CellState(cell=cell(), level=LOCAL)], replace(LIMITS, min_closed=least))
        assert [(one.level, one.reason) for one in found] == [
            (level, LevelReason.STATISTIC if level else LevelReason.SMALL_WINDOW)
        ]


def test_the_same_weeks_by_one_customer_call_for_nothing() -> None:
    mixed = [*weeks(WORSE)[: 10 * len(QUIET)], *weeks(WORSE, one_customer=True)[10 * len(QUIET) :]]
    assert judged({cell(): mixed}) == []


@pytest.mark.parametrize("returned", [3, 10])
def test_where_there_is_nothing_to_compare_with_yet_nothing_is_found(returned: int) -> None:
    assert judged({cell(): weeks([(10, returned)] * 4)}) == []
    known = CellState(cell=cell(), level=LOCAL, opened_on=LAST, last_alarm_on=LAST)
    (found,) = judged({cell(): weeks([(10, returned)] * 4)}, [known])
    assert (found.level, found.reason) == (None, LevelReason.FIXED_COUNT)


def test_a_cell_that_remembers_is_told_of_when_nothing_is_closed_in_it_any_more() -> None:
    known = CellState(cell=cell(), level=LOCAL, opened_on=LAST, last_alarm_on=LAST)
    (found,) = judged({}, [known])
    assert (found.cell, found.level, found.x, found.closed) == (cell(), None, 0, ClosedBehind(cases=0, days=DAYS))


def test_cases_of_which_it_is_too_early_to_tell_are_in_nothing() -> None:
    late = [(LAST + DAY, 10_000 + at, True) for at in range(50)]
    assert judged({cell(): [*weeks(QUIET), *late]}) == []
    assert judged({cell(): late}) == []


def test_nothing_closed_at_all_finds_nothing() -> None:
    assert judged({}) == []


def test_cells_put_together_are_judged_as_one() -> None:
    some = weeks(WORSE)
    parts = [of(some[::2]), of(some[1::2])]
    closings = Closings(cases={cell(): cases_together(parts)}, states={})
    assert list(judge_recontacts(closings, SUNDAY, DAYS, LIMITS, VolumeSettings())) == judged({cell(): some})


drawn = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 30), st.booleans()).map(
        lambda one: (LAST - one[0] * DAY, one[1], one[2])
    ),
    max_size=120,
)


@given(st.dictionaries(st.sampled_from(("a", "b", "c")), drawn), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_neither_the_order_of_cases_nor_that_of_cells_changes_what_is_found(
    cases: dict[str, list[Case]], dice: Random
) -> None:
    eager = RecontactThresholds(cell=replace(LIMITS.cell, h_local=-5.0, local_min=1, local_min_customers=1))
    found = judged({cell(name): some for name, some in cases.items()}, limits=eager)
    names = list(cases)
    dice.shuffle(names)
    shuffled = {cell(name): sorted(cases[name], key=lambda _: dice.random()) for name in names}
    assert judged(shuffled, limits=eager) == found
    assert all(one.level is LOCAL for one in found)
