"""A class of rows and an instant -> what is older is gone, the oldest first, one bounded slice a transaction.

Texts go in the order of time behind a mark of how far that has come, so that what is clean is not read again. What has
a gate, a subject or a customer is locked in the order of every writer, and looked at again under the lock.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from service.adapters.postgres.audit import cut
from service.adapters.postgres.documents import ALERTS, NOTICES
from service.adapters.postgres.faults import UnexpectedRefusalError
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent, within
from service.core.contracts.digest import Digest
from service.core.erase import without_quotes
from service.core.records.alerts import Alert
from service.core.records.words import Kept
from service.ports import OutcomeUnknownError, OutOfReachError

_EVER = datetime(1900, 1, 1, tzinfo=UTC)

# Take rows out by their place, the oldest first.
_OLDEST = """
DELETE FROM {0} WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM {0} WHERE {1} < $1 ORDER BY {1} LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING 1
"""
_LETTERS = """
DELETE FROM dead_letter WHERE id = ANY (ARRAY(SELECT id FROM dead_letter ORDER BY id LIMIT $2)) AND at < $1 RETURNING 1
"""
_IDENTITIES = """
DELETE FROM event_identity i
USING (SELECT source, id FROM event_identity WHERE admitted_at < $1 ORDER BY admitted_at LIMIT $2) AS old
WHERE i.source = old.source AND i.id = old.id RETURNING 1
"""
_ACT_TEXT = """
UPDATE alert_act SET text = NULL WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM alert_act WHERE at < $1 AND text IS NOT NULL ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING 1
"""
_PLAIN: Mapping[Kept, tuple[str, ...]] = {
    Kept.ANSWERS: (_OLDEST.format("answer", "answered_at"),),
    Kept.DEAD_LETTERS: (_LETTERS,),
    Kept.IDENTITIES: (
        _IDENTITIES,
        _OLDEST.format("erased", "erased_at"),
        _OLDEST.format("unlogged", "heard_at"),
    ),
    Kept.ACT_TEXT: (_ACT_TEXT,),
    Kept.ACTS: (_OLDEST.format("alert_act", "at"),),
    Kept.NOTICES: (_OLDEST.format("notice", "at"), _OLDEST.format("delivery_state", "told_at")),
    Kept.DELIVERIES: (_OLDEST.format("delivery", "ended_at"),),
    Kept.DIGESTS: (_OLDEST.format("digest", "at"),),
    Kept.REVIEWS: (_OLDEST.format("review", "ends_at"),),
    Kept.CORRECTIONS: (_OLDEST.format("correction", "at"),),
    Kept.ERASURES: (_OLDEST.format("erasure", "done_at"),),
    # Whose a subject was is known for as long as the log names it.
    Kept.LOG: (_OLDEST.format("feedback_default", "received_at"), _OLDEST.format("former_customer", "left_at")),
}

# Read how far texts of a class are gone; whoever is second waits.
_REACHED = """
INSERT INTO retention AS held (what, until) VALUES ($1, $2)
ON CONFLICT (what) DO UPDATE SET until = held.until RETURNING until
"""
_REACH = "UPDATE retention SET until = $2 WHERE what = $1"

_OLD_ALERTS = """
SELECT alert_id, alert_key, resolved_at AS at FROM alert
WHERE state = 'resolved' AND resolved_at > $1 AND resolved_at < $2 ORDER BY resolved_at FETCH FIRST $3 ROWS WITH TIES
"""
_LOCK_GATES = "SELECT FROM alert_key WHERE alert_key = ANY ($1::text[]) ORDER BY alert_key FOR UPDATE"
_ALERTS = """
SELECT alert_id, doc FROM alert
WHERE alert_id = ANY ($1::text[]) AND state = 'resolved' AND resolved_at < $2 ORDER BY alert_id FOR UPDATE
"""
_SAVE_ALERTS = """
UPDATE alert a SET doc = new.doc::json FROM unnest($1::text[], $2::text[]) AS new (alert_id, doc)
WHERE a.alert_id = new.alert_id
"""
_OLD_NOTICES = """
SELECT alert_id, revision, doc, at FROM notice WHERE at > $1 AND at < $2 ORDER BY at FETCH FIRST $3 ROWS WITH TIES
"""
_SAVE_NOTICES = """
UPDATE notice n SET doc = new.doc::json
FROM unnest($1::text[], $2::integer[], $3::text[]) AS new (alert_id, revision, doc)
WHERE n.alert_id = new.alert_id AND n.revision = new.revision
"""
_OLD_DIGESTS = """
SELECT digest_id, document, at FROM digest WHERE at > $1 AND at < $2 ORDER BY at FETCH FIRST $3 ROWS WITH TIES
"""
_SAVE_DIGESTS = """
UPDATE digest d SET document = new.document::json FROM unnest($1::text[], $2::text[]) AS new (digest_id, document)
WHERE d.digest_id = new.digest_id
"""

# Take alerts out with what counts in them; their gates stay, and know of no alert.
_ENDED = """
SELECT alert_id, alert_key FROM alert WHERE state = 'resolved' AND resolved_at < $1 ORDER BY resolved_at LIMIT $2
"""
_DROP_ALERTS = """
WITH gone AS (
  DELETE FROM alert WHERE alert_id = ANY ($1::text[]) AND state = 'resolved' AND resolved_at < $2 RETURNING alert_id
), members AS (
  DELETE FROM member m USING gone WHERE m.alert_id = gone.alert_id
), gates AS (
  UPDATE alert_key g SET alert_id = NULL FROM gone WHERE g.alert_id = gone.alert_id
)
SELECT count(*) AS times FROM gone
"""

# Find subjects of which all is too old and nothing stands in an open alert; those withdrawn long ago have nothing left.
_OLD_SUBJECTS = """
SELECT DISTINCT source, subject FROM (
  SELECT c.source, c.subject FROM contribution c
  WHERE c.day < ($1::timestamptz AT TIME ZONE 'UTC')::date
    AND NOT EXISTS (SELECT FROM contribution o WHERE o.source = c.source AND o.subject = c.subject AND o.began_at >= $1)
    AND NOT EXISTS (SELECT FROM member m JOIN alert a USING (alert_id)
      WHERE m.source = c.source AND m.subject = c.subject AND a.state = 'open')
  ORDER BY c.day LIMIT $2) AS heard
UNION
SELECT source, subject FROM (
  SELECT f.source, f.subject FROM former_customer f WHERE f.left_at < $1 AND NOT f.gone
  ORDER BY f.left_at LIMIT $2) AS former
ORDER BY source, subject
"""
_LOCK_SUBJECTS = """
SELECT s.source, s.subject FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
JOIN subject s ON s.source = wanted.source AND s.subject = wanted.subject
ORDER BY s.source, s.subject FOR UPDATE OF s SKIP LOCKED
"""
_LOCK_CUSTOMERS = """
SELECT u.customer FROM customer u WHERE u.customer IN (
  SELECT c.customer FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
  JOIN contribution c ON c.source = wanted.source AND c.subject = wanted.subject)
ORDER BY u.customer FOR UPDATE
"""
_DROP_SUBJECTS = """
WITH wanted AS (
  SELECT w.source, w.subject FROM unnest($1::text[], $2::text[]) AS w (source, subject)
  WHERE NOT EXISTS (
    SELECT FROM contribution o WHERE o.source = w.source AND o.subject = w.subject AND o.began_at >= $3)
), heard AS (
  DELETE FROM contribution c USING wanted w WHERE c.source = w.source AND c.subject = w.subject
  RETURNING c.customer, c.source, c.subject
), trail AS (
  INSERT INTO former_customer (customer, source, subject, gone)
  SELECT DISTINCT customer, source, subject, true FROM heard
  ON CONFLICT (customer, source, subject) DO NOTHING
), members AS (
  DELETE FROM member m USING wanted w WHERE m.source = w.source AND m.subject = w.subject
), former AS (
  UPDATE former_customer f SET gone = true FROM wanted w
  WHERE f.source = w.source AND f.subject = w.subject AND f.left_at < $3
), gone AS (
  DELETE FROM subject s USING wanted w WHERE s.source = w.source AND s.subject = w.subject AND s.occurred_at < $3
  RETURNING 1
)
SELECT (SELECT count(*) FROM heard) + (SELECT count(*) FROM gone) AS times
"""
_DROP_CUSTOMERS = """
DELETE FROM customer u WHERE u.customer = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM contribution c WHERE c.customer = u.customer)
"""

# Find months of the log that are over, the oldest first, with about how many rows each has.
_MONTHS = """
SELECT relname AS name, greatest(reltuples, 0)::bigint AS times FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
WHERE inhparent = 'feedback'::regclass AND relname ~ '^feedback_y[0-9]{4}m[0-9]{2}$'
  AND (to_date(substr(relname, 11), 'YYYY"m"MM') + interval '1 month') AT TIME ZONE 'UTC' <= $1
ORDER BY relname LIMIT 1
"""


class PostgresRetention:
    """Implements Retention over the pool of a store."""

    _pool: Pool

    async def remove(self, what: Kept, before: datetime, limit: int) -> int:
        gone = await self._drop_month(before) if what is Kept.LOG else 0
        steps: Mapping[Kept, Callable[[Session, datetime, int], Awaitable[int]]] = {
            Kept.FEEDBACK: _feedback,
            Kept.ALERT_TEXT: _alert_text,
            Kept.NOTICE_TEXT: _notice_text,
            Kept.DIGEST_TEXT: _digest_text,
            Kept.ALERTS: _alerts,
            Kept.AUDIT: cut,
        }
        async with within(self._pool) as session:
            if what in steps:
                return await steps[what](session, before, limit)
            for statement in _PLAIN[what]:
                gone += len(await session.fetch(statement, before, limit))
        return gone

    async def _drop_month(self, before: datetime) -> int:
        """Drop a month in which nothing is young enough; a lock that does not come at once is asked for next time."""
        async with lent(self._pool) as session:
            found = await session.fetch(_MONTHS, before)
            if not found:
                return 0
            await session.begin()
            with suppress(UnexpectedRefusalError, OutOfReachError, OutcomeUnknownError):
                await session.execute("SET LOCAL lock_timeout = '200ms'")
                await session.execute(f"DROP TABLE {found[0]['name']}")
                await session.commit()
                times: int = found[0]["times"]
                return max(1, times)
        return 0


async def _feedback(session: Session, before: datetime, limit: int) -> int:
    old = await session.fetch(_OLD_SUBJECTS, before, limit)
    names = _columns(old, "source", "subject")
    locked = _columns(await session.fetch(_LOCK_SUBJECTS, *names), "source", "subject")
    customers = [row["customer"] for row in await session.fetch(_LOCK_CUSTOMERS, *locked)]
    (row,) = await session.fetch(_DROP_SUBJECTS, *locked, before)
    await session.execute(_DROP_CUSTOMERS, customers)
    times: int = row["times"]
    return times


async def _alerts(session: Session, before: datetime, limit: int) -> int:
    old = await session.fetch(_ENDED, before, limit)
    names, keys = _columns(old, "alert_id", "alert_key")
    await session.execute(_LOCK_GATES, keys)
    (row,) = await session.fetch(_DROP_ALERTS, names, before)
    times: int = row["times"]
    return times


async def _alert_text(session: Session, before: datetime, limit: int) -> int:
    (reached,) = await session.fetch(_REACHED, Kept.ALERT_TEXT.value, _EVER)
    old = await session.fetch(_OLD_ALERTS, reached["until"], before, limit)
    if not old:
        return 0
    names, keys = _columns(old, "alert_id", "alert_key")
    await session.execute(_LOCK_GATES, keys)
    found = [(row["alert_id"], ALERTS.read(row["doc"])) for row in await session.fetch(_ALERTS, names, before)]
    await session.write(_SAVE_ALERTS, ((name, ALERTS.write(_mute(one))) for name, one in found if one.excerpts))
    await session.execute(_REACH, Kept.ALERT_TEXT.value, old[-1]["at"])
    return len(old)


async def _notice_text(session: Session, before: datetime, limit: int) -> int:
    (reached,) = await session.fetch(_REACHED, Kept.NOTICE_TEXT.value, _EVER)
    old = await session.fetch(_OLD_NOTICES, reached["until"], before, limit)
    found = [(row["alert_id"], row["revision"], NOTICES.read(row["doc"])) for row in old]
    changed = (
        (name, revision, NOTICES.write(replace(one, alert=_mute(one.alert))))
        for name, revision, one in found
        if one.alert.excerpts
    )
    await session.write(_SAVE_NOTICES, changed)
    if old:
        await session.execute(_REACH, Kept.NOTICE_TEXT.value, old[-1]["at"])
    return len(old)


async def _digest_text(session: Session, before: datetime, limit: int) -> int:
    (reached,) = await session.fetch(_REACHED, Kept.DIGEST_TEXT.value, _EVER)
    old = await session.fetch(_OLD_DIGESTS, reached["until"], before, limit)
    found = [(row["digest_id"], without_quotes(Digest.model_validate_json(row["document"]))) for row in old]
    await session.write(_SAVE_DIGESTS, [(name, one.model_dump_json()) for name, one in found])
    if old:
        await session.execute(_REACH, Kept.DIGEST_TEXT.value, old[-1]["at"])
    return len(old)


def _mute(alert: Alert) -> Alert:
    return replace(alert, excerpts=())


def _columns(rows: list[asyncpg.Record], *names: str) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in names]
