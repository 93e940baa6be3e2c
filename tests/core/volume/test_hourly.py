import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.feedback import Downtime
from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    CellKey,
    CellState,
    DayRange,
    Evidence,
    EvidenceFlag,
    HourlyThresholds,
    LevelReason,
    Method,
    Prior,
    Tempo,
    Thresholds,
    Transition,
    Turnout,
    VolumeSettings,
    advance_hours,
    hour_of,
    judge_hours,
    tell_downtimes,
    tempo,
)

CELL = CellKey(process="order-to-cash", category="refund", region=None)
FIRST_DAY = date(2025, 1, 6)
# A Thursday noon, after a year.
END = datetime(2026, 1, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRIOR = Prior(a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=50, rate_cells=90)
EVEN = Tempo(prior=PRIOR, hours=(1.0,) * 168)


def cell(times: list[datetime], customers: list[int] | None = None, first_day: date = FIRST_DAY) -> CellHistory:
    order = sorted(range(len(times)), key=lambda at: times[at])
    hours = np.array([hour_of(times[at]) for at in order], np.int64)
    people = np.array([(customers or list(range(len(times))))[at] for at in order], np.int64)
    return CellHistory(cell=CELL, first_day=first_day, counted=Turnout(hours, people))


def weekly(count: int) -> list[datetime]:
    """So many a week for a year, up to two days before the end."""
    return [END - timedelta(days=2 + 7 * week, hours=5 * n) for week in range(52) for n in range(count)]


def burst(count: int, hours: float = 2.0) -> list[datetime]:
    return [END - timedelta(hours=hours * (n + 0.5) / count) for n in range(count)]


def judge(history: CellHistory, known: Tempo = EVEN, thresholds: HourlyThresholds | None = None) -> Evidence:
    (found,) = judge_hours((history,), END, known, thresholds or HourlyThresholds(), VolumeSettings())
    return found


def test_a_dozen_within_two_hours_where_five_a_week_are_usual_call_for_a_local_adjustment_at_once() -> None:
    found = judge(cell(weekly(5) + burst(12)))
    assert found.statistic is not None
    assert found.statistic > 6.5
    rest = replace(found, statistic=None, bayes_factor=None, p=None, expected=0, ratio=0)
    assert rest == Evidence(
        cell=CELL,
        window_end=date(2026, 1, 8),
        level=Level.LOCAL_ADJUSTMENT,
        reason=LevelReason.STATISTIC,
        method=Method.HOURLY,
        window=DayRange(first=date(2026, 1, 8), last=date(2026, 1, 8)),
        hours=(END - 6 * HOUR, END),
        x=12,
        expected=0,
        ratio=0,
        customers=12,
        largest_share=1 / 12,
        statistic=None,
        bayes_factor=None,
        p=None,
        flags=rest.flags,
        thresholds=Thresholds(),
        limit=6.5,
    )
    assert found.expected == pytest.approx(5 / 7 * 6 / 24, rel=0.02)


def test_a_usual_day_calls_for_nothing() -> None:
    assert judge(cell(weekly(5) + burst(1))).level is None


def test_the_same_dozen_in_a_cell_that_is_that_busy_calls_for_nothing() -> None:
    assert judge(cell(weekly(500) + burst(12))).level is None


def test_one_customer_behind_too_many_of_them_holds_the_level_back() -> None:
    found = judge(cell(weekly(5) + burst(12), customers=[*range(260), *[999] * 6, *range(300, 306)]))
    assert (found.level, found.reason) == (None, LevelReason.ONE_CUSTOMER)


def test_few_customers_hold_the_level_back() -> None:
    eager = HourlyThresholds(h=1.0)
    found = judge(cell(weekly(1) + burst(4)), thresholds=eager)
    assert found.statistic is not None
    assert found.statistic > eager.h
    assert (found.level, found.reason) == (None, LevelReason.SMALL_WINDOW)


def test_a_cell_that_has_been_watched_for_less_than_five_weeks_is_not_judged() -> None:
    young = cell(burst(50), first_day=END.date() - timedelta(days=34))
    assert judge_hours((young,), END, EVEN, HourlyThresholds(), VolumeSettings()) == ()


def test_an_hour_that_is_always_busy_is_less_of_a_surprise() -> None:
    noon = Tempo(prior=PRIOR, hours=tuple(20.0 if hour % 24 in (10, 11) else 8 / 22 for hour in range(168)))
    history = cell(weekly(5) + burst(12))
    surprised, used = judge(history).statistic, judge(history, noon).statistic
    assert surprised is not None
    assert used is not None
    assert used < surprised - 1


def test_days_of_an_earlier_alarm_weigh_less_in_the_baseline() -> None:
    wild = [END - timedelta(days=10, hours=n) for n in range(20)]
    plain = cell(weekly(2) + wild + burst(8))
    alarm = DayRange(first=END.date() - timedelta(days=12), last=END.date() - timedelta(days=9))
    assert judge(replace(plain, down_weighted=(alarm,))).expected < judge(plain).expected


@given(st.lists(st.integers(0, 47), max_size=40), st.integers(0, 6))
def test_the_statistic_agrees_with_a_plain_sum(ages: list[int], rate: int) -> None:
    times = weekly(rate) + [END - age * HOUR - timedelta(minutes=30) for age in ages if age < 24]
    found = judge(cell(times))
    counts = [sum(END - w * HOUR <= at < END for at in times) for w in (1, 3, 6, 12, 24)]
    before = datetime(2026, 1, 7, tzinfo=UTC)
    baseline = sum(before - timedelta(days=364) <= at < before for at in times)
    days = min(364, (before.date() - FIRST_DAY).days)
    assert found.statistic == pytest.approx(plain_statistic(counts, baseline, days), rel=1e-9, abs=1e-9)


def plain_statistic(counts: list[int], baseline: int, days: int) -> float:
    a, b = PRIOR.a0 + baseline / PRIOR.phi, PRIOR.b0 + days / PRIOR.phi
    nodes = [math.log(a / b) + (-3.2 + 0.64 * i) * min(1.0, a**-0.5) for i in range(11)]
    factors: list[float] = []
    for hours, n in zip((1, 3, 6, 12, 24), counts, strict=True):

        def marginal(shift: float, hours: int = hours, n: int = n) -> float:
            terms: list[float] = []
            for node in nodes:
                r = shift * math.exp(node) * hours / 24 / (PRIOR.phi - 1)
                seen = math.lgamma(n + r) - math.lgamma(r) - r * math.log(PRIOR.phi)
                terms.append(a * node - b * math.exp(node) + seen)
            top: float = max(terms)
            return top + math.log(math.fsum(math.exp(term - top) for term in terms))

        factors += [marginal(shift) - marginal(1.0) for shift in (4.0, 16.0, 64.0)]
    top: float = max(factors)
    return top + math.log(math.fsum(math.exp(one - top) for one in factors) / 15)


def test_the_profile_of_a_week_has_mean_one_and_is_even_where_little_was_seen() -> None:
    assert tempo(PRIOR, [0] * 168).hours == (1.0,) * 168
    busy = tempo(PRIOR, [100 if hour == 9 else 0 for hour in range(168)]).hours
    assert sum(busy) / 168 == pytest.approx(1)
    assert busy[9] / busy[10] == pytest.approx(101, rel=1e-4)


class TestEpisodes:
    QUIET = CellState(cell=CELL)

    def test_it_opens_goes_on_and_closes_after_a_clear_day(self) -> None:
        state, opened = advance_hours(self.QUIET, END, alarmed=True)
        state, still = advance_hours(state, END + HOUR, alarmed=True)
        state, quiet = advance_hours(state, END + 24 * HOUR, alarmed=False)
        state, closed = advance_hours(state, END + 25 * HOUR, alarmed=False)
        assert [opened, still, quiet, closed] == [
            Transition.OPENED,
            Transition.CONTINUED,
            Transition.CONTINUED,
            Transition.CLOSED,
        ]
        assert state == self.QUIET

    def test_while_days_have_an_episode_hours_say_nothing(self) -> None:
        told = replace(self.QUIET, level=Level.LOCAL_ADJUSTMENT, opened_on=END.date(), last_alarm_on=END.date())
        state, transition = advance_hours(told, END, alarmed=True, told=False)
        assert (state.outage_on, transition) == (END, Transition.NONE)
        state, transition = advance_hours(state, END + 30 * HOUR, alarmed=False, told=False)
        assert (state, transition) == (told, Transition.NONE)

    def test_a_quiet_hour_of_a_quiet_cell_is_nothing(self) -> None:
        assert advance_hours(self.QUIET, END, alarmed=False) == (self.QUIET, Transition.NONE)


def down(start: float, end: float | None, process: str = CELL.process, region: str | None = None) -> Downtime:
    """A downtime by hours after the end of the last one that is judged."""
    return Downtime(
        source="/engine",
        downtime_id="d1",
        process=process,
        region=region,
        started_at=END + start * HOUR,
        ended_at=None if end is None else END + end * HOUR,
        occurred_at=END,
        event_id="e1",
    )


@pytest.mark.parametrize(
    ("downtime", "met"),
    [
        pytest.param(down(-2, -1), True, id="within the hours"),
        pytest.param(down(-9, -2.5), True, id="into them"),
        pytest.param(down(-0.5, None), True, id="one that lasts"),
        pytest.param(down(-9, -3), False, id="up to them"),
        pytest.param(down(0, 2), False, id="after them"),
        pytest.param(down(-2, -1, process="returns"), False, id="of another process"),
        pytest.param(down(-2, -1, region="uk"), True, id="of a region of the cell"),
    ],
)
def test_hours_that_lie_in_a_downtime_are_told_as_such(downtime: Downtime, met: bool) -> None:  # noqa: FBT001 - a case
    found = replace(judge(cell([*weekly(2), *burst(12)])), hours=(END - 3 * HOUR, END))
    (told,) = tell_downtimes([found], [downtime], by_region=False)
    assert told == (replace(found, flags=(*found.flags, EvidenceFlag.DOWNTIME)) if met else found)


def test_a_downtime_of_another_region_is_none_of_a_cell_where_regions_are_parted() -> None:
    found = judge(cell([*weekly(2), *burst(12)]))
    (told,) = tell_downtimes([found], [down(-2, -1, region="uk")], by_region=True)
    assert told == found
