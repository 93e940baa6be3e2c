"""What events say of process instances, and the time -> alerts about high-value customers' cases past their limit.

An instance is late from its start and the `sla` of its process on, while it has not ended and its tier is one of those
that the playbook names. Before a record touches an instance, a limit that it has reached is applied at its own time, so
that a late ticker changes no decision. What is old when it is first heard of is told at once, unless it is stale.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from service.core import span
from service.core.alert import When, close
from service.core.describe import instant
from service.core.identity import alert_id, alert_key
from service.core.pipeline.episodes import latest, taken_up
from service.core.pipeline.judge import Judged
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import when_of
from service.core.pipeline.timers import reschedule
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.feedback import Instance
from service.core.records.words import AlertKind, AlertState, Severity

LATE_ROUTE = "late_case"
# A case is about no category.
_NONE = "*"


def gates(judged: Iterable[Judged], facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Name the alert keys of the instances that were told of as late, or that are past a limit by their record."""
    first: dict[str, datetime] = {}
    keys: set[str] = set()
    for one in judged:
        if one.instance is None:
            continue
        name = one.instance.instance_id
        known = facts.instances.loaded(name)
        asked = (first.get(name), None if known is None else known.late_at, _limit(one.instance, rules))
        reached = [at for at in asked if at is not None]
        if reached:
            first[name] = min(reached)
        if (known is not None and known.late_told) or (reached and first[name] <= _now(when_of(one))):
            keys.add(key_of(name))
    return tuple(sorted(keys))


def follow(judged: Sequence[Judged], facts: Facts, rules: Rules) -> None:
    """Fold what each record says of its instance, in order, into when that is late and what is told of it."""
    before: dict[str, Instance] = {}
    for one in judged:
        if one.instance is None:
            continue
        name, when = one.instance.instance_id, when_of(one)
        earlier = before.get(name) or facts.instances.loaded(name)
        if earlier is not None:
            _lapse(facts, earlier, _now(when), rules)
        _look(facts, one.instance, When(now=_now(when), at=when.at), rules)
        before[name] = one.instance


def due_gates(facts: Facts, names: Iterable[str], until: datetime) -> tuple[str, ...]:
    """Name the alert keys of those of the named instances that still have to be looked at by an instant."""
    known = (facts.instances.get(name) for name in names)
    due = (one for one in known if one is not None and one.late_at is not None and one.late_at <= until)
    return tuple(sorted(key_of(one.instance_id) for one in due))


def lapse(facts: Facts, names: Iterable[str], until: datetime, rules: Rules) -> None:
    """Look at the named instances at the times at which they ask for it, up to an instant."""
    for name in names:
        known = facts.instances.get(name)
        if known is not None:
            _lapse(facts, known, until, rules)


def key_of(instance_id: str) -> str:
    """Name the gate of one instance's lateness; who is told of it may change."""
    return alert_key(AlertKind.LATE_CASE, {"instance": instance_id}, team=None)


def _now(when: When) -> datetime:
    # A clock that waits for other partitions may lag behind the record; what came before it in event time comes first.
    return max(when.now, when.at)


def _since(said: Instance) -> datetime | None:
    """Say since when an instance runs; None where it has ended, or was never said to have started."""
    if said.ended_at is None:
        return said.started_at
    return said.begun_at if said.begun_at is not None and said.begun_at > said.ended_at else None


def _limit(said: Instance, rules: Rules) -> datetime | None:
    high, since, sla = rules.playbook.high_value, _since(said), rules.slas.get(said.process)
    if high is None or said.tier not in high.tiers or since is None or sla is None:
        return None
    return since + sla


def _lapse(facts: Facts, said: Instance, until: datetime, rules: Rules) -> None:
    while (at := facts.instances[said.instance_id].late_at) is not None and at <= until:
        _look(facts, said, When(now=at, at=at), rules)


def _look(facts: Facts, said: Instance, when: When, rules: Rules) -> None:
    """Decide whether an instance of which this is known is late, and say when to look again."""
    row = facts.instances[said.instance_id]
    limit, told, late_at = _limit(said, rules), row.late_told, None
    if told and (limit is None or limit > when.now):
        _end(facts, said, when, rules)
        told = False
    if limit is not None and limit > when.now:
        late_at = limit
    elif limit is not None and told:
        _refresh(facts, said, limit, when, rules)
    elif limit is not None and when.now - limit <= rules.playbook.fatigue.stale_after:
        _open(facts, said, limit, when, rules)
        told = True
    if (late_at, told) != (row.late_at, row.late_told):
        facts.instances.put(row.instance_id, replace(row, late_at=late_at, late_told=told))


def _open(facts: Facts, said: Instance, limit: datetime, when: When, rules: Rules) -> None:
    episode = taken_up(facts, key_of(said.instance_id), when, rules, lambda number: _new(said, number, when.now))
    facts.alerts.put(episode.alert.alert_id, _filled(episode.alert, said, limit, rules))
    reschedule(facts, episode.alert.alert_id, when.now, rules)


def _refresh(facts: Facts, said: Instance, limit: datetime, when: When, rules: Rules) -> None:
    """Bring an open alert up to what is known; one that a person has resolved stays as it is."""
    alert = latest(facts, key_of(said.instance_id), when.now, rules)
    if alert is not None and alert.state is AlertState.OPEN:
        facts.alerts.put(alert.alert_id, _filled(alert, said, limit, rules))
        reschedule(facts, alert.alert_id, when.now, rules)


def _end(facts: Facts, said: Instance, when: When, rules: Rules) -> None:
    """Resolve the alert of an instance that has ended; of one that turns out not to be late nothing is left in it."""
    alert = latest(facts, key_of(said.instance_id), when.now, rules)
    if alert is None or alert.state is not AlertState.OPEN:
        return
    if _since(said) is not None:
        alert = replace(alert, events=0, customers=0, instances=0, severities=(0, 0, 0, 0, 0))
    facts.alerts.put(alert.alert_id, close(replace(alert, unfinished=0), when.at))
    reschedule(facts, alert.alert_id, when.now, rules)


def _new(said: Instance, episode: int, now: datetime) -> Alert:
    key = key_of(said.instance_id)
    return Alert(
        alert_id=alert_id(key, episode),
        alert_key=key,
        episode=episode,
        kind=AlertKind.LATE_CASE,
        team="",
        route=LATE_ROUTE,
        process=said.process,
        category=_NONE,
        fields={"instance": said.instance_id},
        team_in_key=False,
        opened_at=now,
        first_seen=now,
        last_seen=now,
    )


def _filled(alert: Alert, said: Instance, limit: datetime, rules: Rules) -> Alert:
    high, sla = rules.playbook.high_value, rules.slas[said.process]
    team = (high and high.team) or rules.owners[said.process]
    severity = high.severity if high is not None else Severity.HIGH
    counts = [1 if at == severity.rank else 0 for at in range(5)]
    return replace(
        alert,
        team=alert.team if alert.kept_from(team) else team,
        process=said.process,
        region=said.region,
        first_seen=limit - sla,
        last_seen=limit,
        events=1,
        customers=1,
        instances=1,
        unfinished=1,
        severities=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        linked=(said.instance_id,),
        evidence={
            "tier": said.tier,
            "started_at": instant(limit - sla),
            "late_at": instant(limit),
            "limit": span.in_words(sla),
        },
    )
