"""Which complaints are settled by what else their customer has said, and which are not."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.outcome import is_complaint, settlements
from service.core.playbook.model import CustomerOutcome
from service.core.records.decisions import Contribution, Link, SettledBy
from service.core.records.feedback import Keys, Signals
from service.core.records.words import Change, FeedbackKind, Flag, LinkMethod, LinkReason, LinkStatus, Settlement
from tests.builders import START, SURVEYS, TICKETS, make_contribution, make_feedback

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULE, APART = CustomerOutcome(recovered_within=10 * DAY), 15 * MINUTE
GOOD, BAD, WORDS = Signals(negativity=0.3, scored=True), Signals(negativity=1.0, scored=True), Signals(sentiment=1.0)
NO_LINK = Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY, reason=LinkReason.NO_KEY)
ABOUT_I1 = Link(
    status=LinkStatus.LINKED,
    method=LinkMethod.INSTANCE_ID,
    reason=LinkReason.SOLE_CARRIER,
    instance_id="i1",
    candidates=("i1",),
)


def answer(
    name: str,
    at: timedelta,
    signals: Signals = GOOD,
    *,
    process: str = "shipping",
    link: Link | None = None,
    **changes: Any,  # noqa: ANN401 - any field of Feedback
) -> Contribution:
    feedback = make_feedback(event_id=name, subject=name, occurred_at=START + at, **changes)
    made = replace(make_contribution(feedback, signals=signals), process=process)
    return made if link is None else replace(made, link=link)


def ticket(name: str, at: timedelta, closed: timedelta | None = None, **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
    """A ticket about the instance `i1`, in which nothing is negative unless its signals say so."""
    given: dict[str, Any] = {"link": ABOUT_I1, "signals": GOOD, "kind": FeedbackKind.TICKET, "source": TICKETS}
    made = answer(name, at, **given | {"done": closed is not None} | changes)
    return made if closed is None else replace(made, done_at=START + closed)


COMPLAINT = answer("bad", 0 * DAY, BAD, link=ABOUT_I1)


def settled(*others: Contribution, complaint: Contribution = COMPLAINT, rule: CustomerOutcome = RULE) -> str | None:
    """Name what settled the complaint."""
    said = sorted([complaint, *others], key=lambda one: (one.began_at, one.key))
    found = settlements(said, [complaint], rule, APART)[complaint.key]
    return None if found is None else f"{found.how.value} by {found.event_id}"


def test_a_later_good_answer_about_the_process_settles_a_complaint() -> None:
    found = settlements([COMPLAINT, answer("good", DAY)], [COMPLAINT], RULE, APART)
    assert found == {
        COMPLAINT.key: SettledBy(
            how=Settlement.RECOVERED, source=SURVEYS, subject="good", event_id="good", at=START + DAY
        )
    }


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(answer("good", -DAY), id="an earlier one"),
        pytest.param(answer("good", 15 * MINUTE), id="one of the same contact"),
        pytest.param(answer("good", 10 * DAY + MINUTE), id="one that comes too late"),
        pytest.param(answer("good", DAY, process="returns"), id="one about another process"),
        pytest.param(answer("good", DAY, relationship=True), id="one to a survey of the other kind"),
        pytest.param(answer("good", DAY, WORDS), id="one without a score"),
        pytest.param(answer("bad again", DAY, BAD), id="a bad one"),
        pytest.param(answer("praise", DAY, kind=FeedbackKind.EMPLOYEE), id="an employee's"),
        pytest.param(ticket("rated", DAY, link=NO_LINK), id="a ticket"),
    ],
)
def test_what_does_not_settle_a_complaint(other: Contribution) -> None:
    assert settled(other) is None


def test_the_first_good_answer_is_named_and_the_last_moment_counts() -> None:
    assert settled(answer("good", DAY), answer("better", 2 * DAY)) == "recovered by good"
    assert settled(answer("good", 10 * DAY)) == "recovered by good"
    assert settled(answer("good", 15 * MINUTE + timedelta(seconds=1))) == "recovered by good"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([answer("again", DAY, BAD)], "recovered by good", id="a bad answer before it is answered as well"),
        pytest.param([answer("again", 2 * DAY - MINUTE, BAD)], None, id="but not one of the same contact"),
        pytest.param([answer("again", 3 * DAY, BAD)], None, id="nor one after it"),
        pytest.param(
            [answer("again", 3 * DAY, BAD), answer("well", 4 * DAY)], "recovered by well", id="until the next"
        ),
        pytest.param(
            [answer("again", 11 * DAY, BAD)], "recovered by good", id="what comes after the time counts no more"
        ),
        pytest.param([answer("before", -DAY, BAD)], "recovered by good", id="nor what was before"),
        pytest.param([answer("other", DAY, BAD, process="returns")], "recovered by good", id="nor another process"),
        pytest.param([answer("nps", DAY, BAD, relationship=True)], None, id="a bad one of the other kind stands"),
        pytest.param([ticket("t", DAY, signals=BAD, link=NO_LINK)], None, id="so does a ticket at work before it"),
        pytest.param([ticket("t", 3 * DAY, signals=BAD, link=NO_LINK)], None, id="or after it"),
        pytest.param(
            [ticket("t", 3 * DAY, 4 * DAY, signals=BAD, link=NO_LINK)], "recovered by good", id="until it is done"
        ),
    ],
)
def test_whatever_else_was_bad_since_must_be_done_or_answered_as_well(
    others: list[Contribution], expected: str | None
) -> None:
    assert settled(answer("good", 2 * DAY), *others) == expected


def test_where_no_process_is_known_only_relationship_answers_are_about_the_same() -> None:
    for relationship, expected in ((True, "recovered by good"), (False, None)):
        bad = answer("bad", 0 * DAY, BAD, process="unassigned", relationship=relationship)
        good = answer("good", DAY, process="unassigned", relationship=relationship)
        assert settled(good, complaint=bad) == expected


def test_the_end_of_the_tickets_about_the_case_settles_a_complaint() -> None:
    found = settlements([COMPLAINT, ticket("t1", DAY, 2 * DAY)], [COMPLAINT], RULE, APART)
    assert found == {
        COMPLAINT.key: SettledBy(
            how=Settlement.TICKETS_CLOSED, source=TICKETS, subject="t1", event_id="t1", at=START + 2 * DAY
        )
    }


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        pytest.param([ticket("t1", -DAY, DAY)], "tickets_closed by t1", id="begun before"),
        pytest.param([ticket("t1", -2 * DAY, -DAY)], None, id="over before"),
        pytest.param(
            [ticket("t1", -2 * DAY, -DAY), ticket("t2", DAY, 2 * DAY)], "tickets_closed by t2", id="one of two"
        ),
        pytest.param([ticket("t1", DAY, 3 * DAY), ticket("t2", DAY, 2 * DAY)], "tickets_closed by t1", id="the last"),
        pytest.param([ticket("t1", DAY)], None, id="at work"),
        pytest.param([ticket("t1", DAY), ticket("t2", DAY, 2 * DAY)], None, id="another at work"),
        pytest.param([ticket("t1", -11 * DAY, DAY)], None, id="begun long before"),
        pytest.param(
            [ticket("t1", 11 * DAY), ticket("t2", DAY, 2 * DAY)], "tickets_closed by t2", id="begun long after"
        ),
        pytest.param([ticket("t1", DAY, 2 * DAY, link=COMPLAINT.link, change=Change.REMARK)], None, id="a remark"),
    ],
)
def test_of_tickets_one_must_have_ended_since_and_none_be_at_work(
    tickets: list[Contribution], expected: str | None
) -> None:
    assert settled(*tickets) == expected


def test_a_ticket_that_the_answer_names_is_about_its_case() -> None:
    nowhere = Link(status=LinkStatus.UNLINKED, method=LinkMethod.NOT_FOUND, reason=LinkReason.KEY_UNKNOWN)
    bad = answer("bad", 0 * DAY, BAD, keys=Keys(ticket="T-7"))
    closed = ticket("t1", -DAY, DAY, link=nowhere, keys=Keys(ticket="T-7"))
    assert settled(closed, complaint=bad) == "tickets_closed by t1"
    assert settled(replace(closed, feedback=replace(closed.feedback, keys=Keys(ticket="T-8"))), complaint=bad) is None
    of_us = replace(bad, feedback=replace(bad.feedback, relationship=True))
    assert settled(closed, complaint=of_us) is None
    assert settled(closed, complaint=bad, rule=CustomerOutcome(tickets=False)) is None


def test_a_good_answer_is_named_before_a_ticket() -> None:
    assert settled(ticket("t1", -DAY, HOUR), answer("good", DAY)) == "recovered by good"


def test_only_bad_answers_of_people_who_are_known_are_complaints() -> None:
    assert is_complaint(COMPLAINT)
    assert not is_complaint(answer("good", DAY))
    assert not is_complaint(ticket("t1", DAY, signals=BAD))
    assert not is_complaint(answer("bad", DAY, BAD, flags=(Flag.ANONYMOUS,)))
