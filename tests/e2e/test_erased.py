"""A person of hundreds of answers is forgotten by a service that is killed half-way, while two partitions are read."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from service.assets import playbooks
from service.core.pseudonym import PseudonymKey
from tests.builders import survey
from tests.e2e.served import KEY, Deployment
from tests.infrastructure.kafka import Kafka, create_topic

PERSON = "person-7f3c91"
ANSWERS, PARTITIONS = 450, 2
PSEUDONYM = PseudonymKey(key_id="k1", secret=KEY.encode()).pseudonym(PERSON)

pytestmark = [pytest.mark.kafka, pytest.mark.quality]

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""


def said(number: int, customer: str) -> bytes:
    event = survey(f"{customer}-{number}", 0, f"Far too late, says {customer}.", customer=customer)
    # Weeks apart, so that few contacts of one person matter to one another.
    at = datetime.now(UTC) - timedelta(days=7 * number)
    return json.dumps({**event, "time": at.isoformat()}).encode()


def asked(event_id: str) -> bytes:
    event = {"specversion": "1.0", "id": event_id, "source": "/privacy", "type": "privacy.erasure.v1"}
    data = {"customer": PERSON, "request_id": event_id}
    return json.dumps({**event, "time": datetime.now(UTC).isoformat(), "data": data}).encode()


async def ask(deployment: Deployment, question: str) -> Any:  # noqa: ANN401 - what the question asks for
    connection = await asyncpg.connect(deployment.dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def until(deployment: Deployment, question: str) -> None:
    async with asyncio.timeout(240):
        while not await ask(deployment, question):  # noqa: ASYNC110 (it happens in another process)
            await asyncio.sleep(0.02)


async def where(deployment: Deployment, *words: str) -> list[str]:
    connection = await asyncpg.connect(deployment.dsn)
    try:
        names = [row["relname"] for row in await connection.fetch(_TABLES)]
        found = {name: repr([tuple(row.values()) for row in await connection.fetch(f"TABLE {name}")]) for name in names}
    finally:
        await connection.close()
    return [name for name, held in found.items() if any(word in held for word in words)]


async def read_all(deployment: Deployment, topic: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with (
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=deployment.bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        ) as consumer,
        asyncio.timeout(60),
    ):
        while len(found) < count:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [json.loads(record.value)["data"] for record in records]
    return found


async def test_a_kill_between_two_slices_leaves_nothing_of_who_was_erased(
    kafka: Kafka, database: str, tmp_path: Path
) -> None:
    settings = {"FEEDBACK_ROUTER_CLOCK": "wall", "FEEDBACK_ROUTER_TOPIC_PARTITIONS": str(PARTITIONS)}
    deployment = Deployment(database, kafka.bootstrap_servers, playbooks() / "retail", tmp_path, **settings)
    for topic in ("feedback.surveys", "privacy.erasures"):
        await create_topic(kafka.bootstrap_servers, topic, partitions=PARTITIONS)
    mine = [said(number, PERSON) for number in range(ANSWERS)]
    others = [said(number, f"other-{number}") for number in range(40)]
    await deployment.deal("feedback.surveys", [mine[0::2] + others[0::2], mine[1::2] + others[1::2]])
    async with deployment.serving() as process:
        await deployment.until(ANSWERS + 40, process)
        assert await where(deployment, PERSON, PSEUDONYM)
        await deployment.deal("privacy.erasures", [[asked("first")]])
        await until(deployment, "SELECT count(*) > 0 FROM erasure WHERE counts::text <> '{}'")
        process.kill()
        await process.wait()
    assert await ask(deployment, "SELECT count(*) FROM erasure WHERE done_at IS NULL") == 1
    # Who is killed has told nobody; what comes again, and what is new, comes while the rest is erased.
    await deployment.deal("feedback.surveys", [mine[:50], [said(ANSWERS + 1, PERSON)]])
    async with deployment.serving() as process:
        await until(deployment, "SELECT bool_and(done_at IS NOT NULL) FROM erasure")
        await deployment.until(ANSWERS + 40 + 1 + 51, process)
        await deployment.deal("privacy.erasures", [[asked("second")]])
        await until(deployment, "SELECT count(*) = 2 AND bool_and(done_at IS NOT NULL) FROM erasure")
        await deployment.until(ANSWERS + 40 + 2 + 51, process)
    assert await where(deployment, PERSON, PSEUDONYM) == []
    assert await ask(deployment, "SELECT sum((books->>'duplicate')::int) FROM batch") == 50
    receipts = await read_all(deployment, "privacy.receipts", 2)
    assert [one["request_id"] for one in receipts] == ["first", "second"]
    assert sum(one["erased"]["subjects"] for one in receipts) == ANSWERS + 1
    assert PERSON not in json.dumps(receipts)
