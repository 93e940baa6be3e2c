"""A person's subjects with all that hangs on them -> the same rows without the person, left in `facts` to be written.

A subject whose state another customer holds by now stays that one's: only what is left of the person in it goes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from service.core.erase.names import Names
from service.core.erase.said import erased_contribution, erased_key
from service.core.erase.told import Told, cleaned, erased_alert
from service.core.identity import alert_key
from service.core.pseudonym import PseudonymKey, anonymous
from service.core.records.alerts import Gate, Member
from service.core.records.decisions import Contribution, PartKey
from service.core.records.erasing import Erased
from service.core.records.facts import Facts, FeedbackRow
from service.core.records.words import AlertKind

Name = tuple[str, str]
_EVENT, _SUBJECT = "event", "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What of a person one transaction erases, for a store to finish what `facts` does not hold.

    `rows` are log rows as they were, each with its new shape. `events` and `subjects` are the names that go, `whole`
    those subjects that are nobody else's, `parts` the contributions under them, `marks` what they are known by from
    then on. `alerts` are all that may tell of the person, `named` those that name it themselves, and
    `keys` has the new keys of those whose old one did.
    """

    told: Told
    rows: Sequence[tuple[FeedbackRow, FeedbackRow]] = ()
    events: Sequence[Name] = ()
    subjects: Sequence[Name] = ()
    whole: Sequence[Name] = ()
    parts: Sequence[PartKey] = ()
    instances: Sequence[str] = ()
    alerts: Sequence[str] = ()
    named: Sequence[str] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Erased] = field(default_factory=dict)

    @property
    def nobodies(self) -> tuple[str, ...]:
        """Name the customers that stood for nobody in these subjects."""
        return tuple(sorted(anonymous(*name) for name in self.whole))


def marks_of_event(key: PseudonymKey, source: str, event_id: str) -> tuple[str, ...]:
    return key.marks(_EVENT, source, event_id)


def marks_of_subject(key: PseudonymKey, source: str, subject: str) -> tuple[str, ...]:
    return key.marks(_SUBJECT, source, subject)


def events_of(
    facts: Facts,
    subjects: Sequence[Name],
    rows: Sequence[FeedbackRow],
    unlogged: Iterable[Name],
    refs: Collection[str],
) -> list[Name]:
    """Name the events that are the person's: all that was heard of its subjects, but for what is another customer's."""
    theirs = {one.feedback.event_id for one in _parts(facts, subjects) if not _is_mine(one, refs)}
    heard = {*unlogged, *((row.source, row.event_id) for row in rows)}
    heard |= {(one.key.source, one.feedback.event_id) for one in _parts(facts, subjects)}
    return sorted(name for name in heard if name[1] not in theirs)


def told_of(names: Names, refs: Collection[str], subjects: Sequence[Name], events: Sequence[Name]) -> Told:
    """Give each name of the person its token."""
    return Told(
        names=names,
        sources=frozenset(source for source, _ in (*subjects, *events)),
        refs={ref: names.customer(ref) for ref in refs}
        | {anonymous(*one): names.customer(anonymous(*one)) for one in subjects},
        subjects={subject: names.subject(source, subject) for source, subject in subjects},
        events={event_id: names.event(source, event_id) for source, event_id in events},
    )


def erase(
    facts: Facts,
    told: Told,
    subjects: Sequence[Name],
    rows: Sequence[FeedbackRow],
    events: Sequence[Name],
    refs: Collection[str],
    key: PseudonymKey,
    until: datetime,
) -> Person:
    """Erase what the person said in these subjects; nothing of them from `until` or before comes back."""
    parts = tuple(one.key for one in _parts(facts, subjects) if _is_mine(one, refs))
    kept = {one.key for one in _parts(facts, subjects) if not _is_mine(one, refs)}
    whole = tuple(name for name in subjects if PartKey(*name) not in kept)
    marks = _marks(facts, whole, events, key, until)
    for name in whole:
        facts.subjects.drop(name)
    for part in parts:
        said = facts.contributions[part]
        told.texts.update({said.feedback.text, said.feedback.text[:280]} - {""})
        facts.drop_contribution(part)
        facts.put_contribution(erased_contribution(said, told))
    for source, subject in subjects:
        for member in facts.members_of(source, subject):
            if member.key not in kept or member.customer in refs:
                _rename(facts, member, told, whole=member.key not in kept)
    named, keys = _part_with_alerts(facts, told)
    facts.left.clear()
    instances = _part_with_instances(facts, refs, told)
    mine = set(events)
    changed = [(row, _erased_row(row, told)) for row in rows if (row.source, row.event_id) in mine]
    return Person(
        told=told,
        rows=changed,
        events=events,
        subjects=subjects,
        whole=whole,
        parts=parts,
        instances=instances,
        alerts=sorted(facts.alerts),
        named=named,
        keys=keys,
        marks=marks,
    )


def _marks(
    facts: Facts, subjects: Sequence[Name], events: Sequence[Name], key: PseudonymKey, until: datetime
) -> dict[str, Erased]:
    found: dict[str, Erased] = {}
    for event in events:
        found |= dict.fromkeys(marks_of_event(key, *event), Erased(at=until))
    for name in subjects:
        held = facts.subjects.get(name)
        gone = Erased(at=until, revision=0 if held is None else held.revision)
        found |= dict.fromkeys(marks_of_subject(key, *name), gone)
    return found


def _parts(facts: Facts, subjects: Sequence[Name]) -> list[Contribution]:
    return [facts.contributions[part] for name in subjects for part in facts.parts_of(*name)]


def _is_mine(one: Contribution, refs: Collection[str]) -> bool:
    """Tell whether a contribution is the person's: it names it, or nobody, within what is the person's."""
    return one.feedback.customer in refs or one.feedback.customer.startswith("anonymous:")


def _rename(facts: Facts, member: Member, told: Told, *, whole: bool) -> None:
    """Put a member under its tokens; the alert's customers are as many as its rows name, at each moment."""
    again = replace(
        member,
        key=erased_key(member.key, told) if whole else member.key,
        event_id=told.events.get(member.event_id, member.event_id),
        customer=told.refs.get(member.customer, member.customer),
    )
    facts.drop_member(member)
    facts.put_member(again)
    alert = facts.alerts[member.alert_id]
    step = _tally(facts, member.alert_id, member.customer, -1) + _tally(facts, member.alert_id, again.customer, 1)
    facts.alerts.put(alert.alert_id, replace(alert, customers=alert.customers + step))


def _tally(facts: Facts, alert_id: str, customer: str, step: int) -> int:
    key = (alert_id, "customer", customer)
    before = facts.tallies.get(key) or 0
    after = before + step
    if after == 0:
        facts.tallies.drop(key)
    else:
        facts.tallies.put(key, after)
    return (after > 0) - (before > 0)


def _part_with_alerts(facts: Facts, told: Told) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Take the person out of what alerts say; return those that name it themselves, and the new keys of some.

    An alert whose key names the person gets a gate of its own, so that what the person says later opens another one.
    The gate that it had stays without it: its number of episodes keeps ids apart.
    """
    named: list[str] = []
    keys: dict[str, str] = {}
    for alert in tuple(facts.alerts.values()):
        told.learn(alert)
        again = erased_alert(alert, told)
        if again.fields != alert.fields:
            keys[alert.alert_id] = _own_key(alert.alert_id)
            again = replace(again, alert_key=keys[alert.alert_id])
            facts.gates.put(again.alert_key, Gate(alert_key=again.alert_key, alert_id=alert.alert_id, episodes=1))
            gate = facts.gates.get(alert.alert_key)
            if gate is not None and gate.alert_id == alert.alert_id:
                facts.gates.put(alert.alert_key, replace(gate, alert_id=None, forward=None))
        if again != alert:
            facts.alerts.put(alert.alert_id, again)
        if (again.fields, again.evidence) != (alert.fields, alert.evidence):
            named.append(alert.alert_id)
    for member in tuple(facts.members.values()):
        if member.alert_id in keys:
            facts.put_member(replace(member, alert_key=keys[member.alert_id]))
    return tuple(named), keys


def _own_key(alert_id: str) -> str:
    return f"v1:{sha256(f'erased:{alert_id}'.encode()).hexdigest()}"


def _part_with_instances(facts: Facts, refs: Collection[str], told: Told) -> tuple[str, ...]:
    """Let the person's instances run on as those of a token."""
    mine = sorted(name for name in facts.instances if facts.instances[name].customer in refs)
    for name in mine:
        instance = facts.instances[name]
        facts.instances.put(name, replace(instance, customer=told.refs[str(instance.customer)]))
    return tuple(mine)


def _erased_row(row: FeedbackRow, told: Told) -> FeedbackRow:
    document = {
        **row.document,
        "subject": told.subjects[row.document["subject"]],
        "event_id": told.events[row.event_id],
    }
    return replace(
        row, event_id=told.events[row.event_id], document=document, explanation=_explained(row.explanation, told)
    )


def _explained(why: Mapping[str, Any], told: Told) -> Mapping[str, Any]:
    found: dict[str, Any] = cleaned(why, told)
    if "category" in found:
        found["category"] = {**found["category"], "matched": []}
    return found


def keys_of(refs: Iterable[str]) -> tuple[str, ...]:
    """Name the keys of the alerts about persons, which have no members."""
    return tuple(sorted(alert_key(AlertKind.AT_RISK, {"customer": ref}, team=None) for ref in refs))


def names_in(rows: Sequence[FeedbackRow]) -> Iterator[str]:
    """Name the alerts that log rows tell of."""
    yield from {row.document["alert_id"] for row in rows if row.document.get("alert_id") is not None}
