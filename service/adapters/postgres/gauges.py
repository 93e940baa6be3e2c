"""A pool -> gauges over what all replicas share: open alerts, how long the oldest waits, how many were noise."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.core.noise import NOISE_DAYS, NOISY
from service.core.records.metrics import Metric

# Count open alerts, and find the oldest that nobody has acknowledged, of each team and severity.
_OPEN = """
SELECT team, severity, count(*) AS alerts,
  min(opened_at) FILTER (WHERE acked_until IS NULL OR acked_until <= $1) AS unacked_since
FROM alert WHERE state = 'open' GROUP BY team, severity ORDER BY team, severity
"""


# Take the share of noise, in the widest sense, in the alerts of which somebody said what they were.
_NOISE = """
SELECT team, avg((disposition = ANY ($3::text[]))::integer)::float8 AS ratio FROM alert
WHERE disposition IS NOT NULL AND state = 'resolved' AND resolved_at >= $1 AND resolved_at < $2
GROUP BY team ORDER BY team
"""


class PostgresGauges:
    """Tells `alerts_open`, `oldest_unacked_seconds` and, of the last 90 days, `noise_ratio`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        """Return (metric, labels, value) for each gauge.

        Raises:
            OutOfReachError: the database does not answer.
        """
        async with lent(self._pool) as session:
            rows = await session.fetch(_OPEN, now)
            noise = await session.fetch(_NOISE, now - timedelta(days=NOISE_DAYS), now, sorted(NOISY))
        found: list[tuple[Metric, tuple[str, ...], float]] = []
        waiting: dict[str, float] = {}
        for row in rows:
            found.append(("alerts_open", (row["team"], row["severity"]), row["alerts"]))
            if row["unacked_since"] is not None:
                age = max(0.0, (now - row["unacked_since"]).total_seconds())
                waiting[row["team"]] = max(age, waiting.get(row["team"], 0.0))
        found += [("oldest_unacked_seconds", (team,), age) for team, age in waiting.items()]
        return found + [("noise_ratio", (row["team"],), row["ratio"]) for row in noise]
