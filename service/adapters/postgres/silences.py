"""A pool -> the silences that the API reads, what they hide, and what one would have hidden."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from msgspec.structs import replace

from service.adapters.postgres.documents import ALERTS, write_json
from service.adapters.postgres.muting import hidden, read_silence
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent
from service.core.records.muting import Hidden, Silence
from service.core.records.words import Severity
from service.ports import (
    CRITICAL_REASONS,
    MOST_EXAMPLES,
    NO_INTERRUPTS,
    Example,
    Part,
    Previewed,
    SilencePlace,
    SilencesWanted,
)

# Read a page of silences, the latest made first.
SILENCES = """
SELECT doc, check_at FROM silence
WHERE ($1::text[] = '{}' OR CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN starts_at > $2 THEN 'scheduled'
    ELSE 'active' END = ANY ($1))
  AND ($3::text IS NULL OR doc ->> 'author' = $3)
  AND NOT EXISTS (SELECT FROM json_each_text($4::json) AS asked (field, value)
    WHERE NOT coalesce((doc -> 'matchers' -> field)::jsonb ? value, false))
  AND ($5::timestamptz IS NULL OR created_at < $5 OR (created_at = $5 AND silence_id > $6))
ORDER BY created_at DESC, silence_id LIMIT $7
"""

# Read a silence.
SILENCE = "SELECT doc, check_at FROM silence WHERE silence_id = $1"

# Whether an alert is what matchers ask for, by the traits that it has in `service.core.records.alerts`.
_MATCHES = """NOT EXISTS (SELECT FROM jsonb_each($2::jsonb) AS asked (field, wanted)
    WHERE NOT wanted ? coalesce(((({doc} -> 'fields')::jsonb || jsonb_build_object('team', {doc} ->> 'team',
      'route', {doc} ->> 'route', 'kind', {doc} ->> 'kind', 'level', {doc} ->> 'level', 'process', {doc} ->> 'process',
      'category', {doc} ->> 'category', 'severity', {table}.severity)) ->> field), ''))"""
_ALERT_MATCHES = _MATCHES.format(doc="alert.doc", table="alert")
_NOTICE_MATCHES = _MATCHES.format(doc="(notice.doc -> 'alert')", table="notice")

# What came since an instant into alerts that match. Reviews have no members, and nobody is counted of them.
_CAME = """
WITH matched AS MATERIALIZED (
  SELECT alert_id, team, kind, rank, events, customers, last_seen, doc FROM alert
  WHERE state = 'open' AND last_seen > $1 AND {matches}
  UNION ALL
  SELECT alert_id, team, kind, rank, events, customers, last_seen, doc FROM alert
  WHERE state = 'resolved' AND last_seen > $1 AND {matches}
), came AS (
  SELECT a.alert_id, a.team, m.severity, m.customer AS who, 1 AS events FROM matched a
  JOIN member m ON m.alert_id = a.alert_id
  JOIN contribution c ON c.source = m.source AND c.subject = m.subject AND c.part = m.part
  WHERE a.kind = 'event' AND c.began_at > $1
  UNION ALL
  SELECT alert_id, team, ($3::text[])[rank + 1], coalesce(doc -> 'fields' ->> 'customer', alert_id), events
  FROM matched WHERE kind IN ('late_case', 'at_risk') AND customers > 0
  UNION ALL
  SELECT alert_id, team, ($3::text[])[rank + 1], NULL, 0 FROM matched
  WHERE kind NOT IN ('event', 'late_case', 'at_risk')
)
""".replace("{matches}", _ALERT_MATCHES)

# Count it, over all and by team.
CAME = """{came}
SELECT team, count(DISTINCT alert_id) AS alerts, coalesce(sum(events), 0) AS events, count(DISTINCT who) AS customers,
  coalesce(max(array_position($3::text[], severity)), 1) - 1 AS rank
FROM came GROUP BY GROUPING SETS ((), (team))
""".replace("{came}", _CAME)

# Show the worst of it.
EXAMPLES = """{came}
SELECT doc, came_in.events, came_in.customers FROM (
  SELECT alert_id, sum(events) AS events, count(DISTINCT who) AS customers,
    max(array_position($3::text[], severity)) AS rank
  FROM came GROUP BY alert_id ORDER BY rank DESC, customers DESC, alert_id LIMIT $4) AS came_in
JOIN matched USING (alert_id) ORDER BY came_in.rank DESC, came_in.customers DESC, alert_id
""".replace("{came}", _CAME)

# Count the notices since an instant that would have been held back, and those of critical news that would have passed.
INTERRUPTS = """
SELECT count(*) FILTER (WHERE NOT passes) AS held, count(*) FILTER (WHERE passes) AS passing FROM (
  SELECT severity = 'critical' AND reason = ANY ($4::text[]) AND NOT $5 AS passes FROM notice
  WHERE at > $1 AND reason <> ALL ($3::text[]) AND {matches}) AS told
""".replace("{matches}", _NOTICE_MATCHES)

# Count the open alerts that match, and show the worst.
OPEN = """
SELECT doc, count(*) OVER () AS alerts FROM alert WHERE state = 'open' AND $1::timestamptz IS NOT NULL AND {matches}
ORDER BY rank DESC, last_seen DESC, alert_id LIMIT $3
""".replace("{matches}", _ALERT_MATCHES)


class PostgresSilences:
    """Implements SilencesRead."""

    _pool: Pool

    async def silences(self, wanted: SilencesWanted, after: SilencePlace | None, limit: int) -> Sequence[Silence]:
        place = (None, None) if after is None else (after.created_at, after.silence_id)
        states = [one.value for one in wanted.states]
        asked = (states, wanted.at, wanted.author, write_json(dict(wanted.named)))
        async with lent(self._pool) as session:
            return [read_silence(row) for row in await session.fetch(SILENCES, *asked, *place, limit)]

    async def silence(self, silence_id: str, since: datetime) -> Silence | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(SILENCE, silence_id)
            found = read_silence(rows[0]) if rows else None
            if found is None or found.ended_at is not None:
                return found
            return replace(found, hidden=(await hidden(session, [silence_id], since))[silence_id])

    async def hidden(self, muters: Sequence[str], since: datetime) -> Mapping[str, Hidden]:
        async with lent(self._pool) as session:
            return await hidden(session, muters, since)

    async def preview(
        self, matchers: Mapping[str, tuple[str, ...]], since: datetime, *, including_critical: bool
    ) -> Previewed:
        asked = (since, write_json({name: list(values) for name, values in matchers.items()}))
        async with lent(self._pool) as session:
            return await _previewed(session, asked, including_critical=including_critical)


async def _previewed(session: Session, asked: tuple[datetime, str], *, including_critical: bool) -> Previewed:
    severities = [one.value for one in Severity]
    came = {row["team"]: row for row in await session.fetch(CAME, *asked, severities)}
    whole = came.pop(None)
    examples = await session.fetch(EXAMPLES, *asked, severities, MOST_EXAMPLES)
    quiet, critical = list(NO_INTERRUPTS), list(CRITICAL_REASONS)
    (told,) = await session.fetch(INTERRUPTS, *asked, quiet, critical, including_critical)
    still_open = await session.fetch(OPEN, *asked, MOST_EXAMPLES)
    return Previewed(
        whole=_part(whole),
        worst=tuple(Severity)[whole["rank"]],
        by_team={team: _part(row) for team, row in sorted(came.items())},
        examples=[
            Example(alert=ALERTS.read(row["doc"]), events=row["events"], customers=row["customers"]) for row in examples
        ],
        interrupts=told["held"],
        passing=told["passing"],
        open_now=still_open[0]["alerts"] if still_open else 0,
        open_examples=[ALERTS.read(row["doc"]) for row in still_open],
    )


def _part(row: asyncpg.Record) -> Part:
    return Part(alerts=row["alerts"], events=row["events"], customers=row["customers"])
