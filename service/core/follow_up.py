"""A review and what people do about it -> its state, what is overdue, and its place among the others.

A formal review is the outer loop of customer feedback: somebody owns it, finds the cause and changes something, each in
due time; then the weeks after it must show that it has helped. Refuses nothing: what is missing is a state of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never

from msgspec.structs import replace

from service.core.playbook.volume import Reviews, Steps
from service.core.records.alerts import Alert, FollowUp, Step
from service.core.records.words import AlertState, Level, ReviewState, ReviewStep, Severity

_DAY = timedelta(days=1)
_SATURDAY = 5
_WEEK_DAYS = 7
# The least score of each severity, over 100: stands in where no score of the complaints is known.
_HARM = {Severity.INFO: 0.0, Severity.LOW: 0.15, Severity.MEDIUM: 0.3, Severity.HIGH: 0.6, Severity.CRITICAL: 0.8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """How much a review matters: `score` is the product of the three, which `formula` shows."""

    score: float
    customers: int
    severity: float
    weeks: int

    @property
    def formula(self) -> str:
        """The sum for who wants to check it."""
        weeks = f"{self.weeks} week{'' if self.weeks == 1 else 's'}"
        return f"{self.customers} customers x severity {self.severity:.2f} x {weeks} = {self.score:.1f}"


def begun(level: Level, at: datetime, reviews: Reviews, before: Alert | None = None) -> FollowUp:
    """The follow-up of a review that opens at an instant; `before` is the alert that it came back from."""
    due = _due(level, at, reviews)
    fresh = FollowUp(
        owner=Step(due_at=due[ReviewStep.OWNER]),
        cause=Step(due_at=due[ReviewStep.CAUSE]),
        action=Step(due_at=due[ReviewStep.ACTION]),
    )
    told = before.follow_up if before is not None else None
    if before is None or told is None or told.action.taken_at is None:
        return fresh
    return replace(fresh, recurred=told.recurred + 1, previous=before.alert_id)


def reopened(alert: Alert, level: Level, at: datetime, reviews: Reviews) -> FollowUp:
    """The follow-up of a review that comes back in the same alert: who owned it still does, the rest is to do anew."""
    told, fresh = alert.follow_up or FollowUp(), begun(level, at, reviews)
    owner = replace(told.owner, due_at=fresh.owner.due_at)
    acted_on = told.action.taken_at is not None
    return replace(fresh, owner=owner, recurred=told.recurred + acted_on, previous=told.previous)


def raised(follow_up: FollowUp, at: datetime, reviews: Reviews) -> FollowUp:
    """The follow-up of a local adjustment that becomes a formal review: what was done stays, due dates are new."""
    due = _due(Level.FORMAL_REVIEW, at, reviews)
    for step in ReviewStep:
        follow_up = _with(follow_up, step, replace(_step(follow_up, step), due_at=due[step]))
    return follow_up


def taken(follow_up: FollowUp, step: ReviewStep, at: datetime, by: str, text: str | None = None) -> FollowUp:
    """Note that somebody took a step."""
    return _with(follow_up, step, replace(_step(follow_up, step), taken_at=at, by=by, text=text))


def review_state(alert: Alert) -> ReviewState:
    """How far people have come with a review."""
    told = alert.follow_up or FollowUp()
    if told.action.taken_at is not None:
        if told.verified_at is not None:
            return ReviewState.VERIFIED
        return ReviewState.UNVERIFIED if told.unverified else ReviewState.ACTED_ON
    if alert.state is AlertState.RESOLVED:
        return ReviewState.PASSED
    if told.cause.taken_at is not None:
        return ReviewState.CAUSE_FOUND
    return ReviewState.OPEN if told.owner.taken_at is None else ReviewState.OWNED


def overdue(alert: Alert, now: datetime) -> tuple[ReviewStep, ...]:
    """The steps of an open review that should have been taken by now."""
    told = alert.follow_up
    if told is None or alert.state is AlertState.RESOLVED:
        return ()
    steps = ((step, _step(told, step)) for step in ReviewStep)
    return tuple(step for step, one in steps if one.taken_at is None and one.due_at is not None and one.due_at <= now)


def rank(alert: Alert) -> Rank:
    """Affected customers x their mean severity, 0 to 1 x the weeks that it has lasted.

    The severity is that of what was counted in the last four weeks, else the least of the alert's own.
    """
    harm = alert.evidence.get("severity")
    severity = _HARM[alert.severity] if harm is None else float(harm)
    days = (alert.last_seen - alert.first_seen) / _DAY
    weeks = max(1, round(days / _WEEK_DAYS))
    return Rank(
        score=round(alert.customers * severity * weeks, 2), customers=alert.customers, severity=severity, weeks=weeks
    )


def business_days_after(at: datetime, days: int) -> datetime:
    """The end (UTC) of the day that many days from Monday to Friday after an instant's own."""
    day = at.astimezone(UTC).date()
    while days:
        day += _DAY
        days -= not _is_weekend(day)
    return datetime.combine(day + _DAY, time(), UTC)


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _due(level: Level, at: datetime, reviews: Reviews) -> Mapping[ReviewStep, datetime | None]:
    asked: Steps = reviews.formal if level is Level.FORMAL_REVIEW else reviews.local
    days = {ReviewStep.OWNER: asked.owner, ReviewStep.CAUSE: asked.cause, ReviewStep.ACTION: asked.action}
    return {step: None if count is None else business_days_after(at, count) for step, count in days.items()}


def _step(follow_up: FollowUp, step: ReviewStep) -> Step:
    match step:
        case ReviewStep.OWNER:
            return follow_up.owner
        case ReviewStep.CAUSE:
            return follow_up.cause
        case ReviewStep.ACTION:
            return follow_up.action
        case _:
            assert_never(step)


def _with(follow_up: FollowUp, step: ReviewStep, one: Step) -> FollowUp:
    match step:
        case ReviewStep.OWNER:
            return replace(follow_up, owner=one)
        case ReviewStep.CAUSE:
            return replace(follow_up, cause=one)
        case ReviewStep.ACTION:
            return replace(follow_up, action=one)
        case _:
            assert_never(step)
