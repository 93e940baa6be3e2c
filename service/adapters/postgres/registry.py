"""Needs -> what links are found in: locked keys, merged tickets, what waits, instances by key and by customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from service.adapters.postgres import queries
from service.adapters.postgres.documents import INSTANCES
from service.adapters.postgres.persons import hearsay, walked
from service.adapters.postgres.session import Session
from service.core.link import MOST_MERGES
from service.core.link.keys import customer_key, looked_under, ticket_key, tickets_in, told_under
from service.core.persons import Persons, Span, spread
from service.core.records.decisions import Contribution, PartKey
from service.core.records.facts import Facts, Needs
from service.core.records.feedback import Merge
from service.core.records.registry import MOST_KIN
from service.ports import ConflictError

_CUSTOMER = customer_key("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Keys that are locked, those of all of them under which something is told, and locked customers."""

    keys: Sequence[str]
    told: Collection[str]
    people: Collection[str]


async def lock(session: Session, keys: Sequence[str]) -> None:
    """Lock correlation keys, given in their order, until the end of the transaction."""
    rows = await session.fetch(queries.LOCK_KEYS, keys)
    await session.execute(queries.TAKE_OUT_KEYS, [row["ctid"] for row in rows])


async def lock_keys(session: Session, facts: Facts, wanted: Needs) -> Locked:
    """Lock the keys, with those of tickets into which others were merged, and all that told instances are known by.

    Raises:
        ConflictError: one of these has come to be another while the keys were waited for.
    """
    merges = await _merges(session, wanted.tickets)
    told = await _told(session, wanted.instances)
    people = await _walked(session, wanted)
    merged = (ticket_key(one.into) for one in merges)
    keys = sorted({*wanted.link_keys, *told, *merged, *map(customer_key, people)})
    if not keys:
        return Locked(keys=(), told=(), people=())
    await lock(session, keys)
    if await _merges(session, wanted.tickets) != merges or await _told(session, wanted.instances) != told:
        raise ConflictError("a ticket was merged, or an instance was found by more")
    facts.registry.merges.load({one.ticket: one for one in merges})
    return Locked(keys=keys, told={*wanted.told, *told}, people=people)


async def load_waiting(
    session: Session, facts: Facts, wanted: Needs, told: Collection[str]
) -> Collection[tuple[str, str]]:
    """Load what waits under the keys that are told of, and name the subjects."""
    if not told:
        return ()
    merged = await _merges(session, wanted.tickets, queries.MERGED_INTO)
    facts.registry.merges.load({one.ticket: one for one in merged})
    keys = sorted({*told, *(ticket_key(one.ticket) for one in merged)})
    rows = await session.fetch(queries.WAITS, keys)
    facts.registry.load_waits(
        {(row["key"], PartKey(row["source"], row["subject"], row["part"])): row["until"] for row in rows}
    )
    return {(row["source"], row["subject"]) for row in rows}


async def load_instances(session: Session, facts: Facts, wanted: Needs, locked: Locked) -> None:
    """Load who carries the keys, or is linked already, and the instances of the customers.

    Raises:
        ConflictError: a person has come to hang on more than is locked.
    """
    held = _held(facts, wanted)
    under = {*locked.keys, *(key for one in held for key in looked_under(one.feedback))}
    # Who changes these does not hold the keys of this transaction, but has to wait for its subjects.
    merges = await _merges(session, sorted(set(tickets_in(under)) - set(wanted.tickets)))
    facts.registry.merges.load({one.ticket: one for one in merges})
    under |= {ticket_key(one.into) for one in merges}
    # Customers have an index of their own.
    under = {key for key in under if not key.startswith(_CUSTOMER)}
    if under:
        carriers: dict[str, set[str]] = {}
        for row in await session.fetch(queries.INSTANCES, sorted(under)):
            _load(facts, row)
            carriers.setdefault(row["key"], set()).add(row["instance_id"])
        facts.registry.holders.load({key: frozenset(names) for key, names in carriers.items()})
    spans = await _of_persons(session, facts, wanted, locked)
    if spans:
        lows, highs = [low - wanted.window for low, _ in spans.values()], [high for _, high in spans.values()]
        rows = await session.fetch(queries.KIN, list(spans), lows, highs, MOST_KIN + 1)
        for row in rows:
            _load(facts, row)
        facts.registry.load_instances({}, [(row["customer"], row["instance_id"]) for row in rows])


async def _of_persons(session: Session, facts: Facts, wanted: Needs, locked: Locked) -> Mapping[str, Span]:
    """Load what the persons of customers hang on, and ask for the instances of all that may be of them."""
    spans = wanted.kin_with_stored(_held(facts, wanted))
    if wanted.identity is None:
        return spans
    heard = await hearsay(session, {*spans, *wanted.joined}, wanted.identity)
    facts.load_hearsay(heard)
    people = Persons(wanted.identity, heard.evidence, heard.splits)
    if not {one for ref in (*wanted.kin, *wanted.joined) for one in people.walked(ref)} <= set(locked.people):
        raise ConflictError("a person was joined while the keys were waited for")
    return spread(spans, people, wanted.joined)


async def _walked(session: Session, wanted: Needs) -> set[str]:
    if wanted.identity is None:
        return set()
    return await walked(session, {*wanted.kin, *wanted.joined}, wanted.identity)


def _held(facts: Facts, wanted: Needs) -> Sequence[Contribution]:
    """The stored contributions of the subjects that are decided now, and of those that wait."""
    subjects = {*wanted.subjects, *((part.source, part.subject) for _, part in facts.registry.waits)}
    return [facts.contributions[part] for name in sorted(subjects) for part in facts.parts_of(*name)]


def _load(facts: Facts, row: asyncpg.Record) -> None:
    name = row["instance_id"]
    if name not in facts.instances:
        facts.registry.load_instances({name: INSTANCES.read(row["doc"])})


async def _told(session: Session, instances: Sequence[str]) -> set[str]:
    """Name all keys under which instances are found as they are known."""
    if not instances:
        return set()
    rows = await session.fetch(queries.KNOWN, instances)
    return {key for row in rows for key in told_under(INSTANCES.read(row["doc"]))}


async def _merges(session: Session, tickets: Sequence[str], query: str = queries.MERGES) -> Sequence[Merge]:
    if not tickets:
        return ()
    rows = await session.fetch(query, tickets, MOST_MERGES)
    found = (
        Merge(ticket=row["ticket"], into=row["into_ticket"], at=row["at"], event_id=row["event_id"]) for row in rows
    )
    return sorted(found, key=lambda one: one.ticket)
