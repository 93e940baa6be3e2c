"""When figures and feedback of a process contradict each other, when they do not, and when nobody can say."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.contradict import Compared, Flow, compare, in_words
from service.core.intervals import share
from service.core.playbook.model import Contradictions
from service.core.records.words import Contradiction, FeedbackReason, Light, SlaReason

LIMITS = Contradictions(arbiter="judges")
GREEN, RED, UNDECIDED = Light
TWO_DAYS = timedelta(hours=48)


def compared(
    inside: int,
    completed: int,
    *,
    reviews: int = 0,
    reviewed: bool = False,
    **known: Any,  # noqa: ANN401 - fields of a Flow
) -> Compared:
    flow = Flow(completed=completed, inside=inside, **{"feedback": 214, **known})
    return compare(flow, reviews, LIMITS, reviewed=reviewed)


def test_both_sides_are_told_with_what_they_rest_on() -> None:
    assert compared(402, 412, reviews=2) == Compared(
        flow=Flow(completed=412, inside=402, feedback=214),
        reviews=2,
        within=share(402, 412),
        sla=GREEN,
        sla_reason=SlaReason.KEPT,
        feedback=RED,
        feedback_reason=FeedbackReason.REVIEW_OPEN,
        contradiction=Contradiction.KEPT_BUT_COMPLAINTS,
    )


@pytest.mark.parametrize(
    ("inside", "completed", "light", "reason"),
    [
        pytest.param(400, 400, GREEN, SlaReason.KEPT, id="all of many"),
        pytest.param(73, 73, GREEN, SlaReason.KEPT, id="all of just enough"),
        pytest.param(72, 72, UNDECIDED, SlaReason.TOO_CLOSE, id="all of one fewer"),
        pytest.param(380, 400, UNDECIDED, SlaReason.TOO_CLOSE, id="the very goal"),
        pytest.param(370, 400, RED, SlaReason.MISSED, id="clearly below"),
        pytest.param(26, 30, RED, SlaReason.MISSED, id="below, of few"),
        pytest.param(27, 30, UNDECIDED, SlaReason.TOO_CLOSE, id="below, within chance"),
        pytest.param(0, 29, UNDECIDED, SlaReason.FEW_COMPLETED, id="none of too few"),
        pytest.param(0, 30, RED, SlaReason.MISSED, id="none of enough"),
        pytest.param(0, 0, UNDECIDED, SlaReason.FEW_COMPLETED, id="nothing at all"),
    ],
)
def test_times_are_green_or_red_where_a_whole_interval_is_on_one_side(
    inside: int, completed: int, light: Light, reason: SlaReason
) -> None:
    found = compared(inside, completed)
    assert (found.sla, found.sla_reason) == (light, reason)


@pytest.mark.parametrize(
    ("known", "light", "reason"),
    [
        pytest.param({"reviews": 1}, RED, FeedbackReason.REVIEW_OPEN, id="a review is open"),
        pytest.param({"reviews": 1, "feedback": 3}, RED, FeedbackReason.REVIEW_OPEN, id="one of little feedback"),
        pytest.param({}, GREEN, FeedbackReason.NOTHING_CALLED_FOR, id="much was heard that called for nothing"),
        pytest.param({"feedback": 30}, GREEN, FeedbackReason.NOTHING_CALLED_FOR, id="and just enough"),
        pytest.param({"feedback": 29}, UNDECIDED, FeedbackReason.FEW_FEEDBACKS, id="too little was heard"),
        pytest.param({"reviewed": True}, UNDECIDED, FeedbackReason.REVIEW_LATELY, id="one was closed at this tick"),
    ],
)
def test_feedback_is_red_where_a_review_is_open_and_green_where_none_was(
    known: dict[str, Any], light: Light, reason: FeedbackReason
) -> None:
    found = compared(100, 100, **known)
    assert (found.feedback, found.feedback_reason) == (light, reason)


def test_a_review_that_was_closed_at_an_earlier_tick_leaves_it_undecided_too() -> None:
    found = compare(Flow(completed=9, inside=9, feedback=99, reviewed=True), 0, LIMITS, reviewed=False)
    assert (found.feedback, found.feedback_reason) == (UNDECIDED, FeedbackReason.REVIEW_LATELY)


def test_only_green_against_red_contradicts() -> None:
    times = {GREEN: (400, 400), RED: (300, 400), UNDECIDED: (380, 400)}
    heard: dict[Light, dict[str, Any]] = {GREEN: {}, RED: {"reviews": 1}, UNDECIDED: {"feedback": 3}}
    found = {
        (sla, feedback): compared(*times[sla], **heard[feedback]).contradiction for sla in times for feedback in heard
    }
    assert {pair: one for pair, one in found.items() if one is not None} == {
        (GREEN, RED): Contradiction.KEPT_BUT_COMPLAINTS,
        (RED, GREEN): Contradiction.MISSED_BUT_QUIET,
    }


@given(st.integers(0, 500), st.integers(0, 500))
def test_one_more_inside_never_makes_times_look_worse(inside: int, late: int) -> None:
    order = [RED, UNDECIDED, GREEN]
    before, after = compared(inside, inside + late), compared(inside + 1, inside + late + 1)
    if before.sla_reason is not SlaReason.FEW_COMPLETED:
        assert order.index(after.sla) >= order.index(before.sla)


@pytest.mark.parametrize(
    ("found", "sla", "words"),
    [
        pytest.param(
            compared(402, 412, reviews=2),
            TWO_DAYS,
            "97 % of 412 completed instances were inside 48 hours, while 2 reviews of its feedback are open.",
            id="kept",
        ),
        pytest.param(
            compared(399, 400, reviews=1),
            timedelta(minutes=90),
            "99 % of 400 completed instances were inside 90 minutes, while 1 review of its feedback is open.",
            id="kept by nearly all",
        ),
        pytest.param(
            compared(277, 388),
            timedelta(days=7),
            "Only 71 % of 388 completed instances were inside 7 days, while 214 feedbacks called for nothing: "
            "what is measured may not be what customers feel.",
            id="missed",
        ),
        pytest.param(
            compared(0, 40),
            timedelta(seconds=45),
            "Only 0 % of 40 completed instances were inside 45 seconds, while 214 feedbacks called for nothing: "
            "what is measured may not be what customers feel.",
            id="never kept",
        ),
    ],
)
def test_a_contradiction_in_words(found: Compared, sla: timedelta, words: str) -> None:
    assert in_words(found, sla) == words


def test_a_goal_of_its_own_is_what_counts() -> None:
    half = replace(compared(60, 100), reviews=0)
    assert half.sla is RED
    assert compare(half.flow, 0, Contradictions(arbiter="judges", inside=0.5), reviewed=False).sla is GREEN
