"""A pool -> pages of queues, each in a time that neither the length of the queue nor the place in it changes.

Open alerts are ordered by rank, then by time. So a page is put together from one range of an index for each rank that
is asked for, and for each value of the filter that leads; a cursor is an end of such a range. Every kind but that of
single feedbacks is rare, and has an index of its own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from service.adapters.postgres.documents import ALERTS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, Severity
from service.ports import QueuePlace, Wanted

_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
# What else must hold of an alert of a team; what is empty lets everything pass.
_FILTERS = """(o.category = ANY ($2::text[]) OR $2::text[] = '{}')
    AND (o.process = ANY ($3::text[]) OR $3::text[] = '{}')
    AND (o.kind = ANY ($4::text[]) OR $4::text[] = '{}')"""
# By which filter the ranges are found: one more join, and what it asks of an alert.
_LEADS = {
    "": ("", ""),
    "category": ("CROSS JOIN unnest($2::text[]) AS lead (value)", 'AND o.category = lead.value COLLATE "C"'),
    "process": ("CROSS JOIN unnest($3::text[]) AS lead (value)", 'AND o.process = lead.value COLLATE "C"'),
    "kind": (
        "CROSS JOIN unnest($4::text[]) AS lead (value)",
        "AND o.kind = lead.value COLLATE \"C\" AND o.kind <> 'event'",
    ),
}

# Read a page of a team's open alerts, the worst first, then the latest seen.
_OPEN = """
SELECT a.doc FROM (
  SELECT found.alert_id, found.rank, found.last_seen
  FROM unnest($5::smallint[], $6::timestamptz[], $7::text[]) AS part (rank, until, after) {join}
  CROSS JOIN LATERAL (
    SELECT o.alert_id, o.rank, o.last_seen FROM alert o
    WHERE o.team = $1 AND o.state = 'open' AND o.rank = part.rank {lead}
      AND o.last_seen <= part.until AND (o.last_seen < part.until OR o.alert_id > part.after COLLATE "C")
      AND {filters}
    ORDER BY o.last_seen DESC, o.alert_id LIMIT $8) AS found
  ORDER BY found.rank DESC, found.last_seen DESC, found.alert_id LIMIT $8) AS page
JOIN alert a ON a.alert_id = page.alert_id ORDER BY page.rank DESC, page.last_seen DESC, page.alert_id
"""

# Read a page of a team's resolved alerts, the latest seen first.
_RESOLVED = """
SELECT a.doc FROM (
  SELECT found.alert_id, found.last_seen FROM (SELECT) AS whole {join}
  CROSS JOIN LATERAL (
    SELECT o.alert_id, o.last_seen FROM alert o
    WHERE o.team = $1 AND o.state = 'resolved' {lead}
      AND o.last_seen <= $6 AND (o.last_seen < $6 OR o.alert_id > $7 COLLATE "C")
      AND (o.rank = ANY ($5::smallint[]) OR $5::smallint[] = '{{}}') AND {filters}
    ORDER BY o.last_seen DESC, o.alert_id LIMIT $8) AS found
  ORDER BY found.last_seen DESC, found.alert_id LIMIT $8) AS page
JOIN alert a ON a.alert_id = page.alert_id ORDER BY page.last_seen DESC, page.alert_id
"""

OPEN = {by: _OPEN.format(join=join, lead=lead, filters=_FILTERS) for by, (join, lead) in _LEADS.items()}
RESOLVED = {by: _RESOLVED.format(join=join, lead=lead, filters=_FILTERS) for by, (join, lead) in _LEADS.items()}


class PostgresQueues:
    """Implements the queue of Desk."""

    _pool: Pool

    async def queue(self, wanted: Wanted, after: QueuePlace | None, limit: int) -> Sequence[Alert]:
        states = wanted.states or tuple(AlertState)
        at_open = after if after is not None and after.state is AlertState.OPEN else None
        async with lent(self._pool) as session:
            docs: list[str] = []
            if AlertState.OPEN in states and (after is None or at_open is not None):
                docs = await _open(session, wanted, at_open, limit)
            if AlertState.RESOLVED in states and len(docs) < limit:
                docs += await _resolved(session, wanted, after if at_open is None else None, limit - len(docs))
        return [ALERTS.read(doc) for doc in docs]


async def _open(session: Session, wanted: Wanted, after: QueuePlace | None, limit: int) -> list[str]:
    ranks = [one for one in _ranks(wanted) or range(len(Severity)) if after is None or one <= after.severity.rank]
    here = [after is not None and one == after.severity.rank for one in ranks]
    until = [after.last_seen if after is not None and mine else _LATEST for mine in here]
    past = [after.alert_id if after is not None and mine else "" for mine in here]
    rows = await session.fetch(OPEN[_lead(wanted)], *_filters(wanted), ranks, until, past, limit)
    return [row["doc"] for row in rows]


async def _resolved(session: Session, wanted: Wanted, after: QueuePlace | None, limit: int) -> list[str]:
    place = (_LATEST, "") if after is None else (after.last_seen, after.alert_id)
    rows = await session.fetch(RESOLVED[_lead(wanted)], *_filters(wanted), _ranks(wanted), *place, limit)
    return [row["doc"] for row in rows]


def _ranks(wanted: Wanted) -> list[int]:
    return sorted({one.rank for one in wanted.severities})


def _filters(wanted: Wanted) -> tuple[object, ...]:
    kinds = sorted({one.value for one in wanted.kinds})
    return (wanted.team, sorted(set(wanted.categories)), sorted(set(wanted.processes)), kinds)


def _lead(wanted: Wanted) -> str:
    if wanted.kinds and AlertKind.EVENT not in wanted.kinds:
        return "kind"
    return "category" if wanted.categories else "process" if wanted.processes else ""
