"""Fixtures: a `world` and its console, on the store in memory and on PostgreSQL; `small` in memory alone."""

from collections.abc import AsyncIterator

import pytest

from tests.api.world import world_on
from tests.console.browsing import Browsed, browsed
from tests.infrastructure.postgres import TestServers


@pytest.fixture(params=["memory", "postgres"])
async def console(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[Browsed]:
    async with world_on(request.param, postgres_servers) as world, browsed(world) as one:
        yield one


@pytest.fixture
async def small(postgres_servers: TestServers) -> AsyncIterator[Browsed]:
    async with world_on("memory", postgres_servers) as world, browsed(world) as one:
        yield one
