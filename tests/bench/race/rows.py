"""A database after a run -> when each event was committed, and whether the rows are right."""

from collections.abc import Mapping, Sequence

import asyncpg

# Identities are never written again, where feedback is when what its customer says later settles it.
_COMMITS = """
SELECT extract(epoch FROM at)::float8 AS at, count(*) AS events
FROM (SELECT pg_xact_commit_timestamp(xmin) AS at FROM event_identity) AS e WHERE at >= to_timestamp($1)
GROUP BY 1 ORDER BY 1"""
_EACH = """
SELECT id, extract(epoch FROM at)::float8 AS at
FROM (SELECT id, pg_xact_commit_timestamp(xmin) AS at FROM event_identity) AS e WHERE at >= to_timestamp($1)"""
_REFUSED = "refused records"
# Each is a number that has to be 0.
_OURS = {
    "feedback that stands twice": "SELECT count(*) - count(DISTINCT (source, event_id)) FROM feedback",
    "identities without feedback": "SELECT (SELECT count(*) FROM event_identity) - (SELECT count(*) FROM feedback)",
    _REFUSED: "SELECT count(*) FROM dead_letter",
    "records that are neither decided nor refused": """
        SELECT (SELECT coalesce(sum(next_offset), 0) FROM partition_lease) - $1::bigint
            - (SELECT count(*) FROM feedback) - (SELECT count(*) FROM dead_letter)""",
}
_PEERS = {
    "feedback that stands twice": "SELECT count(*) - count(DISTINCT (source, event_id)) FROM feedback",
    "identities without feedback": "SELECT (SELECT count(*) FROM event_identity) - (SELECT count(*) FROM feedback)",
    "classified rows without feedback": """
        SELECT (SELECT count(*) FROM outbox WHERE topic = 'feedback.classified') - (SELECT count(*) FROM feedback)""",
    "events of alerts that no feedback stands for": """
        SELECT (SELECT coalesce(sum(events), 0) FROM alert)
            - (SELECT count(*) FROM feedback WHERE (explanation #>> '{verdict,alerts}')::boolean)""",
    _REFUSED: "SELECT count(*) FROM refused",
}


async def commits(connection: "asyncpg.Connection[asyncpg.Record]", since: float) -> Sequence[tuple[float, int]]:
    """Return instants, in seconds since 1970 and in order, each with how many events were committed at it."""
    return [(row["at"], row["events"]) for row in await connection.fetch(_COMMITS, since)]


async def committed_at(connection: "asyncpg.Connection[asyncpg.Record]", since: float) -> Mapping[str, float]:
    """Return by event when it was committed."""
    return {row["id"]: row["at"] for row in await connection.fetch(_EACH, since)}


async def wrong(
    connection: "asyncpg.Connection[asyncpg.Record]", *, ours: bool, begun_at: int, filled: bool
) -> Sequence[str]:
    """Say what is wrong with the rows that a run has left; nothing if all is well.

    `begun_at` is the sum of the offsets at which the topic begins. Rows that were there before a run have no records
    behind them, so that then only refusals are looked for.
    """
    checks = _OURS if ours else _PEERS
    found = []
    for what, statement in checks.items():
        if filled and what != _REFUSED:
            continue
        given = (begun_at,) if "$1" in statement else ()
        if number := await connection.fetchval(statement, *given):
            found.append(f"{what}: {number}")
    return found
