"""The API over real adapters and the real pipeline; Kafka is a list, and the clock stands where a test puts it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest

from service.adapters.memory import (
    MemoryAudit,
    MemoryDeliveries,
    MemoryDesk,
    MemoryKeys,
    MemoryLookout,
    MemoryModels,
    MemoryRecorded,
    MemorySessions,
    MemoryShelf,
    MemoryStore,
)
from service.adapters.meter import PrometheusMeter
from service.adapters.playbook_files import faults_json, load_text
from service.adapters.postgres import (
    PostgresArchive,
    PostgresAudit,
    PostgresDeliveries,
    PostgresDesk,
    PostgresLookout,
    PostgresModels,
    PostgresRecorded,
    PostgresShelf,
    PostgresStore,
    open_pool,
)
from service.api import Entrance, Noting, Services, create_api
from service.app.backtesting import backtest
from service.core.access.groups import Grant
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.access import grants_of
from service.core.playbook.digest import canonical_text
from service.core.playbook.model import Playbook
from service.ports import (
    Audit,
    Books,
    Checked,
    Deliveries,
    Denied,
    Desk,
    Look,
    Lookout,
    ModelFault,
    Models,
    Original,
    PartitionKey,
    Recorded,
    Shelf,
    Store,
)
from service.runtime.acting import Acting
from service.runtime.batch import run_batch
from service.runtime.classifiers import Classifiers, ModelMissingError
from service.runtime.due import run_due
from service.runtime.fellows import Together
from service.runtime.health import Health
from service.runtime.parting import PartingActs
from service.runtime.refiling import RefilingActs
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from tests.builders import START, make_playbook, read_event
from tests.infrastructure.postgres import TestServers
from tests.listening import open_words

TOKEN = "a token of the tests"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}
_PARTITION = PartitionKey(cluster="test", group="test", topic="test", partition=0)


@dataclass(slots=True)
class Sent:
    """What a broker would have; `away` is what it answers with instead."""

    records: list[tuple[str, bytes | None, bytes | None]] = field(default_factory=list)
    headers: list[Sequence[tuple[str, bytes]]] = field(default_factory=list)
    away: Exception | None = None
    kept: dict[tuple[str, int, int], Original] = field(default_factory=dict)

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        if self.away is not None:
            raise self.away
        self.records.append((topic, key, value))
        self.headers.append(headers)

    async def original(self, topic: str, partition: int, offset: int) -> Original | None:
        return self.kept.get((topic, partition, offset))


@dataclass(slots=True)
class Noted:
    """What an auditor would have."""

    denials: list[Denied] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    async def note_denial(self, denied: Denied) -> None:
        self.denials.append(denied)

    async def note_look(self, look: Look) -> None:
        self.looks.append(look)


@dataclass(slots=True, kw_only=True)
class World:
    """`at` counts from START, and is the clock of decisions; `seconds` is that of the service's health.

    Keys and sessions live by both: they are believed for some of the seconds, and end by `at`.
    """

    store: Store
    desk: Desk
    deliveries: Deliveries
    shelf: Shelf
    lookout: Lookout
    models: Models
    recorded: Recorded
    rulebook: Rulebook
    sent: Sent
    health: Health
    registry: CollectorRegistry
    secrets: dict[str, str]
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    sessions: MemorySessions = field(default_factory=MemorySessions)
    meter: PrometheusMeter = field(default_factory=PrometheusMeter)
    noted: Noted = field(default_factory=Noted)
    at: timedelta = timedelta()
    seconds: float = 0.0
    app: FastAPI = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    @property
    def rules(self) -> Rules:
        return self.rulebook.rules

    async def active(self) -> Rules:
        return self.rulebook.rules

    async def now(self) -> datetime:
        return START + self.at

    async def push(self, at: timedelta, *events: Mapping[str, Any]) -> None:
        """Decide events in one batch at a time, with what was due before and what is due then."""
        await self.wait(at)
        (lease,) = await self.store.claim([_PARTITION])
        rules, now = self.rulebook.rules, await self.now()
        offset = lease.next_offset or 0
        records = [read_event(event, now, rules, offset + place) for place, event in enumerate(events)]
        await run_batch(self.store, lease, records, offset + len(records), rules, lambda _: now)
        await self.wait(at)

    async def wait(self, until: timedelta) -> None:
        self.at = until
        await run_due(self.store, self.rulebook.rules, await self.now())

    async def get(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        return await self.client.get(path, **more)

    async def read(self, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what httpx takes
        """Return the body of an answer that must be 200."""
        answer = await self.client.get(path, **more)
        assert answer.status_code == httpx.codes.OK, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def alert_of(self, team: str) -> dict[str, Any]:
        """Return the first alert of a team's queue."""
        alert: dict[str, Any] = (await self.read(f"/v1/teams/{team}/queue"))["alerts"][0]
        return alert


@asynccontextmanager
async def world_on(
    adapter: str, servers: TestServers, playbook: Playbook | None = None, token: str | None = TOKEN
) -> AsyncIterator[World]:
    if adapter == "memory":
        store = MemoryStore()
        lookout = MemoryLookout(store)
        ports = _Ports(
            *(store, MemoryDesk(store), MemoryShelf(store), lookout, MemoryModels(store)),
            audit=MemoryAudit(store),
            deliveries=MemoryDeliveries(store),
            recorded=MemoryRecorded(store),
            books=store.books,
        )
        async with _world(ports, playbook=playbook, token=token) as world:
            yield world
        return
    named = os.environ.get("PG_BIN")
    server = servers.of(Path(named) if named else None)
    dsn = await server.create(migrated=True)
    pool = await open_pool(dsn, size=4)
    try:
        ports = _Ports(
            *(
                PostgresStore(pool),
                PostgresDesk(pool),
                PostgresShelf(pool),
                PostgresLookout(pool),
                PostgresModels(pool),
            ),
            audit=PostgresAudit(pool),
            deliveries=PostgresDeliveries(pool),
            recorded=PostgresRecorded(pool),
            books=PostgresArchive(pool).books,
        )
        async with _world(ports, playbook=playbook, token=token) as world:
            yield world
    finally:
        await pool.close()
        await server.drop(dsn)


@dataclass(frozen=True, slots=True)
class _Ports:
    store: Store
    desk: Desk
    shelf: Shelf
    lookout: Lookout
    models: Models
    audit: Audit
    deliveries: Deliveries
    recorded: Recorded
    books: Callable[[], Awaitable[Books]]


async def checked(documents: Mapping[str, str], classifiers: Classifiers) -> Checked:
    loaded = load_text(documents)
    if loaded.playbook is None:
        return Checked(rules=None, faults=faults_json(loaded.faults))
    try:
        rules = await classifiers.compiled(loaded.playbook)
        return Checked(rules=rules, warnings=faults_json(loaded.warnings))
    except (ModelMissingError, ModelFault) as fault:
        return Checked(rules=None, faults=[{"path": "classifier.model", "message": str(fault)}])


def entrance_of(world: World, token: str | None, rules: Callable[[], Awaitable[Rules]]) -> Entrance:
    async def grants() -> Sequence[Grant]:
        return grants_of((await rules()).playbook.access)

    return Entrance(
        token=token,
        is_open=token is None,
        secure=False,
        keys=world.keys,
        sessions=world.sessions,
        grants=grants,
        now=lambda: START + world.at,
        monotonic=lambda: world.seconds,
    )


@asynccontextmanager
async def _world(ports: _Ports, *, playbook: Playbook | None, token: str | None) -> AsyncIterator[World]:
    store, shelf, desk = ports.store, ports.shelf, ports.desk
    classifiers = Classifiers(ports.models, open_words, lambda: START)
    playbook = playbook or make_playbook()
    rules = compile_playbook(playbook)
    await shelf.activate(rules.digest, str(playbook.name), {"playbook.yaml": canonical_text(playbook)}, START)

    async def rules_for(digest: str) -> Rules:
        found = (await checked(await shelf.documents(digest) or {}, classifiers)).rules
        assert found is not None
        return found

    async def changed(_rules: Rules) -> None:
        """Nobody else needs to know."""

    async def check(documents: Mapping[str, str]) -> Checked:
        return await checked(documents, classifiers)

    def in_force() -> tuple[str, tuple[str, ...]] | None:
        rules = world.rulebook.rules
        return None if rules.classifier is None else (rules.classifier.digest, classifiers.missing(rules))

    async def figures() -> bytes:
        return generate_latest(world.registry)

    world = World(
        store=store,
        desk=desk,
        deliveries=ports.deliveries,
        shelf=shelf,
        lookout=ports.lookout,
        models=ports.models,
        recorded=ports.recorded,
        rulebook=Rulebook(rules, rules_for, changed),
        sent=Sent(),
        health=Health(monotonic=lambda: world.seconds),
        registry=CollectorRegistry(),
        secrets={},
    )
    acting = Acting(store, world.rulebook, world.now)
    app = create_api(
        Services(
            desk=desk,
            deliveries=ports.deliveries,
            shelf=shelf,
            models=ports.models,
            audit=ports.audit,
            keep_model=classifiers.keep,
            in_force=in_force,
            sender=world.sent,
            original=world.sent.original,
            act=acting,
            part=PartingActs(store, world.rulebook, world.now),
            refile=RefilingActs(store, world.rulebook, world.now),
            silence=Silencing(store, world.rulebook, world.now),
            rules=acting.rules,
            now=world.now,
            check=check,
            secret_of=world.secrets.get,
            pulse=Together(world.health),
            figures=figures,
            relay_guarantee="transactional",
            entrance=entrance_of(world, token, acting.rules),
            noting=Noting(world.noted, world.meter),
            books=ports.books,
            backtest=partial(backtest, ports.recorded),
            poll_seconds=0.01,
            stream_seconds=0.01,
        )
    )
    world.app = app
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = ALLOWED if token is not None else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        world.client = client
        yield world
