"""Events that hurt somebody, and the notices that our service puts into the topic of the team in charge.

Each is of a customer of its own, since the playbook opens an alert for each, and bears a word that its notice quotes.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from service.bench.events import Published, published
from service.core.publish import queue_topic
from service.demo.envelopes import csat
from tests.bench.race.ground import PARTITIONS, Ground
from tests.bench.race.records import admin
from tests.bench.race.runner import Failed

EVERY_SECONDS = 0.2
_TOPIC = queue_topic("product-quality")
_WORD = re.compile(r"sample ([a-j]+)")
_DIGITS = str.maketrans("0123456789", "abcdefghij")
_ATTEMPTS, _PAUSE = 200, 0.1


def marked(event: Published, number: int) -> Published:
    """Return a survey response of somebody new who was hurt; `number` is found again in what its notice quotes."""
    value = orjson.loads(event.value)
    data = value["data"]
    data["metrics"] = [csat(1)]
    data["customer"] = {"ref": f"hurt-{number}", "region": "uk"}
    data["verbatims"] = [
        {"text": f"The kettle gave me an electric shock. It was sample {_word(number)}.", "language": "en"}
    ]
    return published(f"hurt-{number}", value)


def number_in(notice: bytes) -> int | None:
    """Return which event a notice quotes, if it is critical."""
    data = orjson.loads(notice)["data"]
    found = _WORD.search(" ".join(data.get("excerpts", ())))
    if data.get("severity") != "critical" or found is None:
        return None
    return int("".join(str("abcdefghij".index(letter)) for letter in found[1]))


@asynccontextmanager
async def hearing(ground: Ground) -> AsyncIterator[Mapping[int, float]]:
    """Read the team's topic for as long as the block lasts; yield when each notice came, in seconds since 1970."""
    heard: dict[int, float] = {}
    async with AIOKafkaConsumer(
        isolation_level="read_committed", fetch_max_wait_ms=50, **ground.place.connection.options()
    ) as consumer:
        await _until_there(ground)
        places = [TopicPartition(_TOPIC, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        task = asyncio.create_task(_hear(consumer, heard))
        try:
            yield heard
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _until_there(ground: Ground) -> None:
    """Wait for the service to have made the topic."""
    async with admin(ground) as asked:
        for _ in range(_ATTEMPTS):
            if _TOPIC in await asked.list_topics():
                return
            await asyncio.sleep(_PAUSE)
    raise Failed(f"there is no topic {_TOPIC}")


async def _hear(consumer: AIOKafkaConsumer, heard: dict[int, float]) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            at = time.time()
            for record in records:
                number = number_in(record.value)
                if number is not None:
                    heard.setdefault(number, at)


def _word(number: int) -> str:
    return str(number).translate(_DIGITS)
