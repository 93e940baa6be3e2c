from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.follow_up import (
    Rank,
    begun,
    business_days_after,
    overdue,
    raised,
    rank,
    reopened,
    review_state,
    taken,
)
from service.core.playbook.volume import Reviews
from service.core.records.alerts import Alert, FollowUp, Step
from service.core.records.words import AlertKind, AlertState, Level, ReviewState, ReviewStep

MONDAY = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW
REVIEWS = Reviews()


def day(of_may: int) -> datetime:
    """The first instant of a day."""
    return datetime(2026, 5, of_may, tzinfo=UTC)


def review(follow_up: FollowUp | None, **changes: Any) -> Alert:  # noqa: ANN401 - any field of Alert
    given: dict[str, Any] = {
        "alert_id": "a-1",
        "alert_key": "key",
        "episode": 1,
        "kind": AlertKind.VOLUME,
        "team": "drivers",
        "route": "volume",
        "process": "shipping",
        "category": "delivery",
        "opened_at": MONDAY,
        "first_seen": MONDAY,
        "last_seen": MONDAY,
        "customers": 12,
        "severities": (0, 0, 0, 1, 0),
    }
    return Alert(**given | changes, follow_up=follow_up)


def acted_on(follow_up: FollowUp) -> FollowUp:
    return taken(follow_up, ReviewStep.ACTION, MONDAY + DAY, "ana", "Another carrier.")


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [
        pytest.param(MONDAY, 0, day(5), id="the same day ends at midnight"),
        pytest.param(MONDAY, 2, day(7), id="two days after a Monday"),
        pytest.param(MONDAY, 4, day(9), id="up to a Friday"),
        pytest.param(MONDAY, 5, day(12), id="over a weekend"),
        pytest.param(MONDAY + 5 * DAY, 1, day(12), id="from a Saturday"),
        pytest.param(MONDAY + 6 * DAY, 0, day(11), id="a Sunday itself"),
        pytest.param(datetime.fromisoformat("2026-05-04T23:30:00-04:00"), 1, day(7), id="days are those of UTC"),
    ],
)
def test_business_days_are_counted_from_monday_to_friday(at: datetime, days: int, due: datetime) -> None:
    assert business_days_after(at, days) == due


@given(st.timedeltas(timedelta(), 2000 * DAY), st.integers(1, 60))
def test_the_day_that_ends_when_a_step_is_due_is_a_business_day_and_one_more_is_later(
    after: timedelta, days: int
) -> None:
    at = MONDAY + after
    due = business_days_after(at, days)
    assert (due - DAY).weekday() < 5
    assert business_days_after(at, days - 1) < due


def test_a_formal_review_asks_for_an_owner_a_cause_and_an_action_and_a_local_one_for_no_cause() -> None:
    assert begun(FORMAL, MONDAY, REVIEWS) == FollowUp(
        owner=Step(due_at=day(7)), cause=Step(due_at=day(26)), action=Step(due_at=datetime(2026, 6, 16, tzinfo=UTC))
    )
    assert begun(LOCAL, MONDAY, REVIEWS) == FollowUp(owner=Step(due_at=day(7)), action=Step(due_at=day(19)))


def test_a_playbook_may_ask_sooner_or_not_at_all() -> None:
    asked = Reviews.model_validate({"local": {"owner": None, "action": 1}, "formal": {"owner": 0}})
    assert begun(LOCAL, MONDAY, asked) == FollowUp(action=Step(due_at=day(6)))
    assert begun(FORMAL, MONDAY, asked) == replace(begun(FORMAL, MONDAY, REVIEWS), owner=Step(due_at=day(5)))


def test_a_review_goes_from_open_to_owned_to_cause_found_to_acted_on_to_verified() -> None:
    told = begun(FORMAL, MONDAY, REVIEWS)
    states = [review_state(review(told))]
    for step in (ReviewStep.OWNER, ReviewStep.CAUSE):
        told = taken(told, step, MONDAY, "ana", "The carrier moved its depot.")
        states.append(review_state(review(told)))
    told = acted_on(told)
    closed = {"state": AlertState.RESOLVED, "resolved_at": MONDAY}
    states += [
        review_state(review(told, **closed)),
        review_state(review(replace(told, verified_at=MONDAY), **closed)),
        review_state(review(replace(told, unverified=True), **closed)),
    ]
    assert states == [
        ReviewState.OPEN,
        ReviewState.OWNED,
        ReviewState.CAUSE_FOUND,
        ReviewState.ACTED_ON,
        ReviewState.VERIFIED,
        ReviewState.UNVERIFIED,
    ]
    assert told.cause == Step(due_at=day(26), taken_at=MONDAY, by="ana", text="The carrier moved its depot.")


def test_a_review_that_ended_before_anybody_did_anything_has_passed() -> None:
    told = taken(begun(LOCAL, MONDAY, REVIEWS), ReviewStep.OWNER, MONDAY, "ana")
    assert review_state(review(told, state=AlertState.RESOLVED)) is ReviewState.PASSED


def test_steps_are_overdue_from_their_due_time_on_until_they_are_taken_or_the_review_is_over() -> None:
    alert = review(begun(FORMAL, MONDAY, REVIEWS))
    assert overdue(alert, day(7) - timedelta(seconds=1)) == ()
    assert overdue(alert, day(7)) == (ReviewStep.OWNER,)
    assert overdue(alert, day(26)) == (ReviewStep.OWNER, ReviewStep.CAUSE)
    assert alert.follow_up is not None
    owned = replace(alert, follow_up=taken(alert.follow_up, ReviewStep.OWNER, day(8), "ana"))
    assert overdue(owned, day(8)) == ()
    assert overdue(replace(alert, state=AlertState.RESOLVED), day(26)) == ()
    assert overdue(review(None), day(26)) == ()


def test_a_local_adjustment_that_becomes_formal_keeps_its_owner_and_gets_the_dates_of_a_formal_review() -> None:
    owned = taken(begun(LOCAL, MONDAY, REVIEWS), ReviewStep.OWNER, MONDAY, "ana")
    later = raised(owned, MONDAY + 7 * DAY, REVIEWS)
    assert later.owner == Step(due_at=day(14), taken_at=MONDAY, by="ana")
    assert (later.cause, later.action) == (
        begun(FORMAL, MONDAY + 7 * DAY, REVIEWS).cause,
        begun(FORMAL, MONDAY + 7 * DAY, REVIEWS).action,
    )


def test_what_comes_back_after_an_action_is_done_anew_by_the_same_owner_and_counts_as_recurred() -> None:
    owned = acted_on(taken(begun(LOCAL, MONDAY, REVIEWS), ReviewStep.OWNER, MONDAY, "ana"))
    again = reopened(review(owned), FORMAL, day(18), REVIEWS)
    fresh = begun(FORMAL, day(18), REVIEWS)
    assert again == replace(fresh, owner=replace(fresh.owner, taken_at=MONDAY, by="ana"), recurred=1)


def test_what_comes_back_by_itself_has_not_recurred() -> None:
    assert reopened(review(begun(LOCAL, MONDAY, REVIEWS)), LOCAL, day(18), REVIEWS).recurred == 0


def test_what_comes_back_too_late_to_be_reopened_names_the_review_that_did_not_help() -> None:
    before = review(replace(acted_on(begun(LOCAL, MONDAY, REVIEWS)), recurred=1), alert_id="a-0")
    told = begun(FORMAL, day(25), REVIEWS, before)
    assert (told.recurred, told.previous) == (2, "a-0")
    assert begun(FORMAL, day(25), REVIEWS, review(begun(LOCAL, MONDAY, REVIEWS))).previous is None


def test_the_rank_is_customers_times_severity_times_weeks_and_says_so() -> None:
    alert = review(None, last_seen=MONDAY + 20 * DAY, evidence={"severity": 0.4567})
    assert rank(alert) == Rank(score=16.44, customers=12, severity=0.4567, weeks=3)
    assert rank(alert).formula == "12 customers x severity 0.46 x 3 weeks = 16.4"


def test_without_scores_the_severity_of_the_alert_stands_in_and_a_short_review_lasts_a_week() -> None:
    assert rank(review(None)) == Rank(score=7.2, customers=12, severity=0.6, weeks=1)
    assert rank(review(None)).formula == "12 customers x severity 0.60 x 1 week = 7.2"
