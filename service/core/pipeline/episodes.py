"""The key of alerts that have no members -> the last one under it, and the one that is open from now on.

What a cell, a process, a case or a customer calls for is taken up again in the alert of before for as long as that can
be reopened; later it is the next alert under the key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from service.core.alert import When, moved_from
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import conclude, fire
from service.core.records.alerts import Alert, Gate
from service.core.records.facts import Facts
from service.core.records.words import AlertState


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """`alert` is open, and not put yet; `before` is the last one under the key as it was, None for the first."""

    alert: Alert
    before: Alert | None
    is_new: bool


def latest(facts: Facts, key: str, now: datetime, rules: Rules) -> Alert | None:
    """Return the last alert under a key, or the one that was moved from it, after what was due of it."""
    gate, moved = facts.gates.get(key), moved_from(facts, key)
    name = moved.alert_id if moved is not None else None if gate is None else gate.alert_id
    if name is None:
        return None
    fire(facts, name, now, rules)
    return facts.alerts[name]


def taken_up(facts: Facts, key: str, when: When, rules: Rules, new: Callable[[int], Alert]) -> Episode:
    """Take up the last alert under a key, after what was due of it, or open the next; `new` makes it by its number."""
    gate, before = facts.gates.get(key) or Gate(alert_key=key), latest(facts, key, when.now, rules)
    ended_at = None if before is None else before.resolved_at
    if before is None or (ended_at is not None and when.at - ended_at > rules.playbook.fatigue.reopen_window):
        alert = new(gate.episodes + 1)
        facts.gates.put(key, Gate(alert_key=key, alert_id=alert.alert_id, episodes=alert.episode))
        if gate.alert_id is not None:
            conclude(facts, gate.alert_id, when.now, rules)
        return Episode(alert=alert, before=before, is_new=True)
    alert = before
    if before.state is AlertState.RESOLVED:
        alert = replace(before, state=AlertState.OPEN, resolved_at=None, repeats=0, acked_until=None, acked_by=None)
    return Episode(alert=alert, before=before, is_new=False)
