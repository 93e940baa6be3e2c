"""A pool -> gauges over what all replicas share: open alerts, how long the oldest waits, noise, silences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from service.adapters.postgres.muting import hidden, read_silence
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.core.noise import NOISE_DAYS, NOISY
from service.core.records.metrics import Metric
from service.core.records.muting import LATELY, Hidden, Silence
from service.core.silence import most_hidden

# Count open alerts, and find the oldest that nobody has acknowledged, of each team and severity.
_OPEN = """
SELECT team, severity, count(*) AS alerts,
  min(opened_at) FILTER (WHERE acked_until IS NULL OR acked_until <= $1) AS unacked_since
FROM alert WHERE state = 'open' GROUP BY team, severity ORDER BY team, severity
"""

# Read the silences that are in force, the oldest first.
_SILENCES = """
SELECT doc, check_at FROM silence WHERE ended_at IS NULL AND starts_at <= $1 ORDER BY created_at, silence_id
"""
# So many silences have a label of their own; what more there are share one.
_MOST_LABELS = 200
_OTHER = "other"


# Take the share of noise, in the widest sense, in the alerts of which somebody said what they were.
_NOISE = """
SELECT team, avg((disposition = ANY ($3::text[]))::integer)::float8 AS ratio FROM alert
WHERE disposition IS NOT NULL AND state = 'resolved' AND resolved_at >= $1 AND resolved_at < $2
GROUP BY team ORDER BY team
"""


# Count the requests to erase that are open, and find the oldest.
_ERASURES = "SELECT count(*) AS times, min(recorded_at) AS since FROM erasure WHERE done_at IS NULL"


class PostgresGauges:
    """Tells `alerts_open`, `oldest_unacked_seconds`, of the last 90 days `noise_ratio`, and what silences hide."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        """Return (metric, labels, value) for each gauge.

        Raises:
            OutOfReachError: the database does not answer.
        """
        async with lent(self._pool) as session:
            rows = await session.fetch(_OPEN, now)
            (erasing,) = await session.fetch(_ERASURES)
            noise = await session.fetch(_NOISE, now - timedelta(days=NOISE_DAYS), now, sorted(NOISY))
            silences = [read_silence(row) for row in await session.fetch(_SILENCES, now)]
            held = await hidden(session, [one.silence_id for one in silences], now - LATELY) if silences else {}
        since = erasing["since"]
        found: list[tuple[Metric, tuple[str, ...], float]] = [
            ("erasures_open", (), erasing["times"]),
            ("oldest_erasure_seconds", (), 0.0 if since is None else max(0.0, (now - since).total_seconds())),
        ]
        waiting: dict[str, float] = {}
        for row in rows:
            found.append(("alerts_open", (row["team"], row["severity"]), row["alerts"]))
            if row["unacked_since"] is not None:
                age = max(0.0, (now - row["unacked_since"]).total_seconds())
                waiting[row["team"]] = max(age, waiting.get(row["team"], 0.0))
        found += [("oldest_unacked_seconds", (team,), age) for team, age in waiting.items()]
        found += [("noise_ratio", (row["team"],), row["ratio"]) for row in noise]
        return [*found, *_hiding(silences, held)]


def _hiding(silences: Sequence[Silence], held: Mapping[str, Hidden]) -> Iterator[tuple[Metric, tuple[str, ...], float]]:
    """Tell how many customers each silence hides, and what it hides of the last day over what breaks it."""
    customers: dict[str, int] = {}
    ratios: dict[str, float] = {}
    for at, one in enumerate(silences):
        label, counted = one.silence_id if at < _MOST_LABELS else _OTHER, held[one.silence_id]
        customers[label] = customers.get(label, 0) + counted.customers
        ratios[label] = max(ratios.get(label, 0.0), counted.lately / most_hidden(one))
    yield from (("silence_hidden_customers", (label,), count) for label, count in customers.items())
    yield from (("silence_growth_ratio", (label,), ratio) for label, ratio in ratios.items())
