"""A pool -> gauges over what all replicas share: open alerts, and how long the oldest one waits for a person."""

from collections.abc import Sequence
from datetime import datetime

from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.core.records.metrics import Metric

# Count open alerts, and find the oldest that nobody has acknowledged, of each team and severity.
_OPEN = """
SELECT team, severity, count(*) AS alerts,
  min(opened_at) FILTER (WHERE acked_until IS NULL OR acked_until <= $1) AS unacked_since
FROM alert WHERE state = 'open' GROUP BY team, severity ORDER BY team, severity
"""


class PostgresGauges:
    """Tells `alerts_open` and `oldest_unacked_seconds`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        """Return (metric, labels, value) for each gauge.

        Raises:
            OutOfReachError: the database does not answer.
        """
        async with lent(self._pool) as session:
            rows = await session.fetch(_OPEN, now)
        found: list[tuple[Metric, tuple[str, ...], float]] = []
        waiting: dict[str, float] = {}
        for row in rows:
            found.append(("alerts_open", (row["team"], row["severity"]), row["alerts"]))
            if row["unacked_since"] is not None:
                age = max(0.0, (now - row["unacked_since"]).total_seconds())
                waiting[row["team"]] = max(age, waiting.get(row["team"], 0.0))
        return found + [("oldest_unacked_seconds", (team,), age) for team, age in waiting.items()]
