from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.intervals import share
from service.core.records.decisions import Contribution
from service.core.records.words import FeedbackKind
from service.core.scorecard import (
    EVER,
    CasesTallied,
    CaseTally,
    Cohort,
    Dimension,
    Estimate,
    Measure,
    Period,
    Scorecard,
    Tally,
    Unsaid,
    count_cases,
    heard_until,
    scorecard_line,
    scorecards,
)
from tests.builders import START, make_contribution, make_feedback, make_metric

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTH_ON = START + 30 * DAY


def case(number: int, at: timedelta = timedelta(), *, reopened: bool = False, **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
    """A ticket of a customer of its own that was closed at a time; it was reopened before, or was not."""
    given = {"subject": f"ticket/{number}", "customer": f"k1:{number}", "kind": FeedbackKind.TICKET, "done": True}
    opened = make_contribution(make_feedback(**(given | changes), occurred_at=START + at - HOUR))
    return replace(opened, done_at=START + at, reopened=reopened)


def tallies(
    cases: Sequence[Contribution],
    by: Dimension = Dimension.ALL,
    known_until: datetime = MONTH_ON,
    **more: Any,  # noqa: ANN401 - fields of Cohort
) -> CasesTallied:
    usual: dict[str, Any] = {"period": EVER, "days": 7}
    return count_cases(cases, Cohort(by=by, known_until=known_until, **(usual | more)))


def tally(value: str | None, closed: int, returned: int, censored: int = 0) -> CaseTally:
    return CaseTally(value=value, closed=closed, returned=returned, censored=censored)


def test_cases_are_counted_with_those_whose_customer_came_back() -> None:
    cases = [case(1), case(2, reopened=True), case(3), case(4, 2 * DAY, customer="k1:3")]
    assert tallies(cases) == CasesTallied(tallies=[tally(None, 4, 2)])


def test_of_a_case_that_was_closed_less_than_the_window_before_the_end_it_is_too_early_to_tell() -> None:
    cases = [case(1), case(2, HOUR), case(3, HOUR, reopened=True)]
    assert tallies(cases, known_until=START + 7 * DAY).tallies == [tally(None, 1, 0, censored=2)]
    assert tallies(cases, known_until=START + 7 * DAY - HOUR).tallies == [tally(None, 0, 0, censored=3)]
    assert tallies(cases, known_until=START + 7 * DAY - HOUR, days=6).tallies == [tally(None, 3, 1)]


def test_the_end_of_the_period_is_an_end_as_well() -> None:
    upto = Period(since=START, until=START + 7 * DAY)
    assert tallies([case(1), case(2, HOUR)], period=upto).tallies == [tally(None, 1, 0, censored=1)]


def test_a_period_is_of_when_a_case_was_closed_and_not_of_when_it_began() -> None:
    period = Period(since=START, until=START + 20 * DAY)
    assert tallies([case(1), case(2, -HOUR), case(3, 20 * DAY)], period=period).tallies == [tally(None, 1, 0)]


def test_a_contact_after_the_period_is_one_while_it_is_within_the_window() -> None:
    period = Period(since=START, until=START + 7 * DAY)
    again = make_contribution(make_feedback(subject="response/9", customer="k1:1", occurred_at=START + 8 * DAY))
    assert tallies([case(1), again], period=period, days=9).tallies == [tally(None, 0, 0, censored=1)]
    assert tallies([case(1), again], period=period).tallies == [tally(None, 1, 0)]


@pytest.mark.parametrize(
    ("by", "value"),
    [
        (Dimension.ALL, None),
        (Dimension.SEGMENT, "retail"),
        (Dimension.CHANNEL, "email"),
        (Dimension.REGION, "uk"),
        (Dimension.TEAM, "desk"),
        (Dimension.PROCESS, "shipping"),
        (Dimension.CATEGORY, "delivery"),
        (Dimension.TOUCHPOINT, "checkout"),
        (Dimension.SURVEY, None),
    ],
)
def test_cases_are_told_apart_by_what_their_ticket_says(by: Dimension, value: str | None) -> None:
    told = case(1, segment="retail", channel="email", region="uk", touchpoint="checkout")
    assert tallies([told], by).tallies == [tally(value, 1, 0)]


def test_values_with_more_cases_come_first_and_the_rest_is_counted() -> None:
    names = ["b", "b", None, None, "a", "a", "c", "c", "c", "d"]
    cases = [case(number, segment=name) for number, name in enumerate(names)]
    assert [one.value for one in tallies(cases, Dimension.SEGMENT).tallies] == ["c", "a", "b", None, "d"]
    kept = tallies(cases, Dimension.SEGMENT, values=3)
    assert ([one.value for one in kept.tallies], kept.left_off) == (["c", "a", "b"], 2)


def test_the_last_instant_is_that_of_a_beginning_or_of_an_end() -> None:
    assert heard_until([]) is None
    assert heard_until([case(1), case(2, 3 * DAY)]) == START + 3 * DAY
    assert heard_until([case(1), make_contribution(make_feedback(occurred_at=START + DAY))]) == START + DAY


def card(n: int, said: Estimate | Unsaid, censored: int = 0, value: str | None = None) -> Scorecard:
    return Scorecard(by=Dimension.SEGMENT, value=value, measure=Measure.FCR, n=n, said=said, censored=censored)


def test_first_contact_resolution_is_the_share_that_did_not_come_back() -> None:
    assert scorecards(Dimension.SEGMENT, (), 30, [tally(None, 40, 8, 3)]) == (card(40, share(32, 40), 3),)
    assert scorecards(Dimension.SEGMENT, (), 30, [tally(None, 29, 8, 3)]) == (card(29, Unsaid.INSUFFICIENT, 3),)
    assert scorecards(Dimension.SEGMENT, (), 30, [tally(None, 0, 0, 9)]) == (card(0, Unsaid.INSUFFICIENT, 9),)


def test_it_is_told_with_how_sure_it_is_and_how_many_were_left_out() -> None:
    assert [scorecard_line(one) for one in scorecards(Dimension.SEGMENT, (), 30, [tally("a", 41, 9, 5)])] == [
        {
            "by": "segment",
            "value": "a",
            "metric": "fcr",
            "n": 41,
            "censored": 5,
            "figure": 0.780488,
            "standard_error": None,
            "low": 0.63295,
            "high": 0.879968,
        }
    ]


def test_cases_stand_beside_the_answers_of_their_value() -> None:
    answers = [Tally(value=value, score=make_metric("nps", 9, 0, 10), count=30) for value in ("b", None)]
    found = scorecards(Dimension.SEGMENT, answers, 30, [tally("a", 30, 0), tally("b", 30, 0)])
    assert [(one.value, one.measure) for one in found] == [
        ("a", Measure.FCR),
        ("b", Measure.NPS),
        ("b", Measure.FCR),
        (None, Measure.NPS),
    ]
