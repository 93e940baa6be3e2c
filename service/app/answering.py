"""What all roles share -> the API as a part of the service, and the server that it answers by."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial

import uvicorn

from service.adapters.kafka import Producer, original_record
from service.adapters.postgres import (
    PostgresArchive,
    PostgresAudit,
    PostgresDeliveries,
    PostgresDesk,
    PostgresModels,
    PostgresRecorded,
    PostgresShelf,
    PostgresStore,
)
from service.api import BoundedConnection, Services
from service.app.backtesting import backtest
from service.app.entering import entrance_of, noting_of, provider_of
from service.app.opened import Opened
from service.app.playbooks import check
from service.console import create_console
from service.ports import Original
from service.runtime.acting import Acting
from service.runtime.counting import count_ends, count_refiled
from service.runtime.fellows import Together
from service.runtime.lifecycle import Part
from service.runtime.parting import PartingActs
from service.runtime.refiling import RefilingActs
from service.runtime.silencing import Silencing
from service.settings import RelayGuarantee, Role

_CLOSE_SECONDS = 5.0


def _in_force(opened: Opened) -> tuple[str, tuple[str, ...]] | None:
    rules = opened.rulebook.rules
    return None if rules.classifier is None else (rules.classifier.digest, opened.classifiers.missing(rules))


async def _figures(opened: Opened) -> bytes:
    return opened.meter.text(() if opened.fellows is None else await opened.fellows.figures())


async def _original(opened: Opened, topic: str, partition: int, offset: int) -> Original | None:
    found = await original_record(opened.connection, topic, partition, offset)
    return None if found is None else Original(key=found.key, value=found.value, headers=tuple(found.headers))


async def answering(opened: Opened, stack: AsyncExitStack) -> Part:
    settings, guarantee = opened.settings, opened.settings.relay_guarantee
    sender = Producer(opened.connection, idempotent=guarantee is RelayGuarantee.TRANSACTIONAL)
    await sender.start()
    stack.push_async_callback(sender.stop)
    store = PostgresStore(
        opened.asking_pool, shards=settings.relay_shards, owner=opened.owner, on_outgoing=opened.bell.ring
    )
    acting = Acting(store, opened.rulebook, opened.time.present)
    services = Services(
        desk=PostgresDesk(opened.asking_pool),
        deliveries=PostgresDeliveries(opened.asking_pool),
        shelf=PostgresShelf(opened.asking_pool),
        models=PostgresModels(opened.asking_pool),
        audit=PostgresAudit(opened.asking_pool),
        keep_model=opened.classifiers.keep,
        in_force=partial(_in_force, opened),
        sender=sender,
        original=partial(_original, opened),
        act=acting,
        part=PartingActs(store, opened.rulebook, opened.time.present),
        refile=RefilingActs(store, opened.rulebook, opened.time.present, count_refiled(opened.meter)),
        silence=Silencing(store, opened.rulebook, opened.time.present, count_ends(opened.meter)),
        rules=acting.rules,
        now=opened.time.present,
        check=partial(check, opened.classifiers),
        secret_of=os.environ.get,
        pulse=Together(opened.health, opened.fellows),
        figures=partial(_figures, opened),
        relay_guarantee=guarantee.value,
        entrance=entrance_of(settings, opened.asking_pool, acting.rules),
        noting=noting_of(opened.meter, opened.asking_pool),
        provider=await provider_of(settings, stack),
        books=PostgresArchive(opened.asking_pool).books,
        backtest=partial(backtest, PostgresRecorded(opened.asking_pool)),
    )
    config = uvicorn.Config(
        create_console(services),
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
