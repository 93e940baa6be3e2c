from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.records.decisions import Contribution
from service.core.records.words import FeedbackKind
from service.core.scorecard.counting import Dimension, Sample, Tallied, Tally, count
from service.core.scorecard.period import EVER, Period
from tests.builders import START, make_categorised, make_contribution, make_feedback, make_metric, make_target

HOUR = timedelta(hours=1)
GOOD, BAD = make_metric("nps", 9, 0, 10), make_metric("nps", 0, 0, 10)


def answer(*metrics: Any, **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
    return make_contribution(make_feedback(metrics=metrics or (GOOD,), **changes))


def test_equal_scores_are_one_tally() -> None:
    answers = [answer(), answer(), answer(BAD)]
    assert count(answers, Sample(by=Dimension.ALL, period=EVER)) == Tallied(
        tallies=[Tally(value=None, score=GOOD, count=2), Tally(value=None, score=BAD, count=1)]
    )


def test_scores_on_different_scales_are_different() -> None:
    answers = [answer(make_metric("csat", 3, 1, 5)), answer(make_metric("csat", 3, 1, 3))]
    assert [one.count for one in count(answers, Sample(by=Dimension.ALL, period=EVER)).tallies] == [1, 1]


def test_an_answer_without_a_score_and_what_employees_say_are_no_tallies() -> None:
    silent = make_contribution(make_feedback())
    assert count([silent, answer(kind=FeedbackKind.EMPLOYEE)], Sample(by=Dimension.ALL, period=EVER)) == Tallied(
        tallies=[]
    )


def test_a_period_is_of_when_a_subject_began_and_not_of_what_corrected_it() -> None:
    corrected = replace(answer(occurred_at=START + HOUR), began_at=START)
    sample = Sample(by=Dimension.ALL, period=Period(since=START, until=START + HOUR))
    later = Sample(by=Dimension.ALL, period=Period(since=START + HOUR, until=START + 2 * HOUR))
    assert [len(count([corrected], one).tallies) for one in (sample, later)] == [1, 0]


@pytest.mark.parametrize(
    "by", [one for one in Dimension if one not in (Dimension.ALL, Dimension.TEAM, Dimension.CATEGORY)]
)
def test_a_dimension_is_a_field_of_the_feedback(by: Dimension) -> None:
    named = answer(**{by.value: "x"}) if by is not Dimension.PROCESS else replace(answer(), process="x")
    (tally,) = count([named], Sample(by=by, period=EVER)).tallies
    assert tally == Tally(value="x", score=GOOD, count=1)


def test_a_category_is_the_primary_one() -> None:
    several = replace(make_contribution(make_feedback(metrics=(GOOD,))), categorised=make_categorised("refund"))
    (tally,) = count([several], Sample(by=Dimension.CATEGORY, period=EVER)).tallies
    assert tally.value == "refund"


def test_a_team_is_the_one_that_owns_the_answer_and_none_that_has_a_copy() -> None:
    targets = [make_target(team="drivers"), make_target(team="legal", copy=True)]
    owned = make_contribution(make_feedback(metrics=(GOOD,)), targets=targets)
    (tally,) = count([owned], Sample(by=Dimension.TEAM, period=EVER)).tallies
    assert tally.value == "drivers"


def test_values_with_more_scores_come_first_and_the_rest_is_counted() -> None:
    names = ["b", "b", None, None, "a", "a", "c", "c", "c", "d"]
    answers = [answer(segment=name) for name in names]
    whole = count(answers, Sample(by=Dimension.SEGMENT, period=EVER))
    assert [one.value for one in whole.tallies] == ["c", "a", "b", None, "d"]
    rooms: tuple[dict[str, Any], ...] = ({"values": 3}, {"tallies": 3})
    for room in rooms:
        kept = count(answers, Sample(by=Dimension.SEGMENT, period=EVER, **room))
        assert ([one.value for one in kept.tallies], kept.left_off) == (["c", "a", "b"], 2)


def test_no_value_is_counted_in_part_or_after_one_that_had_no_room() -> None:
    answers = [answer(GOOD, BAD, segment="a"), answer(segment="b")]
    kept = count(answers, Sample(by=Dimension.SEGMENT, period=EVER, tallies=1))
    assert kept == Tallied(tallies=[], left_off=2)
