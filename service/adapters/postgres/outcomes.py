"""Alerts that ended -> how many of each rule ended how, and the strongest evidence of the reviews among them.

The database does in one statement each what the core does, which the suite of the ports holds it to.
"""

import asyncpg

from service.adapters.postgres.session import Session
from service.core.noise import EndingTally, ReviewOutcome, Rule, Span
from service.core.noise.cuts import BY_STATISTIC
from service.core.records.words import AlertKind, Disposition, Level, NoticeReason, Severity

# Count the alerts that ended by team, rule, severity and disposition; a notice is looked for by its alert.
_ENDINGS = """
SELECT team, kind, route, level, severity, disposition, count(*) AS alerts, count(*) FILTER (WHERE told) AS told,
  count(*) FILTER (WHERE told AND NOT handled) AS ignored
FROM (
  SELECT a.*, EXISTS (
    SELECT FROM notice n WHERE n.alert_id = a.alert_id AND n.reason = ANY ($3::text[])
  ) AS told FROM alert a WHERE a.state = 'resolved' AND a.resolved_at >= $1 AND a.resolved_at < $2
) AS ended
GROUP BY team, kind, route, level, severity, disposition
"""

# Find the most that each review reached whose every finding was of its own cell's statistic.
_REVIEWS = """
SELECT a.alert_id, a.disposition, max(r.document #>> '{thresholds,rule}' COLLATE "C") AS rule,
  max((r.document ->> 'statistic')::float8) AS statistic, max((r.document ->> 'x')::integer) AS x
FROM alert a JOIN review r ON r.alert_id = a.alert_id
WHERE a.disposition IS NOT NULL AND a.kind = 'volume' AND a.state = 'resolved'
  AND a.resolved_at >= $1 AND a.resolved_at < $2 AND r.document ->> 'level' IS NOT NULL
GROUP BY a.alert_id, a.disposition
HAVING bool_and(r.document ->> 'method' = $3 AND r.document ->> 'reason' = $4 AND r.document ->> 'hours' IS NULL
  AND r.document ->> 'statistic' IS NOT NULL AND coalesce(r.document ->> 'siblings', '[]') = '[]')
ORDER BY a.alert_id LIMIT $5
"""
_INTERRUPTING = [reason.value for reason in NoticeReason if reason.interrupts]


async def count_endings(session: Session, span: Span) -> list[EndingTally]:
    rows = await session.fetch(_ENDINGS, span.since, span.until, _INTERRUPTING)
    return [_tally(row) for row in rows]


async def review_outcomes(session: Session, span: Span, limit: int) -> list[ReviewOutcome]:
    rows = await session.fetch(_REVIEWS, span.since, span.until, *BY_STATISTIC, limit)
    return [
        ReviewOutcome(
            alert_id=row["alert_id"],
            rule=row["rule"],
            disposition=Disposition(row["disposition"]),
            statistic=row["statistic"],
            x=row["x"],
        )
        for row in rows
    ]


def _tally(row: asyncpg.Record) -> EndingTally:
    level, said = row["level"], row["disposition"]
    return EndingTally(
        team=row["team"],
        rule=Rule(kind=AlertKind(row["kind"]), route=row["route"], level=None if level is None else Level(level)),
        severity=Severity(row["severity"]),
        disposition=None if said is None else Disposition(said),
        alerts=row["alerts"],
        told=row["told"],
        ignored=row["ignored"],
    )
