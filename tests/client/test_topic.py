"""A program reads a team's topic on a real Kafka: each message once, also where it broke off or one is repeated."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from service.client import KafkaQueue, OutOfReachError, Seen, SeenInFile
from tests.infrastructure.kafka import Kafka, MakeTopic

pytestmark = pytest.mark.kafka


def _record(kind: str, **said: object) -> bytes:
    about = said.get("alert_id", said.get("digest_id"))
    key = f"{about}:{said['revision']}" if "revision" in said else f"{about}"
    told = {"specversion": "1.0", "id": key, "type": kind, "time": "2026-05-04T09:00:00Z", "data": said}
    return json.dumps(told).encode()


def _notice(alert: str, revision: int) -> bytes:
    return _record("feedback.notice.v1", alert_id=alert, revision=revision)


async def _send(kafka: Kafka, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


@asynccontextmanager
async def _queue(kafka: Kafka, topic: str, seen: Seen | None = None) -> AsyncIterator[KafkaQueue]:
    team = topic.removeprefix("queue.")
    async with KafkaQueue(kafka.bootstrap_servers, team, group=f"readers of {topic}", seen=seen) as one:
        yield one


async def _read(queue: KafkaQueue, count: int) -> list[tuple[str, int]]:
    """Read so many and break off at the last, which is then not handled."""
    given = []
    async with asyncio.timeout(30):
        async for told in queue.news():
            given.append(told.place)
            if len(given) == count:
                break
    return given


async def test_old_news_and_repetitions_are_passed_over(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("queue.drivers")
    digest = _record("feedback.digest.v1", digest_id="d1")
    other = _record("something.else.v1", alert_id="a", revision=9)
    await _send(kafka, name, _notice("a", 1), _notice("a", 2), _notice("a", 1), other, digest, digest, _notice("b", 1))
    async with _queue(kafka, name) as queue:
        assert await _read(queue, 4) == [("a", 1), ("a", 2), ("d1", 1), ("b", 1)]


async def test_who_breaks_off_goes_on_with_what_was_not_handled(kafka: Kafka, topic: MakeTopic, tmp_path: Path) -> None:
    name = await topic("queue.drivers")
    await _send(kafka, name, _notice("a", 1), _notice("b", 1), _notice("a", 1), _notice("c", 1))
    with SeenInFile(tmp_path / "seen.db") as seen:
        async with _queue(kafka, name, seen) as queue:
            assert await _read(queue, 2) == [("a", 1), ("b", 1)]
    with SeenInFile(tmp_path / "seen.db") as seen:
        async with _queue(kafka, name, seen) as queue:
            assert await _read(queue, 2) == [("b", 1), ("c", 1)]


async def test_no_kafka_is_said_as_such() -> None:
    with pytest.raises(OutOfReachError, match="Kafka: KafkaConnectionError"):
        async with KafkaQueue("127.0.0.1:1", "drivers", group="g"):
            pass
