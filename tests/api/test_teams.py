import asyncio
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from service.api.services import MOST_POLLS
from tests.api.world import World
from tests.builders import survey

MINUTE = timedelta(minutes=1)


async def _three_alerts(world: World) -> None:
    """A critical and a high alert of the drivers, and one of the refunds' team."""
    await world.push(MINUTE, survey("r1", 0, "late, awful", customer="anna"))
    await world.push(2 * MINUTE, survey("r2", 0, "there was a fire", customer="ben"))
    await world.push(3 * MINUTE, survey("r3", 0, "refund refused, terrible", customer="cleo"))
    await world.wait(timedelta(hours=1))


def _named(alerts: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(alert["category"], alert["severity"], alert["state"]) for alert in alerts]


async def test_teams_are_listed_with_what_waits_for_them(world: World) -> None:
    await _three_alerts(world)
    teams = (await world.read("/v1/teams"))["teams"]
    assert {team["team"]: sum(team["open"].values()) for team in teams} == {
        "desk": 0,
        "drivers": 2,
        "judges": 0,
        "legal": 0,
        "refunds": 1,
    }
    assert next(team for team in teams if team["team"] == "refunds") == {
        "team": "refunds",
        "name": "Refunds",
        "owns": [{"category": ["refund"]}],
        "open": {"high": 1},
        "retired": False,
        "queue": "/v1/teams/refunds/queue",
    }


async def test_the_worst_open_alert_is_in_front(world: World) -> None:
    await _three_alerts(world)
    queue = await world.read("/v1/teams/drivers/queue")
    assert _named(queue["alerts"]) == [("safety", "critical", "open"), ("delivery", "high", "open")]
    assert queue["next"] is None


async def test_a_resolved_alert_follows_the_open_ones(world: World) -> None:
    await _three_alerts(world)
    worst = await world.alert_of("drivers")
    await world.client.post(f"/v1/alerts/{worst['alert_id']}/resolve", json={"revision": worst["revision"]})
    queue = await world.read("/v1/teams/drivers/queue")
    assert _named(queue["alerts"]) == [("delivery", "high", "open"), ("safety", "critical", "resolved")]


async def test_pages_joined_by_their_cursors_are_the_whole_queue(world: World) -> None:
    await _three_alerts(world)
    whole = (await world.read("/v1/teams/drivers/queue"))["alerts"]
    first = await world.read("/v1/teams/drivers/queue", params={"limit": 1})
    second = await world.read("/v1/teams/drivers/queue", params={"limit": 1, "cursor": first["next"]})
    third = await world.read("/v1/teams/drivers/queue", params={"limit": 1, "cursor": second["next"]})
    assert [*first["alerts"], *second["alerts"]] == whole
    assert (third["alerts"], third["next"]) == ([], None)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"severity": "critical"}, ["safety"]),
        ({"severity": ["critical", "high"]}, ["safety", "delivery"]),
        ({"category": "delivery"}, ["delivery"]),
        ({"process": "returns"}, []),
        ({"kind": "volume"}, []),
        ({"state": "resolved"}, []),
        ({"state": "open", "process": "shipping", "kind": "event"}, ["safety", "delivery"]),
    ],
)
async def test_filters_let_through_what_they_name(
    world: World, filters: dict[str, str | list[str]], expected: list[str]
) -> None:
    await _three_alerts(world)
    queue = await world.read("/v1/teams/drivers/queue", params=filters)
    assert [alert["category"] for alert in queue["alerts"]] == expected


@pytest.mark.parametrize(
    ("params", "status", "kind"),
    [
        ({"severity": "dreadful"}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
        ({"limit": "201"}, 422, "invalid"),
        ({"wait": "31"}, 422, "invalid"),
        ({"category": "a\0b"}, 422, "invalid"),
        ({"cursor": "bm90IGEgcGxhY2U"}, 400, "unreadable"),
        ({"cursor": "é"}, 400, "unreadable"),
    ],
)
async def test_a_query_that_is_not_understood_is_refused(
    small_world: World, params: dict[str, str], status: int, kind: str
) -> None:
    answer = await small_world.get("/v1/teams/drivers/queue", params=params)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:feedback-router:problem:{kind}")


async def test_an_unknown_team_has_no_queue(world: World) -> None:
    answer = await world.get("/v1/teams/nobody/queue")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_team_without_alerts_has_an_empty_queue(world: World) -> None:
    assert await world.read("/v1/teams/legal/queue") == {"team": "legal", "alerts": [], "next": None}


async def test_a_long_poll_returns_when_the_first_alert_comes(world: World) -> None:
    waiting = asyncio.create_task(world.read("/v1/teams/drivers/queue", params={"wait": 20}))
    await asyncio.wait({waiting}, timeout=0.05)
    assert not waiting.done()
    await world.push(MINUTE, survey("r1", 0, "late, awful"))
    assert _named((await waiting)["alerts"]) == [("delivery", "high", "open")]


async def test_a_long_poll_on_a_known_page_returns_when_it_differs(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late, awful", customer="anna"))
    await world.wait(timedelta(hours=1))
    known = (await world.get("/v1/teams/drivers/queue")).headers["etag"]
    same = await world.get("/v1/teams/drivers/queue", params={"wait": 0.05}, headers={"If-None-Match": known})
    assert (same.status_code, same.content) == (304, b"")
    waiting = asyncio.create_task(
        world.get("/v1/teams/drivers/queue", params={"wait": 20}, headers={"If-None-Match": known})
    )
    await world.push(timedelta(hours=1), survey("r2", 0, "late again", customer="ben"))
    assert (await waiting).json()["alerts"][0]["counts"]["customers"] == 2


async def test_a_long_poll_ends_at_once_when_the_service_is_drained(world: World) -> None:
    waiting = asyncio.create_task(world.get("/v1/teams/drivers/queue", params={"wait": 30}))
    await asyncio.wait({waiting}, timeout=0.05)
    assert not waiting.done()
    world.health.drain()
    async with asyncio.timeout(5):
        answer = await waiting
    assert (answer.status_code, answer.json()["alerts"], answer.headers["connection"]) == (200, [], "close")


async def test_a_long_poll_too_many_is_told_so_and_a_plain_question_is_not(small_world: World) -> None:
    path, wait = "/v1/teams/drivers/queue", {"wait": 0.01}
    with ExitStack() as others:
        for _ in range(MOST_POLLS):
            others.enter_context(small_world.app.state.services.polls.taken())
        refused, plain = await small_world.get(path, params=wait), await small_world.get(path)
    again = await small_world.get(path, params=wait)
    assert (refused.status_code, refused.json()["type"], refused.headers["retry-after"]) == (
        503,
        "urn:feedback-router:problem:crowded",
        "1",
    )
    assert (plain.status_code, again.status_code) == (200, 200)
