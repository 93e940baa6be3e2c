"""Contributions, the alerts in which they count and the audit -> how much was acted on, how soon, and who came back.

The database counts in two statements, as the core does, which the suite of the ports holds it to.
"""

from collections import defaultdict

from service.adapters.postgres.scores import PATHS, names
from service.adapters.postgres.session import Session
from service.core.audit import Action
from service.core.scorecard import ACTED, COUNTED, Looped, LoopTallied, LoopTally

# What was negative, by its value, with when a person first acted on an alert of it, and first resolved one.
_NEGATIVE = """
WITH negative AS (
  SELECT coalesce(($7::text[])[array_position($6::text[], said.value)], said.value) COLLATE "C" AS value,
    c.customer, c.began_at, acts.acted_at, acts.resolved_at,
    coalesce((c.doc #> '{feedback,flags}')::jsonb ? 'anonymous', false) AS anonymous
  FROM contribution c
  CROSS JOIN LATERAL (SELECT CASE WHEN cardinality($1::text[]) > 0 THEN c.doc #>> $1::text[] END AS value) AS said
  CROSS JOIN LATERAL (
    SELECT min(a.at) FILTER (WHERE a.action = ANY ($5::text[])) AS acted_at,
      min(a.at) FILTER (WHERE a.action = 'alert.resolve') AS resolved_at
    FROM member m JOIN audit a ON a.kind = 'alert' AND a.object_id = m.alert_id
    WHERE m.source = c.source AND m.subject = c.subject AND m.part = c.part AND NOT m.copy
      AND a.outcome = 'done' AND a.at >= c.began_at
  ) AS acts
  WHERE c.day BETWEEN ($2::timestamptz AT TIME ZONE 'UTC')::date AND ($3::timestamptz AT TIME ZONE 'UTC')::date
    AND c.began_at >= $2 AND c.began_at < $3 AND c.negative AND c.doc #>> '{feedback,kind}' = ANY ($4::text[])
)
"""

# Count them by whole minutes of their wait, beyond a day by whole hours; one row more says how many values there are.
_WAITS = """
, waited AS (
  SELECT value, CASE WHEN wait < 86400 THEN floor(wait / 60) * 60 ELSE floor(wait / 3600) * 3600 END AS wait
  FROM (SELECT value, floor(extract(epoch FROM acted_at - began_at)) AS wait FROM negative) AS one
), counted AS (
  SELECT value, wait, count(*) AS times FROM waited GROUP BY value, wait
), totalled AS (
  SELECT *, sum(times) OVER (PARTITION BY value) AS total FROM counted
), placed AS (
  SELECT *, dense_rank() OVER (ORDER BY total DESC, value) AS place FROM totalled
)
SELECT value, wait::float8 AS wait, times, place FROM placed WHERE place <= $8
UNION ALL SELECT NULL, NULL, NULL, max(place) FROM placed
ORDER BY place
"""

# Count the customers who gave a score after their alert was resolved, and those whose first one is not negative.
_RECOVERED = """
, ended AS (
  SELECT value, customer, min(resolved_at) AS at FROM negative WHERE resolved_at IS NOT NULL AND NOT anonymous
  GROUP BY value, customer
)
SELECT value, count(*) AS asked, count(*) FILTER (WHERE NOT answer.negative) AS recovered
FROM ended CROSS JOIN LATERAL (
  SELECT c.negative FROM contribution c
  WHERE c.customer = ended.customer AND c.began_at > ended.at AND c.surveyed AND c.doc #>> '{signals,scored}' = 'true'
  ORDER BY c.began_at, c.source, c.subject, c.part LIMIT 1
) AS answer
GROUP BY value
"""


async def count_loop(session: Session, asked: Looped) -> LoopTallied:
    period = asked.period
    given = (
        *(PATHS[asked.by], period.since, period.until, [kind.value for kind in COUNTED]),
        [Action(one).value for one in ACTED],
        *names(asked.by, asked.renamed),
    )
    waits: defaultdict[str | None, dict[float, int]] = defaultdict(dict)
    negative: defaultdict[str | None, int] = defaultdict(int)
    values = 0
    for row in await session.fetch(_NEGATIVE + _WAITS, *given, asked.values):
        if row["times"] is None:
            values = row["place"] or 0
            continue
        negative[row["value"]] += row["times"]
        if row["wait"] is not None:
            waits[row["value"]][row["wait"]] = row["times"]
    came_back = {row["value"]: row for row in await session.fetch(_NEGATIVE + _RECOVERED, *given)} if negative else {}
    return LoopTallied(
        tallies=[
            LoopTally(
                value=value,
                negative=times,
                waits=waits[value],
                asked=came_back[value]["asked"] if value in came_back else 0,
                recovered=came_back[value]["recovered"] if value in came_back else 0,
            )
            for value, times in negative.items()
        ],
        left_off=values - len(negative),
    )
