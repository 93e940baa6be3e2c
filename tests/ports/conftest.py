"""One rig for each adapter: the store in memory, and PostgreSQL in each version that is promised to work."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.adapters.memory import (
    MemoryAudit,
    MemoryDeliveries,
    MemoryDesk,
    MemoryKeys,
    MemoryLookout,
    MemoryModels,
    MemorySessions,
    MemoryShelf,
    MemoryStore,
)
from service.adapters.postgres import (
    PostgresArchive,
    PostgresAudit,
    PostgresDeliveries,
    PostgresDesk,
    PostgresKeys,
    PostgresLookout,
    PostgresModels,
    PostgresSessions,
    PostgresShelf,
    PostgresStore,
    open_pool,
)
from service.adapters.postgres.pool import Pool
from service.ports import Archive, Audit, Deliveries, Desk, Keys, Lookout, Models, Sessions, Shelf, Store
from tests.infrastructure.postgres import TestServers

MEMORY = "memory"
_OLDEST = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """Every port of one adapter, over the same rows."""

    store: Store
    archive: Archive
    deliveries: Deliveries
    desk: Desk
    shelf: Shelf
    models: Models
    lookout: Lookout
    keys: Keys
    sessions: Sessions
    audit: Audit


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresRig(Rig):
    store: PostgresStore
    dsn: str
    pool: Pool


@pytest.fixture
async def postgres_rig(database: str) -> AsyncIterator[PostgresRig]:
    pool = await open_pool(database, size=16)
    yield postgres_rig_on(pool, database)
    await pool.close()


@pytest.fixture
async def rig(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[Rig]:
    if request.param == MEMORY:
        store = MemoryStore()
        yield Rig(
            store=store,
            archive=store,
            deliveries=MemoryDeliveries(store),
            desk=MemoryDesk(store),
            shelf=MemoryShelf(store),
            models=MemoryModels(store),
            lookout=MemoryLookout(store),
            keys=MemoryKeys(),
            sessions=MemorySessions(),
            audit=MemoryAudit(store),
        )
        return
    server = postgres_servers.of(request.param)
    dsn = await server.create(migrated=True)
    pool = await open_pool(dsn, size=8)
    yield postgres_rig_on(pool, dsn)
    await pool.close()
    await server.drop(dsn)


def postgres_rig_on(pool: Pool, dsn: str) -> PostgresRig:
    return PostgresRig(
        store=PostgresStore(pool),
        archive=PostgresArchive(pool),
        deliveries=PostgresDeliveries(pool),
        desk=PostgresDesk(pool),
        shelf=PostgresShelf(pool),
        models=PostgresModels(pool),
        lookout=PostgresLookout(pool),
        keys=PostgresKeys(pool),
        sessions=PostgresSessions(pool),
        audit=PostgresAudit(pool),
        dsn=dsn,
        pool=pool,
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rig" in metafunc.fixturenames:
        named = os.environ.get("PG_BIN")
        adapters: dict[str, object] = {MEMORY: MEMORY, "postgres": Path(named) if named else None}
        if "DATABASE_URL" not in os.environ and (_OLDEST.exists() or os.environ.get("CI") == "true"):
            adapters["postgres-15"] = _OLDEST
        metafunc.parametrize("rig", adapters.values(), ids=adapters.keys(), indirect=True)
