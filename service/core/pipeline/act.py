"""What a person asks of a loaded alert -> the alert after it and its notices, or why nothing was done.

Refused is an act that names another revision than the team was last told of: who asks has not seen what they act on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from service.core.alert import close
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import fire, reschedule
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertState


class Deed(StrEnum):
    """What a team can do to its alert."""

    ACK = "ack"
    RESOLVE = "resolve"


class ActOutcome(StrEnum):
    """What came of it; only `done` changed anything. `succeeded`: a later alert has opened under the same key."""

    DONE = "done"
    STALE_REVISION = "stale_revision"
    REVISION_AHEAD = "revision_ahead"
    ALREADY_RESOLVED = "already_resolved"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One act: `revision` is the last notice that the person has seen, `by` the name that the team will read."""

    alert_id: str
    deed: Deed
    revision: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of an act, and the alert as it is now; None where only its successor was loaded."""

    outcome: ActOutcome
    alert: Alert | None


def act(facts: Facts, asked: Asked, now: datetime, rules: Rules) -> Acted:
    """Apply what is due of the alert by `now`, then the act; both count only where the outcome is `done`.

    An acknowledgement stops repeats until the playbook's `ack_expiry` is over. A second one begins that time anew.
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
            alert = replace(alert, acked_until=until, acked_by=asked.by)
        case Deed.RESOLVE:
            alert = close(alert, now)
        case _:
            assert_never(asked.deed)
    facts.alerts.put(asked.alert_id, alert)
    reschedule(facts, asked.alert_id, now, rules)
    return Acted(outcome=ActOutcome.DONE, alert=facts.alerts[asked.alert_id])


def _outcome(alert: Alert, asked: Asked) -> ActOutcome:
    if asked.revision < alert.revision:
        return ActOutcome.STALE_REVISION
    if asked.revision > alert.revision:
        return ActOutcome.REVISION_AHEAD
    if alert.state is AlertState.RESOLVED:
        return ActOutcome.ALREADY_RESOLVED
    return ActOutcome.DONE
