from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import GRID_DAYS, CellState, DayRange, Transition, VolumeSettings, advance, is_blank
from tests.core.volume.cells import CELL

SETTINGS = VolumeSettings()
SUNDAY = date(2026, 3, 1)
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW

# What each tick found, and in a window of how many weeks.
Found = list[tuple[Level | None, int]]
ticks = st.lists(st.tuples(st.sampled_from((None, LOCAL, FORMAL)), st.integers(1, 8)), max_size=80)


def tick_day(week: int) -> date:
    return SUNDAY + timedelta(days=7 * week)


def window(week: int, weeks: int = 1) -> DayRange:
    return DayRange(first=tick_day(week - weeks) + timedelta(days=1), last=tick_day(week))


def run(found: Found) -> list[tuple[CellState, Transition]]:
    state, steps = CellState(cell=CELL), []
    for week, (level, weeks) in enumerate(found):
        state, transition = advance(state, level, window(week, weeks), tick_day(week), SETTINGS)
        steps.append((state, transition))
    return steps


def transitions(levels: list[Level | None]) -> list[str]:
    return [transition.value for _, transition in run([(level, 1) for level in levels])]


def test_an_episode_opens_rises_and_closes_after_fourteen_clear_days() -> None:
    assert transitions([None, LOCAL, FORMAL, LOCAL, None, None, None]) == [
        "none",
        "opened",
        "raised",
        "continued",
        "continued",
        "closed",
        "none",
    ]


def test_an_alarm_within_fourteen_days_continues_the_same_episode() -> None:
    steps = run([(LOCAL, 1), (None, 1), (LOCAL, 1), (None, 1), (None, 1), (FORMAL, 1)])
    assert [transition.value for _, transition in steps] == [
        "opened",
        "continued",
        "continued",
        "continued",
        "closed",
        "opened",
    ]
    assert [state.opened_on for state, _ in steps] == [tick_day(0)] * 4 + [None, tick_day(5)]


def test_an_open_episode_keeps_its_highest_level() -> None:
    assert [state.level for state, _ in run([(FORMAL, 1), (LOCAL, 1), (None, 1)])] == [FORMAL] * 3


def test_an_alarmed_window_is_down_weighted_as_one_range() -> None:
    assert run([(LOCAL, 2), (LOCAL, 3)])[-1][0] == CellState(
        cell=CELL,
        level=LOCAL,
        opened_on=tick_day(0),
        last_alarm_on=tick_day(1),
        down_weighted=(window(1, 3),),
        formal=(),
        alarms=(tick_day(0), tick_day(1)),
    )


def test_the_days_of_a_formal_review_are_remembered_apart() -> None:
    assert run([(LOCAL, 1), (FORMAL, 1)])[-1][0] == CellState(
        cell=CELL,
        level=FORMAL,
        opened_on=tick_day(0),
        last_alarm_on=tick_day(1),
        down_weighted=(window(1, 2),),
        formal=(window(1),),
        alarms=(tick_day(0), tick_day(1)),
    )


def test_while_a_formal_review_is_open_every_alarm_adds_to_its_days() -> None:
    formal = [state.formal for state, _ in run([(FORMAL, 1), (LOCAL, 1), (None, 1), (LOCAL, 1)])]
    assert formal == [(window(0),), (window(1, 2),), (window(1, 2),), (window(1, 2), window(3))]
    closed_before = run([(FORMAL, 1), (None, 1), (None, 1), (LOCAL, 1)])[-1][0]
    assert (closed_before.level, closed_before.formal) == (LOCAL, (window(0),))


def test_a_lasting_shift_becomes_the_baseline_once_the_budget_is_spent() -> None:
    days = [sum(map(len, state.down_weighted)) for state, _ in run([(LOCAL, 1)] * 30)]
    assert days == [7 * week for week in range(1, 14)] + [91] * 13 + [98, 105, 112, 119]


def test_the_budget_bounds_what_is_down_weighted_and_not_what_is_formal() -> None:
    state = run([(FORMAL, 1)] * 20)[-1][0]
    assert (state.down_weighted, state.formal) == ((window(12, 13),), (window(19, 20),))


def test_the_alarms_of_the_last_three_weeks_are_remembered() -> None:
    alarms = [state.alarms for state, _ in run([(LOCAL, 1), (FORMAL, 1), (None, 1), (LOCAL, 1), (None, 1), (None, 1)])]
    assert alarms == [
        (tick_day(0),),
        (tick_day(0), tick_day(1)),
        (tick_day(0), tick_day(1)),
        (tick_day(1), tick_day(3)),
        (tick_day(3),),
        (tick_day(3),),
    ]


def test_days_that_no_baseline_reaches_are_forgotten() -> None:
    steps = run([(FORMAL, 1)] + [(None, 1)] * 60)
    assert [is_blank(state) for state, _ in steps] == [False] * 60 + [True]
    assert steps[-1][0] == CellState(cell=CELL)
    oldest_day = DayRange(first=tick_day(0), last=tick_day(0))
    assert steps[-2][0] == CellState(cell=CELL, down_weighted=(window(0),), formal=(window(0),))
    part_way, _ = advance(steps[-2][0], None, window(0), tick_day(0) + timedelta(days=GRID_DAYS - 1), SETTINGS)
    assert part_way == CellState(cell=CELL, down_weighted=(oldest_day,), formal=(oldest_day,))


def test_a_cell_that_nobody_has_met_is_blank_and_stays_so_while_it_is_clear() -> None:
    assert [is_blank(state) for state, _ in run([(None, 8)] * 3)] == [True] * 3


@given(ticks)
def test_the_budget_holds_at_every_tick_and_ranges_stay_disjoint(found: Found) -> None:
    for week, (state, _) in enumerate(run(found)):
        span_start = tick_day(week) - timedelta(days=SETTINGS.down_weight_span_days - 1)
        days = [day for one in state.down_weighted for day in one]
        assert len(days) == len(set(days))
        assert sum(day >= span_start for day in days) <= SETTINGS.down_weight_budget_days
        for ranges in (state.down_weighted, state.formal):
            assert all((later.first - earlier.last).days > 1 for earlier, later in pairwise(ranges))


@given(ticks)
def test_the_days_of_formal_reviews_are_the_windows_of_alarms_while_one_was_open(found: Found) -> None:
    days: set[date] = set()
    for week, (state, _) in enumerate(run(found)):
        level, weeks = found[week]
        if level is not None and state.level is FORMAL:
            days |= set(window(week, weeks))
        oldest = tick_day(week) - timedelta(days=GRID_DAYS - 1)
        assert {day for one in state.formal for day in one} == {day for day in days if day >= oldest}


@given(ticks)
def test_openings_and_closings_take_turns(found: Found) -> None:
    ends = [transition for _, transition in run(found) if transition in {Transition.OPENED, Transition.CLOSED}]
    assert ends == [Transition.OPENED if n % 2 == 0 else Transition.CLOSED for n in range(len(ends))]


@given(ticks)
def test_an_episode_is_raised_at_most_once_and_to_a_formal_review(found: Found) -> None:
    level: Level | None = None
    for state, transition in run(found):
        assert (transition is Transition.RAISED) == (level is LOCAL and state.level is FORMAL)
        level = state.level


@given(ticks)
def test_a_level_is_held_exactly_while_an_episode_is_open(found: Found) -> None:
    open_now = False
    for state, transition in run(found):
        open_now = transition is Transition.OPENED or (open_now and transition is not Transition.CLOSED)
        assert (state.level is not None, state.opened_on is not None, state.last_alarm_on is not None) == (
            open_now,
            open_now,
            open_now,
        )
