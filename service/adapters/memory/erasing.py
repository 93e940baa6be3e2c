"""A person to erase -> its rows in memory found and rewritten, as the erasing part of a transaction."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import orjson
from msgspec.structs import replace

from service.adapters.memory.persons import hearsay
from service.adapters.memory.rows import Rows
from service.core.erase import (
    Person,
    Told,
    cleaned,
    erased_correction,
    erased_digest,
    erased_message,
    erased_notice,
    number_of,
)
from service.core.link.keys import customer_key
from service.core.persons import Persons
from service.core.records.decisions import PartKey
from service.core.records.deliveries import Listed
from service.core.records.erasing import Erased, Erasure
from service.core.records.facts import DigestRow, Facts, FeedbackRow
from service.core.records.identities import IdentityRule
from service.core.records.muting import Silences
from service.ports import Outgoing

T = TypeVar("T")


class MemoryErasing(ABC):
    """Implements Erasing over the rows of a store; what it changes is put in its place at the commit."""

    _rows: Rows

    def __init__(self) -> None:
        self._later: list[Callable[[], None]] = []

    @abstractmethod
    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None: ...

    async def claim_erasure(self, token: str) -> Erasure | None:
        waiting = [one for one in self._rows.erasures.values() if one.done_at is None]
        first = min(waiting, key=lambda one: (str(one.recorded_at), one.erasure_id), default=None)
        return None if first is None else replace(first, token=first.token or token)

    async def kin(self, refs: Sequence[str], rule: IdentityRule) -> frozenset[str]:
        heard = hearsay(self._rows, refs, rule)
        people = Persons(rule, heard.evidence, heard.splits)
        return frozenset(one for ref in refs for one in people.kin(ref))

    async def named(self, refs: Sequence[str], limit: int) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
        rows = self._rows
        subjects = {(part.source, part.subject) for ref in refs for part in rows.of_customer.get(ref, ())}
        subjects |= {(one.key.source, one.key.subject) for one in rows.members.values() if one.customer in refs}
        subjects |= {name for ref in refs for name in rows.former.get(ref, ())}
        instances = {name for name, one in rows.instances.items() if one.customer in refs}
        return sorted(subjects)[:limit], sorted(instances)[:limit]

    async def load_log(self, subjects: Sequence[tuple[str, str]]) -> Sequence[FeedbackRow]:
        wanted = set(subjects)
        found = (row for row in self._rows.rows.values() if (row.source, row.document["subject"]) in wanted)
        return sorted(found, key=lambda row: (row.received_at, row.source, row.event_id))

    async def load_unlogged(self, subjects: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        wanted = set(subjects)
        return sorted((source, event_id) for source, name, event_id in self._rows.unlogged if (source, name) in wanted)

    async def load_telling(
        self, facts: Facts, events: Sequence[str], alert_ids: Sequence[str], keys: Sequence[str]
    ) -> None:
        names = {*alert_ids, *_quoting(self._rows, set(events))} & self._rows.alerts.keys()
        known = {self._rows.alerts[name].alert_key for name in names} | {key for key in keys if key in self._rows.gates}
        await self.load_alerts(facts, sorted(known))
        facts.alerts.load({name: self._rows.alerts[name] for name in sorted(names) if name not in facts.alerts})

    async def wipe(self, person: Person) -> Mapping[str, int]:
        rows, told = self._rows, person.told
        for notice in rows.notices:
            told.learn(notice.alert)
        notices = [erased_notice(one, told) for one in rows.notices]
        digests = [_digest(one, told) for one in rows.digests]
        numbers = {number_of(ref) for ref in told.refs if not ref.startswith("anonymous:")}
        refused = [bool(numbers & set(one.named)) for one in rows.dead_letters]
        letters = {
            f"{one.topic}:{one.partition}:{one.offset}:{one.item}"
            for one, gone in zip(rows.dead_letters, refused, strict=True)
            if gone
        }
        sent = [_outgoing(one, told, letters) for one in rows.outgoing]
        waiting = {place: _delivery(one, told) for place, one in rows.mailroom.deliveries.items()}
        pairs = {frozenset({one, other}) for one, held in rows.evidence_of.items() for other in held}
        evidence = sum(any(one.ref in told.refs for one in pair) for pair in pairs)
        silences = {name: replace(one, matchers=cleaned(one.matchers, told)) for name, one in rows.silences.items()}
        answers = {key: (at, replace(one, body=_json(one.body, told))) for key, (at, one) in rows.answers.items()}
        telling = {*person.alerts, *person.named, *_quoting(rows, set(told.events))}
        emptied = [replace(one, text=None) if one.alert_id in telling else one for one in rows.acts]
        counts = {
            "log": len(person.rows),
            "acts": _changed(rows.acts, emptied),
            "corrections": len(_corrected(rows, person)),
            "evidence": evidence,
            "notices": _changed(rows.notices, notices),
            "digests": _changed(rows.digests, digests),
            "dead_letters": len(letters),
            "answers": sum(answers[key] != rows.answers[key] for key in answers),
            "silences": sum(silences[name] != rows.silences[name] for name in silences),
            "messages": _changed(rows.outgoing, sent),
            "deliveries": sum(waiting[place] != one for place, one in rows.mailroom.deliveries.items()),
        }

        def put() -> None:
            rows.notices, rows.digests, rows.answers, rows.acts = notices, digests, answers, emptied
            rows.outgoing = [*sent, *rows.outgoing[len(sent) :]]
            rows.mailroom.deliveries |= waiting
            rows.silences, rows.in_force = silences, Silences(one for one in silences.values() if one.ended_at is None)
            rows.dead_letters = [
                replace(one, key=None, payload=None, sha256="", named=()) if gone else one
                for one, gone in zip(rows.dead_letters, refused, strict=True)
            ]
            _forget(rows, person)

        self._later.append(put)
        return counts

    async def keep_erasure(self, erasure: Erasure, dropped: Sequence[str]) -> None:
        def put() -> None:
            self._rows.erasures[erasure.erasure_id] = erasure
            for ref in dropped:
                self._rows.of_customer.pop(ref, None)
                self._rows.kin.pop(ref, None)

        self._later.append(put)


def apply_erasures(rows: Rows, facts: Facts) -> None:
    """Keep requests, give back ids that are not to be kept, and remember whose subjects were."""
    rows.identities -= facts.disowned
    for one in facts.erasures:
        rows.erasures.setdefault(one.erasure_id, one)
        rows.erased.setdefault(one.mark, Erased(at=one.asked_at))
    rows.unlogged |= facts.unlogged
    for customer, source, subject in facts.left:
        rows.former.setdefault(customer, set()).add((source, subject))


def _forget(rows: Rows, person: Person) -> None:
    told, subjects = person.told, set(person.subjects)
    rows.identities -= set(person.events)
    for mark, one in person.marks.items():
        held = rows.erased.get(mark, one)
        rows.erased[mark] = Erased(at=max(held.at, one.at), revision=_higher(held.revision, one.revision))
    _rename_keys(rows, person.keys)
    for name in _corrected(rows, person):
        correction = erased_correction(rows.corrections.pop(name), told)
        rows.corrections[correction.key, correction.number] = correction
    _forget_names(rows, person, subjects)
    for instance in person.instances:
        held_steps = rows.steps.get(instance, {})
        rows.steps[instance] = {key: replace(one, attributes={}) for key, one in held_steps.items()}
    rows.evidence_of = {
        one: {other: said for other, said in held.items() if other.ref not in told.refs}
        for one, held in rows.evidence_of.items()
        if one.ref not in told.refs
    }
    rows.splits = {pair: one for pair, one in rows.splits.items() if not told.refs.keys() & set(pair)}
    for before, after in person.rows:
        rows.rows.pop((before.source, before.event_id), None)
        rows.rows[after.source, after.event_id] = after


def _rename_keys(rows: Rows, keys: Mapping[str, str]) -> None:
    for home, member in rows.members.items():
        if member.alert_id in keys:
            rows.members[home] = replace(member, alert_key=keys[member.alert_id])


def _forget_names(rows: Rows, person: Person, subjects: set[tuple[str, str]]) -> None:
    told = person.told
    for name in person.whole:
        rows.subjects.pop(name, None)
    for customer, names in rows.former.items():
        rows.former[customer] = names - (subjects if customer in told.refs else set(person.whole))
    rows.former = {customer: names for customer, names in rows.former.items() if names}
    rows.unlogged = {one for one in rows.unlogged if one[:2] not in subjects}
    keys = {customer_key(ref) for ref in told.refs}
    waits = {
        key: {part: until for part, until in held.items() if (part.source, part.subject) not in subjects}
        for key, held in rows.waits.items()
        if key not in keys
    }
    rows.waits = {key: held for key, held in waits.items() if held}
    rows.of_subject = {name: parts for name, parts in rows.of_subject.items() if parts}
    rows.members_of = {name: homes for name, homes in rows.members_of.items() if homes}
    rows.merges = {ticket: one for ticket, one in rows.merges.items() if one.event_id not in told.events}


def _corrected(rows: Rows, person: Person) -> list[tuple[PartKey, int]]:
    """Name what people said of the person's feedback."""
    subjects, whole, refs = set(person.subjects), set(person.whole), person.told.refs
    return [
        name
        for name, one in rows.corrections.items()
        if (one.key.source, one.key.subject) in subjects
        and (one.customer in refs or (one.key.source, one.key.subject) in whole)
    ]


def _quoting(rows: Rows, events: set[str]) -> set[str]:
    return {one.alert.alert_id for one in rows.notices if any(each.event_id in events for each in one.alert.excerpts)}


def _delivery(one: Listed, told: Told) -> Listed:
    before = one.delivery.payload
    if before is None:
        return one
    _, again = erased_message(f"queue.{one.delivery.team}", b"", before.encode(), told)
    return replace(one, delivery=replace(one.delivery, payload=again.decode()))


def _digest(row: DigestRow, told: Told) -> DigestRow:
    return replace(row, record=erased_digest(row.record, told))


def _outgoing(one: Outgoing, told: Told, letters: set[str]) -> Outgoing:
    values = tuple(erased_message(one.topic, key, value, told, letters) for key, value in one.values)
    return one if values == one.values else replace(one, values=values)


def _json(body: str, told: Told) -> str:
    before = orjson.loads(body)
    again = cleaned(before, told)
    return body if again == before else orjson.dumps(again).decode()


def _changed(before: Sequence[T], after: Sequence[T]) -> int:
    return sum(one != other for one, other in zip(before, after, strict=True))


def _higher(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
