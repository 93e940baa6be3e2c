"""Needs -> what links are found in: locked keys, merged tickets, and what waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.adapters.postgres import queries
from service.adapters.postgres.documents import INSTANCES
from service.adapters.postgres.persons import walked
from service.adapters.postgres.session import Session
from service.core.link import MOST_MERGES
from service.core.link.keys import customer_key, ticket_key, told_under
from service.core.records.decisions import PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import Merge
from service.core.records.needs import Needs
from service.ports import ConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Keys that are locked, those of all of them under which something is told, and locked customers.

    `rows` are to be taken out, by where they are in their table.
    """

    keys: Sequence[str]
    rows: Sequence[object]
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
    merges = await merges_of(session, wanted.tickets)
    told = await _told(session, wanted.instances)
    people = await _walked(session, wanted)
    merged = (ticket_key(one.into) for one in merges)
    keys = sorted({*wanted.link_keys, *told, *merged, *map(customer_key, people)})
    if not keys:
        return Locked(keys=(), rows=(), told=(), people=())
    rows = [row["ctid"] for row in await session.fetch(queries.LOCK_KEYS, keys)]
    if await merges_of(session, wanted.tickets) != merges or await _told(session, wanted.instances) != told:
        raise ConflictError("a ticket was merged, or an instance was found by more")
    facts.registry.merges.load({one.ticket: one for one in merges})
    return Locked(keys=keys, rows=rows, told={*wanted.told, *told}, people=people)


async def load_waiting(
    session: Session, facts: Facts, wanted: Needs, told: Collection[str]
) -> Collection[tuple[str, str]]:
    """Load what waits under the keys that are told of, and name the subjects."""
    if not told:
        return ()
    merged = await merges_of(session, wanted.tickets, queries.MERGED_INTO)
    facts.registry.merges.load({one.ticket: one for one in merged})
    keys = sorted({*told, *(ticket_key(one.ticket) for one in merged)})
    rows = await session.fetch(queries.WAITS, keys)
    facts.registry.load_waits(
        {(row["key"], PartKey(row["source"], row["subject"], row["part"])): row["until"] for row in rows}
    )
    return {(row["source"], row["subject"]) for row in rows}


async def _walked(session: Session, wanted: Needs) -> set[str]:
    if wanted.identity is None:
        return set()
    return await walked(session, {*wanted.kin, *wanted.joined}, wanted.identity)


async def _told(session: Session, instances: Sequence[str]) -> set[str]:
    """Name all keys under which instances are found as they are known."""
    if not instances:
        return set()
    rows = await session.fetch(queries.KNOWN, instances)
    return {key for row in rows for key in told_under(INSTANCES.read(row["doc"]))}


async def merges_of(session: Session, tickets: Sequence[str], query: str = queries.MERGES) -> Sequence[Merge]:
    if not tickets:
        return ()
    rows = await session.fetch(query, tickets, MOST_MERGES)
    found = (
        Merge(ticket=row["ticket"], into=row["into_ticket"], at=row["at"], event_id=row["event_id"]) for row in rows
    )
    return sorted(found, key=lambda one: one.ticket)
