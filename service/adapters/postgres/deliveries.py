"""A pool -> what goes to channels outside: saved with its decision, lent to whoever sends, ended with a reason.

Locks are taken in the order channel, then deliveries by their place; no row of a decision is touched with them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from service.adapters.postgres.delivered import DELIVERY, read_listed
from service.adapters.postgres.documents import CHANNELS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent, within
from service.core.erase import Told, erased_message
from service.core.records.deliveries import ChannelState, Delivery, Known, Listed, Waiting
from service.ports import Claimed, Ended, Landed
from service.ports.deliveries import Admit, Change

# Put deliveries in; the place is drawn row by row, in their order.
DELIVERIES = """
INSERT INTO delivery (delivery_id, key, channel, team, tiding, thread, revision, ending, payload, made_at, due_at)
SELECT delivery_id, key, channel, team, tiding, thread, revision, ending, payload, made_at, made_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::boolean[],
  $9::text[], $10::timestamptz[]) WITH ORDINALITY
  AS new (delivery_id, key, channel, team, tiding, thread, revision, ending, payload, made_at, rank)
ORDER BY rank
ON CONFLICT (delivery_id) DO NOTHING
"""

# Name the channels for which something is due, by a probe for each that something waits for.
WAITING_CHANNELS = """
WITH RECURSIVE names AS (
  (SELECT channel FROM delivery WHERE state = 'waiting' ORDER BY channel LIMIT 1)
  UNION ALL
  SELECT (SELECT d.channel FROM delivery d WHERE d.state = 'waiting' AND d.channel > names.channel
    ORDER BY d.channel LIMIT 1) FROM names WHERE names.channel IS NOT NULL
)
SELECT channel FROM names WHERE channel IS NOT NULL
  AND EXISTS (SELECT FROM delivery d WHERE d.state = 'waiting' AND d.channel = names.channel AND d.due_at <= $1)
ORDER BY channel
"""

# Make and lock how a channel does.
_MAKE_CHANNEL = "INSERT INTO channel_state (channel, doc) VALUES ($1, $2::json) ON CONFLICT (channel) DO NOTHING"
_CHANNEL = "SELECT doc FROM channel_state WHERE channel = $1 FOR UPDATE"
_SAVE_CHANNEL = "UPDATE channel_state SET doc = $2::json WHERE channel = $1"

# Lock what is due and nobody holds; what is about the same thing waits for the first of it.
HEADS = """
SELECT d.place, d.thread FROM delivery d
WHERE d.channel = $1 AND d.state = 'waiting' AND d.due_at <= $2 AND (d.lease_until IS NULL OR d.lease_until <= $2)
  AND NOT EXISTS (SELECT FROM delivery e
    WHERE e.channel = d.channel AND e.thread = d.thread AND e.state = 'waiting' AND e.place < d.place)
ORDER BY d.due_at, d.place LIMIT $3 FOR UPDATE OF d SKIP LOCKED
"""
_LEND = "UPDATE delivery SET lease = $2, lease_until = $3 WHERE place = ANY ($1::bigint[])"

# Read what waits with it, and what the channel knows of it; so much of one thing at once is enough.
THREADS = """
SELECT w.* FROM unnest($2::text[]) AS lent (thread)
CROSS JOIN LATERAL (SELECT * FROM delivery d
  WHERE d.channel = $1 AND d.thread = lent.thread AND d.state = 'waiting' ORDER BY d.place LIMIT 50) AS w
ORDER BY w.place
"""
_KNOWN = "SELECT thread, revision, handle FROM delivery_state WHERE channel = $1 AND thread = ANY ($2::text[])"

# Lock what was lent, if it still is.
_HELD = "SELECT FROM delivery WHERE place = $1 AND lease = $2 AND state = 'waiting' FOR UPDATE"
_END = """
UPDATE delivery d SET state = new.state, count = new.count, first_at = new.first_at, last_at = new.last_at,
  last = new.last, detail = new.detail, unsent = new.unsent, due_at = coalesce(new.due_at, d.due_at),
  ended_at = new.ended_at, lease = NULL, lease_until = NULL,
  payload = CASE WHEN new.state IN ('sent', 'left_out') THEN NULL ELSE d.payload END
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
  $8::text[], $9::timestamptz[], $10::timestamptz[])
  AS new (place, state, count, first_at, last_at, last, detail, unsent, due_at, ended_at)
WHERE d.place = new.place AND d.state = 'waiting'
"""
_KNOW = """
INSERT INTO delivery_state AS held (channel, thread, revision, handle, told_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (channel, thread) DO UPDATE SET revision = greatest(held.revision, excluded.revision),
  handle = coalesce(excluded.handle, held.handle), told_at = excluded.told_at
"""

# End what waits for a channel that there is no more.
_DROP = """
UPDATE delivery SET state = 'dead', unsent = 'channel_gone', ended_at = $2, lease = NULL, lease_until = NULL
WHERE place = ANY (ARRAY(
  SELECT place FROM delivery WHERE channel = $1 AND state = 'waiting' AND (lease_until IS NULL OR lease_until <= $2)
  ORDER BY place LIMIT $3 FOR UPDATE SKIP LOCKED))
RETURNING 1
"""

# Let what is dead wait anew.
_AGAIN = """
UPDATE delivery SET state = 'waiting', count = 0, first_at = NULL, last_at = NULL, last = NULL, detail = NULL,
  unsent = NULL, ended_at = NULL, due_at = $2
WHERE delivery_id = $1 AND state = 'dead'
"""

# Read and write what quotes a person.
_QUOTING = """
SELECT place, team, payload FROM delivery WHERE thread = ANY ($1::text[]) AND payload IS NOT NULL
ORDER BY place FOR UPDATE
"""
_SAVE_QUOTING = """
UPDATE delivery d SET payload = new.payload FROM unnest($1::bigint[], $2::text[]) AS new (place, payload)
WHERE d.place = new.place
"""


class PostgresDeliveries:
    """Implements Deliveries."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def waiting_channels(self, now: datetime) -> Sequence[str]:
        async with lent(self._pool) as session:
            return [row["channel"] for row in await session.fetch(WAITING_CHANNELS, now)]

    async def claim(
        self, channel: str, limit: int, lease: str, now: datetime, until: datetime, admit: Admit
    ) -> Sequence[Claimed]:
        async with within(self._pool) as session:
            state = await _locked(session, channel)
            most, _ = admit(state, limit)
            heads = await session.fetch(HEADS, channel, now, most) if most else []
            granted, state = admit(state, len(heads))
            if not granted:
                return []
            lent_out = heads[:granted]
            await session.execute(_LEND, [row["place"] for row in lent_out], lease, until)
            await session.execute(_SAVE_CHANNEL, channel, CHANNELS.write(state))
            threads = [row["thread"] for row in lent_out]
            rows = await session.fetch(THREADS, channel, threads)
            known = {row["thread"]: row for row in await session.fetch(_KNOWN, channel, threads)}
        return [
            Claimed(
                waiting=tuple(_waiting(row) for row in rows if row["thread"] == thread),
                known=_known(known.get(thread)),
                lease=lease,
                until=until,
            )
            for thread in threads
        ]

    async def record(self, recorded: Landed, now: datetime, change: Change | None) -> bool:
        first = recorded.claimed.waiting[0]
        channel = first.delivery.channel
        async with within(self._pool) as session:
            if change is not None:
                state = await _locked(session, channel)
                await session.execute(_SAVE_CHANNEL, channel, CHANNELS.write(change(state)))
            held = bool(await session.fetch(_HELD, first.place, recorded.claimed.lease))
            if held:
                ended = sorted(recorded.ended, key=lambda one: one.place)
                await session.write(_END, (_ended_row(one, now) for one in ended))
                if recorded.known is not None:
                    known = (recorded.known.revision, recorded.known.handle)
                    await session.execute(_KNOW, channel, first.delivery.thread, *known, now)
        return held

    async def drop(self, channel: str, now: datetime, limit: int) -> int:
        async with within(self._pool) as session:
            return len(await session.fetch(_DROP, channel, now, limit))

    async def put(self, delivery: Delivery) -> None:
        async with within(self._pool) as session:
            await save_deliveries(session, [delivery])

    async def again(self, delivery_id: str, now: datetime) -> Listed | None:
        async with within(self._pool) as session:
            await session.execute(_AGAIN, delivery_id, now)
            rows = await session.fetch(DELIVERY, delivery_id)
        return read_listed(rows[0]) if rows else None


async def save_deliveries(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Put deliveries in, in their order."""
    await session.write(
        DELIVERIES,
        (
            (
                *(one.delivery_id, one.key, one.channel, one.team, one.tiding.value, one.thread, one.revision),
                *(one.ending, one.payload, one.not_before),
            )
            for one in deliveries
        ),
    )


async def wipe_deliveries(session: Session, threads: Collection[str], told: Told) -> int:
    """Take a person out of what waits, or is dead; return how many were changed."""
    changed = []
    for row in await session.fetch(_QUOTING, sorted(threads)):
        before = row["payload"].encode()
        _, again = erased_message(f"queue.{row['team']}", b"", before, told)
        if again != before:
            changed.append((row["place"], again.decode()))
    await session.write(_SAVE_QUOTING, changed)
    return len(changed)


async def _locked(session: Session, channel: str) -> ChannelState:
    await session.execute(_MAKE_CHANNEL, channel, CHANNELS.write(ChannelState(channel=channel)))
    (row,) = await session.fetch(_CHANNEL, channel)
    return CHANNELS.read(row["doc"])


def _ended_row(one: Ended, now: datetime) -> tuple[object, ...]:
    tries = one.tries
    over = one.due_at is None
    state = "waiting" if not over else "sent" if one.unsent is None else "dead" if one.unsent.is_dead else "left_out"
    return (
        *(one.place, state, tries.count, tries.first_at, tries.last_at),
        *(None if tries.last is None else tries.last.value, tries.detail),
        *(None if one.unsent is None else one.unsent.value, one.due_at, now if over else None),
    )


def _waiting(row: asyncpg.Record) -> Waiting:
    listed = read_listed(row)
    return Waiting(place=listed.place, delivery=listed.delivery, tries=listed.tries)


def _known(row: asyncpg.Record | None) -> Known | None:
    return None if row is None else Known(revision=row["revision"], handle=row["handle"])
