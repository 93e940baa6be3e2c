"""A contribution and its targets -> alerts opened, joined, left, handed over, reopened or resolved.

A fold over Facts, which must hold the gates and latest alerts of every target, and the alerts of every membership of
the contribution's subject. It decides nothing about notices. Counts move only with the member rows that move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.core.identity import alert_id
from service.core.playbook.model import Fatigue
from service.core.records.alerts import Alert, Excerpt, Gate, Member
from service.core.records.decisions import Contribution, PartKey, Target
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Reason

_MOST_EXCERPTS = 3
_MOST_LINKED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a contribution ended: the owner's alert, if any, why, and every alert that moved."""

    alert_id: str | None
    reason: Reason
    touched: tuple[str, ...]
    copies: int = 0


def place(
    facts: Facts,
    key: PartKey,
    contribution: Contribution | None,
    targets: Sequence[Target],
    now: datetime,
    limits: Fatigue,
) -> Placed:
    """Put a contribution where it belongs, and take it out of where it no longer does.

    `targets` has the owner's first; it is empty for what concerns no alert, so that an earlier membership is withdrawn.
    What is done opens no alert, and a closed alert that can not be reopened keeps its members as its history.
    """
    before = tuple(member for member in facts.members_of(key.source, key.subject) if member.key == key)
    wanted: dict[str, Reason] = {}
    owner: str | None = None
    for target in targets:
        alert, reason = _home(facts, key, target, now, limits)
        if alert is None:
            alert, reason = _at_gate(facts, target, contribution, now, limits)
        if alert is None:
            continue
        facts.alerts.put(alert.alert_id, alert)
        wanted.setdefault(alert.alert_id, reason)
        owner = owner if owner is not None or target.copy else alert.alert_id
    moving = [member for member in before if not targets or _within_reach(facts.alerts[member.alert_id], now, limits)]
    for member in moving:
        _leave(facts, member, gone=member.alert_id not in wanted)
    for home, reason in wanted.items():
        if contribution is not None:
            earlier = next((member for member in before if member.alert_id == home), None)
            wanted[home] = _join(facts, contribution, home, earlier, reason, now, limits)
    touched = tuple(sorted({member.alert_id for member in moving} | set(wanted)))
    for name in touched:
        _settle(facts, name, now)
    if owner is not None:
        return Placed(alert_id=owner, reason=wanted[owner], touched=touched, copies=len(wanted) - 1)
    if targets:
        return Placed(alert_id=None, reason=Reason.SUBJECT_CHANGED, touched=touched)
    reason = Reason.WITHDRAWN if moving else Reason.NOT_NEGATIVE
    return Placed(alert_id=None, reason=reason, touched=touched)


def close(alert: Alert, now: datetime) -> Alert:
    """Resolve an alert at `now`; it can be reopened for as long as the playbook's window lasts."""
    return replace(alert, state=AlertState.RESOLVED, resolved_at=now, repeat_at=None, close_at=None)


def _home(facts: Facts, key: PartKey, target: Target, now: datetime, limits: Fatigue) -> tuple[Alert | None, Reason]:
    """Find the alert in which the subject already lives and may stay, whatever its new category."""
    for member in facts.members_of(key.source, key.subject):
        alert = facts.alerts[member.alert_id]
        if member.copy != target.copy or not _within_reach(alert, now, limits):
            continue
        if alert.team_in_key and alert.team != target.team:
            continue
        if alert.team != target.team:
            alert = replace(alert, team=target.team, route=target.route)
        return alert, Reason.ALREADY_MEMBER if member.key == key else Reason.JOINED_ALERT
    return None, Reason.JOINED_ALERT


def _at_gate(
    facts: Facts, target: Target, contribution: Contribution | None, now: datetime, limits: Fatigue
) -> tuple[Alert | None, Reason]:
    gate = facts.gates.get(target.alert_key) or Gate(alert_key=target.alert_key)
    latest = facts.alerts.get(gate.alert_id) if gate.alert_id is not None else None
    if latest is not None and _within_reach(latest, now, limits):
        if latest.team != target.team:
            latest = replace(latest, team=target.team, route=target.route)
        return latest, Reason.JOINED_ALERT
    if contribution is None or contribution.feedback.done:
        return None, Reason.SUBJECT_CHANGED
    episode = gate.episodes + 1
    opened = Alert(
        alert_id=alert_id(target.alert_key, episode),
        alert_key=target.alert_key,
        episode=episode,
        kind=AlertKind.EVENT,
        team=target.team,
        route=target.route,
        process=contribution.process,
        category=contribution.categorised.category,
        region=contribution.feedback.region,
        fields=target.fields,
        copy=target.copy,
        team_in_key=target.team_in_key,
        opened_at=now,
        first_seen=contribution.feedback.occurred_at,
        last_seen=contribution.feedback.occurred_at,
    )
    facts.gates.put(target.alert_key, Gate(alert_key=target.alert_key, alert_id=opened.alert_id, episodes=episode))
    return opened, Reason.NEW_ALERT


def _within_reach(alert: Alert, now: datetime, limits: Fatigue) -> bool:
    """Tell whether an alert can still be joined: it is open, or it was resolved within the reopen window."""
    return alert.resolved_at is None or now - alert.resolved_at <= limits.reopen_window


def _join(
    facts: Facts,
    contribution: Contribution,
    home: str,
    earlier: Member | None,
    reason: Reason,
    now: datetime,
    limits: Fatigue,
) -> Reason:
    feedback, assessed = contribution.feedback, contribution.assessed
    alert = facts.alerts[home]
    member = Member(
        key=contribution.key,
        alert_id=home,
        alert_key=alert.alert_key,
        copy=alert.copy,
        event_id=feedback.event_id,
        customer=feedback.customer,
        instance_id=contribution.link.instance_id,
        severity=assessed.severity,
        score=assessed.score,
        done=feedback.done,
        team=alert.team,
    )
    facts.put_member(member)
    alert = _count(facts, alert, member, 1)
    excerpts = [one for one in alert.excerpts if one.event_id != feedback.event_id]
    if feedback.text:
        excerpts.append(Excerpt(event_id=feedback.event_id, score=assessed.score, text=feedback.text[:280]))
    linked = alert.linked
    if member.instance_id is not None and member.instance_id not in linked and len(linked) < _MOST_LINKED:
        linked = (*linked, member.instance_id)
    # Only news wakes a resolved alert: a new member, one that is at work again, or one that got worse.
    news = not member.done and (earlier is None or earlier.done or member.severity.rank > earlier.severity.rank)
    if alert.state is AlertState.RESOLVED and news:
        alert = replace(alert, state=AlertState.OPEN, resolved_at=None, repeats=0, acked_until=None, acked_by=None)
        reason = Reason.REOPENED_ALERT
    facts.alerts.put(
        home,
        replace(
            alert,
            excerpts=tuple(sorted(excerpts, key=lambda one: (-one.score, one.event_id))[:_MOST_EXCERPTS]),
            linked=linked,
            first_seen=min(alert.first_seen, feedback.occurred_at),
            last_seen=max(alert.last_seen, feedback.occurred_at),
            close_at=now + limits.auto_close if alert.state is AlertState.OPEN else None,
        ),
    )
    return reason


def _leave(facts: Facts, member: Member, *, gone: bool) -> None:
    facts.drop_member(member)
    alert = _count(facts, facts.alerts[member.alert_id], member, -1)
    if gone:
        excerpts = tuple(one for one in alert.excerpts if one.event_id != member.event_id)
        alert = replace(alert, excerpts=excerpts)
    facts.alerts.put(member.alert_id, alert)


def _count(facts: Facts, alert: Alert, member: Member, step: int) -> Alert:
    rank = member.severity.rank
    severities = tuple(count + step * (at == rank) for at, count in enumerate(alert.severities))
    return replace(
        alert,
        events=alert.events + step,
        customers=alert.customers + _tally(facts, alert.alert_id, "customer", member.customer, step),
        instances=alert.instances + _tally(facts, alert.alert_id, "instance", member.instance_id, step),
        unfinished=alert.unfinished + (0 if member.done else step),
        severities=(severities[0], severities[1], severities[2], severities[3], severities[4]),
    )


def _tally(facts: Facts, alert: str, what: str, value: str | None, step: int) -> int:
    """Move the count of members that share a value; return by how much the number of distinct values changed."""
    if value is None:
        return 0
    key = (alert, what, value)
    before = facts.tallies.get(key) or 0
    after = before + step
    if after == 0:
        facts.tallies.drop(key)
    else:
        facts.tallies.put(key, after)
    return (after > 0) - (before > 0)


def _settle(facts: Facts, name: str, now: datetime) -> None:
    alert = facts.alerts[name]
    if alert.state is AlertState.OPEN and alert.unfinished == 0:
        facts.alerts.put(name, close(alert, now))
