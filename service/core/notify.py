"""An alert and a time -> the notice that its team is due, or why it hears nothing.

One decision function, `decide`, returns a reason from a closed enum; `schedule` says when to ask it, `flush` carries
out what it said. A notice is a value here: numbering it is all that happens.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.core.playbook.model import Fatigue
from service.core.records.alerts import Alert, Announced, Notice
from service.core.records.words import AlertKind, AlertState, NoticeReason, Severity, Wait

# So long after its limit a late case is told of at the latest.
ON_ITS_WAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the notices of one route wait."""

    wait: timedelta
    interval: timedelta
    repeat: tuple[timedelta, ...]


def decide(alert: Alert, at: datetime) -> NoticeReason | Wait:  # noqa: C901 - one table, read from the top
    """Compare the alert with what its team was last told; the first difference that matters is the reason."""
    told = alert.announced
    if alert.digest_only and alert.events > 0 and (told is None or told.state is AlertState.RESOLVED):
        return NoticeReason.DIGEST
    if told is None:
        return Wait.NEVER_ANNOUNCED if alert.state is AlertState.RESOLVED else NoticeReason.OPENED
    if alert.state is AlertState.RESOLVED:
        if told.state is AlertState.RESOLVED:
            return Wait.NOTHING_NEW
        # What is counted in a cell, or the cases of a customer, may go down to nothing, and it was still true; a
        # contradiction has no events at all.
        kept = alert.events > 0 or alert.kind not in (AlertKind.EVENT, AlertKind.LATE_CASE)
        return NoticeReason.RESOLVED if kept else NoticeReason.WITHDRAWN
    if told.state is AlertState.RESOLVED:
        return NoticeReason.REOPENED
    if told.team != alert.team:
        return NoticeReason.OWNER_CHANGED
    if alert.severity.rank > told.severity.rank:
        return NoticeReason.SEVERITY_INCREASED
    if alert.customers >= max(2, 2 * told.customers):
        return NoticeReason.CUSTOMERS_DOUBLED
    if alert.repeat_at is None or at < alert.repeat_at:
        return Wait.NOTHING_NEW
    if alert.acked_until is not None and at < alert.acked_until:
        return Wait.ACKNOWLEDGED
    return NoticeReason.REPEAT


def schedule(alert: Alert, now: datetime, timing: Timing, limits: Fatigue) -> Alert:
    """Set when the alert must be decided again after it changed at `now`.

    Critical news is due at once. A first notice waits `wait`, a later one until `interval` has passed since the last. A
    late case gathers nothing, and waits no longer than an end that is on its way may take to come.
    """
    due = decide(alert, now)
    if isinstance(due, Wait) or due is NoticeReason.REPEAT:
        return alert if alert.flush_at is None else replace(alert, flush_at=None)
    told = alert.announced
    at: datetime
    if due is NoticeReason.DIGEST:
        at = _next_digest(now, limits.digest_hour)
    elif _critical_news(alert):
        at = now
    elif told is None:
        at = now + (min(timing.wait, ON_ITS_WAY) if alert.kind is AlertKind.LATE_CASE else timing.wait)
    else:
        at = max(now, told.at + timing.interval)
    return alert if alert.flush_at is not None and alert.flush_at <= at else replace(alert, flush_at=at)


def flush(alert: Alert, at: datetime, timing: Timing, title: str) -> tuple[Alert, Notice | Wait]:
    """Tell the team, if there is something to tell at `at`; the notice has the alert's next revision."""
    reason = decide(alert, at)
    if isinstance(reason, Wait):
        # A repeat that an acknowledgement holds back is asked for again when the acknowledgement ends.
        held = alert.acked_until if reason is Wait.ACKNOWLEDGED else alert.repeat_at
        return replace(alert, flush_at=None, repeat_at=held), reason
    repeats = alert.repeats + 1 if reason is NoticeReason.REPEAT else 0
    if alert.announced is not None and reason in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN):
        # The end is for the team that was told of the beginning, whoever has the alert now.
        alert = replace(alert, team=alert.announced.team)
    told = replace(
        alert,
        revision=alert.revision + 1,
        announced=Announced(
            at=at,
            state=alert.state,
            severity=alert.severity,
            customers=alert.customers,
            team=alert.team,
            level=alert.level,
        ),
        digest_only=False,
        repeats=repeats,
        flush_at=None,
        repeat_at=_next_repeat(alert, at, repeats, timing),
    )
    return told, Notice(at=at, reason=reason, revision=told.revision, alert=told, title=title)


def _critical_news(alert: Alert) -> bool:
    told = alert.announced
    if alert.state is not AlertState.OPEN or alert.severity is not Severity.CRITICAL:
        return False
    return (
        told is None
        or told.severity is not Severity.CRITICAL
        or told.state is AlertState.RESOLVED
        or told.team != alert.team
    )


def _next_repeat(alert: Alert, at: datetime, repeats: int, timing: Timing) -> datetime | None:
    if alert.state is AlertState.RESOLVED or repeats >= len(timing.repeat):
        return None
    return at + timing.repeat[repeats]


def _next_digest(now: datetime, hour: int) -> datetime:
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
