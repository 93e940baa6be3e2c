"""A program reads a team's queue and works on it, over the real app."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from service.client import HttpQueue, OutOfDateError, OutOfReachError, RefusedError, Seen, SeenHere
from tests.api.world import TOKEN, World
from tests.builders import survey

MINUTE = timedelta(minutes=1)


class _Faulty(httpx.AsyncBaseTransport):
    """The app behind a line that answers a request as often with a fault as `faults` has any, after it was done."""

    def __init__(self, world: World, *faults: httpx.Response | Exception) -> None:
        self._app = httpx.ASGITransport(world.app)
        self._faults = iter(faults)
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = await self._app.handle_async_request(request)
        fault = next(self._faults, answer)
        if isinstance(fault, Exception):
            raise fault
        return fault


@asynccontextmanager
async def _queue(
    world: World,
    team: str = "drivers",
    *faults: httpx.Response | Exception,
    seen: Seen | None = None,
    paused: Callable[[float], None] = lambda _: None,
) -> AsyncIterator[tuple[HttpQueue, _Faulty]]:
    line = _Faulty(world, *faults)

    async def pause(seconds: float) -> None:
        paused(seconds)

    client = httpx.AsyncClient(transport=line)
    async with HttpQueue(
        "http://localhost", team, token=TOKEN, by="bot", seen=seen, client=client, tries=3, pause=pause
    ) as queue:
        yield queue, line


async def _late(world: World, *customers: str) -> None:
    await world.push(MINUTE, *(survey(f"r-{who}", 0, "late, awful", customer=who) for who in customers))
    await world.wait(timedelta(hours=1))


async def test_the_queue_is_given_over_all_pages(world: World) -> None:
    await _late(world, "anna")
    await world.push(timedelta(hours=1), survey("r2", 0, "there was a fire", customer="ben"))
    async with _queue(world) as (queue, _):
        assert [(alert.category, alert.severity) async for alert in queue.alerts()] == [
            ("safety", "critical"),
            ("delivery", "high"),
        ]
        assert [alert.category async for alert in queue.alerts(limit="1")] == ["safety", "delivery"]
        assert [alert.category async for alert in queue.alerts(severity="high")] == ["delivery"]


async def test_news_are_given_once_and_again_after_the_next_notice(world: World) -> None:
    await _late(world, "anna")
    async with _queue(world) as (queue, _), aclosing(queue.news()) as news:
        first = await anext(news)
        assert (first.category, first.revision) == ("delivery", 1)
        await world.push(timedelta(hours=2), *(survey(f"r{n}", 0, "late, awful", customer=f"c{n}") for n in range(3)))
        await world.wait(timedelta(hours=2, minutes=5))
        again = await anext(news)
        assert (again.alert_id, again.revision) == (first.alert_id, 2)


async def test_what_was_not_finished_is_given_again_and_what_was_is_not(world: World) -> None:
    await _late(world, "anna")
    await world.push(timedelta(hours=1), survey("r2", 0, "there was a fire", customer="ben"))
    seen = SeenHere()
    async with _queue(world, seen=seen) as (queue, _):
        given = []
        async with aclosing(queue.news()) as news:
            async for alert in news:
                given.append(alert.category)
                if len(given) == 2:
                    break
    async with _queue(world, seen=seen) as (queue, _), aclosing(queue.news()) as news:
        assert (given, (await anext(news)).category) == (["safety", "delivery"], "delivery")


async def test_an_act_is_asked_for_again_under_one_key_until_it_is_answered(world: World) -> None:
    await _late(world, "anna")
    pauses: list[float] = []
    async with _queue(world) as (queue, _):
        alert = await anext(queue.alerts())
    busy = httpx.Response(503, headers={"Retry-After": "7"})
    async with _queue(world, "drivers", httpx.ReadTimeout("gone"), busy, paused=pauses.append) as (queue, line):
        resolved = await queue.resolve(alert, "actionable")
    assert (resolved.state, resolved.model_extra is not None and resolved.model_extra["disposition"]["by"]) == (
        "resolved",
        "bot",
    )
    assert len({request.headers["idempotency-key"] for request in line.asked}) == 1
    assert (len(line.asked), pauses) == (3, [0.25, 7.0])


async def test_nobody_answers_for_good(world: World) -> None:
    away = [httpx.ConnectError("refused") for _ in range(3)]
    async with _queue(world, "drivers", *away) as (queue, _):
        with pytest.raises(OutOfReachError, match=r"GET /v1/teams/drivers/queue: ConnectError, 3 times"):
            await anext(queue.alerts())


async def test_an_act_on_what_has_changed_says_how_it_is_now(world: World) -> None:
    await _late(world, "anna")
    async with _queue(world) as (queue, _):
        alert = await anext(queue.alerts())
        await world.push(timedelta(hours=2), *(survey(f"r{n}", 0, "late, awful", customer=f"c{n}") for n in range(3)))
        await world.wait(timedelta(hours=2, minutes=5))
        with pytest.raises(OutOfDateError) as stale:
            await queue.ack(alert)
        acked = await queue.ack(stale.value.now)
        assert (alert.revision, stale.value.now.revision, acked.revision) == (1, 2, 2)


async def test_an_alert_is_given_to_another_team(world: World) -> None:
    await _late(world, "anna")
    async with _queue(world) as (queue, _):
        alert = await anext(queue.alerts())
        assert (await queue.reassign(alert, "refunds", "They refund.")).team == "refunds"


async def test_an_alert_is_claimed_noted_put_aside_taken_up_and_opened_again(world: World) -> None:
    await _late(world, "anna")
    async with _queue(world) as (queue, _):
        alert = await anext(queue.alerts())
        claimed = await queue.claim(alert)
        noted = await queue.note(claimed, "Called back.")
        aside = await queue.snooze(noted, await world.now() + timedelta(hours=4))
        taken_up = await queue.unclaim(await queue.unsnooze(aside))
        again = await queue.reopen(await queue.resolve(taken_up, "actionable"))
        timeline = await world.read(f"/v1/alerts/{alert.alert_id}/timeline")
        assert [one["act"]["deed"] for one in timeline["entries"] if one["act"]] == [
            *("claim", "note", "snooze", "unsnooze", "unclaim", "resolve", "reopen"),
        ]
        assert (claimed.state, again.state) == ("open", "open")


async def test_somebody_elses_claim_is_a_refusal_unless_it_is_forced(world: World) -> None:
    await _late(world, "anna")
    path = "/v1/alerts/{}/claim"
    async with _queue(world) as (queue, _):
        alert = await anext(queue.alerts())
        await world.client.post(path.format(alert.alert_id), json={"revision": alert.revision, "by": "kim"})
        with pytest.raises(RefusedError, match="claimed-by-other"):
            await queue.claim(alert)
        assert (await queue.claim(alert, force=True)).alert_id == alert.alert_id


async def test_a_refusal_says_why(world: World) -> None:
    async with _queue(world, "nobody") as (queue, _):
        with pytest.raises(RefusedError, match=r"not-found \(404\): no such team"):
            await anext(queue.news())


async def test_an_answer_that_is_none_of_ours_is_a_refusal_too(world: World) -> None:
    async with _queue(world, "drivers", httpx.Response(418, text="<html>")) as (queue, _):
        with pytest.raises(RefusedError, match=r"unexplained \(418\)"):
            await anext(queue.alerts())
