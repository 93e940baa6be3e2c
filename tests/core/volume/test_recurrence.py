"""What the weeks after an act say, and how an episode goes on from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    CellKey,
    CellState,
    DayRange,
    Judgement,
    LevelReason,
    Method,
    PooledThresholds,
    Thresholds,
    VolumeSettings,
    advance,
    after_act,
    pooled_evidence,
    raise_recurred,
    windows_since,
)
from tests.core.volume.cells import CELL, PRIOR, end_of, siblings, strangers

SETTINGS = VolumeSettings()
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW
QUIET = [3] * 12


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def acted(by_week: Sequence[int], weeks_ago: int, thresholds: Thresholds = Thresholds()) -> CellHistory:  # noqa: B008
    """A cell about which somebody did something at the end of a week."""
    at = noon(end_of(by_week) - timedelta(weeks=weeks_ago))
    return replace(strangers(by_week, thresholds=thresholds), acted_at=at)


def judged(history: CellHistory, by_week: Sequence[int], *, armed: bool = True) -> Judgement:
    found = Judgement([history], end_of(by_week), SETTINGS, PRIOR)
    raise_recurred(found.scores, found.levels, [armed], [history.thresholds], found.crowd)
    return found


@pytest.mark.parametrize(("days", "windows"), [(0, 0), (6, 0), (7, 1), (13, 1), (14, 2), (55, 7), (56, 8), (400, 8)])
def test_only_windows_that_begin_after_the_day_of_an_act_are_used(days: int, windows: int) -> None:
    at = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    assert windows_since(at, at.date() + timedelta(days=days)) == windows


def test_an_act_after_the_tick_or_none_at_all() -> None:
    assert windows_since(noon(date(2026, 3, 2)), date(2026, 3, 1)) == 0
    assert windows_since(None, date(2026, 3, 1)) == 8


def test_weeks_from_before_an_act_raise_no_alarm() -> None:
    by_week = [*QUIET, 9, 9, 9]
    assert judged(strangers(by_week), by_week).levels.level(0) is FORMAL
    for weeks_ago in (0, 1):
        assert judged(acted(by_week, weeks_ago, Thresholds(h_recurrence=None)), by_week).levels.level(0) is None


def test_in_the_week_of_an_act_there_is_nothing_to_say() -> None:
    by_week = [*QUIET, 9, 9, 9]
    found = judged(acted(by_week, 0), by_week).evidence(0)
    assert (found.level, found.statistic, found.bayes_factor, found.mended) == (None, None, None, False)


@pytest.mark.parametrize(("weekly", "weeks", "level"), [(9, 2, FORMAL), (12, 1, FORMAL), (5, 2, None), (3, 4, None)])
def test_the_weeks_after_an_act_call_for_a_formal_review_at_a_smaller_rise_than_else(
    weekly: int, weeks: int, level: Level | None
) -> None:
    by_week = [*QUIET, 9, 9, *[weekly] * weeks]
    found = judged(acted(by_week, weeks), by_week).evidence(0)
    assert found.level is level
    if level is not None:
        assert (found.reason, found.method, found.limit, found.x) == (
            LevelReason.RECURRENCE,
            Method.BAYES_FACTOR,
            1.5,
            weekly * weeks,
        )
        assert found.window == DayRange(first=end_of(by_week) - timedelta(days=7 * weeks - 1), last=end_of(by_week))
        assert found.statistic is not None
        assert found.statistic >= 1.5


def test_that_test_is_armed_for_four_weeks_and_until_its_effect_is_known() -> None:
    by_week = [*QUIET, 9, 9, 3, 3, 3, 12, 12]
    assert judged(acted(by_week, 2), by_week).levels.reasons[0] is LevelReason.RECURRENCE
    assert judged(acted(by_week, 5), by_week).levels.reasons[0] is not LevelReason.RECURRENCE
    assert judged(acted(by_week, 2), by_week, armed=False).levels.reasons[0] is not LevelReason.RECURRENCE
    off = Thresholds(h_recurrence=None)
    assert judged(acted(by_week, 2, off), by_week).levels.reasons[0] is not LevelReason.RECURRENCE


def test_a_window_of_few_customers_brings_nothing_back() -> None:
    eager = Thresholds(h_recurrence=0.5)
    for customers, level in ((4, None), (5, FORMAL)):
        by_week = [*[1] * 40, 3, customers]
        found = judged(acted(by_week, 1, eager), by_week)
        assert float(found.scores.log_bayes_factors[0, 0].min()) > 0.5
        assert found.levels.level(0) is level


@pytest.mark.parametrize(
    ("since", "mended"),
    [
        pytest.param([3, 3], True, id="as before"),
        pytest.param([0, 0], True, id="silence"),
        pytest.param([9, 3], False, id="between once and twice"),
        pytest.param([6, 7], False, id="twice"),
        pytest.param([3], False, id="one week is too short"),
        pytest.param([9, 9, 3, 3], True, id="the last two weeks count"),
    ],
)
def test_two_whole_weeks_that_are_likelier_as_before_than_doubled_prove_it(since: list[int], mended: bool) -> None:  # noqa: FBT001
    by_week = [*QUIET, 9, *since]
    assert judged(acted(by_week, len(since)), by_week).evidence(0).mended is mended


def test_a_cell_of_five_weeks_is_proved_by_staying_below_its_fixed_count() -> None:
    for weekly, mended in ((2, True), (3, False)):
        by_week = [6, weekly, weekly]
        assert judged(acted(by_week, 2), by_week).evidence(0).mended is mended


def test_a_fixed_count_of_the_week_of_an_act_says_nothing() -> None:
    by_week = [1, 1, 9]
    assert judged(strangers(by_week), by_week).levels.level(0) is LOCAL
    assert judged(acted(by_week, 0), by_week).levels.level(0) is None


@pytest.mark.parametrize("method", [Method.U_CHART, Method.EWMA, Method.CUSUM])
def test_a_chart_tells_of_no_week_before_an_act(method: Method) -> None:
    thresholds = Thresholds(method=method, h_recurrence=None)
    by_week = [*[3] * 30, 20, 20]
    assert judged(strangers(by_week, thresholds=thresholds), by_week).levels.level(0) is LOCAL
    assert judged(acted(by_week, 0, thresholds), by_week).levels.level(0) is None
    # Two weeks on, a sum that goes back to the bad ones would still be high.
    by_week += [3, 4]
    assert judged(acted(by_week, 2, thresholds), by_week).levels.level(0) is None


GROUP = [CellKey(process=f"p{number}", category="delay", region=None) for number in range(6)]
TOGETHER = CellKey(process="*", category="delay", region=None)


def together(last: Sequence[int], weeks_ago: int | None) -> tuple[Level | None, bool]:
    """What six siblings say whose weeks end alike, if somebody did something about them together."""
    by_week = [*[3] * 20, *last]
    judgement = Judgement(siblings(dict.fromkeys(GROUP, by_week)), end_of(by_week), SETTINGS, PRIOR)
    acts = {} if weeks_ago is None else {TOGETHER: noon(end_of(by_week) - timedelta(weeks=weeks_ago))}
    (found,) = pooled_evidence(judgement, PooledThresholds(), acts)
    return found.level, found.mended


def test_siblings_forget_the_weeks_before_an_act_too() -> None:
    assert together([9, 9], None) == (FORMAL, False)
    assert together([9, 9], 0) == (None, False)
    assert together([9, 9, 3], 1) == (None, False)
    assert together([9, 9, 3, 3], 2) == (None, True)
    assert together([9, 9, 9, 9], 2) == (FORMAL, False)


class TestEpisodes:
    SUNDAY = date(2026, 3, 1)

    def ticks(self, state: CellState, *found: tuple[Level | None, bool]) -> list[tuple[str, bool]]:
        """Each tick's transition, and whether the effect is still open after it; the first tick is a week later."""
        steps = []
        for week, (level, mended) in enumerate(found, start=1):
            end = self.SUNDAY + timedelta(weeks=week)
            window = DayRange(first=end - timedelta(days=6), last=end)
            state, transition = advance(state, level, window, end, SETTINGS, mended=mended)
            steps.append((transition.value, state.unproven))
        return steps

    def closed(self) -> CellState:
        window = DayRange(first=self.SUNDAY - timedelta(days=6), last=self.SUNDAY)
        alarmed, _ = advance(CellState(cell=CELL), LOCAL, window, self.SUNDAY, SETTINGS)
        return after_act(alarmed, noon(self.SUNDAY))

    def test_an_act_ends_the_episode_and_keeps_what_is_known_of_the_baseline(self) -> None:
        state = self.closed()
        assert (state.level, state.alarms, state.unproven, state.acted_at) == (None, (), True, noon(self.SUNDAY))
        assert state.down_weighted == (DayRange(first=self.SUNDAY - timedelta(days=6), last=self.SUNDAY),)

    def test_proof_is_told_once(self) -> None:
        clear, mended = (None, False), (None, True)
        assert self.ticks(self.closed(), clear, mended, mended) == [
            ("none", True),
            ("verified", False),
            ("none", False),
        ]

    def test_what_comes_back_is_a_new_episode_and_needs_no_proof_any_more(self) -> None:
        found = self.ticks(self.closed(), (None, False), (FORMAL, False), (None, True), (None, True))
        assert found == [("none", True), ("opened", False), ("continued", False), ("closed", False)]

    def test_after_eight_weeks_nobody_can_tell(self) -> None:
        found = self.ticks(self.closed(), *[(None, False)] * 9)
        assert [step for step, _ in found] == ["none"] * 7 + ["unverified", "none"]
        assert [unproven for _, unproven in found] == [True] * 7 + [False, False]


@given(st.lists(st.integers(0, 12), min_size=10, max_size=30), st.integers(0, 7))
def test_no_finding_reaches_back_to_the_day_of_an_act(by_week: list[int], weeks_ago: int) -> None:
    history = acted(by_week, weeks_ago)
    found = judged(history, by_week).evidence(0)
    assert history.acted_at is not None
    if found.level is not None:
        assert found.window.first > history.acted_at.date()


@given(st.lists(st.integers(0, 12), min_size=10, max_size=30))
def test_an_act_of_more_than_eight_weeks_ago_changes_nothing(by_week: list[int]) -> None:
    long_ago = replace(strangers(by_week), acted_at=noon(end_of(by_week) - timedelta(weeks=9)))
    assert judged(long_ago, by_week).evidence(0) == judged(strangers(by_week), by_week).evidence(0)
    assert np.array_equal(judged(long_ago, by_week).levels.rank, judged(strangers(by_week), by_week).levels.rank)
