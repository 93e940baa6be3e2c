"""Corrections <-> rows, and what the ladder and people have filed, counted where it lies.

The database picks and counts as the core does, which the suite of the ports holds it to.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from service.adapters.postgres.documents import CONTRIBUTIONS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent
from service.core.corrections import FiledTally, Filings, KeywordTally
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import Categorised
from service.core.records.words import CategoryMethod, FeedbackKind
from service.ports import CorrectionPlace, CorrectionsWanted

# Load the last correction of each part of a subject.
_LAST = """
SELECT DISTINCT ON (part) * FROM correction WHERE source = $1 AND subject = $2 ORDER BY part, number DESC
"""

# Keep corrections: of one that is known only its end is news.
_SAVE = """
INSERT INTO correction (source, subject, part, number, event_id, customer, kind, language, question, text, category,
  method, confidence, model, given, matched, meant, author, reason, at, ended_by, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT (source, subject, part, number) DO UPDATE SET ended_by = excluded.ended_by, ended_at = excluded.ended_at
"""

# List corrections, the latest first.
_PAGE = """
SELECT c.* FROM correction c
WHERE ($1::timestamptz IS NULL OR c.at >= $1) AND ($2::timestamptz IS NULL OR c.at < $2)
  AND ($3::text IS NULL OR c.category = $3 OR $3 = ANY (c.meant)) AND ($4::text IS NULL OR c.method = $4)
  AND (NOT $5::boolean OR (c.ended_at IS NULL AND c.text <> '' AND EXISTS (
    SELECT FROM subject s WHERE s.source = c.source AND s.subject = c.subject AND NOT s.withdrawn)))
  AND ($6::timestamptz IS NULL OR c.at < $6
    OR (c.at = $6 AND (c.source, c.subject, c.part, c.number) > ($7::text, $8::text, $9::text, $10::integer)))
ORDER BY c.at DESC, c.source, c.subject, c.part, c.number LIMIT $11
"""

_FILED = """
WITH filed AS (
  SELECT coalesce(doc #> '{refiled,categorised}', doc -> 'categorised') AS ladder,
    CASE WHEN doc #>> '{refiled,part}' IS NOT NULL THEN category END AS meant
  FROM contribution
  WHERE day BETWEEN ($1::timestamptz AT TIME ZONE 'UTC')::date AND ($2::timestamptz AT TIME ZONE 'UTC')::date
    AND began_at >= $1 AND began_at < $2 AND coalesce(doc #>> '{refiled,part}', part) = part
)
"""

# Count what was filed alike, and what people meant.
_TALLIES = (
    _FILED
    + """
SELECT ladder ->> 'category' AS category, ladder ->> 'method' AS method, meant, count(*) AS feedbacks
FROM filed GROUP BY 1, 2, 3
"""
)

# Count in what keywords have spoken.
_KEYWORDS = (
    _FILED
    + """
SELECT ladder ->> 'category' AS category, keyword, count(*) AS feedbacks,
  count(*) FILTER (WHERE meant <> ladder ->> 'category') AS refiled
FROM filed CROSS JOIN LATERAL json_array_elements_text(ladder -> 'matched') AS keyword
WHERE ladder ->> 'method' = 'keyword' GROUP BY 1, 2
"""
)

# Find what alerts hold that were worth acting on, and that is of their category.
_CONFIRMED = """
SELECT c.doc FROM (
  SELECT m.source, m.subject, m.part, max(a.resolved_at) AS ended_at
  FROM alert a JOIN member m ON m.alert_id = a.alert_id
  JOIN contribution c ON c.source = m.source AND c.subject = m.subject AND c.part = m.part
  WHERE a.disposition = 'actionable' AND a.state = 'resolved' AND a.kind = 'event' AND NOT m.copy
    AND c.category = a.category AND ($1::timestamptz IS NULL OR a.resolved_at >= $1)
  GROUP BY m.source, m.subject, m.part
) AS held JOIN contribution c USING (source, subject, part)
ORDER BY held.ended_at DESC, source, subject, part LIMIT $2
"""


async def load_corrections(session: Session, facts: Facts, source: str, subject: str) -> None:
    found = [read_correction(row) for row in await session.fetch(_LAST, source, subject)]
    facts.corrections.load({(one.key, one.number): one for one in found})


async def save_corrections(session: Session, facts: Facts) -> None:
    """Write them; who does holds the lock of their subject."""
    await keep_corrections(session, [one for _, one in sorted(facts.corrections.written.items())])


async def keep_corrections(session: Session, corrections: Sequence[Correction]) -> None:
    await session.execute_each(_SAVE, [_row(one) for one in corrections])


class PostgresCorrections:
    """Implements CorrectionsRead."""

    _pool: Pool

    async def corrections(
        self, wanted: CorrectionsWanted, after: CorrectionPlace | None, limit: int
    ) -> Sequence[Correction]:
        method = None if wanted.method is None else wanted.method.value
        place: tuple[object, ...] = (None,) * 5
        if after is not None:
            place = (after.at, after.source, after.subject, after.part, after.number)
        asked = (wanted.since, wanted.until, wanted.category, method, wanted.usable)
        async with lent(self._pool) as session:
            return [read_correction(row) for row in await session.fetch(_PAGE, *asked, *place, limit)]

    async def filings(self, since: datetime, until: datetime) -> Filings:
        async with lent(self._pool) as session:
            tallies = await session.fetch(_TALLIES, since, until)
            keywords = await session.fetch(_KEYWORDS, since, until)
        return Filings(
            tallies=tuple(
                FiledTally(
                    category=row["category"],
                    method=CategoryMethod(row["method"]),
                    meant=row["meant"],
                    feedbacks=row["feedbacks"],
                )
                for row in tallies
            ),
            keywords=tuple(KeywordTally(**row) for row in keywords),
        )

    async def confirmed(self, since: datetime | None, limit: int) -> Sequence[Contribution]:
        async with lent(self._pool) as session:
            return [CONTRIBUTIONS.read(row["doc"]) for row in await session.fetch(_CONFIRMED, since, limit)]


def _row(one: Correction) -> tuple[object, ...]:
    key, given = one.key, one.given
    return (
        *(key.source, key.subject, key.part, one.number, one.event_id, one.customer, one.kind.value, one.language),
        *(one.question, one.text, given.category, given.method.value, given.confidence, one.model),
        *(list(given.categories), list(given.matched), list(one.meant), one.author, one.reason, one.at),
        *(one.ended_by, one.ended_at),
    )


def read_correction(row: asyncpg.Record) -> Correction:
    return Correction(
        key=PartKey(row["source"], row["subject"], row["part"]),
        number=row["number"],
        event_id=row["event_id"],
        customer=row["customer"],
        kind=FeedbackKind(row["kind"]),
        language=row["language"],
        question=row["question"],
        text=row["text"],
        given=Categorised(
            category=row["category"],
            confidence=row["confidence"],
            method=CategoryMethod(row["method"]),
            categories=tuple(row["given"]),
            matched=tuple(row["matched"]),
        ),
        model=row["model"],
        meant=tuple(row["meant"]),
        author=row["author"],
        reason=row["reason"],
        at=row["at"],
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
    )
