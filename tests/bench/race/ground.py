"""Nothing -> the servers that one part of the race runs on: a Kafka with the workload's records, and a PostgreSQL.

Both listen on loopback alone and go at the end. PostgreSQL keeps when each transaction was committed, which is how
rates and latencies are read afterwards, without a question while a contestant runs.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import orjson

from service.adapters.kafka import Connection
from service.adapters.playbook_files import load
from service.adapters.postgres import migrate
from service.assets import playbooks
from service.bench.places import Place
from service.bench.spent import postmaster_of
from service.core.pipeline.rules import Rules, compile_playbook
from service.embedded.postgres import start_postgres
from tests.bench.race.contestants import PEERS, ROOT
from tests.bench.race.filling import fill
from tests.infrastructure.apache_kafka import start_kafka

PARTITIONS = 4
FLOOR = 40
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "track_commit_timestamp": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`rules` is the path of what peers decide by, made of the same playbook as ours."""

    place: Place
    postmaster: int
    playbook: Rules
    rules: Path

    @property
    def brokers(self) -> str:
        return str(self.place.connection.bootstrap_servers)


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Start both servers for as long as the block lasts.

    Raises:
        EmbeddedUnavailable: PostgreSQL does not start.
        KafkaUnavailable: Kafka does not.
    """
    port = _free_port()
    postgres = await asyncio.to_thread(start_postgres, settings={**SETTINGS, "port": str(port)})
    try:
        kafka = await asyncio.to_thread(start_kafka)
        try:
            dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            playbook = _playbook()
            rules = folder / "rules.json"
            rules.write_bytes(orjson.dumps(rules_of(playbook)))
            yield Ground(
                place=Place(
                    connection=Connection(bootstrap_servers=kafka.bootstrap_servers, client_id="race"),
                    dsn=dsn,
                    transactional=True,
                    trust_end=True,
                ),
                postmaster=await postmaster_of(dsn) or 0,
                playbook=playbook,
                rules=rules,
            )
        finally:
            await asyncio.to_thread(kafka.stop)
    finally:
        await asyncio.to_thread(postgres.stop)


def rules_of(playbook: Rules) -> dict[str, object]:
    """Return what the peers' job is told: keywords of all languages, the floor, and whose a process is."""
    return {
        "categories": {
            category.id: [word for words in category.keywords.values() for word in words]
            for category in playbook.playbook.taxonomy
        },
        "floor": FLOOR,
        "team_of": {process.id: process.team for process in playbook.playbook.processes},
    }


@asynccontextmanager
async def tables(ground: Ground, rows: int, *, ours: bool) -> AsyncIterator[str]:
    """Yield the DSN of a database with the tables of our service, or with those of the peers' job.

    Each block has one of its own. One that is to hold rows already is filled once, and then used by all, one after the
    other: what a run adds is less than a hundredth of it.

    Raises:
        Absent: nothing can fill it.
    """
    name = f"{'filled' if rows else 'empty'}_{'ours' if ours else 'peers'}"
    server = await asyncpg.connect(ground.place.dsn)
    try:
        if not await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await _make(server, ground.place.dsn, name, rows, ours=ours)
        if rows:
            await server.execute("CHECKPOINT")
            yield _named(ground.place.dsn, name)
            return
        await server.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')
        try:
            yield _named(ground.place.dsn, f"{name}_copy")
        finally:
            await server.execute(f'DROP DATABASE "{name}_copy" WITH (FORCE)')
    finally:
        await server.close()


async def _make(
    server: "asyncpg.Connection[asyncpg.Record]", maintenance: str, name: str, rows: int, *, ours: bool
) -> None:
    await server.execute(f'CREATE DATABASE "{name}"')
    dsn = _named(maintenance, name)
    try:
        await _make_tables(dsn, ours=ours)
        if rows:
            await fill(dsn, rows)
    except BaseException:
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        raise


def _named(dsn: str, name: str) -> str:
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()


async def _make_tables(dsn: str, *, ours: bool) -> None:
    if ours:
        await migrate.upgrade(dsn)
        return
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute((PEERS / "job" / "tables.sql").read_text(encoding="utf-8"))
    finally:
        await connection.close()


@asynccontextmanager
async def delayed(dsn: str, seconds: float) -> AsyncIterator[tuple[str, float | None]]:
    """Yield a DSN behind the delay, and the milliseconds that a round trip through it takes; the same one for none."""
    if not seconds:
        yield dsn, None
        return
    parts = urlsplit(dsn)
    proxy = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.race.delay", str(parts.port), str(seconds)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    if proxy.stdin is None or proxy.stdout is None:
        raise RuntimeError("the delay has no pipes")
    try:
        port = int(await proxy.stdout.readline())
        behind = parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}").geturl()
        yield behind, await _round_trip(behind)
    finally:
        proxy.stdin.close()
        await proxy.wait()


async def _round_trip(dsn: str) -> float:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.fetchval("SELECT 1")
        clock = asyncio.get_running_loop().time
        times = []
        for _ in range(50):
            began = clock()
            await connection.fetchval("SELECT 1")
            times.append(clock() - began)
        return round(sorted(times)[len(times) // 2] * 1000, 2)
    finally:
        await connection.close()


async def server_version(ground: Ground) -> str:
    connection = await asyncpg.connect(ground.place.dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _playbook() -> Rules:
    found = load(playbooks() / "retail").playbook
    if found is None:
        raise ValueError("the retail playbook is at fault")
    return compile_playbook(found)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
