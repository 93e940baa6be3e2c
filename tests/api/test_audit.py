"""The audit over HTTP: what was done by whom, page by page, and only what was asked for."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.world import World
from tests.builders import survey

SECRET = "Ring 020 7946 0958 about Mrs. Jones."


async def _acted(world: World) -> dict[str, Any]:
    """Let ana acknowledge an alert, and kim give it to another team with a reason."""
    await world.push(timedelta(), survey("r1", 0, "late, awful"))
    alert = await world.alert_of("drivers")
    path, revision = f"/v1/alerts/{alert['alert_id']}", alert["revision"]
    first = await world.client.post(f"{path}/ack", json={"revision": revision, "by": "ana"})
    body = {"revision": revision, "by": "kim", "team": "legal", "reason": SECRET}
    second = await world.client.post(f"{path}/reassign", json=body)
    assert (first.status_code, second.status_code) == (200, 200), second.text
    return alert


async def _entries(world: World, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.read(f"/v1/audit{query}"))["entries"]
    return found


async def test_an_act_over_http_is_told_with_its_name_and_its_change(world: World) -> None:
    alert = await _acted(world)
    given, acked, activated = await _entries(world)
    assert [(one["seq"], one["actor"], one["means"], one["action"]) for one in (activated, acked, given)] == [
        (1, "feedback-router", "service", "playbook.activate"),
        (2, "ana", "claimed", "alert.ack"),
        (3, "kim", "claimed", "alert.reassign"),
    ]
    assert (given["kind"], given["id"], given["team"], given["outcome"]) == (
        "alert",
        alert["alert_id"],
        "legal",
        "done",
    )
    assert (given["before"]["team"], given["after"]["team"]) == ("drivers", "legal")
    assert (acked["before"].get("acked_by"), acked["after"]["acked_by"]) == (None, "ana")


async def test_what_a_person_wrote_is_not_in_it(world: World) -> None:
    await _acted(world)
    text = (await world.get("/v1/audit")).text
    assert "length" in text
    assert not [word for word in ("Ring", "Jones", "7946", "[phone]") if word in text]


async def test_a_playbook_that_is_put_names_what_it_took_the_place_of(world: World) -> None:
    documents = (await world.read("/v1/playbook"))["documents"]
    (before,) = await _entries(world)
    text = documents["playbook.yaml"].replace("A small shop", "Another shop")
    put = await world.client.put("/v1/playbook", json={"documents": {"playbook.yaml": text}})
    assert put.status_code == httpx.codes.OK, put.text
    found = (await _entries(world, "?action=playbook.activate"))[0]
    assert (found["actor"], found["id"], found["before"]) == ("api", put.json()["digest"], {"digest": before["id"]})


async def test_pages_follow_one_another(world: World) -> None:
    await _acted(world)
    first = await world.read("/v1/audit?limit=2")
    second = await world.read(f"/v1/audit?limit=2&cursor={first['next']}")
    assert [[one["seq"] for one in page["entries"]] for page in (first, second)] == [[3, 2], [1]]
    assert second["next"] is None


async def test_filters_take_what_is_asked_for(world: World) -> None:
    alert = await _acted(world)
    by_query = {
        f"?kind=alert&id={alert['alert_id']}": [3, 2],
        "?actor=ana": [2],
        "?action=alert.reassign": [3],
        "?team=legal": [3],
        "?since=2026-05-04T09:00:01Z": [],
        "?until=2026-05-04T09:00:00Z": [],
        "?actor=nobody": [],
    }
    assert {query: [one["seq"] for one in await _entries(world, query)] for query in by_query} == by_query


@pytest.mark.parametrize("query", ["?action=alert.burn", "?actor=%00", "?since=yesterday", "?cursor=x", "?what=1"])
async def test_what_can_not_be_meant_is_refused(small_world: World, query: str) -> None:
    answer = await small_world.get(f"/v1/audit{query}")
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
