from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    CellKey,
    CellState,
    DayRange,
    Evidence,
    LevelReason,
    Method,
    Transition,
    VolumeSettings,
    advance,
)

CELL = CellKey(process="order-to-cash", category="refund", region=None)
SETTINGS = VolumeSettings()
SUNDAY = date(2026, 3, 1)
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW

ticks = st.lists(st.tuples(st.sampled_from((None, LOCAL, FORMAL)), st.integers(1, 8)), max_size=80)


def tick_day(week: int) -> date:
    return SUNDAY + timedelta(days=7 * week)


def found(week: int, level: Level | None, weeks: int = 1) -> Evidence:
    last = tick_day(week)
    return Evidence(
        cell=CELL,
        window_end=last,
        level=level,
        reason=LevelReason.STATISTIC,
        method=Method.BAYES_FACTOR,
        window=DayRange(first=last - timedelta(days=7 * weeks - 1), last=last),
        x=9,
        expected=3.0,
        ratio=3.0,
        customers=9,
        largest_share=1 / 9,
        statistic=4.5,
        bayes_factor=90.0,
        p=0.001,
        flags=(),
    )


def run(levels: list[tuple[Level | None, int]]) -> list[tuple[CellState, Transition]]:
    state, steps = CellState(cell=CELL), []
    for week, (level, weeks) in enumerate(levels):
        state, transition = advance(state, found(week, level, weeks), tick_day(week), SETTINGS)
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
    state = run([(LOCAL, 2), (LOCAL, 3)])[-1][0]
    assert state == CellState(
        cell=CELL,
        level=LOCAL,
        opened_on=tick_day(0),
        last_alarm_on=tick_day(1),
        down_weighted=(DayRange(first=tick_day(-2) + timedelta(days=1), last=tick_day(1)),),
    )


def test_a_lasting_shift_becomes_the_baseline_once_the_budget_is_spent() -> None:
    days = [sum(map(len, state.down_weighted)) for state, _ in run([(LOCAL, 1)] * 30)]
    assert days == [7 * week for week in range(1, 14)] + [91] * 13 + [98, 105, 112, 119]


def test_days_that_no_baseline_reaches_are_forgotten() -> None:
    state = run([(LOCAL, 1)] + [(None, 1)] * 60)[-1][0]
    assert state == CellState(cell=CELL)


@given(ticks)
def test_the_budget_holds_at_every_tick_and_ranges_stay_disjoint(levels: list[tuple[Level | None, int]]) -> None:
    for week, (state, _) in enumerate(run(levels)):
        span_start = tick_day(week) - timedelta(days=SETTINGS.down_weight_span_days - 1)
        days = [day for one in state.down_weighted for day in one]
        assert len(days) == len(set(days))
        assert sum(day >= span_start for day in days) <= SETTINGS.down_weight_budget_days
        assert all((later.first - earlier.last).days > 1 for earlier, later in pairwise(state.down_weighted))


@given(ticks)
def test_openings_and_closings_take_turns(levels: list[tuple[Level | None, int]]) -> None:
    ends = [transition for _, transition in run(levels) if transition in {Transition.OPENED, Transition.CLOSED}]
    assert ends == [Transition.OPENED if n % 2 == 0 else Transition.CLOSED for n in range(len(ends))]


@given(ticks)
def test_a_level_is_held_exactly_while_an_episode_is_open(levels: list[tuple[Level | None, int]]) -> None:
    open_now = False
    for state, transition in run(levels):
        open_now = transition is Transition.OPENED or (open_now and transition is not Transition.CLOSED)
        assert (state.level is not None, state.opened_on is not None, state.last_alarm_on is not None) == (
            open_now,
            open_now,
            open_now,
        )
