import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.world import World
from tests.builders import survey

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def _late_parcels(world: World, count: int = 1) -> dict[str, Any]:
    for number in range(1, count + 1):
        await world.push(number * MINUTE, survey(f"r{number}", 0, "late, awful", customer=f"c{number}"))
    await world.wait(HOUR)
    return await world.alert_of("drivers")


async def _give(world: World, alert: dict[str, Any], key: str | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    headers = {} if key is None else {"Idempotency-Key": key}
    asked = {"revision": alert["revision"], "by": "ana", "team": "legal"} | body
    return await world.client.post(f"/v1/alerts/{alert['alert_id']}/reassign", json=asked, headers=headers)


async def test_an_alert_goes_to_another_team_s_queue_with_all_that_it_holds(world: World) -> None:
    alert = await _late_parcels(world, 2)
    given = await _give(world, alert, reason="Ask ben@example.org, they do law")
    assert given.status_code == 200, given.text
    shown = await world.read(f"/v1/alerts/{alert['alert_id']}")
    assert shown == given.json()
    assert (shown["team"], shown["revision"], shown["counts"], shown["merged_into"]) == (
        "legal",
        alert["revision"] + 1,
        alert["counts"],
        None,
    )
    assert shown["assigned"] == {
        "at": "2026-05-04T10:00:00Z",
        "by": "ana",
        "reason": "Ask [email], they do law",
        "taken_from": ["drivers"],
    }
    assert (await world.read("/v1/teams/drivers/queue"))["alerts"] == []
    assert (await world.read("/v1/teams/legal/queue"))["alerts"] == [shown]
    events = (await world.read(f"/v1/alerts/{alert['alert_id']}/events"))["events"]
    assert [one["event_id"] for one in events] == ["r1-1", "r2-1"]
    notices = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert (notices[-1]["team"], notices[-1]["reason"]) == ("legal", "owner_changed")


async def test_news_go_to_the_team_that_it_was_given_to_and_acts_still_find_it(world: World) -> None:
    alert = await _late_parcels(world)
    given = (await _give(world, alert)).json()
    await world.push(2 * HOUR, survey("r9", 0, "late, awful", customer="zoe"))
    told = await world.alert_of("legal")
    assert (told["alert_id"], told["counts"]["customers"], told["revision"]) == (
        alert["alert_id"],
        2,
        given["revision"] + 1,
    )
    path = f"/v1/alerts/{alert['alert_id']}/resolve"
    done = await world.client.post(path, json={"revision": told["revision"]})
    assert (done.status_code, done.json()["state"]) == (200, "resolved")


async def test_an_alert_is_merged_into_the_one_that_the_team_has_open(world: World) -> None:
    alert = await _late_parcels(world)
    await _give(world, alert)
    first = await world.alert_of("legal")
    await world.client.post(f"/v1/alerts/{first['alert_id']}/resolve", json={"revision": first["revision"]})
    await world.push(2 * HOUR, survey("r2", 0, "late, awful", customer="ben"))
    await world.wait(3 * HOUR)
    second = await world.alert_of("drivers")
    await world.push(4 * HOUR, survey("r1", 0, "late, awful, fire", event_id="r1-2", customer="c1"))
    merged = (await _give(world, second)).json()
    assert (merged["state"], merged["merged_into"], merged["counts"]["events"]) == ("resolved", alert["alert_id"], 0)
    home = await world.alert_of("legal")
    assert (home["alert_id"], home["counts"]["events"]) == (alert["alert_id"], 2)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"revision": 0}, 409, "stale-revision"),
        ({"revision": 2}, 409, "revision-ahead"),
        ({"team": "drivers"}, 409, "same-team"),
        ({"team": "nobody"}, 422, "unknown-team"),
        ({"team": "No Team"}, 422, "invalid"),
        ({"team": None}, 422, "invalid"),
        ({"reason": ""}, 422, "invalid"),
        ({"text": "unknown field"}, 422, "invalid"),
    ],
)
async def test_what_can_not_be_is_refused_and_changes_nothing(
    world: World, body: dict[str, Any], status: int, kind: str
) -> None:
    alert = await _late_parcels(world)
    answer = await _give(world, alert, **body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:feedback-router:problem:{kind}")
    assert await world.read(f"/v1/alerts/{alert['alert_id']}") == alert


async def test_a_resolved_alert_and_one_that_is_not_there_can_not_be_given(world: World) -> None:
    alert = await _late_parcels(world)
    assert (await _give(world, alert | {"alert_id": str(uuid4())})).status_code == 404
    path = f"/v1/alerts/{alert['alert_id']}/resolve"
    done = (await world.client.post(path, json={"revision": alert["revision"]})).json()
    answer = await _give(world, done)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:feedback-router:problem:already-resolved")


async def test_a_request_repeated_under_its_key_moves_it_once(world: World) -> None:
    alert = await _late_parcels(world)
    first = await _give(world, alert, key="k-1")
    second = await _give(world, alert, key="k-1")
    other = await _give(world, alert, key="k-1", team="desk")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["type"]) == (422, "urn:feedback-router:problem:key-reused")


async def test_of_many_who_give_it_away_at_once_one_does(world: World) -> None:
    alert = await _late_parcels(world)
    answers = await asyncio.gather(*(_give(world, alert, team=team) for team in ("legal", "desk", "judges") * 2))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_a_team_s_owns_is_what_it_answers_for_now(world: World) -> None:
    listed = {one["team"]: one["owns"] for one in (await world.read("/v1/teams"))["teams"]}
    assert listed["drivers"] == [{"category": ["delivery"]}, {"category": ["safety"]}]
