from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from service.core.pipeline.read import read_taken
from service.core.pipeline.retaking import retake
from service.core.records.feedback import FeedbackRead, Reading
from tests.api.world import World, world_on
from tests.builders import START, survey
from tests.infrastructure.postgres import TestServers

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on(request.param, postgres_servers) as one:
        yield one


async def test_what_came_lately_is_told_the_latest_first_and_can_be_read_again(world: World) -> None:
    for day in range(4):
        await world.push(day * DAY, survey(f"r{day}", 0, "late", customer=f"c{day}"))
    found = await world.recorded.recent(START + DAY, 2)
    assert [one.key.subject for one in found] == ["response/r3", "response/r2"]
    assert [one.key.subject for one in await world.recorded.recent(START + 3 * DAY, 9)] == ["response/r3"]
    again = [one.read for one in read_taken(retake(found), world.rules)]
    said = [one.said for one in again if isinstance(one, Reading) and isinstance(one.said, FeedbackRead)]
    assert [(one.feedback.text, one.categorised, one.signals) for one in said] == [
        (one.feedback.text, one.categorised, one.signals) for one in found
    ]
