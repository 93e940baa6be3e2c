"""A pool -> what is in front of queues, read whole only where it has changed.

The number of the transaction that wrote a row's present version is its mark: it costs nothing to keep, and no change
can leave it as it was.
"""

from collections.abc import Mapping, Sequence

from service.adapters.postgres.documents import ALERTS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.ports import Head

# Read the first open alerts of teams, the documents of those alone whose mark is not known.
HEADS = """
SELECT first.team, first.alert_id, first.mark,
  CASE WHEN known.mark IS DISTINCT FROM first.mark THEN first.doc END AS doc
FROM unnest($1::text[]) AS wanted (team)
CROSS JOIN LATERAL (
  SELECT a.team, a.alert_id, a.xmin::text AS mark, a.doc FROM alert a
  WHERE a.team = wanted.team COLLATE "C" AND a.state = 'open'
  ORDER BY a.rank DESC, a.last_seen DESC, a.alert_id LIMIT $2) AS first
LEFT JOIN unnest($3::text[], $4::text[]) AS known (alert_id, mark) ON known.alert_id = first.alert_id
"""


class PostgresHeads:
    """Implements Heads."""

    _pool: Pool

    async def heads(self, known: Mapping[str, Mapping[str, str]], limit: int) -> Mapping[str, Sequence[Head]]:
        marks = [pair for one in known.values() for pair in one.items()]
        names, values = [name for name, _ in marks], [mark for _, mark in marks]
        async with lent(self._pool) as session:
            rows = await session.fetch(HEADS, sorted(known), limit, names, values)
        found: dict[str, list[Head]] = {team: [] for team in known}
        for row in rows:
            alert = None if row["doc"] is None else ALERTS.read(row["doc"])
            found[row["team"]].append(Head(alert_id=row["alert_id"], mark=row["mark"], alert=alert))
        return found
