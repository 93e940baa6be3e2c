"""Fixtures: `world` on the store in memory and on PostgreSQL; `small_world` in memory alone, for what no store sees."""

from collections.abc import AsyncIterator

import pytest

from tests.api.world import World, world_on
from tests.infrastructure.postgres import TestServers


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on(request.param, postgres_servers) as one:
        yield one


@pytest.fixture
async def small_world(postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on("memory", postgres_servers) as one:
        yield one
