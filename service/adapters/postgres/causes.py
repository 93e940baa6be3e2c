"""A pool -> the instances that causes are looked for in, and versions counted.

The database picks and counts as the core does, which the suite of the ports holds it to.
"""

from collections.abc import Sequence

from service.adapters.postgres.documents import INSTANCES
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.reading import read_downtime, read_step
from service.adapters.postgres.session import lent
from service.core.cause import SURE, Compared, Gathered, VersionsAsked, VersionTally

# When each instance was first complained of: in a cell and window.
_IN_CELL = """
SELECT c.instance_id, min(c.began_at) AS at FROM contribution c
WHERE c.day BETWEEN ($8::timestamptz AT TIME ZONE 'UTC')::date AND ($3::timestamptz AT TIME ZONE 'UTC')::date
  AND c.process = $1 AND c.began_at >= $8 AND c.began_at < $3
  AND coalesce(($10::text[])[array_position($9::text[], c.category)], c.category) = $7
  AND ($2::text IS NULL OR c.region = $2)
  AND c.negative AND NOT c.by_staff
  AND c.instance_id IS NOT NULL AND (c.doc #>> '{link,confidence}')::float8 >= $5
GROUP BY c.instance_id
"""

# Or in an alert.
_IN_ALERT = """
SELECT c.instance_id, min(c.began_at) AS at FROM member m JOIN contribution c USING (source, subject, part)
WHERE m.alert_id = $7
  AND c.negative AND c.instance_id IS NOT NULL AND (c.doc #>> '{link,confidence}')::float8 >= $5
GROUP BY c.instance_id
"""

# Find the instances that ran, complaints first, and take so many by lot.
_RAN = """
WITH complaint AS MATERIALIZED ({complaints}), ran AS (
  SELECT i.instance_id, k.at, sha256(convert_to(i.instance_id, 'UTF8')) AS lot
  FROM process_instance i LEFT JOIN complaint k USING (instance_id)
  WHERE i.process = $1 AND ($2::text IS NULL OR i.region = $2) AND i.began_at < $3 AND i.over_at > $4
), placed AS (
  SELECT instance_id, at, row_number() OVER (PARTITION BY at IS NULL ORDER BY lot) AS place,
    count(*) FILTER (WHERE at IS NOT NULL) OVER () AS negative, count(*) FILTER (WHERE at IS NULL) OVER () AS others
  FROM ran
)
SELECT i.doc, p.instance_id, p.at, p.negative, p.others FROM placed p JOIN process_instance i USING (instance_id)
WHERE p.place <= CASE WHEN p.at IS NOT NULL THEN $6::integer / 2 ELSE $6 - least(p.negative, $6 / 2) END
"""

_RAN_IN_CELL, _RAN_IN_ALERT = (_RAN.replace("{complaints}", complaints) for complaints in (_IN_CELL, _IN_ALERT))

# Read the steps of instances.
_STEPS = "SELECT * FROM process_step WHERE instance_id = ANY ($1::text[])"

# Read the downtimes of a process.
_DOWNTIMES = "SELECT * FROM downtime WHERE process = $1"

# Count the versions of a process among instances that began in a period.
_VERSIONS = """
SELECT version, min(began_at) AS first_at, count(*) FILTER (WHERE NOT struck) AS instances,
  count(*) FILTER (WHERE NOT struck AND negative) AS negative, count(*) FILTER (WHERE struck) AS in_outage
FROM (
  SELECT i.doc ->> 'version' AS version, i.began_at, EXISTS (
    SELECT FROM downtime d WHERE d.process = i.process AND (d.region IS NULL OR d.region = i.region)
      AND d.started_at < i.over_at AND coalesce(d.ended_at, 'infinity') > i.began_at
  ) AS struck, EXISTS (
    SELECT FROM contribution c WHERE c.instance_id = i.instance_id AND c.negative
      AND (c.doc #>> '{link,confidence}')::float8 >= $4
  ) AS negative
  FROM process_instance i
  WHERE i.process = $1 AND i.began_at >= $2 AND i.began_at < $3 AND i.over_at >= $2
    AND i.doc ->> 'version' IS NOT NULL
) AS one GROUP BY version
"""


class PostgresCauses:
    """Implements CausesRead over the pool of a desk."""

    _pool: Pool

    async def gathered(self, asked: Compared) -> Gathered:
        arguments = (asked.process, asked.region, asked.until, asked.ended_since, SURE, asked.most)
        names = (list(asked.renamed), list(asked.renamed.values()))
        async with lent(self._pool) as session:
            if asked.alert_id is None:
                rows = await session.fetch(_RAN_IN_CELL, *arguments, asked.category, asked.since, *names)
            else:
                rows = await session.fetch(_RAN_IN_ALERT, *arguments, asked.alert_id)
            steps = await session.fetch(_STEPS, [row["instance_id"] for row in rows])
            downtimes = await session.fetch(_DOWNTIMES, asked.process)
        return Gathered(
            instances=[INSTANCES.read(row["doc"]) for row in rows],
            complained_at={row["instance_id"]: row["at"] for row in rows if row["at"] is not None},
            steps=[read_step(row) for row in steps],
            downtimes=[read_downtime(row) for row in downtimes],
            negative=rows[0]["negative"] if rows else 0,
            others=rows[0]["others"] if rows else 0,
        )

    async def versions(self, asked: VersionsAsked) -> Sequence[VersionTally]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_VERSIONS, asked.process, asked.since, asked.until, SURE)
        return [VersionTally(**row) for row in rows]
