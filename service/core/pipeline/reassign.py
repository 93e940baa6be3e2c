"""An open alert and another team -> the alert under that team's key, or merged into the one that is open there.

A fold over Facts, which must hold the gates of both keys with their latest alerts, and every member of the alert with
its tallies. The alert keeps its id. What routes give to the team that it was taken from stays in it, and news under its
old key follow it while it is open. Refused is nothing: who asks has seen to it that the alert is open, and the other's.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from service.core.alert import carry, close
from service.core.escalate import settled
from service.core.identity import alert_key
from service.core.pipeline.handover import dated, heir
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import conclude, reschedule
from service.core.records.alerts import Alert, Assigned, Gate, Member
from service.core.records.facts import Facts
from service.core.records.words import AlertState

_MOST_EXCERPTS, _MOST_LINKED = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A team, and the key under which it has what an alert is about."""

    team: str
    alert_key: str


def destination(alert: Alert, team: str) -> Destination:
    """Name the gate of an alert for another team; it is the alert's own where the key leaves the team out."""
    key = alert_key(alert.kind, alert.fields, team=team if alert.team_in_key else None, copy=alert.copy)
    return Destination(team=team, alert_key=key)


def reassign(
    facts: Facts,
    alert_id: str,
    to: Destination,
    now: datetime,
    rules: Rules,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> None:
    """Move an open alert to a team; `by` is None where a date does it."""
    alert, gate = facts.alerts[alert_id], facts.gates[to.alert_key]
    there = facts.alerts.get(gate.alert_id or "") if to.alert_key != alert.alert_key else None
    act = Assigned(teams=(), keys=(), at=now, by=by, reason=reason)
    if there is not None and there.state is AlertState.OPEN:
        # Who gave that one to its team, if anybody did, has not given it this.
        held = there.assigned or replace(act, by=None, reason=None)
        facts.alerts.put(there.alert_id, replace(there, assigned=_assigned(held, alert, there, to)))
        facts.alerts.put(alert_id, replace(alert, assigned=_assigned(act, alert, alert, to)))
        _merge(facts, alert, there.alert_id, now, rules)
        return
    assigned = _assigned(act, alert, alert, to)
    moved = replace(alert, alert_key=to.alert_key, team=to.team, assigned=assigned, acked_until=None, acked_by=None)
    # What held its news from one team is no reason for the other; it is asked anew what holds it now.
    moved = replace(moved, disputed=None, escalation=settled(alert.escalation), held=None, claim=None, snooze=None)
    facts.alerts.put(alert_id, moved)
    for member in _members(facts, alert_id):
        facts.put_member(replace(member, alert_key=to.alert_key, team=to.team))
    if to.alert_key != alert.alert_key:
        _leave_gate(facts, alert, to.alert_key)
        facts.gates.put(to.alert_key, replace(gate, alert_id=alert_id, forward=None))
        if there is not None:
            conclude(facts, there.alert_id, now, rules)
    reschedule(facts, alert_id, now, rules)


def hand_over(facts: Facts, alert_id: str, now: datetime, rules: Rules) -> None:
    """Move an alert to the team that has to have it by now, if its gate is loaded; else note when to ask again."""
    alert = facts.alerts.get(alert_id)
    if alert is None or alert.handover_at is None or alert.handover_at > now:
        return
    team = heir(alert, now, rules)
    if team is None:
        facts.alerts.put(alert_id, dated(alert, now, rules))
        return
    to = destination(alert, team)
    if to.alert_key in facts.gates:
        reassign(facts, alert_id, to, now, rules)


def _merge(facts: Facts, alert: Alert, home: str, now: datetime, rules: Rules) -> None:
    """Put what an alert holds into another one, and end it; its team, if it was told of it, hears so at once."""
    for member in _members(facts, alert.alert_id):
        carry(facts, member, home)
    there = facts.alerts[home]
    excerpts = {one.event_id: one for one in (*alert.excerpts, *there.excerpts)}
    closes = [at for at in (alert.close_at, there.close_at) if at is not None]
    facts.alerts.put(
        home,
        replace(
            there,
            excerpts=tuple(sorted(excerpts.values(), key=lambda one: (-one.score, one.event_id))[:_MOST_EXCERPTS]),
            linked=tuple(dict.fromkeys((*there.linked, *alert.linked)))[:_MOST_LINKED],
            first_seen=min(there.first_seen, alert.first_seen),
            last_seen=max(there.last_seen, alert.last_seen),
            close_at=max(closes, default=None),
            digest_only=there.digest_only and alert.digest_only,
        ),
    )
    _leave_gate(facts, alert, there.alert_key)
    facts.alerts.put(alert.alert_id, close(replace(facts.alerts[alert.alert_id], merged_into=home), now))
    reschedule(facts, alert.alert_id, now, rules)
    conclude(facts, alert.alert_id, now, rules)
    reschedule(facts, home, now, rules)


def _leave_gate(facts: Facts, alert: Alert, to: str) -> None:
    """Free the old key for the next alert under it, which gets the next number."""
    gate = facts.gates[alert.alert_key]
    facts.gates.put(gate.alert_key, Gate(alert_key=gate.alert_key, episodes=gate.episodes, forward=to))


def _assigned(act: Assigned, alert: Alert, home: Alert, to: Destination) -> Assigned:
    """Say of the alert in which all of it ends whose it would be by the routes, and which keys lead to it."""
    held = [one.assigned for one in (home, alert) if one.assigned is not None]
    teams = dict.fromkeys((*(name for one in held for name in one.teams), alert.team))
    keys = dict.fromkeys((*(name for one in held for name in one.keys), alert.alert_key))
    return replace(
        act,
        teams=tuple(name for name in teams if name != to.team),
        keys=tuple(name for name in keys if name != to.alert_key),
    )


def _members(facts: Facts, alert_id: str) -> list[Member]:
    return sorted((one for one in facts.members.values() if one.alert_id == alert_id), key=lambda one: one.key)
