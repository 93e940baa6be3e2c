"""Servers, topics, a rate and a time -> surveys at that rate, and how late each critical notice reached the queue.

What stands outside of the service is a process of its own. The schedule is open: a survey leaves when it is due,
however late the service is, and its time is when it was due, which the notice carries as `first_seen`. Every fiftieth
survey is critical and opens an alert of its own. It prints milliseconds as JSON.
"""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from service.bench.events import EVERY, Published, scheduled

# Of what is sent, the first share is not counted.
_WARM = 1 / 6
_TEAM = "product-quality"
_AHEAD = timedelta(seconds=1)
_LAST_WAIT_SECONDS = 10.0
# Who sends sleeps for so long at least, and then sends all that has become due: a sleep for each would cost more than
# the sending. What it is late by counts like any other lateness.
_NAP_SECONDS = 0.005


def figures(late: Sequence[float], sent: int) -> dict[str, Any]:
    """Describe lateness, given in seconds; None where nothing came."""
    if len(late) < 2:  # noqa: PLR2004 - what quantiles need
        return {"notices": len(late), "missing": sent - len(late), "p50_ms": None, "p99_ms": None, "p999_ms": None}
    cuts = [1000 * cut for cut in statistics.quantiles(late, n=1000, method="inclusive")]
    return {
        "notices": len(late),
        "missing": sent - len(late),
        **{name: round(cuts[at], 1) for name, at in (("p50_ms", 499), ("p99_ms", 989), ("p999_ms", 998))},
        "longest_ms": round(1000 * max(late), 1),
    }


async def _send(servers: str, topic: str, events: Sequence[tuple[datetime, Published]]) -> float:
    """Send each when it is due; return by how many seconds the latest was handed over late."""
    latest = 0.0
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        await producer.partitions_for(topic)
        sent = []
        for due, event in events:
            ahead = due.timestamp() - time.time()
            if ahead > 0:
                await asyncio.sleep(max(ahead, _NAP_SECONDS))
            sent.append(await producer.send(topic, event.value, event.key))
            latest = max(latest, -ahead)
        await asyncio.gather(*sent)
    return latest


async def _read(servers: str, topic: str, due: set[datetime], late: dict[datetime, float]) -> None:
    """Note for each instant in `due` how late its notice was, until there are all."""
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed") as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        while len(late) < len(due):
            for record in (await consumer.getmany(timeout_ms=100)).get(partition, ()):
                now = time.time()
                told = orjson.loads(record.value)["data"]
                if told.get("team") == _TEAM and told["reason"] == "opened":
                    at = datetime.fromisoformat(told["first_seen"])
                    if at in due:
                        late.setdefault(at, now - at.timestamp())


async def _main(servers: str, topic: str, queue: str, rate: float, seconds: float, seed: int) -> None:
    begin = datetime.now(UTC) + _AHEAD + timedelta(seconds=rate * seconds * 0.0001)
    events = list(scheduled(seed, round(rate * seconds), begin, rate))
    counted = {due for due, _ in events[::EVERY] if due >= begin + timedelta(seconds=seconds * _WARM)}
    late: dict[datetime, float] = {}
    # A collection over all that is to be sent would hold up what is due meanwhile.
    gc.freeze()
    gc.disable()
    reading = asyncio.create_task(_read(servers, queue, counted, late))
    handed = await _send(servers, topic, events)
    await asyncio.wait({reading}, timeout=_LAST_WAIT_SECONDS)
    reading.cancel()
    said = figures(list(late.values()), len(counted)) | {"handed_over_late_ms": round(1000 * handed, 1)}
    sys.stdout.write(orjson.dumps(said).decode())


if __name__ == "__main__":
    _, its_servers, its_topic, its_queue, its_rate, its_seconds, its_seed = sys.argv
    asyncio.run(_main(its_servers, its_topic, its_queue, float(its_rate), float(its_seconds), int(its_seed)))
