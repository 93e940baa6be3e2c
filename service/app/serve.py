"""Settings and roles -> the service, from the first connection to the last: opened, run, drained, closed."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import structlog

from service import __version__
from service.adapters.kafka import cluster_of
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import (
    PostgresGauges,
    PostgresLookout,
    PostgresModels,
    PostgresOutbox,
    PostgresShelf,
    PostgresStore,
)
from service.adapters.postgres.revision import pending
from service.app.deciding import rulebook_of
from service.app.instruments import INSTRUMENTS
from service.app.joining import answering_first, fellows_of, processes_of, seeing_to
from service.app.kafka_parts import connection_of, incoming_topics, publisher_of, source_of
from service.app.keeping import housekeeping, key_of, telling_outcomes
from service.app.opened import Opened
from service.app.pools import ASKED, have_room, opened_pool, share_for_asking
from service.core.pipeline.rules import Rules
from service.ports import OpenedModel
from service.runtime.acting import Acting
from service.runtime.bell import Bell
from service.runtime.classifiers import Classifiers
from service.runtime.collector import spare_what_stays
from service.runtime.fellows import Fellows
from service.runtime.health import Health
from service.runtime.lifecycle import Part, live, stopped_by_signals
from service.runtime.overview import Overview
from service.runtime.relay import Relay
from service.runtime.ticker import Ticker
from service.runtime.timekeeping import StreamTime, WallTime
from service.runtime.watchdog import Bounds, Watchdog
from service.runtime.worker import Limits, Worker
from service.settings import Clock, Role, Settings

log = structlog.get_logger()


class SchemaBehindError(Exception):
    """The database lacks migrations; `migrate` brings it up to date."""


async def serve(
    settings: Settings,
    roles: Collection[Role] = tuple(Role),
    *,
    stop: asyncio.Event | None = None,
    is_first: bool = True,
) -> None:
    """Run until SIGINT or SIGTERM, or until `stop` is set by a caller who sees to signals.

    Of several processes the first starts the others; those end when it has them end, or is gone.

    Raises:
        SchemaBehindError: the database lacks migrations.
        PlaybookError: there is no playbook without faults to decide by.
        TopicsMissingError: topics are missing and may not be made.
        TransactionsRefusedError: the broker has no transactions, and the guarantee asks for them.
        OutOfReachError: PostgreSQL or Kafka did not answer at the start.
        FellowEndedError: a process beside the first one failed.
    """
    ending = stop or asyncio.Event()
    fellows = fellows_of(settings, processes_of(settings, roles), ending) if is_first else None
    async with AsyncExitStack() as stack:
        if stop is None:
            stack.enter_context(stopped_by_signals(ending))
        if is_first:
            await _have_schema(settings)
        opened = await _open(settings, roles, stack, fellows)
        parts = [part async for part in _parts(opened, roles, stack)]
        if not is_first:
            parts.append(answering_first(opened.health, opened.meter, ending, settings))
        spare_what_stays()
        log.info("serving", roles=sorted(role.value for role in roles), version=__version__)
        await live(parts, ending, partial(_drain, opened))


def _drain(opened: Opened) -> None:
    opened.health.drain()
    if opened.fellows is not None:
        opened.fellows.let_go()


async def _have_schema(settings: Settings) -> None:
    dsn = settings.database_url.get_secret_value()
    if settings.embedded:
        # What only some processes or playbooks need is imported with them: of a process that only decides, migrations,
        # HTTP, channels and models would take 80 MB, and half of the time of its start.
        from service.adapters.postgres import migrate  # noqa: PLC0415

        await migrate.upgrade(dsn)
    elif await pending(dsn):
        raise SchemaBehindError("the database's schema is behind: run `feedback-router migrate`")


async def _open(settings: Settings, roles: Collection[Role], stack: AsyncExitStack, fellows: Fellows | None) -> Opened:
    dsn = settings.database_url.get_secret_value()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    asking = share_for_asking(settings.pool_size, roles)
    pool = await stack.enter_async_context(opened_pool(dsn, settings.pool_size - asking))
    if fellows is not None:
        await have_room(pool, settings.pool_size, processes_of(settings, roles))
    asking_pool = await stack.enter_async_context(opened_pool(dsn, asking, ASKED)) if asking else pool
    bell = Bell()
    store = PostgresStore(pool, shards=settings.relay_shards, owner=owner, on_outgoing=bell.ring)
    connection = connection_of(settings)
    cluster = await cluster_of(connection)
    wall, meter = WallTime(), PrometheusMeter()
    time = wall if settings.clock is Clock.WALL else _stream_time(store, cluster, settings)
    classifiers = Classifiers(PostgresModels(pool), _open_model, wall.now, INSTRUMENTS)
    rulebook = await rulebook_of(settings, PostgresShelf(pool), classifiers, connection, meter, wall)
    meter.put("build_info", __version__, settings.relay_guarantee.value, settings.clock.value, value=1)
    return Opened(
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
        bell=bell,
        owner=owner,
        fellows=fellows,
    )


def _stream_time(store: PostgresStore, cluster: str, settings: Settings) -> StreamTime:
    return StreamTime(store, cluster=cluster, group=settings.group, ahead=timedelta(seconds=settings.stream_ahead))


async def _parts(opened: Opened, roles: Collection[Role], stack: AsyncExitStack) -> AsyncIterator[Part]:
    """Yield the parts in the order in which they must end: nothing is decided any more before the relay empties."""
    settings, seconds = opened.settings, opened.settings.drain
    if Role.WORKER in roles:
        yield _worker(opened)
    if opened.fellows is not None:
        yield seeing_to(opened.fellows, settings)
    if Role.TICKER in roles:
        yield Part(name="ticker", run=_ticker(opened).run, seconds=seconds)
        yield housekeeping(settings, opened.store, opened.rulebook, opened.wall, opened.health, opened.meter)
        yield telling_outcomes(opened)
    if Role.RELAY in roles:
        for relay in _relays(opened):
            yield Part(name="relay", run=relay.run, seconds=seconds)
    if Role.DELIVERER in roles:
        from service.app.delivering import delivering  # noqa: PLC0415 - see above.

        yield await delivering(opened, stack)
    if Role.API in roles:
        yield Part(name="watchdog", run=_watchdog(opened).run, seconds=seconds)
        from service.app.answering import answering  # noqa: PLC0415 - see above.

        yield await answering(opened, stack)


def _open_model(body: bytes) -> OpenedModel:
    from service.app.opening import open_model  # noqa: PLC0415 - see above.

    return open_model(body)


def _worker(opened: Opened) -> Part:
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


def _ticker(opened: Opened) -> Ticker:
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


def _watchdog(opened: Opened) -> Watchdog:
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


def _relays(opened: Opened) -> Iterable[Relay]:
    for shard in range(opened.settings.relay_shards):
        yield Relay(
            PostgresOutbox(opened.pool),
            publisher_of(opened.settings, opened.connection, shard),
            shard=shard,
            owner=opened.owner,
            watch=opened.health,
            meter=opened.meter,
            bell=opened.bell,
        )
