"""What a person asks of a loaded alert -> the alert after it and its notices, or why nothing was done.

Refused is an act that names another revision than the team was last told of: who asks has not seen what they act on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from service.core.alert import close
from service.core.escalate import acknowledged, disputed, settled
from service.core.follow_up import taken
from service.core.pipeline.reassign import Destination, reassign
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import fire, reschedule
from service.core.records.alerts import Alert, Disposed, Disputed, FollowUp
from service.core.records.facts import Facts
from service.core.records.words import AlertState, Disposition, ReviewStep
from service.core.redact import redact
from service.core.text import visible


class Deed(StrEnum):
    """What a team can do to its alert; only a review takes a cause, a reassign and a dispute name another team."""

    ACK = "ack"
    CAUSE = "cause"
    RESOLVE = "resolve"
    REASSIGN = "reassign"
    DISPUTE = "dispute"


class ActOutcome(StrEnum):
    """What came of it; only `done` changed anything. `succeeded`: a later alert has opened under the same key."""

    DONE = "done"
    STALE_REVISION = "stale_revision"
    REVISION_AHEAD = "revision_ahead"
    ALREADY_RESOLVED = "already_resolved"
    SUCCEEDED = "succeeded"
    NOT_A_REVIEW = "not_a_review"
    SAME_TEAM = "same_team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One act: `revision` is the last notice that the person has seen, `by` the name that the team will read.

    `text` is what they found, or did, about a review, or why they reassign or dispute; `to` is where to, or whose it is
    said to be. `disposition` is what an
    alert turned out to be that is resolved, with the alert that it repeats, or the team whose it is.
    """

    alert_id: str
    deed: Deed
    revision: int
    by: str
    text: str | None = None
    disposition: Disposition | None = None
    duplicate_of: str | None = None
    team: str | None = None
    to: Destination | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of an act, and the alert as it is now; None where only its successor was loaded."""

    outcome: ActOutcome
    alert: Alert | None


def act(facts: Facts, asked: Asked, now: datetime, rules: Rules) -> Acted:
    """Apply what is due of the alert by `now`, then the act; both count only where the outcome is `done`.

    An acknowledgement stops repeats until the playbook's `ack_expiry` is over. A second one begins that time anew. Who
    acknowledges a review owns it; who resolves it has done something about it.
    """
    if asked.alert_id not in facts.alerts:
        return Acted(outcome=ActOutcome.SUCCEEDED, alert=None)
    fire(facts, asked.alert_id, now, rules)
    alert = facts.alerts[asked.alert_id]
    outcome = _outcome(alert, asked)
    if outcome is not ActOutcome.DONE:
        return Acted(outcome=outcome, alert=alert)
    match asked.deed:
        case Deed.ACK:
            until = now + rules.playbook.fatigue.ack_expiry
            due = settled(acknowledged(alert.escalation))
            alert = replace(alert, acked_until=until, acked_by=asked.by, disputed=None, escalation=due)
            alert = _followed(alert, ReviewStep.OWNER, asked, now, rules)
        case Deed.CAUSE:
            alert = _followed(alert, ReviewStep.CAUSE, asked, now, rules)
        case Deed.RESOLVE:
            alert = _followed(close(alert, now), ReviewStep.ACTION, asked, now, rules)
            alert = replace(alert, disposed=_disposed(asked, now))
        case Deed.REASSIGN:
            return _reassigned(facts, asked, now, rules)
        case Deed.DISPUTE:
            alert = _disputed(alert, asked, now, rules)
        case _:
            assert_never(asked.deed)
    facts.alerts.put(asked.alert_id, replace(alert, handled_at=now))
    reschedule(facts, asked.alert_id, now, rules)
    return Acted(outcome=ActOutcome.DONE, alert=facts.alerts[asked.alert_id])


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
    return replace(alert, disputed=said, acked_until=None, acked_by=None, escalation=due)


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


def _outcome(alert: Alert, asked: Asked) -> ActOutcome:
    if asked.revision < alert.revision:
        return ActOutcome.STALE_REVISION
    if asked.revision > alert.revision:
        return ActOutcome.REVISION_AHEAD
    if alert.state is AlertState.RESOLVED:
        return ActOutcome.ALREADY_RESOLVED
    if asked.deed in (Deed.REASSIGN, Deed.DISPUTE):
        return ActOutcome.SAME_TEAM if asked.to is not None and asked.to.team == alert.team else ActOutcome.DONE
    if (asked.deed is Deed.CAUSE or asked.text is not None) and not alert.kind.is_review:
        return ActOutcome.NOT_A_REVIEW
    return ActOutcome.DONE
