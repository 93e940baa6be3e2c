"""What a person asks of a loaded alert -> the alert after it and its notices, or why nothing was done.

Refused is an act that names another revision than the team was last told of: who asks has not seen what they act on.
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from service.core.alert import close
from service.core.describe import instant
from service.core.escalate import acknowledged, disputed, settled
from service.core.follow_up import taken
from service.core.pipeline.handling import claimed, misdated, reopened, snoozed, woken
from service.core.pipeline.reassign import Destination, reassign
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import fire, reschedule
from service.core.records.alerts import Alert, Disposed, Disputed, FollowUp
from service.core.records.doer import Doer
from service.core.records.facts import Facts
from service.core.records.handling import Act, Claim
from service.core.records.words import AlertState, Deed, Disposition, ReviewStep
from service.core.redact import redact
from service.core.text import visible

__all__ = ["ActOutcome", "Acted", "Asked", "Deed", "act"]


class ActOutcome(StrEnum):
    """What came of it; only `done` changed anything. `succeeded`: a later alert has opened under the same key."""

    DONE = "done"
    STALE_REVISION = "stale_revision"
    REVISION_AHEAD = "revision_ahead"
    ALREADY_RESOLVED = "already_resolved"
    SUCCEEDED = "succeeded"
    NOT_A_REVIEW = "not_a_review"
    SAME_TEAM = "same_team"
    CLAIMED_BY_OTHER = "claimed_by_other"
    NOT_CLAIMED = "not_claimed"
    NOT_SNOOZED = "not_snoozed"
    NOT_RESOLVED = "not_resolved"
    BAD_TIME = "bad_time"


class Asked(Struct, frozen=True, kw_only=True):
    """One act: `revision` is the last notice that the person has seen, `by` the name that the team will read.

    `text` is a note, what they found, or did, about a review, or why they reassign or dispute; `to` is where to, or
    whose it is said to be. `disposition` is what an alert turned out to be that is resolved, with the alert that it
    repeats, or the team whose it is. `until` is when a snoozed alert comes back. With `force` somebody else's claim is
    no obstacle, and ends. A note may leave the revision out. `doer` is who asks where that is known for sure.
    """

    alert_id: str
    deed: Deed
    revision: int | None
    by: str
    text: str | None = None
    disposition: Disposition | None = None
    duplicate_of: str | None = None
    team: str | None = None
    to: Destination | None = None
    until: datetime | None = None
    force: bool = False
    doer: Doer | None = None


class Acted(Struct, frozen=True, kw_only=True):
    """What came of an act, and the alert as it is now; None where only its successor was loaded."""

    outcome: ActOutcome
    alert: Alert | None


def act(facts: Facts, asked: Asked, now: datetime, rules: Rules) -> Acted:
    """Apply what is due of the alert by `now`, then the act; both count only where the outcome is `done`.

    An acknowledgement stops repeats until the playbook's `ack_expiry` is over. A second one begins that time anew. Who
    acknowledges a review owns it; who resolves it has done something about it. Each act that is done is kept.
    """
    if asked.alert_id not in facts.alerts:
        return Acted(outcome=ActOutcome.SUCCEEDED, alert=None)
    fire(facts, asked.alert_id, now, rules)
    alert = facts.alerts[asked.alert_id]
    outcome = _outcome(alert, asked, now, rules)
    if outcome is not ActOutcome.DONE:
        return Acted(outcome=outcome, alert=alert)
    facts.acts.append(_kept(alert, asked, now, rules))
    if _other_claim(alert, asked, now):
        alert = replace(alert, claim=None)
        facts.alerts.put(asked.alert_id, alert)
    if asked.deed is Deed.REASSIGN:
        return _reassigned(facts, asked, now, rules)
    alert = replace(_changed(alert, asked, now, rules), handled_at=now)
    facts.alerts.put(asked.alert_id, alert)
    reschedule(facts, asked.alert_id, now, rules)
    return Acted(outcome=ActOutcome.DONE, alert=facts.alerts[asked.alert_id])


def _changed(alert: Alert, asked: Asked, now: datetime, rules: Rules) -> Alert:  # noqa: C901 - one case each
    match asked.deed:
        case Deed.CLAIM:
            return claimed(alert, asked.by, now, rules)
        case Deed.UNCLAIM:
            return replace(alert, claim=None)
        case Deed.ACK:
            until = now + rules.playbook.fatigue.ack_expiry
            due = settled(acknowledged(alert.escalation))
            alert = replace(alert, acked_until=until, acked_by=asked.by, disputed=None, escalation=due)
            return _followed(alert, ReviewStep.OWNER, asked, now, rules)
        case Deed.SNOOZE:
            return snoozed(alert, asked.by, asked.until or now, now)
        case Deed.UNSNOOZE:
            return woken(alert, now, rules)
        case Deed.CAUSE:
            return _followed(alert, ReviewStep.CAUSE, asked, now, rules)
        case Deed.RESOLVE:
            alert = _followed(close(alert, now), ReviewStep.ACTION, asked, now, rules)
            return replace(alert, disposed=_disposed(asked, now), claim=None, snooze=None)
        case Deed.REOPEN:
            return reopened(alert, now, rules)
        case Deed.DISPUTE:
            return _disputed(alert, asked, now, rules)
        case Deed.NOTE | Deed.REASSIGN:
            return alert
        case _:
            assert_never(asked.deed)


def _reassigned(facts: Facts, asked: Asked, now: datetime, rules: Rules) -> Acted:
    if asked.to is None:
        raise ValueError("a reassign names a team")
    facts.alerts.put(asked.alert_id, replace(facts.alerts[asked.alert_id], handled_at=now))
    reassign(facts, asked.alert_id, asked.to, now, rules, by=asked.by, reason=_words(asked, rules))
    return Acted(outcome=ActOutcome.DONE, alert=facts.alerts[asked.alert_id])


def _disputed(alert: Alert, asked: Asked, now: datetime, rules: Rules) -> Alert:
    """Note whose the alert is said to be; nobody has it in hand any more until somebody takes it."""
    if asked.to is None:
        raise ValueError("a dispute names a team")
    team = asked.to.team
    due = disputed(alert, now, team, rules.attention_of(alert.team).plan)
    said = Disputed(team=team, by=asked.by, at=now, reason=_words(asked, rules))
    return replace(alert, disputed=said, acked_until=None, acked_by=None, claim=None, escalation=due)


def _words(asked: Asked, rules: Rules) -> str | None:
    # What a person writes may name a customer.
    return None if asked.text is None else redact(visible(asked.text), rules.playbook.privacy.phone_region).text


def _followed(alert: Alert, step: ReviewStep, asked: Asked, now: datetime, rules: Rules) -> Alert:
    if not alert.kind.is_review:
        return alert
    told = taken(alert.follow_up or FollowUp(), step, now, asked.by, _words(asked, rules))
    return replace(alert, follow_up=told)


def _disposed(asked: Asked, now: datetime) -> Disposed | None:
    if asked.disposition is None:
        return None
    return Disposed(
        disposition=asked.disposition, by=asked.by, at=now, duplicate_of=asked.duplicate_of, team=asked.team
    )


def _kept(alert: Alert, asked: Asked, now: datetime, rules: Rules) -> Act:
    """Write down what is done, by the short words of it."""
    other = _other_claim(alert, asked, now)
    named = {
        "until": None if asked.until is None else instant(asked.until),
        "team": asked.team if asked.to is None else asked.to.team,
        "disposition": None if asked.disposition is None else asked.disposition.value,
        "duplicate_of": asked.duplicate_of,
        "claim_of": None if other is None else other.by,
    }
    return Act(
        alert_id=asked.alert_id,
        at=now,
        deed=asked.deed,
        by=asked.by,
        text=_words(asked, rules),
        said={name: value for name, value in named.items() if value is not None},
    )


def _other_claim(alert: Alert, asked: Asked, now: datetime) -> Claim | None:
    """Return the claim that somebody else has on an alert and that still holds; a note is nobody's business."""
    claim = alert.claim
    if claim is None or now >= claim.until or claim.by == asked.by or asked.deed is Deed.NOTE:
        return None
    return claim


def _outcome(alert: Alert, asked: Asked, now: datetime, rules: Rules) -> ActOutcome:
    if asked.revision is not None and asked.revision < alert.revision:
        return ActOutcome.STALE_REVISION
    if asked.revision is not None and asked.revision > alert.revision:
        return ActOutcome.REVISION_AHEAD
    if asked.deed is Deed.REOPEN:
        if alert.merged_into is not None:
            return ActOutcome.SUCCEEDED
        if alert.state is AlertState.OPEN:
            return ActOutcome.NOT_RESOLVED
    elif alert.state is AlertState.RESOLVED and asked.deed is not Deed.NOTE:
        return ActOutcome.ALREADY_RESOLVED
    if _other_claim(alert, asked, now) is not None and not asked.force:
        return ActOutcome.CLAIMED_BY_OTHER
    return _unfit(alert, asked, now, rules) or ActOutcome.DONE


def _unfit(alert: Alert, asked: Asked, now: datetime, rules: Rules) -> ActOutcome | None:
    """Say why what is asked does not fit the alert as it stands."""
    match asked.deed:
        case Deed.UNCLAIM if alert.claim is None or now >= alert.claim.until:
            return ActOutcome.NOT_CLAIMED
        case Deed.UNSNOOZE if alert.snooze is None or now >= alert.snooze.until:
            return ActOutcome.NOT_SNOOZED
        case Deed.SNOOZE if misdated(asked.until, now, rules):
            return ActOutcome.BAD_TIME
        case Deed.REASSIGN | Deed.DISPUTE if asked.to is not None and asked.to.team == alert.team:
            return ActOutcome.SAME_TEAM
        case Deed.CAUSE if not alert.kind.is_review:
            return ActOutcome.NOT_A_REVIEW
        case Deed.RESOLVE if asked.text is not None and not alert.kind.is_review:
            return ActOutcome.NOT_A_REVIEW
        case _:
            return None
