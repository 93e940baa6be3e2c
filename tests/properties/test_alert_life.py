"""The alert's life agrees with its model, whatever customers, teams, silences and time do, on either store."""

import asyncio
import os
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from service.adapters.memory import MemoryDesk, MemoryStore
from service.adapters.postgres import PostgresArchive, PostgresDesk, PostgresStore, open_pool
from tests.builders import finish
from tests.infrastructure.postgres import TestServer, TestServers
from tests.properties.alert_quiet import QuietLife
from tests.properties.alert_service import Service

many = settings(
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
few = settings(many, max_examples=10, stateful_step_count=20)


class InMemory(QuietLife):
    group_by: ClassVar[str] = "process"

    def serve(self) -> Service:
        store = MemoryStore()
        return Service(store=store, archive=store, desk=MemoryDesk(store), group_by=self.group_by, run=finish)


class InMemoryByCustomer(InMemory):
    group_by = "customer"


class OnPostgres(QuietLife):
    """Each example has a database of its own."""

    group_by: ClassVar[str] = "process"
    server: ClassVar[TestServer]
    runner: ClassVar[asyncio.Runner]

    def serve(self) -> Service:
        dsn = self.runner.run(self.server.create(migrated=True))
        pool = self.runner.run(open_pool(dsn, size=2))

        def close() -> None:
            self.runner.run(pool.close())
            self.runner.run(self.server.drop(dsn))

        return Service(
            store=PostgresStore(pool),
            archive=PostgresArchive(pool),
            desk=PostgresDesk(pool),
            group_by=self.group_by,
            run=self.runner.run,
            close=close,
        )


class OnPostgresByCustomer(OnPostgres):
    group_by = "customer"


@pytest.mark.parametrize("machine", [InMemory, InMemoryByCustomer])
def test_the_store_in_memory_agrees_with_the_model(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=many)


@pytest.mark.postgres
@pytest.mark.parametrize("machine", [OnPostgres, OnPostgresByCustomer])
def test_postgres_agrees_with_the_model(machine: type[OnPostgres], postgres_servers: TestServers) -> None:
    named = os.environ.get("PG_BIN")
    machine.server = postgres_servers.of(Path(named) if named else None)
    with asyncio.Runner() as machine.runner:
        run_state_machine_as_test(machine, settings=few)
