"""Settings and roles -> the service, from the first connection to the last: opened, run, drained, closed."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
import uvicorn

from service import __version__
from service.adapters.kafka import Connection, Producer, cluster_of
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import (
    PostgresDesk,
    PostgresGauges,
    PostgresLookout,
    PostgresModels,
    PostgresOutbox,
    PostgresShelf,
    PostgresStore,
    migrate,
)
from service.adapters.postgres.pool import Pool
from service.api import BoundedConnection, Services, create_api
from service.app.deciding import rulebook_of
from service.app.instruments import INSTRUMENTS
from service.app.kafka_parts import connection_of, incoming_topics, publisher_of, source_of
from service.app.keeping import housekeeping, key_of
from service.app.opening import open_model
from service.app.playbooks import check
from service.app.pools import ASKED, opened_pool, share_for_asking
from service.core.pipeline.rules import Rules
from service.runtime.acting import Acting
from service.runtime.classifiers import Classifiers
from service.runtime.collector import spare_what_stays
from service.runtime.counting import count_ends, count_refiled
from service.runtime.health import Health
from service.runtime.lifecycle import Part, live, stopped_by_signals
from service.runtime.overview import Overview
from service.runtime.parting import PartingActs
from service.runtime.refiling import RefilingActs
from service.runtime.relay import Relay
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from service.runtime.ticker import Ticker
from service.runtime.timekeeping import StreamTime, Timekeeper, WallTime
from service.runtime.watchdog import Bounds, Watchdog
from service.runtime.worker import Limits, Worker
from service.settings import Clock, RelayGuarantee, Role, Settings

log = structlog.get_logger()

_CLOSE_SECONDS = 5.0


class SchemaBehindError(Exception):
    """The database lacks migrations; `migrate` brings it up to date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What all roles share."""

    settings: Settings
    pool: Pool
    asking_pool: Pool
    store: PostgresStore
    connection: Connection
    cluster: str
    classifiers: Classifiers
    rulebook: Rulebook
    wall: WallTime
    time: Timekeeper
    health: Health
    meter: PrometheusMeter
    owner: str


async def serve(
    settings: Settings, roles: Collection[Role] = tuple(Role), *, stop: asyncio.Event | None = None
) -> None:
    """Run until SIGINT or SIGTERM, or until `stop` is set by a caller who sees to signals.

    Raises:
        SchemaBehindError: the database lacks migrations.
        PlaybookError: there is no playbook without faults to decide by.
        TopicsMissingError: topics are missing and may not be made.
        TransactionsRefusedError: the broker has no transactions, and the guarantee asks for them.
        OutOfReachError: PostgreSQL or Kafka did not answer at the start.
    """
    ending = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        if stop is None:
            stack.enter_context(stopped_by_signals(ending))
        opened = await _open(settings, roles, stack)
        parts = [part async for part in _parts(opened, roles, stack)]
        spare_what_stays()
        log.info("serving", roles=sorted(role.value for role in roles), version=__version__)
        await live(parts, ending, opened.health.drain)


async def _open(settings: Settings, roles: Collection[Role], stack: AsyncExitStack) -> _Opened:
    dsn = settings.database_url.get_secret_value()
    if settings.embedded:
        await migrate.upgrade(dsn)
    elif await migrate.pending(dsn):
        raise SchemaBehindError("the database's schema is behind: run `feedback-router migrate`")
    owner = f"{socket.gethostname()}:{os.getpid()}"
    asking = share_for_asking(settings.pool_size, roles)
    pool = await stack.enter_async_context(opened_pool(dsn, settings.pool_size - asking))
    asking_pool = await stack.enter_async_context(opened_pool(dsn, asking, ASKED)) if asking else pool
    store = PostgresStore(pool, shards=settings.relay_shards, owner=owner)
    connection = connection_of(settings)
    cluster = await cluster_of(connection)
    wall, meter = WallTime(), PrometheusMeter()
    time = wall if settings.clock is Clock.WALL else _stream_time(store, cluster, settings)
    classifiers = Classifiers(PostgresModels(pool), open_model, wall.now, INSTRUMENTS)
    rulebook = await rulebook_of(settings, PostgresShelf(pool), classifiers, connection, meter, wall)
    meter.put("build_info", __version__, settings.relay_guarantee.value, settings.clock.value, value=1)
    return _Opened(
        settings=settings,
        pool=pool,
        asking_pool=asking_pool,
        store=store,
        connection=connection,
        cluster=cluster,
        classifiers=classifiers,
        rulebook=rulebook,
        wall=wall,
        time=time,
        health=Health([role.value for role in Role if role in roles]),
        meter=meter,
        owner=owner,
    )


def _stream_time(store: PostgresStore, cluster: str, settings: Settings) -> StreamTime:
    return StreamTime(store, cluster=cluster, group=settings.group, ahead=timedelta(seconds=settings.stream_ahead))


async def _parts(opened: _Opened, roles: Collection[Role], stack: AsyncExitStack) -> AsyncIterator[Part]:
    """Yield the parts in the order in which they must end: nothing is decided any more before the relay empties."""
    settings, seconds = opened.settings, opened.settings.drain
    if Role.WORKER in roles:
        yield _worker(opened)
    if Role.TICKER in roles:
        yield Part(name="ticker", run=_ticker(opened).run, seconds=seconds)
        yield housekeeping(settings, opened.store, opened.rulebook, opened.wall, opened.health, opened.meter)
    if Role.RELAY in roles:
        for relay in _relays(opened):
            yield Part(name="relay", run=relay.run, seconds=seconds)
    if Role.API in roles:
        yield Part(name="watchdog", run=_watchdog(opened).run, seconds=seconds)
        yield await _api(opened, stack)


def _worker(opened: _Opened) -> Part:
    settings, rulebook = opened.settings, opened.rulebook
    source = source_of(
        settings,
        opened.connection,
        rulebook.rules,
        cluster=opened.cluster,
        store=opened.store,
        health=opened.health,
        meter=opened.meter,
    )

    async def read_topics_of(rules: Rules) -> None:
        source.subscribe(incoming_topics(rules))

    rulebook.on_change(read_topics_of)
    worker = Worker(
        opened.store,
        rulebook,
        key_of(settings),
        opened.time,
        watch=opened.health,
        meter=opened.meter,
        limits=Limits(rows=settings.batch_rows, size=settings.batch_bytes, linger=settings.batch_linger),
    )
    return Part(name="worker", run=partial(source.run, worker.drive), seconds=settings.drain)


def _ticker(opened: _Opened) -> Ticker:
    return Ticker(
        opened.store,
        opened.rulebook,
        opened.wall if opened.settings.clock is Clock.WALL else None,
        wall=opened.wall,
        outbox=PostgresOutbox(opened.pool),
        shared=Overview(
            PostgresGauges(opened.pool), PostgresLookout(opened.pool), opened.rulebook, opened.time.present
        ),
        watch=opened.health,
        meter=opened.meter,
    )


def _watchdog(opened: _Opened) -> Watchdog:
    settings = opened.settings
    return Watchdog(
        opened.store,
        PostgresLookout(opened.pool),
        Acting(opened.store, opened.rulebook, opened.time.present).rules,
        opened.wall,
        by_wall=settings.clock is Clock.WALL,
        bounds=Bounds(
            late_timers=settings.late_timers_after,
            stuck_relay=settings.stuck_relay_after,
            unread_arbitration=settings.unread_arbitration_after,
        ),
        watch=opened.health,
        meter=opened.meter,
    )


def _relays(opened: _Opened) -> Iterable[Relay]:
    for shard in range(opened.settings.relay_shards):
        yield Relay(
            PostgresOutbox(opened.pool),
            publisher_of(opened.settings, opened.connection, shard),
            shard=shard,
            owner=opened.owner,
            watch=opened.health,
            meter=opened.meter,
        )


def _in_force(opened: _Opened) -> tuple[str, tuple[str, ...]] | None:
    rules = opened.rulebook.rules
    return None if rules.classifier is None else (rules.classifier.digest, opened.classifiers.missing(rules))


async def _api(opened: _Opened, stack: AsyncExitStack) -> Part:
    settings, guarantee = opened.settings, opened.settings.relay_guarantee
    sender = Producer(opened.connection, idempotent=guarantee is RelayGuarantee.TRANSACTIONAL)
    await sender.start()
    stack.push_async_callback(sender.stop)
    store = PostgresStore(opened.asking_pool, shards=settings.relay_shards, owner=opened.owner)
    acting = Acting(store, opened.rulebook, opened.time.present)
    services = Services(
        desk=PostgresDesk(opened.asking_pool),
        shelf=PostgresShelf(opened.asking_pool),
        models=PostgresModels(opened.asking_pool),
        keep_model=opened.classifiers.keep,
        in_force=partial(_in_force, opened),
        sender=sender,
        act=acting,
        part=PartingActs(store, opened.rulebook, opened.time.present),
        refile=RefilingActs(store, opened.rulebook, opened.time.present, count_refiled(opened.meter)),
        silence=Silencing(store, opened.rulebook, opened.time.present, count_ends(opened.meter)),
        rules=acting.rules,
        now=opened.time.present,
        check=partial(check, opened.classifiers),
        secret_of=os.environ.get,
        pulse=opened.health,
        registry=opened.meter.registry,
        relay_guarantee=guarantee.value,
        token=None if settings.api_token is None else settings.api_token.get_secret_value(),
    )
    config = uvicorn.Config(
        create_api(services),
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(_CLOSE_SECONDS),
    )
    server = _Server(config)

    async def run(stop: asyncio.Event) -> None:
        serving = asyncio.create_task(server.serve())
        opened.health.started(Role.API.value)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        server.should_exit = True
        await serving

    return Part(name="api", run=run, seconds=settings.drain)


class _Server(uvicorn.Server):
    """Leaves signals to us: they end the whole service, in its order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
