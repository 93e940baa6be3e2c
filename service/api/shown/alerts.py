"""Alerts, members and notices -> what is shown of them."""

from collections.abc import Mapping
from typing import Any

from service.api.shown.answer import Shown, Utc
from service.api.shown.handled import (
    AssignedShown,
    ClaimShown,
    DispositionShown,
    DisputedShown,
    HeldBackShown,
    HeldShown,
    SnoozeShown,
    show_assigned,
    show_claim,
    show_disposition,
    show_disputed,
    show_held,
    show_snooze,
)
from service.core.contracts.notice import Sla
from service.core.describe import held_back, title
from service.core.pipeline.rules import Rules
from service.core.publish import sla
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.facts import FeedbackRow
from service.core.records.words import (
    AlertKind,
    AlertState,
    Flag,
    Level,
    NoticeReason,
    Settlement,
    Severity,
    Wait,
)


class CountsShown(Shown):
    """One customer who wrote twelve times is twelve events and one customer."""

    events: int
    customers: int
    instances: int
    unfinished: int
    by_severity: Mapping[Severity, int]


class ExcerptShown(Shown):
    """A redacted piece of what a customer wrote."""

    event_id: str
    text: str


class AckShown(Shown):
    """Who has the alert in hand, and until when that stops its repeats."""

    by: str | None
    until: Utc


class AlertLinks(Shown):
    """`review` is where a review is followed up; None for other alerts."""

    self: str
    events: str
    notices: str
    timeline: str
    explain: str
    review: str | None


class AlertShown(Shown):
    """`revision` is that of the last notice; acts must name it. `due_at` is when the alert is looked at next.

    `claim` and `snooze` are there for as long as the alert keeps them: past `until` neither holds any more.
    `merged_into` is the alert of another team that has all that this one held.
    `held` is there while something keeps its news back; `attached_to` is the alert of the review that does.
    """

    alert_id: str
    title: str
    team: str
    route: str
    kind: AlertKind
    level: Level | None
    state: AlertState
    severity: Severity
    category: str
    process: str
    region: str | None
    revision: int
    episode: int
    copy_of_another_team: bool
    counts: CountsShown
    excerpts: tuple[ExcerptShown, ...]
    linked_instances: tuple[str, ...]
    flags: tuple[Flag, ...]
    opened_at: Utc
    first_seen: Utc
    last_seen: Utc
    resolved_at: Utc | None
    announced_at: Utc | None
    due_at: Utc | None
    ack: AckShown | None
    claim: ClaimShown | None
    snooze: SnoozeShown | None
    disposition: DispositionShown | None
    assigned: AssignedShown | None
    disputed: DisputedShown | None
    sla: Sla
    merged_into: str | None
    held: HeldShown | None
    attached_to: str | None
    evidence: Mapping[str, Any]
    links: AlertLinks


class SettledShown(Shown):
    """What in its customer's later words or tickets settled a complaint, and when that was."""

    how: Settlement
    source: str
    subject: str
    event_id: str
    at: Utc


class MemberShown(Shown):
    """What one response or ticket, or one remark of it, puts into an alert. `decision` outlives its text's days.

    `settled_by` is None where its own source says that it is done, as where it is not.
    """

    source: str
    subject: str
    event_id: str
    customer: str
    instance_id: str | None
    severity: Severity
    score: float
    done: bool
    settled_by: SettledShown | None
    decision: Mapping[str, Any] | None


class NoticeShown(Shown):
    """One message to a team, with the alert's figures as they were then.

    `held` is what had kept it back; notices that are read together have the same `digest_id`.
    """

    at: Utc
    alert_id: str
    revision: int
    reason: NoticeReason
    team: str
    title: str
    severity: Severity
    state: AlertState
    level: Level | None
    events: int
    customers: int
    held: HeldBackShown | None
    digest_id: str | None


def show_alert(alert: Alert, rules: Rules) -> AlertShown:
    api = f"/v1/alerts/{alert.alert_id}"
    return AlertShown(
        alert_id=alert.alert_id,
        title=title(alert, rules.labels, rules.processes),
        team=alert.team,
        route=alert.route,
        kind=alert.kind,
        level=alert.level,
        state=alert.state,
        severity=alert.severity,
        category=alert.category,
        process=alert.process,
        region=alert.region,
        revision=alert.revision,
        episode=alert.episode,
        copy_of_another_team=alert.copy,
        counts=CountsShown(
            events=alert.events,
            customers=alert.customers,
            instances=alert.instances,
            unfinished=alert.unfinished,
            by_severity=dict(zip(Severity, alert.severities, strict=True)),
        ),
        excerpts=tuple(ExcerptShown(event_id=one.event_id, text=one.text) for one in alert.excerpts),
        linked_instances=alert.linked,
        flags=alert.flags,
        opened_at=alert.opened_at,
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
        resolved_at=alert.resolved_at,
        announced_at=alert.announced.at if alert.announced else None,
        due_at=alert.due_at,
        ack=AckShown(by=alert.acked_by, until=alert.acked_until) if alert.acked_until else None,
        claim=show_claim(alert.claim),
        snooze=show_snooze(alert.snooze),
        disposition=show_disposition(alert),
        assigned=show_assigned(alert.assigned),
        disputed=show_disputed(alert.disputed),
        sla=sla(alert),
        merged_into=alert.merged_into,
        held=show_held(alert.held, alert),
        attached_to=alert.held.by if alert.held is not None and alert.held.why is Wait.INHIBITED else None,
        evidence=alert.evidence,
        links=AlertLinks(
            self=api,
            events=f"{api}/events",
            notices=f"{api}/notices",
            timeline=f"{api}/timeline",
            explain=f"{api}/explain",
            review=f"/v1/reviews/{alert.alert_id}" if alert.kind.is_review else None,
        ),
    )


def show_member(member: Member, row: FeedbackRow | None) -> MemberShown:
    return MemberShown(
        source=member.key.source,
        subject=member.key.subject,
        event_id=member.event_id,
        customer=member.customer,
        instance_id=member.instance_id,
        severity=member.severity,
        score=round(member.score, 4),
        done=member.done,
        # Rows of an earlier release say nothing of it.
        settled_by=row.explanation.get("settled_by") if row is not None else None,
        decision=row.document if row is not None else None,
    )


def show_notice(notice: Notice) -> NoticeShown:
    alert, held = notice.alert, held_back(notice.held, notice.alert)
    return NoticeShown(
        at=notice.at,
        alert_id=alert.alert_id,
        revision=notice.revision,
        reason=notice.reason,
        team=alert.team,
        title=notice.title,
        severity=alert.severity,
        state=alert.state,
        level=alert.level,
        events=alert.events,
        customers=alert.customers,
        held=None if held is None else HeldBackShown.model_validate(held),
        digest_id=notice.digest_id,
    )
