"""Entries <-> rows of the audit: added behind the head, whose row is the last that a transaction locks.

So the chain is serial, whatever runs beside: who adds waits for whoever adds at the moment, until that has committed,
and holds nobody up who adds nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from service.adapters.postgres.documents import write_json
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent, within
from service.core.audit import (
    GENESIS,
    Action,
    Anchor,
    AuditOutcome,
    Entry,
    Head,
    ObjectKind,
    Sealed,
    cut_before,
    cut_entry,
    seal,
)
from service.core.records.doer import Doer, Means
from service.ports import AuditWanted, Chain

_ROWS = 1_000

# Lock the end of the chain and read it.
_LOCK = """
INSERT INTO audit_head (id, seq, hash) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING seq, hash
"""

# Add entries and move the end.
_APPEND = """
WITH added AS (
  INSERT INTO audit (seq, at, actor, role, means, action, kind, object_id, team, before, after, outcome, hash)
  SELECT seq, at, actor, role, means, action, kind, object_id, team, before::json, after::json, outcome, hash
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
    AS new (seq, at, actor, role, means, action, kind, object_id, team, before, after, outcome, hash)
)
UPDATE audit_head SET seq = $14, hash = $15 WHERE id = 1
"""

# List entries, the latest first.
_PAGE = """
SELECT * FROM audit
WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR action = $3)
  AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR object_id = $5) AND ($6::text IS NULL OR team = $6)
  AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
ORDER BY seq DESC LIMIT $9
"""

# Read the chain, from a place on.
_CHAIN = "SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"
_HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1"
_ANCHOR = "SELECT seq, hash FROM audit_anchor ORDER BY seq DESC LIMIT 1"

# Look at the oldest, and cut them off behind an anchor, without which the table lets none of them go.
_OLDEST = "SELECT seq, at, hash, now() AS now FROM audit ORDER BY seq LIMIT $1"
_SET_ANCHOR = "INSERT INTO audit_anchor (seq, hash, entries, cut_at) VALUES ($1, $2, $3, $4)"
_CUT = "DELETE FROM audit WHERE seq <= $1"


async def append(session: Session, entries: Sequence[Entry]) -> None:
    """Add entries as the last thing that a transaction does but commit."""
    if not entries:
        return
    row = (await session.fetch(_LOCK, GENESIS.seq, GENESIS.hash))[0]
    head, sealed = seal(Head(seq=row["seq"], hash=row["hash"]), entries)
    await session.write(_APPEND, map(_row, sealed), head.seq, head.hash)


async def cut(session: Session, before: datetime, limit: int) -> int:
    """Cut off the oldest days, and say so in the chain; return how much went."""
    await session.fetch(_LOCK, GENESIS.seq, GENESIS.hash)
    oldest = await session.fetch(_OLDEST, limit)
    count = cut_before([row["at"] for row in oldest], before)
    if count:
        last = oldest[count - 1]
        anchor = Anchor(seq=last["seq"], hash=last["hash"])
        await session.execute(_SET_ANCHOR, anchor.seq, anchor.hash, count, last["now"])
        await session.execute(_CUT, anchor.seq)
        await append(session, [cut_entry(anchor, count, last["now"])])
    return count


class PostgresAudit:
    """Implements Audit."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def write(self, *entries: Entry) -> None:
        async with within(self._pool) as session:
            await append(session, entries)

    async def page(self, wanted: AuditWanted, before: int | None, limit: int) -> Sequence[Sealed]:
        asked = (before, wanted.actor, wanted.action, wanted.kind, wanted.object_id, wanted.team)
        async with lent(self._pool) as session:
            return [_sealed(row) for row in await session.fetch(_PAGE, *asked, wanted.since, wanted.until, limit)]

    @asynccontextmanager
    async def chain(self) -> AsyncIterator[Chain]:
        async with lent(self._pool) as session:
            # One snapshot, so that what is added or cut off meanwhile is no fault.
            await session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await session.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            heads, anchors = await session.fetch(_HEAD), await session.fetch(_ANCHOR)
            head = Head(seq=heads[0]["seq"], hash=heads[0]["hash"]) if heads else GENESIS
            anchor = Anchor(seq=anchors[0]["seq"], hash=anchors[0]["hash"]) if anchors else None
            yield Chain(anchor=anchor, head=head, entries=_each(session))


async def _each(session: Session) -> AsyncIterator[Sealed]:
    last = -1
    while rows := await session.fetch(_CHAIN, last, _ROWS):
        for row in rows:
            yield _sealed(row)
        last = rows[-1]["seq"]


def _row(one: Sealed) -> tuple[object, ...]:
    entry = one.entry
    return (
        *(one.seq, entry.at, entry.doer.name, entry.doer.role, entry.doer.means.value),
        *(entry.action.value, entry.kind.value, entry.object_id, entry.team),
        *(_text(entry.before), _text(entry.after), entry.outcome.value, one.hash),
    )


def _text(told: Any) -> str | None:  # noqa: ANN401 - any JSON document
    return None if told is None else write_json(dict(told))


def _sealed(row: asyncpg.Record) -> Sealed:
    before, after = row["before"], row["after"]
    entry = Entry(
        at=row["at"],
        doer=Doer(name=row["actor"], role=row["role"], means=Means(row["means"])),
        action=Action(row["action"]),
        kind=ObjectKind(row["kind"]),
        object_id=row["object_id"],
        team=row["team"],
        before=None if before is None else orjson.loads(before),
        after=None if after is None else orjson.loads(after),
        outcome=AuditOutcome(row["outcome"]),
    )
    return Sealed(seq=row["seq"], entry=entry, hash=row["hash"])
