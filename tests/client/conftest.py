"""Fixture: the API over the store in memory."""

from collections.abc import AsyncIterator

import pytest

from tests.api.world import World, world_on
from tests.infrastructure.postgres import TestServers


@pytest.fixture
async def world(postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on("memory", postgres_servers) as one:
        yield one
