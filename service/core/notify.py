"""An alert and a time -> the notice that its team is due, or why it hears nothing.

One decision function, `decide`, returns a reason from a closed enum: first what is new, then what may hold that back.
`schedule` says when to ask it, `flush` carries out what it said. A notice is a value here: numbering it is all that
happens.
"""

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from service.core.records.alerts import Alert, Announced, Notice
from service.core.records.muting import Flap, Held
from service.core.records.words import AlertKind, AlertState, NoticeReason, Severity, Wait

# So long after its limit a late case is told of at the latest.
ON_ITS_WAY = timedelta(seconds=30)
_MINUTE = timedelta(minutes=1)


class Timing(Struct, frozen=True, kw_only=True):
    """How long the notices of one route wait."""

    wait: timedelta
    interval: timedelta
    repeat: tuple[timedelta, ...]


class Digests(Protocol):
    """When a team is told what did not interrupt it."""

    def after(self, at: datetime) -> datetime:
        """Return the first digest after an instant."""
        ...


class Manners(Struct, frozen=True, kw_only=True):
    """How a team wants to be told: when its digests are, and whether what is due together is told in rounds."""

    digests: Digests
    in_rounds: bool = False


class Mutes(Struct, frozen=True, kw_only=True):
    """What would hold a notice of an alert back at an instant; what is None does not.

    `inhibited_by` is the alert of a review, `silenced_by` a silence, `snoozed_by` a person, `quiet_by` a calendar with
    quiet hours, `spent` the stretch of time whose budget is used up.
    """

    inhibited_by: str | None = None
    silenced_by: str | None = None
    snoozed_by: str = ""
    snoozed_until: datetime | None = None
    quiet_by: str = ""
    quiet_until: datetime | None = None
    spent: str | None = None


NOTHING_MUTES = Mutes()


def news(alert: Alert, at: datetime) -> NoticeReason | Wait:  # noqa: C901, PLR0912 - one table, from the top
    """Compare the alert with what its team was last told; the first difference that matters is the reason."""
    told = alert.announced
    if alert.digest_only and alert.events > 0 and (told is None or told.state is AlertState.RESOLVED):
        return NoticeReason.DIGEST
    # What was held back and is over by now is not told to have come and gone, but to be over, where it was told of.
    over_unheard = alert.held is not None and alert.state is AlertState.RESOLVED
    flaps = alert.flap is not None and not alert.flap.told and not over_unheard
    if told is None:
        if alert.state is AlertState.RESOLVED and not flaps:
            return Wait.NEVER_ANNOUNCED
        return NoticeReason.FLAPPING if flaps and not critical_news(alert) else NoticeReason.OPENED
    if critical_news(alert):
        if told.state is AlertState.RESOLVED or _was_over(alert):
            return NoticeReason.REOPENED
        return NoticeReason.OWNER_CHANGED if told.team != alert.team else NoticeReason.SEVERITY_INCREASED
    if flaps:
        return NoticeReason.FLAPPING
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
    if alert.flap is not None and alert.flap.over:
        return NoticeReason.FLAPPING
    if alert.held is None and (alert.repeat_at is None or at < alert.repeat_at):
        return Wait.NOTHING_NEW
    # Who has put an alert aside until a time wants to hear of it then, whoever has it in hand.
    snoozed = alert.held is not None and alert.held.why is Wait.SNOOZED
    if alert.acked_until is not None and at < alert.acked_until and not snoozed:
        return Wait.ACKNOWLEDGED
    return NoticeReason.REPEAT


def decide(  # noqa: C901, PLR0912 - one table, read from the top
    alert: Alert, at: datetime, timing: Timing, manners: Manners, mutes: Mutes
) -> NoticeReason | Wait | Held:
    """Say what a team is to hear of an alert at an instant, or what holds it back, or why there is nothing to say.

    What is critical for the first time waits only for a silence whose author wanted that. What ends an alert that was
    told of passes every mute.
    """
    reason = news(alert, at)
    if reason is NoticeReason.FLAPPING and alert.state is AlertState.RESOLVED and mutes != NOTHING_MUTES:
        reason = news(replace(alert, flap=None), at)
    if isinstance(reason, Wait) or (reason is NoticeReason.DIGEST):
        return reason
    if critical_news(alert):
        if mutes.silenced_by is not None:
            return hold(alert, at, Wait.SILENCED, mutes.silenced_by, None)
        return reason
    if _flaps(alert):
        return hold(alert, at, Wait.FLAPPING, "", None)
    if reason in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN):
        return reason
    if mutes.inhibited_by is not None:
        return hold(alert, at, Wait.INHIBITED, mutes.inhibited_by, None)
    if mutes.silenced_by is not None:
        return hold(alert, at, Wait.SILENCED, mutes.silenced_by, None)
    if mutes.snoozed_until is not None:
        return hold(alert, at, Wait.SNOOZED, mutes.snoozed_by, mutes.snoozed_until)
    held = alert.held
    if held is not None and held.why is Wait.OVER_BUDGET and held.until is not None and at >= held.until:
        return NoticeReason.DIGEST
    if reason is NoticeReason.REPEAT and held is None and 0 < len(timing.repeat) <= alert.repeats:
        return NoticeReason.DIGEST
    if mutes.quiet_until is not None:
        return hold(alert, at, Wait.QUIET_HOURS, mutes.quiet_by, mutes.quiet_until)
    if held is not None and (held.hides or held.why in (Wait.SNOOZED, Wait.QUIET_HOURS)):
        return NoticeReason.UNMUTED
    if mutes.spent is not None:
        return hold(alert, at, Wait.OVER_BUDGET, mutes.spent, manners.digests.after(at))
    return reason


def schedule(alert: Alert, now: datetime, timing: Timing, manners: Manners) -> Alert:
    """Set when the alert must be decided again after it changed at `now`.

    Critical news is due at once. A first notice waits `wait`, a later one until `interval` has passed since the last. A
    late case gathers nothing, and waits no longer than an end that is on its way may take to come. What is held back
    stays so until its time, unless it has become worse since. A team with a budget hears what is not critical on the
    full minute, so that what is due together can be ranked.
    """
    due, critical, held, told = news(alert, now), critical_news(alert), alert.held, alert.announced
    if isinstance(due, Wait) or (due is NoticeReason.REPEAT and held is None) or (_flaps(alert) and not critical):
        # What a silence or a review hides is counted when it ends; everything else has nothing to wait for any more.
        kept = held if held is not None and held.hides else None
        repeat_at = alert.repeat_at
        if due is Wait.ACKNOWLEDGED and held is not None and repeat_at is None:
            # The reminder that was held back is due when the acknowledgement ends.
            repeat_at = alert.acked_until
        if (alert.flush_at, held, alert.repeat_at) == (None, kept, repeat_at):
            return alert
        return replace(alert, flush_at=None, held=kept, repeat_at=repeat_at)
    at: datetime
    if due is NoticeReason.DIGEST:
        at = manners.digests.after(now)
    elif critical:
        at = now
    elif due in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN) and told is not None:
        at = max(now, told.at + timing.interval)
    elif held is not None:
        if not _worse_thanhold(alert, held):
            return alert if alert.flush_at == held.until else replace(alert, flush_at=held.until)
        at = _in_rounds(now, manners)
    elif told is None:
        late = alert.kind is AlertKind.LATE_CASE
        # A late case is to be known within half a minute, which a round would not keep.
        at = now + min(timing.wait, ON_ITS_WAY) if late else _in_rounds(now + timing.wait, manners)
    else:
        at = _in_rounds(max(now, told.at + timing.interval), manners)
    return alert if alert.flush_at is not None and alert.flush_at <= at else replace(alert, flush_at=at)


def flush(
    alert: Alert, at: datetime, title: str, timing: Timing, manners: Manners, mutes: Mutes
) -> tuple[Alert, Notice | Wait | Held]:
    """Tell the team, if there is something to tell at `at`; the notice has the alert's next revision."""
    reason = decide(alert, at, timing, manners, mutes)
    if isinstance(reason, Held):
        repeat_at = None if alert.repeat_at is not None and alert.repeat_at <= at else alert.repeat_at
        return replace(alert, held=reason, flush_at=reason.until, repeat_at=repeat_at), reason
    if isinstance(reason, Wait):
        # A repeat that an acknowledgement holds back is asked for again when the acknowledgement ends.
        later = alert.acked_until if reason is Wait.ACKNOWLEDGED else alert.repeat_at
        return replace(alert, flush_at=None, repeat_at=later, held=None), reason
    reminds = reason is NoticeReason.REPEAT or (reason is NoticeReason.DIGEST and alert.announced is not None)
    repeats = alert.repeats + 1 if reminds else 0
    team = alert.team
    if alert.announced is not None and reason in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN):
        # The end is for the team that was told of the beginning, whoever has the alert now.
        team = alert.announced.team
    told = replace(
        alert,
        revision=alert.revision + 1,
        announced=Announced(
            at=at,
            # Who was told that it comes and goes does not take it to be over, and is to hear when it is.
            state=AlertState.OPEN if reason is NoticeReason.FLAPPING else alert.state,
            severity=alert.severity,
            customers=alert.customers,
            team=team,
            level=alert.level,
        ),
        digest_only=False,
        repeats=repeats,
        flush_at=None,
        repeat_at=_next_repeat(alert, at, repeats, timing, manners),
        held=None,
        flap=_told_flap(alert.flap, reason),
    )
    to = None if team == told.team else team
    return told, Notice(at=at, reason=reason, revision=told.revision, alert=told, title=title, to=to, held=alert.held)


def critical_news(alert: Alert) -> bool:
    """Tell whether the alert is critical, and its team was not told so: nothing may delay that."""
    told = alert.announced
    if alert.state is not AlertState.OPEN or alert.severity is not Severity.CRITICAL:
        return False
    return (
        told is None
        or told.severity is not Severity.CRITICAL
        or told.state is AlertState.RESOLVED
        or told.team != alert.team
        or _was_over(alert)
    )


def _was_over(alert: Alert) -> bool:
    """Tell whether what flaps has ended since its team was told, which it does not know."""
    return alert.flap is not None and alert.flap.closed


def hold(alert: Alert, at: datetime, why: Wait, by: str, until: datetime | None) -> Held:
    since, known, met = at, alert.events, alert.customers
    if alert.held is not None:
        since, known, met = alert.held.since, alert.held.events_before, alert.held.customers_before
    elif alert.announced is None:
        known, met = 0, 0
    return Held(
        why=why,
        by=by,
        since=since,
        until=until,
        severity=alert.severity,
        events=alert.events,
        customers=alert.customers,
        events_before=known,
        customers_before=met,
    )


def _worse_thanhold(alert: Alert, held: Held) -> bool:
    if alert.severity.rank > held.severity.rank:
        return True
    return held.why is Wait.OVER_BUDGET and alert.customers >= max(2, 2 * held.customers)


def _flaps(alert: Alert) -> bool:
    """Tell whether the team knows that the alert opens and closes, and is not told of each time."""
    return alert.flap is not None and alert.flap.told and not alert.flap.over


def _told_flap(flap: Flap | None, reason: NoticeReason) -> Flap | None:
    """What was told to flap does so until it is calm; what was told to be calm does no more."""
    if flap is None or flap.over:
        return None
    return replace(flap, told=flap.told or reason is NoticeReason.FLAPPING, closed=False)


def _next_repeat(alert: Alert, at: datetime, repeats: int, timing: Timing, manners: Manners) -> datetime | None:
    """Remind ever later; after the last step what is still open is in a digest now and then."""
    if alert.state is AlertState.RESOLVED or not timing.repeat:
        return None
    if repeats < len(timing.repeat):
        return at + timing.repeat[repeats]
    return manners.digests.after(at + timing.repeat[-1])


def _in_rounds(at: datetime, manners: Manners) -> datetime:
    if not manners.in_rounds:
        return at
    full = at.replace(second=0, microsecond=0)
    return full if full == at else full + _MINUTE
