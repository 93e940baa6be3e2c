"""A person to erase -> its rows found, locked and rewritten, as the erasing part of a transaction.

The lists of deploy/docs/privacy.md say what becomes of each table.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import orjson

from service.adapters.postgres import queries
from service.adapters.postgres.documents import ALERTS, write_json
from service.adapters.postgres.persons import hearsay
from service.adapters.postgres.reading import read_feedback
from service.adapters.postgres.session import Session
from service.adapters.postgres.wiping import wipe
from service.core.erase import Person
from service.core.persons import Persons
from service.core.records.erasing import Erased, Erasure
from service.core.records.facts import Facts, FeedbackRow
from service.core.records.identities import IdentityRule

# Take the oldest open request that nobody is at.
_CLAIM = """
UPDATE erasure SET token = coalesce(token, $1) WHERE erasure_id = (
  SELECT erasure_id FROM erasure WHERE done_at IS NULL ORDER BY recorded_at, erasure_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""

# Say how far a request has come.
_KEEP = """
UPDATE erasure SET refs = $2, token = $3, joined = $4, counts = $5::json, done_at = $6 WHERE erasure_id = $1
"""

# Keep requests, each once.
_RECORD = """
INSERT INTO erasure (erasure_id, request_id, customer_hash, refs, include_joined, asked_at, recorded_at, counts)
VALUES ($1, $2, $3, $4, $5, $6, $7, '{}') ON CONFLICT DO NOTHING
"""

# List requests, the latest first.
ERASURES = """
SELECT * FROM erasure
WHERE $1::timestamptz IS NULL OR recorded_at < $1 OR (recorded_at = $1 AND erasure_id > $2::text)
ORDER BY recorded_at DESC, erasure_id LIMIT $3
"""

# Keep marks; of two of one subject the higher stands.
MARKS = """
INSERT INTO erased AS held (mark, at, revision) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[])
ON CONFLICT (mark) DO UPDATE SET at = greatest(held.at, excluded.at),
  revision = greatest(held.revision, excluded.revision), erased_at = now()
"""

# Give ids back.
_DISOWN = """
DELETE FROM event_identity i USING unnest($1::text[], $2::text[]) AS gone (source, id)
WHERE i.source = gone.source AND i.id = gone.id
"""

# Remember whose subjects were.
_LEFT = """
INSERT INTO former_customer (customer, source, subject)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (customer, source, subject) DO UPDATE SET left_at = excluded.left_at
"""

# Remember events that leave no row in the log.
_SUPERSEDED = """
INSERT INTO unlogged (source, subject, event_id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT DO NOTHING
"""
_UNLOGGED = """
SELECT u.source, u.event_id FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
JOIN unlogged u ON u.source = wanted.source AND u.subject = wanted.subject ORDER BY u.source, u.event_id
"""

# Name subjects that name a customer still.
_SUBJECTS = """
SELECT source, subject FROM contribution WHERE customer = ANY ($1::text[])
UNION SELECT source, subject FROM member WHERE customer = ANY ($1::text[])
UNION SELECT source, subject FROM former_customer WHERE customer = ANY ($1::text[])
ORDER BY source, subject LIMIT $2
"""

# Take out subjects and customers that nothing is known of.
_EMPTY_SUBJECTS = """
DELETE FROM subject s USING unnest($1::text[], $2::text[]) AS named (source, subject)
WHERE s.source = named.source AND s.subject = named.subject AND s.event_id IS NULL
"""
_EMPTY_CUSTOMERS = """
DELETE FROM customer u WHERE u.customer = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM contribution c WHERE c.customer = u.customer)
"""

# Name instances that do.
_INSTANCES = """
SELECT instance_id FROM process_instance WHERE customer = ANY ($1::text[]) ORDER BY instance_id LIMIT $2
"""

# Load the log of subjects.
_LOG = """
SELECT f.source, f.event_id, f.received_at, f.version, f.document, f.explanation
FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
JOIN feedback f ON f.source = wanted.source AND coalesce(f.subject, f.document ->> 'subject') = wanted.subject
ORDER BY f.received_at, f.source, f.event_id
"""

# Name the alerts whose notices quote events.
_QUOTING = """
SELECT DISTINCT alert_id FROM notice WHERE ((doc #> '{alert,excerpts}')::jsonb) @> ANY ($1::jsonb[])
"""

# Name the keys of alerts, and those that are known of others.
_KEYS = """
SELECT alert_key FROM alert WHERE alert_id = ANY ($1::text[])
UNION SELECT alert_key FROM alert_key WHERE alert_key = ANY ($2::text[])
"""

# Drop the rows by which customers were locked.
_DROP_CUSTOMERS = "DELETE FROM customer WHERE customer = ANY ($1::text[])"


class PostgresErasing(ABC):
    """Implements Erasing over the session of a transaction."""

    _session: Session

    @abstractmethod
    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None: ...

    async def claim_erasure(self, token: str) -> Erasure | None:
        rows = await self._session.fetch(_CLAIM, token)
        return read_erasure(rows[0]) if rows else None

    async def kin(self, refs: Sequence[str], rule: IdentityRule) -> frozenset[str]:
        heard = await hearsay(self._session, refs, rule)
        people = Persons(rule, heard.evidence, heard.splits)
        return frozenset(one for ref in refs for one in people.kin(ref))

    async def named(self, refs: Sequence[str], limit: int) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
        subjects = await self._session.fetch(_SUBJECTS, refs, limit)
        instances = await self._session.fetch(_INSTANCES, refs, limit)
        return [(row["source"], row["subject"]) for row in subjects], [row["instance_id"] for row in instances]

    async def load_log(self, subjects: Sequence[tuple[str, str]]) -> Sequence[FeedbackRow]:
        if not subjects:
            return []
        sources, names = zip(*subjects, strict=True)
        return [read_feedback(row) for row in await self._session.fetch(_LOG, sources, names)]

    async def load_unlogged(self, subjects: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        names = [source for source, _ in subjects], [subject for _, subject in subjects]
        return [(row["source"], row["event_id"]) for row in await self._session.fetch(_UNLOGGED, *names)]

    async def load_telling(
        self, facts: Facts, events: Sequence[str], alert_ids: Sequence[str], keys: Sequence[str]
    ) -> None:
        wanted = [write_json([{"event_id": one}]) for one in events]
        quoting = await self._session.fetch(_QUOTING, wanted) if wanted else []
        names = sorted({*alert_ids, *(row["alert_id"] for row in quoting)})
        known = [row["alert_key"] for row in await self._session.fetch(_KEYS, names, keys)]
        await self.load_alerts(facts, sorted(set(known)))
        missing = [name for name in names if name not in facts.alerts]
        if missing:
            # They are no longer the latest of their keys.
            rows = await self._session.fetch(queries.ALERTS, [], missing)
            facts.alerts.load({row["alert_id"]: ALERTS.read(row["doc"]) for row in rows})

    async def wipe(self, person: Person) -> Mapping[str, int]:
        counts = await wipe(self._session, person)
        await self._session.write(MARKS, _marks(person.marks))
        return counts

    async def keep_erasure(self, erasure: Erasure, dropped: Sequence[str]) -> None:
        await self._session.execute(
            _KEEP,
            *(erasure.erasure_id, erasure.refs, erasure.token, erasure.joined),
            *(write_json(dict(erasure.counts)), erasure.done_at),
        )
        if dropped:
            await self._session.execute(_DROP_CUSTOMERS, dropped)


async def save_erasures(session: Session, facts: Facts) -> None:
    """Keep requests, give back the ids that are not to be kept, and remember whose subjects were."""
    if facts.disowned:
        await session.write(_DISOWN, sorted(facts.disowned))
    for one in facts.erasures:
        given = (one.erasure_id, one.request_id, one.customer_hash, one.refs, one.include_joined)
        await session.execute(_RECORD, *given, one.asked_at, one.recorded_at)
    await session.write(MARKS, sorted((one.mark, one.asked_at, None) for one in facts.erasures))
    await session.write(_LEFT, sorted(facts.left))
    await session.write(_SUPERSEDED, sorted(facts.unlogged))


async def vacate(session: Session, facts: Facts) -> None:
    """Take out rows that were put in to be locked, of subjects and customers of whom nothing was kept."""
    if facts.vacated:
        customers, sources, subjects = zip(*sorted(facts.vacated), strict=True)
        await session.execute(_EMPTY_SUBJECTS, sources, subjects)
        await session.execute(_EMPTY_CUSTOMERS, customers)


def read_erasure(row: asyncpg.Record) -> Erasure:
    return Erasure(
        erasure_id=row["erasure_id"],
        request_id=row["request_id"],
        customer_hash=row["customer_hash"],
        refs=tuple(row["refs"]),
        include_joined=row["include_joined"],
        asked_at=row["asked_at"],
        recorded_at=row["recorded_at"],
        token=row["token"],
        joined=row["joined"],
        counts=orjson.loads(row["counts"]),
        done_at=row["done_at"],
    )


def _marks(marks: Mapping[str, Erased]) -> list[tuple[str, object, int | None]]:
    return [(mark, one.at, one.revision) for mark, one in sorted(marks.items())]
