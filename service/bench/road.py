"""The whole road: a topic in, decided, committed, relayed to another topic, by worker and relay as in `serve`.

What the relay sends goes to one topic of the benchmark's, so that no team's queue gets a made-up notice. Notices that
wait for a timer are not part of a run.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg
import orjson
from msgspec.structs import replace

from service.adapters.fellow_processes import FellowProcess, start_fellow
from service.adapters.kafka import PlainPublisher, TransactionalPublisher
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresOutbox, open_pool
from service.bench.deciding import DRAIN_SECONDS, Share, deciding
from service.bench.places import Place
from service.bench.spent import Spent, Watch
from service.core.pipeline.rules import Rules
from service.ports import Numbered
from service.ports.relay import Outgoing
from service.runtime.bell import Bell
from service.runtime.collector import spare_what_stays
from service.runtime.health import Health
from service.runtime.lifecycle import Part, live
from service.runtime.relay import Publisher, Relay, headers_of

_POLL_SECONDS = 0.02
_QUEUES = "queue."
_START_SECONDS = 30.0
_DONE = "SELECT coalesce(sum(next_offset), 0) >= $1 AND NOT EXISTS (SELECT FROM outbox) FROM partition_lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """What a run cost, and what it relayed: outbox rows, Kafka records and bytes. `peaks` is memory by process."""

    spent: Spent
    peaks: Sequence[int]
    relayed_rows: int
    relayed_records: int
    relayed_bytes: int


async def travel(
    place: Place, topics: Mapping[str, str], rules: Rules, events: int, watch: Watch, share: Share
) -> Travelled:
    """Run the service on a migrated database until every event of the topic is decided and every row relayed."""
    async with on_the_road(place, topics, rules, watch, share) as road:
        await _until_done(share.dsn, events, road.running)
        spent, peaks = watch.read(), watch.peaks()
        relayed = road.relayed
    return Travelled(
        spent=spent,
        peaks=peaks,
        relayed_rows=relayed.rows,
        relayed_records=relayed.records,
        relayed_bytes=relayed.size,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Road:
    relayed: "_Relayed"
    running: "asyncio.Task[None]"
    meter: PrometheusMeter


@asynccontextmanager
async def on_the_road(
    place: Place, topics: Mapping[str, str], rules: Rules, watch: Watch, share: Share
) -> AsyncIterator[_Road]:
    """Run the service on a migrated database for as long as the block lasts.

    Messages to teams go to topic `queue` where there is one, all else to `out`. The clock runs from the first claim of
    a partition, after which the first fetch is sent.
    """
    pool = await open_pool(share.dsn, size=16)
    try:
        meter, health, bell = PrometheusMeter(), Health(), Bell()
        relayed = _Relayed(_publisher(place, topics), topics["out"], topics.get("queue", topics["out"]))
        outbox = PostgresOutbox(pool)
        relay = Relay(outbox, lambda: relayed, shard=0, owner="bench", watch=health, meter=meter, bell=bell)
        stop, begun, others = asyncio.Event(), asyncio.Event(), await _started(share, watch)

        async def begin() -> None:
            watch.start()
            begun.set()
            await asyncio.gather(*[one.ask(_START_SECONDS) for one in others])

        parts = [
            await deciding(share, place.connection, pool, rules, health, meter, begin, bell.ring),
            Part(name="relay", run=relay.run, seconds=DRAIN_SECONDS),
        ]
        spare_what_stays()
        running = asyncio.create_task(live(parts, stop, partial(_drain, health, others)))
        try:
            await _first_of(running, begun)
            yield _Road(relayed=relayed, running=running, meter=meter)
        finally:
            stop.set()
            await running
            await asyncio.gather(*[one.ended() for one in others])
    finally:
        await pool.close()


async def _started(share: Share, watch: Watch) -> Sequence[FellowProcess]:
    """Start the processes beside this one, and wait until each has opened what it needs."""
    command = [sys.executable, "-m", "service.bench.beside", orjson.dumps(share).decode()]
    others = [await start_fellow(number, command, os.environ) for number in range(2, share.processes + 1)]
    watch.others = [one.pid for one in others]
    async with asyncio.timeout(_START_SECONDS):
        while any(one.told is None for one in others):  # noqa: ASYNC110 (it happens in other processes)
            await asyncio.sleep(_POLL_SECONDS)
    return others


def _drain(health: Health, others: Sequence[FellowProcess]) -> None:
    health.drain()
    for one in others:
        one.let_go()


class _Relayed:
    """Publishes to two topics what was meant for others, and counts it."""

    def __init__(self, publisher: Publisher, topic: str, queue: str) -> None:
        self._publisher = publisher
        self._topic = topic
        self._queue = queue
        self.rows = self.records = self.size = 0

    async def open(self) -> int:
        return await self._publisher.open()

    async def publish(self, rows: Sequence[Numbered]) -> None:
        await self._publisher.publish([replace(row, outgoing=self._elsewhere(row.outgoing)) for row in rows])
        self.rows += len(rows)
        self.records += sum(len(row.outgoing.values) for row in rows)
        self.size += sum(len(key) + len(value) for row in rows for key, value in row.outgoing.values)

    async def close(self) -> None:
        await self._publisher.close()

    def _elsewhere(self, outgoing: Outgoing) -> Outgoing:
        topic = self._queue if outgoing.topic.startswith(_QUEUES) else self._topic
        return Outgoing(owner=outgoing.owner, topic=topic, values=outgoing.values)


def _publisher(place: Place, topics: Mapping[str, str]) -> Publisher:
    if not place.transactional:
        return PlainPublisher(place.connection, headers_of=headers_of)
    return TransactionalPublisher(
        place.connection,
        shard=0,
        transactional_id=topics["markers"],
        marker_topic=topics["markers"],
        headers_of=headers_of,
    )


async def _first_of(running: "asyncio.Task[None]", begun: asyncio.Event) -> None:
    waiting = asyncio.ensure_future(begun.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _until_done(dsn: str, events: int, running: "asyncio.Task[None]") -> None:
    connection = await asyncpg.connect(dsn)
    try:
        while not running.done() and not await connection.fetchval(_DONE, events):
            await asyncio.wait({running}, timeout=_POLL_SECONDS)
    finally:
        await connection.close()
    if running.done():
        await running
