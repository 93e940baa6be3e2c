import asyncio
from datetime import timedelta

from tests.builders import survey
from tests.console.browsing import Browsed

QUEUE = "/teams/drivers/live"
BEAT = ": still here\n\n"


async def test_a_queue_is_told_once_and_again_when_it_is_another(console: Browsed) -> None:
    await console.world.push(timedelta(), survey("r1", 0, "late"))
    stream = console.stream(QUEUE)
    async with asyncio.timeout(10):
        first = await anext(stream)
        await console.world.push(timedelta(), survey("r2", 0, "fire", customer="ben"))
        second = await anext(text async for text in stream if text != BEAT)
    await stream.aclose()
    assert [text.count("data-row") for text in (first, second)] == [1, 2]
    assert all(line.startswith("data: ") for line in first.rstrip().splitlines())
    assert "csrf" not in first


async def test_a_stream_ends_when_its_process_is_to_stop_and_keeps_nothing(small: Browsed) -> None:
    stream = small.stream(QUEUE)
    async with asyncio.timeout(10):
        await anext(stream)
        small.world.health.drain()
        rest = [part async for part in stream]
    assert [one for one in rest if one not in (BEAT, "")] == ["retry: 1000\n\n"]


async def test_a_filter_holds_for_the_stream_as_for_the_page(small: Browsed) -> None:
    await small.world.push(timedelta(), survey("r1", 0, "late"))
    page = await small.open("/teams/drivers?severity=low")
    (queue,) = page.all("div", id="queue")
    assert queue.get("data-hx-sse:connect") == "/teams/drivers/live?severity=low"


async def test_a_team_that_never_was_is_not_watched(small: Browsed) -> None:
    assert (await small.client.get("/teams/Nobody/live")).status_code == 422
