"""Pseudonyms -> the evidence and the splits that their persons hang on, by one walk inside the database.

It is the walk of `service.core.persons`, which the suite of the ports holds it to.
"""

from collections.abc import Collection

import asyncpg

from service.adapters.postgres.session import Session
from service.core.records.facts import Facts
from service.core.records.identities import Evidence, Hearsay, IdentityRule, Reference, Split

# Load what the references that are walked were seen with. Of one type and not split from it, one more than may be
# shared ends the walk there, and one beyond that tells as much even where a person splits one of them. What is split
# comes as well, so that it can be told and lifted.
EVIDENCE = """
WITH RECURSIVE listed AS (
  SELECT type COLLATE "C" AS type, rank FROM unnest($2::text[]) WITH ORDINALITY AS given (type, rank)
), walk (type, rank, ref, way) AS (
  SELECT l.type, l.rank, named.ref COLLATE "C", 0 FROM unnest($1::text[]) AS named (ref) CROSS JOIN listed l
  CROSS JOIN LATERAL (
    SELECT FROM identity_evidence e WHERE e.type = l.type AND e.ref = named.ref COLLATE "C" LIMIT 1) AS known
  UNION
  SELECT l.type, l.rank, seen.other, CASE WHEN l.rank > w.rank THEN 1 WHEN w.way = 0 THEN 0 ELSE 2 END
  FROM walk w JOIN listed l ON l.rank < w.rank OR (l.rank > w.rank AND w.way < 2)
  CROSS JOIN LATERAL (SELECT few.other, count(*) OVER () AS times FROM (
    SELECT e.other FROM identity_evidence e
    WHERE e.type = w.type AND e.ref = w.ref AND e.other_type = l.type
      AND NOT EXISTS (SELECT FROM identity_split s WHERE s.lifted_at IS NULL
        AND ((s.ref = e.ref AND s.other = e.other) OR (s.ref = e.other AND s.other = e.ref)))
    ORDER BY e.other LIMIT $3 + 1) AS few) AS seen
  WHERE seen.times <= $3
), walked AS (SELECT DISTINCT type, ref FROM walk)
SELECT seen.* FROM walked w CROSS JOIN listed l
CROSS JOIN LATERAL (
  SELECT e.* FROM identity_evidence e
  WHERE e.type = w.type AND e.ref = w.ref AND e.other_type = l.type
    AND NOT EXISTS (SELECT FROM identity_split s WHERE s.lifted_at IS NULL
      AND ((s.ref = e.ref AND s.other = e.other) OR (s.ref = e.other AND s.other = e.ref)))
  ORDER BY e.other LIMIT $3 + 2) AS seen
UNION ALL
SELECT split.* FROM walked w CROSS JOIN LATERAL (
  SELECT e.* FROM (
    SELECT other FROM identity_split WHERE ref = w.ref AND lifted_at IS NULL
    UNION ALL SELECT ref FROM identity_split WHERE other = w.ref AND lifted_at IS NULL) AS s
  JOIN identity_evidence e ON e.type = w.type AND e.ref = w.ref AND e.other = s.other OFFSET 0) AS split
"""

# Load the splits of pseudonyms.
SPLITS = """
SELECT * FROM identity_split WHERE ref = ANY ($1::text[])
UNION SELECT * FROM identity_split WHERE other = ANY ($1::text[])
"""

# Keep evidence, the earliest of each pair.
SAVE_EVIDENCE = """
INSERT INTO identity_evidence AS held (type, ref, other_type, other, source, event_id, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
ON CONFLICT (type, ref, other_type, other) DO UPDATE
SET source = excluded.source, event_id = excluded.event_id, at = excluded.at
WHERE (excluded.at, excluded.source, excluded.event_id) < (held.at, held.source, held.event_id)
"""

# Keep splits.
SAVE_SPLITS = """
INSERT INTO identity_split (ref, other, author, reason, at, lifted_by, lifted_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::timestamptz[])
ON CONFLICT (ref, other) DO UPDATE SET author = excluded.author, reason = excluded.reason, at = excluded.at,
  lifted_by = excluded.lifted_by, lifted_at = excluded.lifted_at
"""


async def walked(session: Session, refs: Collection[str], rule: IdentityRule) -> set[str]:
    """Name the pseudonyms that the persons of `refs` hang on, themselves among them."""
    if not refs:
        return set()
    rows = await session.fetch(EVIDENCE, sorted(refs), list(rule.precedence), rule.shared_above)
    return {*refs, *(row["ref"] for row in rows)}


async def hearsay(session: Session, refs: Collection[str], rule: IdentityRule) -> Hearsay:
    if not refs:
        return Hearsay()
    rows = await session.fetch(EVIDENCE, sorted(refs), list(rule.precedence), rule.shared_above)
    found = {one.pair: one for one in map(_evidence, rows)}
    splits = []
    if found:
        named = {reference.ref for pair in found for reference in pair}
        splits = [_split(row) for row in await session.fetch(SPLITS, sorted(named))]
    return Hearsay(
        evidence=tuple(found[pair] for pair in sorted(found)),
        splits=tuple(sorted(splits, key=lambda one: one.pair)),
    )


async def save_identities(session: Session, facts: Facts) -> None:
    """Write evidence from either side, and splits."""
    rows = [
        (one.type, one.ref, other.type, other.ref, said.source, said.event_id, said.at)
        for said in facts.evidence.written.values()
        for one, other in (said.pair, said.pair[::-1])
    ]
    await session.write(SAVE_EVIDENCE, sorted(rows))
    await session.write(
        SAVE_SPLITS,
        (
            (one.ref, one.other, one.author, one.reason, one.at, one.lifted_by, one.lifted_at)
            for _, one in sorted(facts.splits.written.items())
        ),
    )


def _evidence(row: asyncpg.Record) -> Evidence:
    first, second = sorted((Reference(row["type"], row["ref"]), Reference(row["other_type"], row["other"])))
    return Evidence(first=first, second=second, source=row["source"], event_id=row["event_id"], at=row["at"])


def _split(row: asyncpg.Record) -> Split:
    return Split(
        ref=row["ref"],
        other=row["other"],
        author=row["author"],
        reason=row["reason"],
        at=row["at"],
        lifted_by=row["lifted_by"],
        lifted_at=row["lifted_at"],
    )
