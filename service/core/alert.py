"""A contribution and its targets -> alerts opened, joined, left, handed over, reopened or resolved.

A fold over Facts, which must hold the gates and latest alerts of every target, and the alerts of every membership of
the contribution's subject. It decides nothing about notices. Counts move only with the member rows that move.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from service.core.identity import alert_id
from service.core.playbook.model import Fatigue
from service.core.records.alerts import Alert, Excerpt, Gate, Member
from service.core.records.decisions import Contribution, Moved, Target
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Reason, Severity

_MOST_EXCERPTS = 3
_MOST_LINKED = 5


class When(Struct, frozen=True, kw_only=True):
    """The `now` of a record, and its event time `at`, by which alerts end and are reopened in any order of arrival."""

    now: datetime
    at: datetime


class Placed(Struct, frozen=True, kw_only=True):
    """Where a contribution ended: the owner's alert, if any, why, and every alert that moved.

    `homes` has the alerts that hold it now, each with how it came there.
    """

    alert_id: str | None
    reason: Reason
    touched: tuple[str, ...]
    homes: Mapping[str, Reason]

    @property
    def copies(self) -> int:
        """How many alerts hold it beside the owner's."""
        return len(self.homes) - (self.alert_id is not None)


def place(
    facts: Facts, moved: Moved, targets: Sequence[Target], when: When, limits: Fatigue, *, late: bool = False
) -> Placed:
    """Put a contribution where it belongs, and take it out of where it no longer does.

    `targets` has the owner's first; it is empty for what concerns no alert, so that an earlier membership is withdrawn.
    What is no news opens and joins nothing, nor does what is `late`: both stay where they count already. A closed alert
    that can not be reopened keeps its members as its history. An alert that is left without work stays open here:
    whoever tells of it must see first what came.
    """
    key, contribution = moved.key, moved.contribution
    before = {one.alert_id: one for one in facts.members_of(key.source, key.subject) if one.key == key}
    homes: dict[str, Reason] = {}
    for target in targets:
        found = _found(facts, moved, target, targets, homes, when, limits, late=late)
        if found is not None:
            alert, reason = found
            facts.alerts.put(alert.alert_id, alert)
            homes.setdefault(alert.alert_id, reason)
    leaving = [one for one in before.values() if not targets or _is_in_reach(facts, one.alert_id, when, limits)]
    for member in leaving:
        _leave(facts, member)
    if contribution is not None:
        for home, reason in homes.items():
            news = is_news(contribution, before.get(home), own=moved.own)
            homes[home] = _join(facts, contribution, home, reason, when, limits, news=news)
    touched = tuple(sorted({one.alert_id for one in leaving} | homes.keys()))
    owner = next((home for home in homes if not facts.alerts[home].copy), None)
    if owner is not None:
        return Placed(alert_id=owner, reason=homes[owner], touched=touched, homes=homes)
    reason = Reason.SUBJECT_CHANGED if targets else Reason.WITHDRAWN if leaving else Reason.NOT_NEGATIVE
    return Placed(alert_id=None, reason=reason, touched=touched, homes=homes)


def gates_behind(facts: Facts, key: str) -> tuple[Gate, ...]:
    """Return the gate of a key, and those to which the alerts under it were moved, one after another."""
    found: dict[str, Gate] = {}
    name: str | None = key
    while name is not None and name not in found and (gate := facts.gates.get(name)) is not None:
        found[name], name = gate, gate.forward
    return tuple(found.values())


def moved_from(facts: Facts, key: str) -> Alert | None:
    """Return the alert that was moved from a key, if none has opened under either key since."""
    gates = gates_behind(facts, key)
    last = facts.alerts.get(gates[-1].alert_id or "") if len(gates) > 1 else None
    return last if last is not None and last.assigned is not None and key in last.assigned.keys else None


def carry(facts: Facts, member: Member, home: str) -> None:
    """Take a member out of its alert and count it in another, once."""
    _leave(facts, member)
    if (member.key, home) not in facts.members:
        alert = facts.alerts[home]
        carried = replace(member, alert_id=home, alert_key=alert.alert_key, team=alert.team)
        facts.put_member(carried)
        facts.alerts.put(home, _count(facts, alert, carried, 1))


def close(alert: Alert, at: datetime) -> Alert:
    """Resolve an alert as of an instant; it can be reopened for as long as the playbook's window lasts."""
    flap = None if alert.flap is None else replace(alert.flap, closed=True)
    return replace(alert, state=AlertState.RESOLVED, resolved_at=at, close_at=None, flap=flap)


def is_news(contribution: Contribution, earlier: Member | None, *, own: bool) -> bool:
    """Tell whether a contribution may open or join an alert, or wake a resolved one in which it was as `earlier`.

    News is what is not done and is new, at work again or worse; what is critical for the first time, done or not; and
    every event of its own of a critical subject that is not done. What only its customer's outcome has settled is new
    once, as if that had come later.
    """
    severity, done = contribution.assessed.severity, contribution.is_done
    worse = earlier is None or severity.rank > earlier.severity.rank
    if severity is Severity.CRITICAL and (worse or (own and not done)):
        return True
    if earlier is None:
        return not contribution.feedback.done
    return not done and (worse or earlier.done)


def _found(
    facts: Facts,
    moved: Moved,
    target: Target,
    targets: Sequence[Target],
    taken: Collection[str],
    when: When,
    limits: Fatigue,
    *,
    late: bool,
) -> tuple[Alert, Reason] | None:
    """Find the alert for a target: where the subject lives and may stay, else the one behind the target's key."""
    key, contribution = moved.key, moved.contribution
    if contribution is None:
        return None
    members = [one for one in facts.members_of(key.source, key.subject) if one.copy == target.copy]
    mine = [one for one in members if one.key == key]
    earlier = None
    if mine and not any(_is_in_reach(facts, one.alert_id, when, limits) for one in mine):
        # Alerts of different keys count their episodes each for itself: the last one is the one that opened last.
        earlier = max(mine, key=lambda one: facts.alerts[one.alert_id].opened_at)
    news = is_news(contribution, earlier, own=moved.own) and not late
    elsewhere = {one.alert_key for one in targets if one.alert_key != target.alert_key}.union(taken) if members else ()
    for member in sorted(members, key=lambda one: (one.alert_key != target.alert_key, one.key != key)):
        alert = facts.alerts[member.alert_id]
        if alert.alert_id in elsewhere or alert.alert_key in elsewhere or not (news or member.key == key):
            continue
        stays = not alert.team_in_key or alert.team == target.team or alert.kept_from(target.team)
        if moved.anew and news:
            # Behind the key, or taken from it by a person.
            stays = stays and target.alert_key in (alert.alert_key, *(alert.assigned.keys if alert.assigned else ()))
        if stays and _is_in_reach(facts, alert.alert_id, when, limits):
            reason = Reason.ALREADY_MEMBER if member.key == key else Reason.JOINED_ALERT
            return _handed_over(alert, target), reason
    if not news:
        return None
    gate = facts.gates.get(target.alert_key) or Gate(alert_key=target.alert_key)
    if gate.alert_id is not None and _is_in_reach(facts, gate.alert_id, when, limits):
        return _handed_over(facts.alerts[gate.alert_id], target), Reason.JOINED_ALERT
    followed = moved_from(facts, target.alert_key)
    if followed is not None and followed.state is AlertState.OPEN:
        return followed, Reason.JOINED_ALERT
    return _opened(facts, contribution, target, gate.episodes + 1, when.now), Reason.NEW_ALERT


def _opened(facts: Facts, contribution: Contribution, target: Target, episode: int, now: datetime) -> Alert:
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
    return opened


def _handed_over(alert: Alert, target: Target) -> Alert:
    """Give an alert whose key leaves the team out to whoever owns it now, unless it was taken from them."""
    if alert.team == target.team or alert.kept_from(target.team):
        return alert
    # What held its news from one team, and who worked on it there, is no reason for the other.
    return replace(alert, team=target.team, route=target.route, assigned=None, held=None, claim=None, snooze=None)


def _close_at(alert: Alert, when: When, limits: Fatigue) -> datetime | None:
    if alert.state is not AlertState.OPEN:
        return None
    end = when.at + limits.auto_close
    return end if alert.close_at is None else max(end, alert.close_at)


def _is_in_reach(facts: Facts, name: str, when: When, limits: Fatigue) -> bool:
    """Tell whether an alert can be joined: the latest of its key, and open or resolved within the reopen window."""
    alert = facts.alerts[name]
    if facts.gates[alert.alert_key].alert_id != name:
        return False
    return alert.resolved_at is None or when.at - alert.resolved_at <= limits.reopen_window


def _join(
    facts: Facts, contribution: Contribution, home: str, reason: Reason, when: When, limits: Fatigue, *, news: bool
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
        done=contribution.is_done,
        team=alert.team,
    )
    facts.put_member(member)
    alert = _count(facts, alert, member, 1)
    excerpts = alert.excerpts
    if feedback.text:
        excerpts = (*excerpts, Excerpt(event_id=feedback.event_id, score=assessed.score, text=feedback.text[:280]))
    linked = alert.linked
    if member.instance_id is not None and member.instance_id not in linked and len(linked) < _MOST_LINKED:
        linked = (*linked, member.instance_id)
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
            close_at=_close_at(alert, when, limits),
        ),
    )
    return reason


def _leave(facts: Facts, member: Member) -> None:
    facts.drop_member(member)
    alert = _count(facts, facts.alerts[member.alert_id], member, -1)
    shared = (member.alert_id, "instance", member.instance_id or "") in facts.tallies
    alert = replace(
        alert,
        excerpts=tuple(one for one in alert.excerpts if one.event_id != member.event_id),
        linked=tuple(one for one in alert.linked if shared or one != member.instance_id),
    )
    facts.alerts.put(member.alert_id, alert)


def _count(facts: Facts, alert: Alert, member: Member, step: int) -> Alert:
    severities = [*alert.severities]
    severities[member.severity.rank] += step
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
