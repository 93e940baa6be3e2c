"""The job in Java and the job in Python leave the same rows of the same records."""

import base64
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from service.bench.events import survey_events
from tests.bench.peers.job import sql
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.rules import Rules

NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)
PEER = Path(__file__).parent / "peers" / "kafka_streams"
TABLES = Path(__file__).parent / "peers" / "job" / "tables.sql"
RULES = {
    "categories": {
        "delivery_delay": ["days late", "noch nicht da", "Straße", "retraso"],
        "refund_delay": ["refund", "days late", "Rückerstattung"],
        "damage": ["broken", "late"],
    },
    "floor": 40,
    "team_of": {"delivery": "fulfilment"},
}
LEFT = {
    "refused": "SELECT reason, detail, value FROM refused ORDER BY value",
    "event_identity": "SELECT source, id FROM event_identity ORDER BY 1, 2",
    "feedback": "SELECT source, event_id, occurred_at, document::text, explanation::text FROM feedback ORDER BY 1, 2",
    "contribution": "SELECT * FROM contribution ORDER BY source, subject",
    "alert": "SELECT process, category, region, team, events, worst, previous, last_seen FROM alert ORDER BY 1, 2, 3",
    "member": "SELECT * FROM member ORDER BY source, subject, process, category, region",
    "outbox": "SELECT topic, key, value FROM outbox ORDER BY topic, key, value",
}
TEXTS = (
    "Five days late, this is UNACCEPTABLE. Never again! Write to ann.b+x@mail.example.org or +49 30 1234567.",
    "My card is 4111 1111 1111 1111, not 4111 1111 1111 1112; my account DE89 3704 0044 0532 0130 00.",
    "In der STRASSE noch nicht da, ich bin wütend und ENTTÄUSCHT; Auftrag SO-123456789, Tel. (030) 901820",
    "Je suis déçue, c'est scandaleux. Unlate, latex, lateé, late_ and late.",
    "",
    "Ünïcode \u2028 \u00e9t\u00e9 \U0001f600 refund refund late\nbroken",
)


def events() -> list[bytes]:
    """Return surveys, tickets, the same again, and what is refused for one reason each."""
    surveys = [event.value for event in survey_events(3, 300, NOW)]
    tickets = [
        ticket(number, body=text, priority=priority)
        for number, (text, priority) in enumerate(
            (text, priority) for text in TEXTS for priority in (None, "low", "normal", "high", "urgent")
        )
    ]
    worse = [
        survey(number, raw=raw, orientation=orientation, scale_min=low)
        for number, (raw, orientation, low) in enumerate(
            (raw, orientation, low)
            for raw in (-3, 0, 1.5, 3, 4.999, 7)
            for orientation in ("higher_better", "lower_better")
            for low in (1, 5)
        )
    ]
    return [*surveys, *tickets, *worse, *surveys[:50], *broken()]


def envelope(event_id: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/race",
        "type": kind,
        "time": "2026-05-05T12:00:00.250+02:00",
        "data": {
            "customer": {"ref": "c-1", "region": "uk"},
            "correlation": {"process": "delivery", "business_key": "SO-1"},
            **data,
        },
    }


def ticket(number: int, **data: object) -> bytes:
    said = {"ticket_id": f"t-{number}", "status": "new", "subject": "Where is it?", "body": "", **data}
    return orjson.dumps(envelope(f"t-{number}", "feedback.ticket.created.v1", said))


def survey(number: int, **metric: object) -> bytes:
    scored = {"kind": "csat", "raw": 1, "scale_min": 1, "scale_max": 5, **metric}
    said = {"response_id": f"r-{number}", "metrics": [scored]}
    return orjson.dumps(envelope(f"r-{number}", "feedback.survey.response.v1", said))


def broken() -> list[bytes]:
    whole = orjson.loads(survey(900))
    data = whole["data"]
    return [
        *(orjson.dumps({name: value for name, value in whole.items() if name != gone}) for gone in whole),
        orjson.dumps({**whole, "type": "another"}),
        orjson.dumps({**whole, "id": ""}),
        orjson.dumps({**whole, "id": 7}),
        orjson.dumps({**whole, "id": "x" * 256}),
        orjson.dumps({**whole, "specversion": "0.3"}),
        orjson.dumps({**whole, "time": "2026-05-05T12:00:00"}),
        orjson.dumps({**whole, "data": {**data, "metrics": []}}),
        orjson.dumps({**whole, "data": {**data, "metrics": data["metrics"] * 17}}),
        orjson.dumps({**whole, "data": {**data, "metrics": [{**data["metrics"][0], "kind": "mood"}]}}),
        orjson.dumps({**whole, "data": {**data, "metrics": [{**data["metrics"][0], "raw": None}]}}),
        orjson.dumps({**whole, "data": {**data, "verbatims": [{"text": "x" * 65_537}]}}),
        orjson.dumps({**whole, "data": {**data, "customer": {}}}),
        orjson.dumps({**whole, "data": []}),
        *(b"", b"{", b"[]", b"null", b"{} {}"),
        ticket(901, status="lost"),
        ticket(902, priority="immense"),
        ticket(903, created_at="2026-05-05T12:00:00"),
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("mvn") is None:
        pytest.skip("Maven is not on the path")
    folder = tmp_path_factory.mktemp("kafka_streams")
    command = ("mvn", "--quiet", "--batch-mode", "--file", str(PEER / "pom.xml"), f"-Drace.directory={folder}")
    subprocess.run((*command, "package"), check=True, timeout=300)
    return folder / "kafka-streams.jar"


@pytest.mark.quality
@pytest.mark.postgres
@pytest.mark.parametrize("own_or_ours", ["own", "ours"])
async def test_java_leaves_the_rows_that_python_leaves(
    own_or_ours: str, built: Path, empty_database: str, tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    path.write_bytes(orjson.dumps(RULES))
    given, rules = events(), Rules.load(path)
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(TABLES.read_text())
        judged = [judge(value, rules) for value in given]
        # An event a call, as `own` writes them: an alert that rises twice is told of twice.
        for part in [judged] if own_or_ours == "ours" else [[one] for one in judged]:
            await sql.write(connection, part)
        by_python = await left(connection)
        await connection.execute(f"TRUNCATE {', '.join(LEFT)}")
        written = subprocess.run(  # noqa: ASYNC221 - nothing else is to run meanwhile.
            ("java", "-Xmx256m", "-cp", str(built), "race.Lines"),
            input=b"\n".join(base64.b64encode(value) for value in given),
            env={**os.environ, "RACE_RULES": str(path), "RACE_SQL": own_or_ours, "RACE_DSN": empty_database},
            check=False,
            capture_output=True,
            timeout=60,
        )
        assert (written.returncode, written.stderr.decode()) == (0, "")
        by_java = await left(connection)
    finally:
        await connection.close()
    assert by_java == by_python
    assert all(by_python.values())


async def left(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, list[tuple[Any, ...]]]:
    return {name: [tuple(row) for row in await connection.fetch(query)] for name, query in LEFT.items()}


def test_java_sends_the_statements_that_python_sends() -> None:
    java = squeezed((PEER / "src/main/java/race/SetBasedStore.java").read_text())
    texts = [value for name, value in vars(sql).items() if name.isupper() and isinstance(value, str)]
    statements = [text for text in texts if "INSERT" in text]
    assert len(statements) == 7
    assert [one for one in statements if squeezed(re.sub(r"\$\d+", "?", one)) not in java] == []


def squeezed(text: str) -> str:
    return " ".join(text.split())
