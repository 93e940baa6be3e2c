"""The job of the race: what it makes of an event, and that the ORM and our statements leave the same rows."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import orjson
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker

from service.bench.events import survey_events
from tests.bench.peers.job import own, sql
from tests.bench.peers.job.judge import Judged, Refused, judge
from tests.bench.peers.job.redact import redact
from tests.bench.peers.job.rules import Rules

NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)
TABLES = Path(__file__).parent / "peers" / "job" / "tables.sql"
GIVEN = {
    "categories": {"delivery_delay": ["days late", "noch nicht da"], "refund_delay": ["refund", "days late"]},
    "floor": 40,
    "team_of": {"delivery": "fulfilment"},
}
LEFT = {
    "refused": "SELECT reason, detail, value FROM refused ORDER BY value",
    "event_identity": "SELECT source, id FROM event_identity ORDER BY 1, 2",
    "feedback": "SELECT source, event_id, occurred_at, document::text, explanation::text FROM feedback ORDER BY 1, 2",
    "contribution": "SELECT * FROM contribution ORDER BY source, subject",
    "alert": "SELECT process, category, region, team, events, worst, last_seen FROM alert ORDER BY 1, 2, 3",
    "member": "SELECT * FROM member ORDER BY source, subject, process, category, region",
    "classified": "SELECT key, value FROM outbox WHERE topic = 'feedback.classified' ORDER BY value",
    "opened": "SELECT key FROM outbox WHERE value LIKE '%\"opened\"%' ORDER BY key",
}


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    path = tmp_path / "rules.json"
    path.write_bytes(orjson.dumps(GIVEN))
    return Rules.load(path)


def ticket(**data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": "t-1-1",
            "source": "/helpdesk",
            "type": "feedback.ticket.created.v1",
            "time": "2026-05-05T12:00:00+02:00",
            "data": {
                "ticket_id": "t-1",
                "status": "new",
                "subject": "Where is it?",
                "body": "My parcel is five days late. Unacceptable, write to ann@example.org.",
                "customer": {"ref": "c-1", "region": "uk"},
                "correlation": {"process": "delivery", "business_key": "SO-1"},
                **data,
            },
        }
    )


def test_a_ticket_is_judged_by_its_words(rules: Rules) -> None:
    judged = judge(ticket(), rules)
    assert isinstance(judged, Judged)
    documents = ("document", "explanation", "classified")
    assert {name: value for name, value in dataclasses.asdict(judged).items() if name not in documents} == {
        "source": "/helpdesk",
        "event_id": "t-1-1",
        "subject": "ticket/t-1",
        "occurred_at": NOW,
        "customer": "c-1",
        "process": "delivery",
        "category": "delivery_delay",
        "region": "uk",
        "team": "fulfilment",
        "severity": 50,
        "negative": True,
        "alerts": True,
    }
    assert orjson.loads(judged.document)["text"] == (
        "Where is it?\nMy parcel is five days late. Unacceptable, write to [email]."
    )
    assert orjson.loads(judged.explanation) == {
        "category": {"method": "keywords", "words": ["days late"], "found": "delivery_delay"},
        "severity": {"from": 30, "for_category": 15, "angry": ["unacceptable"], "points": 50},
        "verdict": {"alerts": True, "floor": 40, "reason": "negative and not below the floor"},
        "route": {"team": "fulfilment", "because": "team of delivery"},
    }


def test_the_category_with_more_hits_wins(rules: Rules) -> None:
    judged = judge(ticket(body="Days late, and my REFUND is late as well."), rules)
    assert isinstance(judged, Judged)
    assert judged.category == "refund_delay"


def test_what_breaks_the_contract_is_refused_with_its_place(rules: Rules) -> None:
    value = ticket(status="lost")
    assert judge(value, rules) == Refused(
        reason="literal_error", detail="feedback.ticket.created.v1.data.status", value=value
    )
    assert judge(b"{", rules) == Refused(reason="json_invalid", detail="", value=b"{")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to ann.b+c@mail.example.org now", "write to [email] now"),
        ("card 4111 1111 1111 1111 please", "card [card] please"),
        ("GB29 NWBK 6016 1331 9268 19", "[iban]"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("order SO-001000042 of 2026", "order SO-001000042 of 2026"),
    ],
)
def test_what_names_or_pays_for_a_person_is_taken_out(text: str, found: str) -> None:
    assert redact(text) == found


@pytest.mark.postgres
async def test_the_orm_and_our_statements_leave_the_same_rows(rules: Rules, empty_database: str) -> None:
    values = [event.value for event in survey_events(3, 150, NOW)]
    judged = [judge(value, rules) for value in (*values, ticket(), b"{", ticket(), *values[:20])]
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(TABLES.read_text())
        for batch in (judged[:100], judged[100:], judged[100:160]):
            await sql.write(connection, batch)
        ours = await _left(connection)
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.execute(TABLES.read_text())
        engine = own.async_engine_of(empty_database, 1)
        make = async_sessionmaker(engine)
        for one in (*judged, *judged[100:160]):
            async with make() as session:
                await own.store_async(session, one)
        await engine.dispose()
        assert await _left(connection) == ours
    finally:
        await connection.close()
    assert {name: len(rows) for name, rows in ours.items()} == {
        "refused": 2,
        "event_identity": 151,
        "feedback": 151,
        "contribution": 151,
        "alert": 22,
        "member": 61,
        "classified": 151,
        "opened": 22,
    }


async def _left(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, Sequence[asyncpg.Record]]:
    return {name: await connection.fetch(statement) for name, statement in LEFT.items()}
