"""The job as a subscriber of FastStream: a message, a handler, a transaction; the partitions at the same time.

Guarantee: at least once from Kafka, since `NACK_ON_ERROR` commits after the handler and reads again what failed; once
in PostgreSQL, since the identity is written in the same transaction. Tuned: see about.toml.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from faststream import AckPolicy, ContextRepo, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from tests.bench.peers import replicas
from tests.bench.peers.job.asked import PARTITIONS, Asked
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.writing_async import WriteOne, one_by_one

REPLICAS = 2

asked = Asked.read()
writing: list[WriteOne] = []


@asynccontextmanager
async def connected(_context: ContextRepo) -> AsyncIterator[None]:
    async with one_by_one(asked, PARTITIONS // REPLICAS) as write:
        writing.append(write)
        yield


async def raw(message: KafkaMessage) -> bytes:
    body: bytes = message.body
    return body


broker = KafkaBroker(asked.brokers, consumer_only=True, apply_types=False, logger=None, graceful_timeout=3)
app = FastStream(broker, lifespan=connected, logger=None)


@broker.subscriber(
    asked.topic,
    group_id=asked.group,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    max_workers=PARTITIONS // REPLICAS,
    no_reply=True,
    decoder=raw,
)
async def feedback(value: bytes) -> None:
    await writing[0](judge(value, asked.rules))


@app.after_startup
async def say_ready() -> None:
    print("ready\n", end="", flush=True)  # noqa: T201 - the race waits for this line, in one piece


if sys.argv[1:] == ["replica"]:
    uvloop.run(app.run())
else:
    sys.exit(replicas.run([[sys.executable, "-m", "tests.bench.peers.faststream", "replica"]] * REPLICAS))
