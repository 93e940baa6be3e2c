"""Judged events -> their rows by one statement for each table, in one transaction: "our SQL", as peers are given it.

Rows go as arrays, one for each column, in the order of their keys, so that two writers wait and do not deadlock. What
is known is dropped first. An alert's row is changed once for all of its events, so that a severity which rises twice
within one call is told of once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tests.bench.peers.job.judge import Judged, Refused
from tests.bench.peers.job.notices import CLASSIFIED, notice

if TYPE_CHECKING:
    # A peer's environment has the one driver or the other.
    import asyncpg
    import psycopg

Columns = tuple[Sequence[Any], ...]

_REFUSE = "INSERT INTO refused (reason, detail, value) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])"
_ADMIT = """
INSERT INTO event_identity (source, id) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT DO NOTHING RETURNING source, id"""
_FEEDBACK = """
INSERT INTO feedback (source, event_id, occurred_at, document, explanation)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::json[], $5::json[])"""
_CONTRIBUTE = """
INSERT INTO contribution (source, subject, customer, process, category, region, day, negative, points)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::boolean[],
    $9::smallint[])
ON CONFLICT (source, subject) DO UPDATE SET customer = excluded.customer, process = excluded.process,
    category = excluded.category, region = excluded.region, day = excluded.day, negative = excluded.negative,
    points = excluded.points"""
_ALERT = """
INSERT INTO alert (process, category, region, team, events, worst, last_seen)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::smallint[], $7::timestamptz[])
ON CONFLICT (process, category, region) DO UPDATE SET events = alert.events + excluded.events, previous = alert.worst,
    worst = greatest(alert.worst, excluded.worst), last_seen = greatest(alert.last_seen, excluded.last_seen)
RETURNING process, category, region, team, events, worst, previous"""
_JOIN = """
INSERT INTO member (source, subject, process, category, region, event_id, customer, severity)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[])
ON CONFLICT (source, subject, process, category, region) DO UPDATE SET event_id = excluded.event_id,
    customer = excluded.customer, severity = excluded.severity"""
_OUTBOX = "INSERT INTO outbox (topic, key, value) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"


async def write(
    connection: "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]",
    judged: Sequence[Judged | Refused],
) -> None:
    """Write a batch and commit."""
    async with connection.transaction():
        refused, given = _parted(judged)
        if refused:
            await connection.execute(_REFUSE, *_refusals(refused))
        if not given:
            return
        fresh = _fresh(given, await connection.fetch(_ADMIT, *_identities(given)))
        if not fresh:
            return
        await connection.execute(_CONTRIBUTE, *_contributions(fresh))
        told: list[tuple[str, str, str]] = []
        if alerting := [one for one in fresh if one.alerts]:
            told = _notices(await connection.fetch(_ALERT, *_alerts(alerting)))
            await connection.execute(_JOIN, *_members(alerting))
        await connection.execute(_FEEDBACK, *_feedback(fresh))
        await connection.execute(_OUTBOX, *_outgoing(fresh, told))


def write_sync(connection: "psycopg.Connection[Any]", judged: Sequence[Judged | Refused]) -> None:
    """Write a batch and commit."""
    with connection.transaction(), connection.cursor() as cursor:
        refused, given = _parted(judged)
        if refused:
            cursor.execute(_SYNC[_REFUSE], _refusals(refused))
        if not given:
            return
        fresh = _fresh(given, cursor.execute(_SYNC[_ADMIT], _identities(given)).fetchall())
        if not fresh:
            return
        cursor.execute(_SYNC[_CONTRIBUTE], _contributions(fresh))
        told: list[tuple[str, str, str]] = []
        if alerting := [one for one in fresh if one.alerts]:
            told = _notices(cursor.execute(_SYNC[_ALERT], _alerts(alerting)).fetchall())
            cursor.execute(_SYNC[_JOIN], _members(alerting))
        cursor.execute(_SYNC[_FEEDBACK], _feedback(fresh))
        cursor.execute(_SYNC[_OUTBOX], _outgoing(fresh, told))


# psycopg counts its places itself; each `$n` stands once and in its order.
_SYNC = {
    statement: re.sub(r"\$\d+", "%s", statement).encode()
    for statement in (_REFUSE, _ADMIT, _CONTRIBUTE, _ALERT, _JOIN, _FEEDBACK, _OUTBOX)
}


@dataclass(slots=True)
class _Folded:
    """What the events of one alert add to it."""

    team: str
    events: int
    worst: int
    last_seen: datetime


def _parted(judged: Sequence[Judged | Refused]) -> tuple[list[Refused], list[Judged]]:
    """Return what is refused, and the rest by their identities; of one that is given twice the first."""
    refused = [one for one in judged if isinstance(one, Refused)]
    given: dict[tuple[str, str], Judged] = {}
    for one in judged:
        if isinstance(one, Judged):
            given.setdefault((one.source, one.event_id), one)
    return refused, list(given.values())


def _fresh(given: Sequence[Judged], admitted: Sequence[Any]) -> list[Judged]:
    known = {(source, event_id) for source, event_id in admitted}
    return [one for one in given if (one.source, one.event_id) in known]


def _columns(rows: Sequence[tuple[Any, ...]]) -> Columns:
    # Lists, since psycopg takes a tuple for a row.
    return tuple(map(list, zip(*rows, strict=True)))


def _refusals(refused: Sequence[Refused]) -> Columns:
    return _columns([(one.reason, one.detail, one.value) for one in refused])


def _identities(given: Sequence[Judged]) -> Columns:
    return _columns(sorted([(one.source, one.event_id) for one in given]))


def _feedback(fresh: Sequence[Judged]) -> Columns:
    return _columns([(one.source, one.event_id, one.occurred_at, one.document, one.explanation) for one in fresh])


def _contributions(fresh: Sequence[Judged]) -> Columns:
    latest: dict[tuple[str, str], tuple[str, str, str, str, date, bool, int]] = {}
    for one in fresh:
        day = one.occurred_at.date()
        latest[one.source, one.subject] = (
            *(one.customer, one.process, one.category, one.region),
            *(day, one.negative, one.severity),
        )
    return _columns([(*key, *rest) for key, rest in sorted(latest.items())])


def _alerts(alerting: Sequence[Judged]) -> Columns:
    folded: dict[tuple[str, str, str], _Folded] = {}
    for one in alerting:
        found = folded.get(one.alert_key)
        if found is None:
            folded[one.alert_key] = _Folded(one.team, 1, one.severity, one.occurred_at)
        else:
            found.events += 1
            found.worst = max(found.worst, one.severity)
            found.last_seen = max(found.last_seen, one.occurred_at)
    return _columns([(*key, of.team, of.events, of.worst, of.last_seen) for key, of in sorted(folded.items())])


def _members(alerting: Sequence[Judged]) -> Columns:
    latest = {(one.source, one.subject, *one.alert_key): one for one in alerting}
    return _columns([(*key, one.event_id, one.customer, one.severity) for key, one in sorted(latest.items())])


def _notices(alerts: Sequence[Any]) -> list[tuple[str, str, str]]:
    found = [
        notice((process, category, region), team, events, worst, previous)
        for process, category, region, team, events, worst, previous in alerts
    ]
    return [one for one in found if one is not None]


def _outgoing(fresh: Sequence[Judged], told: Sequence[tuple[str, str, str]]) -> Columns:
    return _columns([*[(CLASSIFIED, one.customer, one.classified) for one in fresh], *told])
