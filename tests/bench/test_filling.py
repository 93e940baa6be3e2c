"""Rows that are filled in say of themselves what rows that were written do."""

from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from service.adapters.postgres.documents import ALERTS, CONTRIBUTIONS
from service.core.recontact import is_contact
from service.core.records.words import AlertState, Severity
from tests.bench.race.filling import FORMS, fill, fill_ours

TABLES = Path(__file__).parent / "peers" / "job" / "tables.sql"
ROWS = 5_000
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '^feedback_y' ORDER BY 1"


@pytest.mark.postgres
async def test_what_our_rows_hold_is_what_their_documents_say(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        before = await connection.fetch(_INDEXES)
        filled = await fill_ours(database, ROWS)
        assert await connection.fetch(_INDEXES) == before
        assert filled.events > FORMS
        assert {filled.rows[table] for table in ("contribution", "feedback", "event_identity", "subject")} == {
            filled.events
        }
        contributions = await connection.fetch("SELECT * FROM contribution")
        assert [_columns(row) for row in contributions] == [_said(row["doc"]) for row in contributions]
        feedback = await connection.fetch("SELECT * FROM feedback")
        assert [(row["source"], row["event_id"], row["revision"]) for row in feedback] == [
            tuple(orjson.loads(row["document"])[name] for name in ("source", "event_id", "revision"))
            for row in feedback
        ]
        assert {row["event_id"] for row in feedback} == {
            CONTRIBUTIONS.read(row["doc"]).feedback.event_id for row in contributions
        }
        alerts = await connection.fetch("SELECT * FROM alert")
        assert {(row["alert_id"], row["alert_key"]) for row in alerts} == {
            (alert.alert_id, alert.alert_key) for alert in (ALERTS.read(row["doc"]) for row in alerts)
        }
        assert {ALERTS.read(row["doc"]).state for row in alerts} == {AlertState.RESOLVED}
        assert await connection.fetch(_ASTRAY) == []
        assert await connection.fetch("SELECT FROM feedback_default") == []
    finally:
        await connection.close()


_BOTH = """
SELECT * FROM feedback JOIN contribution USING (source) WHERE subject = document ->> 'subject'
"""
# Members of alerts that are not there, or whose contribution is another customer's; gates of other alerts.
_ASTRAY = """
SELECT m.source, m.subject FROM member m
LEFT JOIN alert a USING (alert_id, alert_key)
LEFT JOIN contribution c ON c.source = m.source AND c.subject = m.subject AND c.part = m.part
WHERE a.alert_id IS NULL OR c.customer IS DISTINCT FROM m.customer
UNION ALL
SELECT g.alert_key, g.alert_id FROM alert_key g LEFT JOIN alert a USING (alert_id, alert_key) WHERE a.alert_id IS NULL
"""


def _columns(row: asyncpg.Record) -> dict[str, Any]:
    return {name: row[name] for name in _said(row["doc"])}


def _said(document: str) -> dict[str, Any]:
    one = CONTRIBUTIONS.read(document)
    return {
        "source": one.key.source,
        "subject": one.key.subject,
        "customer": one.feedback.customer,
        "began_at": one.began_at,
        "process": one.process,
        "category": one.categorised.category,
        "region": one.feedback.region,
        "negative": one.assessed.negative,
        "critical": one.assessed.severity is Severity.CRITICAL,
        "points": one.assessed.points,
        "unresolved": one.assessed.negative and not one.is_done,
        "contact": is_contact(one),
    }


@pytest.mark.postgres
async def test_the_peers_rows_are_of_events_of_their_own(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(TABLES.read_text())
        await fill(empty_database, ROWS)
        rows = await connection.fetch(_BOTH)
        assert len(rows) == await connection.fetchval("SELECT count(*) FROM event_identity")
        assert len(rows) > FORMS
        said = [orjson.loads(row["document"]) for row in rows]
        names = ("event_id", "subject", "customer", "process", "category", "region", "negative")
        assert [{name: row[name] for name in names} for row in rows] == [
            {name: one[name] for name in names} for one in said
        ]
    finally:
        await connection.close()
