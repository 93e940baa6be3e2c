"""Contributions as they are stored -> how often each score was given, and what became of closed cases.

The database counts each in one statement, as the core does, which the suite of the ports holds it to: the kinds that
count, the period, whole values in order of their scores or cases, and none after one that had no room.
"""

from collections.abc import Mapping
from datetime import datetime

import asyncpg

from service.adapters.postgres import queries
from service.adapters.postgres.session import Session
from service.core.records.feedback import Metric
from service.core.records.renamed import Renamed
from service.core.scorecard import COUNTED, CasesTallied, CaseTally, Cohort, Dimension, Sample, Tallied, Tally

# Where a contribution's document says what it is told apart by; nowhere, for all of them together.
PATHS: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.ALL: (),
    Dimension.SEGMENT: ("feedback", "segment"),
    Dimension.CHANNEL: ("feedback", "channel"),
    Dimension.REGION: ("feedback", "region"),
    Dimension.TEAM: ("routed", "owner", "team"),
    Dimension.PROCESS: ("process",),
    Dimension.CATEGORY: ("categorised", "category"),
    Dimension.TOUCHPOINT: ("feedback", "touchpoint"),
    Dimension.SURVEY: ("feedback", "survey"),
}

# Count each score of each value, and keep the values with the most scores; one row more says how many values there are.
# The days are those of an index, which the instants are then looked up behind.
_SCORES = """
WITH given AS (
  SELECT coalesce(($8::text[])[array_position($7::text[], said.value)], said.value) COLLATE "C" AS value,
    m.kind, m.raw, m.scale_min, m.scale_max, m.higher_is_better, count(*) AS times
  FROM contribution c
  CROSS JOIN LATERAL (SELECT CASE WHEN cardinality($1::text[]) > 0 THEN c.doc #>> $1::text[] END AS value) AS said
  CROSS JOIN LATERAL json_to_recordset(c.doc #> '{feedback,metrics}')
    AS m (kind text, raw float8, scale_min float8, scale_max float8, higher_is_better boolean)
  WHERE c.day BETWEEN ($2::timestamptz AT TIME ZONE 'UTC')::date AND ($3::timestamptz AT TIME ZONE 'UTC')::date
    AND c.began_at >= $2 AND c.began_at < $3 AND c.doc #>> '{feedback,kind}' = ANY ($4::text[])
  GROUP BY 1, 2, 3, 4, 5, 6
), totalled AS (
  SELECT *, sum(times) OVER (PARTITION BY value) AS total FROM given
), placed AS (
  SELECT *, dense_rank() OVER by_size AS place, count(*) OVER by_size AS room FROM totalled
  WINDOW by_size AS (ORDER BY total DESC, value)
)
SELECT value, kind, raw, scale_min, scale_max, higher_is_better, times, place FROM placed
WHERE place <= $5 AND room <= $6
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, max(place) FROM placed
"""

# Count the closed cases of each value, and keep the values with the most; one row more says how many values there are.
_OF_CASES = """
WITH closed AS (
  SELECT coalesce(($10::text[])[array_position($9::text[], said.value)], said.value) COLLATE "C" AS value,
    done_at <= $7 AS elapsed, returned
  FROM ({cases}) AS one
  CROSS JOIN LATERAL (SELECT CASE WHEN cardinality($6::text[]) > 0 THEN doc #>> $6::text[] END AS value) AS said
), placed AS (
  SELECT value, count(*) FILTER (WHERE elapsed) AS closed, count(*) FILTER (WHERE elapsed AND returned) AS returned,
    count(*) FILTER (WHERE NOT elapsed) AS censored, row_number() OVER (ORDER BY count(*) DESC, value) AS place
  FROM closed GROUP BY value
)
SELECT value, closed, returned, censored, place FROM placed WHERE place <= $8
UNION ALL SELECT NULL, NULL, NULL, NULL, max(place) FROM placed
"""
_CASES = _OF_CASES.format(cases=queries.CASES)

# Read when something last began or was closed.
_HEARD_UNTIL = "SELECT greatest(max(began_at), max(done_at)) AS at FROM contribution"


async def count(session: Session, sample: Sample) -> Tallied:
    period, kinds = sample.period, [kind.value for kind in COUNTED]
    rows = await session.fetch(
        _SCORES,
        *(PATHS[sample.by], period.since, period.until, kinds, sample.values, sample.tallies),
        *names(sample.by, sample.renamed),
    )
    kept = [row for row in rows if row["kind"] is not None]
    values = next(row["place"] or 0 for row in rows if row["kind"] is None)
    return Tallied(
        tallies=[_tally(row) for row in kept],
        left_off=values - max((row["place"] for row in kept), default=0),
    )


async def count_cases(session: Session, cohort: Cohort) -> CasesTallied:
    period = cohort.period
    rows = await session.fetch(
        _CASES,
        *(period.since, period.until, 24 * cohort.days, list(cohort.renamed), list(cohort.renamed.values())),
        *(PATHS[cohort.by], cohort.elapsed_at, cohort.values),
        *names(cohort.by, cohort.renamed),
    )
    kept = [row for row in rows if row["closed"] is not None]
    values = next(row["place"] or 0 for row in rows if row["closed"] is None)
    return CasesTallied(
        tallies=[
            CaseTally(value=row["value"], closed=row["closed"], returned=row["returned"], censored=row["censored"])
            for row in kept
        ],
        left_off=values - len(kept),
    )


async def heard_until(session: Session) -> datetime | None:
    rows = await session.fetch(_HEARD_UNTIL)
    at: datetime | None = rows[0]["at"]
    return at


def names(by: Dimension, renamed: Renamed) -> tuple[list[str], list[str]]:
    """What a value is read as: of categories alone is it known what they are called now."""
    named = renamed if by is Dimension.CATEGORY else {}
    return list(named), list(named.values())


def _tally(row: asyncpg.Record) -> Tally:
    score = Metric(
        kind=row["kind"],
        raw=row["raw"],
        scale_min=row["scale_min"],
        scale_max=row["scale_max"],
        higher_is_better=row["higher_is_better"],
    )
    return Tally(value=row["value"], score=score, count=row["times"])
