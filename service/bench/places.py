"""KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL, or else embedded servers -> where a benchmark may read and write.

Everything is made under names of its own and taken away again: a topic and a database that exist are never touched.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
from aiokafka import AIOKafkaProducer

from service.adapters.kafka import Connection, Topic, ensure_topics
from service.adapters.kafka.connection import admin
from service.bench.events import Published
from service.embedded.broker import start_broker
from service.embedded.postgres import EmbeddedPostgres, start_postgres


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`transactional` says whether the broker has transactions, `trust_end` whether it knows where its logs end."""

    connection: Connection
    dsn: str
    transactional: bool
    trust_end: bool


@asynccontextmanager
async def servers() -> AsyncIterator[Place]:
    """Take the servers that the environment names, or start our own for as long as the block lasts.

    Raises:
        EmbeddedUnavailable: our own do not start.
    """
    kafka = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(postgres())
        own_broker = not kafka
        if not kafka:
            broker = await asyncio.to_thread(start_broker)
            stack.push_async_callback(asyncio.to_thread, broker.stop)
            kafka = broker.bootstrap_servers
        connection = Connection(bootstrap_servers=kafka, client_id="feedback-router-bench")
        yield Place(connection=connection, dsn=dsn, transactional=not own_broker, trust_end=not own_broker)


@asynccontextmanager
async def postgres(*, roomy: bool = False) -> AsyncIterator[str]:
    """Take the PostgreSQL that the environment names, or start our own for as long as the block lasts; yield its DSN.

    A `roomy` one of our own has a quarter of the machine's memory for its pages, where it has 128 MB otherwise.

    Raises:
        EmbeddedUnavailable: our own does not start.
    """
    dsn = os.environ.get("DATABASE_URL")
    if dsn:
        yield dsn
        return
    server = await asyncio.to_thread(start_postgres)
    try:
        if roomy:
            await _give_room(server)
        yield server.dsn
    finally:
        await asyncio.to_thread(server.stop)


async def _give_room(server: EmbeddedPostgres) -> None:
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**22
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute(f"ALTER SYSTEM SET shared_buffers = '{megabytes}MB'")
    finally:
        await connection.close()
    await asyncio.to_thread(server.restart)


@asynccontextmanager
async def topics(place: Place, partitions: Mapping[str, int]) -> AsyncIterator[Mapping[str, str]]:
    """Make topics, given as the partitions of each by its stem; yield their names by stem."""
    run = uuid.uuid4().hex[:12]
    names = {stem: f"bench.{run}.{stem}" for stem in partitions}
    wanted = [Topic(name=names[stem], partitions=count) for stem, count in partitions.items()]
    await ensure_topics(place.connection, wanted, replication_factor=-1, create=True)
    try:
        yield names
    finally:
        async with admin(place.connection) as client:
            await client.delete_topics(list(names.values()))


async def publish(place: Place, topic: str, events: Iterable[Published]) -> None:
    """Send events, those of one customer in order; return once Kafka has all of them."""
    async with AIOKafkaProducer(linger_ms=20, max_batch_size=262_144, **place.connection.options()) as producer:
        await asyncio.gather(*[await producer.send(topic, event.value, event.key) for event in events])


@asynccontextmanager
async def database(server_dsn: str) -> AsyncIterator[str]:
    """Make a database; yield its DSN. Before that the server writes out what earlier runs left to write."""
    name = f"feedback_router_bench_{uuid.uuid4().hex[:12]}"
    server = await asyncpg.connect(server_dsn)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        try:
            await server.execute("CHECKPOINT")
            yield urlsplit(server_dsn)._replace(path=f"/{name}").geturl()
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()
