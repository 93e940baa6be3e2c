"""What people do about reviews -> the documents that clients read: how far each is, what is due, which matter most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.api.shown import Shown, Utc
from service.core.describe import title
from service.core.follow_up import overdue, rank, review_state
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert, FollowUp, Step
from service.core.records.muting import Hidden
from service.core.records.words import AlertKind, Level, ReviewState, ReviewStep


class StepShown(Shown):
    """One step: `due_at` is None where it is not asked for, the rest while nobody has taken it."""

    due_at: Utc | None
    taken_at: Utc | None
    by: str | None
    text: str | None


class RankShown(Shown):
    """How much the review matters: customers x severity (0 to 1) x weeks; `formula` writes it out."""

    score: float
    customers: int
    severity: float
    weeks: int
    formula: str


class FollowUpShown(Shown):
    """`recurred` counts how often it came back after something was done; `previous` is the alert before this one."""

    state: ReviewState
    owner: StepShown
    cause: StepShown
    action: StepShown
    overdue: tuple[ReviewStep, ...]
    verified_at: Utc | None
    recurred: int
    previous: str | None
    rank: RankShown


class AttachedShown(Shown):
    """The alerts about single feedbacks that a review holds back, with their events and customers."""

    alerts: int
    events: int
    customers: int


class FollowedShown(Shown):
    """A review and what people do about it; `finding` is its evidence as in `reviews.jsonl`."""

    alert_id: str
    title: str
    team: str
    kind: AlertKind
    level: Level | None
    process: str
    category: str
    region: str | None
    revision: int
    opened_at: Utc
    review: FollowUpShown
    attached: AttachedShown
    finding: Mapping[str, Any]
    picture: str


def show_followed(alert: Alert, rules: Rules, now: datetime, attached: Hidden) -> FollowedShown:
    """Show a review; what was opened before there were follow-ups is shown as open, without due dates."""
    told, ranked = alert.follow_up or FollowUp(), rank(alert)
    return FollowedShown(
        alert_id=alert.alert_id,
        title=title(alert, rules.labels, rules.processes),
        team=alert.team,
        kind=alert.kind,
        level=alert.level,
        process=alert.process,
        category=alert.category,
        region=alert.region,
        revision=alert.revision,
        opened_at=alert.opened_at,
        review=FollowUpShown(
            state=review_state(alert),
            owner=_step(told.owner),
            cause=_step(told.cause),
            action=_step(told.action),
            overdue=overdue(alert, now),
            verified_at=told.verified_at,
            recurred=told.recurred,
            previous=told.previous,
            rank=RankShown(
                score=ranked.score,
                customers=ranked.customers,
                severity=round(ranked.severity, 4),
                weeks=ranked.weeks,
                formula=ranked.formula,
            ),
        ),
        attached=AttachedShown(alerts=attached.alerts, events=attached.events, customers=attached.customers),
        finding=alert.evidence,
        picture=f"/v1/alerts/{alert.alert_id}/picture",
    )


def _step(step: Step) -> StepShown:
    return StepShown(due_at=step.due_at, taken_at=step.taken_at, by=step.by, text=step.text)


def by_rank(alerts: Sequence[Alert]) -> list[Alert]:
    """The reviews that matter most first; of equal ones the one that was opened first."""
    return sorted(alerts, key=lambda one: (-rank(one).score, one.opened_at, one.alert_id))
