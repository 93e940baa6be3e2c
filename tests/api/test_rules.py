"""What people say of alerts on resolving them, and what becomes of it: noise by rule, and mere proposals."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.world import World, world_on
from tests.builders import make_playbook, survey
from tests.infrastructure.postgres import TestServers

MINUTE = timedelta(minutes=1)
BY_CUSTOMER = make_playbook(
    routes={
        "team": "desk",
        "arbitration": "judges",
        "routes": [{"id": "owned", "team": "owner", "group_by": ["customer"]}],
    }
)


async def parcels(world: World, count: int = 1, score: int = 0) -> list[dict[str, Any]]:
    """Let customers complain of late parcels, and return the alerts that the drivers have of them."""
    at = world.at + MINUTE
    names = [f"{at.seconds}-{number}" for number in range(count)]
    await world.push(at, *(survey(f"r{name}", score, "late", customer=f"c{name}") for name in names))
    await world.wait(at + 5 * MINUTE)
    path = "/v1/teams/drivers/queue"
    alerts: list[dict[str, Any]] = (await world.read(path, params={"state": "open", "limit": 100}))["alerts"]
    return alerts


async def resolve(world: World, alert: dict[str, Any], **body: Any) -> httpx.Response:  # noqa: ANN401 - a body of JSON
    given = {"revision": alert["revision"], "by": "ana", **body}
    return await world.client.post(f"/v1/alerts/{alert['alert_id']}/resolve", json=given)


async def test_an_alert_shows_what_it_was_said_to_be_and_by_whom(world: World) -> None:
    (alert,) = await parcels(world)
    assert alert["disposition"] is None
    answer = await resolve(world, alert, disposition="wrong_team", team="refunds")
    said = {
        "disposition": "wrong_team",
        "by": "ana",
        "at": "2026-05-04T09:06:00Z",
        "duplicate_of": None,
        "team": "refunds",
    }
    assert (answer.status_code, answer.json()["disposition"]) == (200, said)
    assert (await world.read(f"/v1/alerts/{alert['alert_id']}"))["disposition"] == said


async def test_a_duplicate_may_name_the_alert_that_it_repeats(small_world: World) -> None:
    (first,) = await parcels(small_world)
    await resolve(small_world, first, disposition="actionable")
    await small_world.push(small_world.at, survey("r-else", 0, "refund, cancel", customer="dora"))
    await small_world.wait(small_world.at + 5 * MINUTE)
    other = await small_world.alert_of("refunds")
    answer = await resolve(small_world, other, disposition="duplicate", duplicate_of=first["alert_id"])
    assert answer.json()["disposition"]["duplicate_of"] == first["alert_id"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"disposition": "boring"}, "invalid"),
        ({"disposition": "noise", "team": "refunds"}, "bad-disposition"),
        ({"duplicate_of": str(uuid4())}, "bad-disposition"),
        ({"disposition": "duplicate", "duplicate_of": str(uuid4())}, "bad-disposition"),
        ({"disposition": "duplicate", "duplicate_of": "no id"}, "invalid"),
        ({"disposition": "wrong_team", "team": "nobody"}, "bad-disposition"),
    ],
)
async def test_a_disposition_that_says_what_is_not_so_is_refused(
    small_world: World, body: dict[str, Any], kind: str
) -> None:
    (alert,) = await parcels(small_world)
    answer = await resolve(small_world, alert, **body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:feedback-router:problem:{kind}")
    assert (await small_world.read(f"/v1/alerts/{alert['alert_id']}"))["state"] == "open"


async def test_an_alert_is_no_duplicate_of_itself(small_world: World) -> None:
    (alert,) = await parcels(small_world)
    answer = await resolve(small_world, alert, disposition="duplicate", duplicate_of=alert["alert_id"])
    assert answer.status_code == 422


async def test_each_rule_has_its_share_of_noise_and_of_what_nobody_touched(world: World) -> None:
    (alert,) = await parcels(world)
    await resolve(world, alert, disposition="noise")
    found = await world.read("/v1/rules/noise", params={"days": 7})
    assert found["rules"] == []
    world.at += MINUTE
    found = await world.read("/v1/rules/noise", params={"days": 7, "team": "drivers"})
    assert found == {
        "from": "2026-04-27T09:07:00Z",
        "to": "2026-05-04T09:07:00Z",
        "playbook": world.rules.digest,
        "rules": [
            {
                "kind": "event",
                "route": "owned",
                "level": None,
                "team": "drivers",
                "alerts": 1,
                "told": 1,
                "untouched": 0,
                "dispositions": {"actionable": 0, "noise": 1, "duplicate": 0, "wrong_team": 0},
                "noise": {"share": 1.0, "low": 0.206549, "high": 1.0},
                "ignored": {"share": 0.0, "low": 0.0, "high": 0.793451},
                "hidden": False,
            }
        ],
        "left_off": 0,
    }
    assert (await world.read("/v1/rules/noise", params={"team": "refunds"}))["rules"] == []


async def test_what_nobody_touched_until_it_closed_by_itself_is_ignored(small_world: World) -> None:
    await parcels(small_world)
    await small_world.wait(timedelta(days=30))
    (rule,) = (await small_world.read("/v1/rules/noise"))["rules"]
    assert (rule["told"], rule["untouched"], rule["noise"], rule["ignored"]["share"]) == (1, 1, None, 1.0)


@pytest.mark.parametrize("adapter", ["memory", "postgres"])
async def test_a_floor_that_would_have_spared_noise_is_proposed_and_applied_by_nobody(
    adapter: str, postgres_servers: TestServers
) -> None:
    async with world_on(adapter, postgres_servers, BY_CUSTOMER) as world:
        for alert in await parcels(world, 22, score=4):
            await resolve(world, alert, disposition="noise")
        world.at += MINUTE
        (found,) = (await world.read("/v1/rules/proposals"))["proposals"]
        assert found == {
            "setting": "floor",
            "where": "owned",
            "current": "low",
            "proposed": "medium",
            "outcomes": 22,
            "noise_avoided": 22,
            "actionable_lost": 0,
            "others_lost": 0,
            "unsaid_lost": 0,
            "noise": {"share": 1.0, "low": 0.851345, "high": 1.0},
            "says": found["says"],
            "yaml": "- id: owned\n  floor: medium\n",
        }
        assert "22 that were noise" in found["says"]
        assert len(await parcels(world, 1, score=4)) == 1


@pytest.mark.parametrize("path", ["/v1/rules/noise", "/v1/rules/proposals"])
@pytest.mark.parametrize("query", [{"days": 0}, {"days": 401}, {"day": 7}])
async def test_a_span_that_can_not_be_meant_is_refused(small_world: World, path: str, query: dict[str, int]) -> None:
    answer = await small_world.get(path, params=query)
    assert answer.status_code == 422
