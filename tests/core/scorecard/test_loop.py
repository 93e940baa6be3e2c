"""How much negative feedback was acted on, how soon, and who was won back: of what people did, by the audit alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.audit import Action
from service.core.intervals import quantile
from service.core.records.decisions import Contribution, PartKey
from service.core.records.words import FeedbackKind, Flag
from service.core.scorecard import (
    EVER,
    Dimension,
    Looped,
    LoopTallied,
    LoopTally,
    Measure,
    Period,
    Unsaid,
    count_loop,
    loop_scorecards,
)
from service.core.scorecard.loop import rounded
from tests.builders import START, make_contribution, make_feedback

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = Looped(by=Dimension.ALL, period=EVER)
ACK, RESOLVE, SNOOZE = Action.ALERT_ACK, Action.ALERT_RESOLVE, Action.ALERT_SNOOZE


def said(number: int, at: datetime = START, *, negative: bool = True, **more: object) -> Contribution:
    feedback = make_feedback(event_id=f"e-{number}", subject=f"response/{number}", occurred_at=at, **more)
    one = make_contribution(feedback)
    return replace(one, assessed=replace(one.assessed, negative=negative))


def counted(
    contributions: Iterable[Contribution],
    acts: Mapping[int, Iterable[tuple[Action, datetime]]],
    asked: Looped = ALL,
) -> LoopTallied:
    of = {PartKey("/surveys", f"response/{number}", ""): found for number, found in acts.items()}
    return count_loop(contributions, lambda key: of.get(key, ()), asked)


def test_the_first_act_after_a_feedback_began_is_the_one_that_answers_it() -> None:
    acts = [
        (ACK, START - HOUR),
        (SNOOZE, START + timedelta(minutes=5)),
        (RESOLVE, START + 2 * HOUR),
        (ACK, START + HOUR),
    ]
    tallied = counted([said(1), said(2), said(3, negative=False)], {1: acts, 3: acts})
    assert tallied == LoopTallied(tallies=[LoopTally(value=None, negative=2, waits={3600.0: 1})])


def test_what_employees_say_and_what_is_of_another_time_is_left_out() -> None:
    contributions = [said(1), said(2, kind=FeedbackKind.EMPLOYEE), said(3, START + DAY)]
    period = Period(since=START, until=START + DAY)
    assert counted(contributions, {}, Looped(by=Dimension.ALL, period=period)).tallies == [
        LoopTally(value=None, negative=1, waits={})
    ]


def test_a_customer_is_won_back_by_the_first_score_after_the_resolve() -> None:
    acts = {1: [(RESOLVE, START + DAY)], 5: [(RESOLVE, START + DAY)]}
    before = said(2, START + HOUR, negative=False, customer="k1:anna")
    good = said(3, START + 2 * DAY, negative=False, customer="k1:anna")
    bad = said(4, START + 3 * DAY, customer="k1:anna")
    nobody = said(5, customer="k1:x", flags=(Flag.ANONYMOUS,))
    first = said(1, customer="k1:anna")

    def asked(*contributions: Contribution) -> tuple[int, int]:
        (tally,) = counted(contributions, acts).tallies
        return tally.asked, tally.recovered

    assert asked(first, before, good, bad) == (1, 1)
    assert asked(first, bad) == (1, 0)
    assert asked(first, before) == (0, 0)
    assert asked(nobody, said(6, START + 2 * DAY, negative=False, customer="k1:x")) == (0, 0)


def test_values_with_more_come_first_and_the_rest_is_counted() -> None:
    contributions = [said(1, region="b"), said(2, region="a"), said(3, region="a"), said(4)]
    asked = Looped(by=Dimension.REGION, period=EVER, values=2)
    found = counted(contributions, {}, asked)
    assert ([(one.value, one.negative) for one in found.tallies], found.left_off) == ([("a", 2), ("b", 1)], 1)


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (timedelta(seconds=59.9), 0.0),
        (timedelta(minutes=61, seconds=3), 3660.0),
        (DAY, 86400.0),
        (25 * HOUR + timedelta(minutes=59), 90000.0),
    ],
)
def test_waits_are_told_in_minutes_and_beyond_a_day_in_hours(wait: timedelta, seconds: float) -> None:
    assert rounded(wait) == seconds


def test_figures_below_the_floor_are_insufficient_and_those_of_nothing_are_not_there() -> None:
    tally = LoopTally(value="drivers", negative=4, waits={60.0: 1, 120.0: 1, 600.0: 1}, asked=1, recovered=1)
    cards = loop_scorecards(Dimension.TEAM, [tally], 2)
    figures = {one.measure: (one.n, one.said if isinstance(one.said, Unsaid) else one.said.figure) for one in cards}
    assert figures == {
        Measure.FOLLOW_UP: (4, 0.75),
        Measure.FIRST_ACTION_MEDIAN: (3, 120.0),
        Measure.FIRST_ACTION_P90: (3, 600.0),
        Measure.RECOVERED: (1, Unsaid.INSUFFICIENT),
    }
    nothing = LoopTally(value="desk", negative=1, waits={})
    assert [one.measure for one in loop_scorecards(Dimension.TEAM, [nothing], 1)] == [Measure.FOLLOW_UP]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_an_answer_that_so_many_do_not_exceed_within_its_interval(given: list[int], q: float) -> None:
    answers = {float(one): given.count(one) for one in given}
    found = quantile(answers, q)
    assert found.low <= found.figure <= found.high
    assert {found.low, found.figure, found.high} <= answers.keys()
    assert sum(one <= found.figure for one in given) >= q * len(given) - 1e-9
    assert sum(one < found.figure for one in given) < q * len(given) + 1e-9


def test_the_interval_of_a_median_of_a_hundred_is_of_the_ranks_41_and_60() -> None:
    answers = {float(one): 1 for one in range(1, 101)}
    found = quantile(answers, 0.5)
    assert (found.low, found.figure, found.high) == (41.0, 50.0, 60.0)
