"""When a case is closed, what a contact is, and after which cases the customer came back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.contracts.event_type import IncomingType
from service.core.recontact import Case, cases, closed_at, closing, is_contact
from service.core.records.decisions import Contribution
from service.core.records.feedback import Signals
from service.core.records.words import Change, FeedbackKind, Flag
from tests.builders import START, TICKETS, make_contribution, make_feedback

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
GOOD, BAD = Signals(negativity=0.0, scored=True), Signals(negativity=1.0, scored=True)
TICKET, SURVEY, EMPLOYEE = FeedbackKind.TICKET, FeedbackKind.SURVEY, FeedbackKind.EMPLOYEE


def said(
    subject: str = "ticket/2",
    at: timedelta = timedelta(),
    *,
    kind: FeedbackKind = TICKET,
    signals: Signals = GOOD,
    category: str = "delivery",
    **changes: Any,  # noqa: ANN401 - any field of Feedback
) -> Contribution:
    feedback = make_feedback(source=TICKETS, subject=subject, kind=kind, occurred_at=START + at, **changes)
    return make_contribution(feedback, category, signals)


def case(subject: str = "ticket/1", at: timedelta = timedelta(), **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
    """A ticket that was closed at a time, a day after it was opened."""
    opened = said(subject, at - DAY, done=True, **changes)
    return replace(opened, done_at=START + at)


def returned(*others: Contribution, after: Contribution | None = None, days: int = 7) -> bool:
    """Whether the customer of one case came back, by what else there is."""
    state = after or case()
    (found,) = (one for one in cases([state, *others], days * DAY) if one.state.key == state.key)
    return found.returned


class TestClosing:
    def state(self, at: timedelta, held: Contribution | None = None, **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
        return closing(said("ticket/1", at, **changes), held)

    def fate(self, state: Contribution) -> tuple[timedelta | None, bool]:
        return (None if state.done_at is None else state.done_at - START, state.reopened)

    def test_a_case_is_closed_when_its_ticket_is_first_done(self) -> None:
        assert self.fate(self.state(DAY, done=True)) == (DAY, False)
        assert self.fate(self.state(DAY, self.state(0 * DAY), done=True)) == (DAY, False)
        assert self.fate(self.state(DAY)) == (None, False)

    def test_what_is_said_of_a_closed_case_does_not_close_it_again(self) -> None:
        solved = self.state(DAY, done=True)
        assert self.fate(self.state(2 * DAY, solved, done=True, status="closed")) == (DAY, False)

    def test_a_reopened_ticket_is_not_closed_until_it_is_closed_again(self) -> None:
        reopened = self.state(2 * DAY, self.state(DAY, done=True))
        assert self.fate(reopened) == (None, True)
        assert self.fate(self.state(3 * DAY, reopened, done=True)) == (3 * DAY, True)

    def test_a_tool_that_only_counts_reopenings_is_understood(self) -> None:
        solved = self.state(DAY, done=True)
        assert self.fate(self.state(3 * DAY, solved, done=True, reopen_count=1)) == (3 * DAY, True)
        assert self.fate(self.state(DAY, done=True, reopen_count=2)) == (DAY, True)

    def test_an_event_of_reopening_interrupts_whatever_status_it_names(self) -> None:
        again = {"event_type": IncomingType.TICKET_REOPENED.value, "done": True}
        assert self.fate(self.state(3 * DAY, self.state(DAY, done=True), **again)) == (3 * DAY, True)

    def test_when_an_older_release_saw_a_case_closed_stays_unknown(self) -> None:
        unknown = said("ticket/1", DAY, done=True)
        assert self.fate(self.state(2 * DAY, unknown, done=True)) == (None, False)

    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=12))
    def test_closed_is_what_is_done_and_reopened_is_for_good(self, told: list[tuple[bool, int]]) -> None:
        held: Contribution | None = None
        count = 0
        for day, (done, more) in enumerate(told):
            count += more
            state = self.state(day * DAY, held, done=done, reopen_count=count)
            assert (state.done_at is not None) == done
            assert state.reopened or held is None or not held.reopened
            if done and held is not None and held.feedback.done and not more:
                assert state.done_at == held.done_at
            elif done:
                assert state.done_at == state.feedback.occurred_at
            held = state


class TestContact:
    @pytest.mark.parametrize(
        ("one", "is_one"),
        [
            pytest.param(said(), True, id="a ticket"),
            pytest.param(said(kind=SURVEY, signals=BAD), True, id="a bad answer"),
            pytest.param(said(kind=SURVEY), False, id="a good answer"),
            pytest.param(said(change=Change.REMARK, signals=BAD), True, id="a bad remark"),
            pytest.param(said(change=Change.REMARK), False, id="a remark that is not negative"),
            pytest.param(said(flags=(Flag.ANONYMOUS,)), False, id="a ticket of nobody known"),
            pytest.param(said(kind=SURVEY, signals=BAD, flags=(Flag.ANONYMOUS,)), False, id="a bad answer of nobody"),
            pytest.param(said(kind=EMPLOYEE, signals=BAD), False, id="an employee"),
        ],
    )
    def test_what_counts_as_turning_to_us(self, one: Contribution, is_one: bool) -> None:  # noqa: FBT001 - an expected value
        assert is_contact(one) is is_one

    def test_only_a_done_ticket_of_somebody_known_is_a_closed_case(self) -> None:
        assert closed_at(case()) == START
        assert closed_at(said()) is None
        assert closed_at(case(flags=(Flag.ANONYMOUS,))) is None


class TestComingBack:
    @pytest.mark.parametrize(
        ("again", "comes_back"),
        [
            pytest.param(said(at=3 * DAY), True, id="another ticket"),
            pytest.param(said(at=3 * DAY, kind=SURVEY, signals=BAD, channel="sms"), True, id="a bad answer elsewhere"),
            pytest.param(said(at=3 * DAY, kind=SURVEY), False, id="a good answer"),
            pytest.param(said(at=3 * DAY, change=Change.REMARK, signals=BAD), True, id="a remark on another ticket"),
            pytest.param(
                said("ticket/1", 3 * DAY, change=Change.REMARK, signals=BAD), False, id="a remark on the same ticket"
            ),
            pytest.param(said(at=3 * DAY, customer="k1:ben"), False, id="another customer"),
            pytest.param(said(at=3 * DAY, category="refund"), False, id="another category"),
            pytest.param(said(at=-MINUTE), False, id="a ticket that was there before"),
            pytest.param(said(), False, id="at the same instant"),
            pytest.param(said(at=MINUTE), True, id="a minute later"),
            pytest.param(said(at=WEEK - MINUTE), True, id="in the last minute"),
            pytest.param(said(at=WEEK), False, id="a week later"),
        ],
    )
    def test_what_is_coming_back(self, again: Contribution, comes_back: bool) -> None:  # noqa: FBT001 - an expected value
        assert returned(again) is comes_back

    def test_how_long_a_customer_may_take_is_the_playbooks(self) -> None:
        assert returned(said(at=9 * DAY), days=10) is True
        assert returned(said(at=9 * DAY), days=9) is False

    def test_a_reopened_ticket_was_not_solved_at_the_first_contact(self) -> None:
        assert returned(after=replace(case(), reopened=True)) is True

    def test_a_ticket_of_another_source_with_the_same_name_is_another(self) -> None:
        other = said("ticket/1", DAY)
        elsewhere = replace(other, key=replace(other.key, source="/elsewhere"))
        assert returned(elsewhere) is True

    def test_a_case_that_is_closed_after_another_came_back_with_it_is_one_of_its_own(self) -> None:
        first, second = case("ticket/1"), case("ticket/2", 3 * DAY)
        assert list(cases([first, second], WEEK)) == [
            Case(state=first, closed_at=START, returned=True),
            Case(state=second, closed_at=START + 3 * DAY, returned=False),
        ]


contributions = st.lists(
    st.builds(
        lambda number, hours, lasts, bad, remark, who: (number, hours, lasts, bad, remark, who),
        st.integers(0, 6),
        st.integers(0, 20 * 24),
        st.none() | st.integers(0, 10 * 24),
        st.booleans(),
        st.booleans(),
        st.sampled_from(("k1:anna", "k1:ben")),
    ),
    max_size=14,
)


@given(contributions, st.integers(1, 30), st.randoms(use_true_random=False))
def test_it_is_the_same_in_any_order_and_as_one_would_say_it(
    drawn: Sequence[tuple[int, int, int | None, bool, bool, str]], days: int, dice: Random
) -> None:
    known: dict[object, Contribution] = {}
    for place, (number, hours, lasts, bad, remark, who) in enumerate(drawn):
        one = said(
            f"ticket/{number}",
            timedelta(hours=hours),
            signals=BAD if bad else GOOD,
            change=Change.REMARK if remark else Change.STATE,
            event_id=f"e{place}",
            customer=who,
            done=lasts is not None,
        )
        if lasts is not None and not remark:
            one = replace(one, done_at=one.began_at + timedelta(hours=lasts))
        known[one.key] = one
    some = list(known.values())
    found = {one.state.key: one.returned for one in cases(some, days * DAY)}
    dice.shuffle(some)
    assert {one.state.key: one.returned for one in cases(some, days * DAY)} == found
    assert found == {
        one.key: any(
            other.key.subject != one.key.subject
            and other.feedback.customer == one.feedback.customer
            and (not other.key.part or other.assessed.negative)
            and timedelta() < other.began_at - one.done_at < days * DAY
            for other in some
        )
        for one in some
        if isinstance(one.done_at, datetime)
    }
