"""Channels over HTTP: how each does, a test of one, and what did not get there; never an address or a quote."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from service.core.deliver import heard
from service.core.records.deliveries import Attempt, ChannelState, Tries
from service.core.records.words import Attempted, Unsent
from service.ports import Ended, Landed
from tests.api.world import World, world_on
from tests.builders import survey
from tests.delivering import HOOK, SLACK, told_by
from tests.infrastructure.postgres import TestServers

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "postgres"])
async def told(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[World]:
    """A shop whose drivers were told of late parcels by a webhook and in Slack."""
    async with world_on(request.param, postgres_servers, told_by(HOOK, SLACK)) as world:
        await world.push(timedelta(), survey("r1", 0, "late", customer="anna"))
        await world.wait(2 * MINUTE)
        yield world


async def ended(world: World, unsent: Unsent | None, *, due: timedelta | None = None) -> None:
    """Let somebody try to send by the webhook, in vain."""
    now = await world.now()

    def everything(state: ChannelState, wanted: int) -> tuple[int, ChannelState]:
        return wanted, state

    (claimed,) = await world.deliveries.claim("hook", 1, "lease", now, now + MINUTE, everything)
    attempt = Attempt(outcome=Attempted.FAILED, detail="HTTP 500")
    tries = Tries(count=1, first_at=now, last_at=now, last=attempt.outcome, detail=attempt.detail)
    one = Ended(place=claimed.waiting[0].place, tries=tries, unsent=unsent, due_at=None if due is None else now + due)
    recorded = Landed(claimed=claimed, ended=[one])
    await world.deliveries.record(recorded, now, lambda state: heard(state, attempt, now, jitter=1.0))


def kind_of(document: dict[str, Any]) -> str:
    return str(document["type"]).rpartition(":")[2]


async def test_the_channels_of_the_playbook_are_listed_with_how_each_does(told: World) -> None:
    await ended(told, None, due=5 * MINUTE)
    found = {one["id"]: one for one in (await told.read("/v1/channels"))["channels"]}
    assert found["hook"] == {
        "id": "hook",
        "kind": "webhook",
        "teams": ["drivers"],
        "breaker": "closed",
        "open_until": None,
        "quiet_until": None,
        "waiting": 1,
        "failed": 1,
        "dead": 0,
        "oldest_at": "2026-05-04T09:01:00Z",
        "sent_at": None,
        "failed_at": "2026-05-04T09:02:00Z",
        "failure": "failed",
        "detail": "HTTP 500",
    }
    assert (found["slack"]["waiting"], found["slack"]["failure"]) == (1, None)
    assert not {"example.com", "SECRET", "C0123"} & set(str(found).split())


async def test_what_failed_or_is_dead_is_listed_without_what_it_says(told: World) -> None:
    assert (await told.read("/v1/deliveries"))["deliveries"] == []
    await ended(told, Unsent.REFUSED)
    (one,) = (await told.read("/v1/deliveries"))["deliveries"]
    alert = (await told.alert_of("drivers"))["alert_id"]
    assert one == {
        "id": f"{alert}:1:hook",
        "channel": "hook",
        "team": "drivers",
        "tiding": "notice",
        "about": alert,
        "revision": 1,
        "state": "dead",
        "unsent": "refused",
        "attempts": 1,
        "last": "failed",
        "detail": "HTTP 500",
        "made_at": "2026-05-04T09:01:00Z",
        "tried_at": "2026-05-04T09:02:00Z",
        "due_at": None,
        "ended_at": "2026-05-04T09:02:00Z",
    }
    assert (await told.read("/v1/deliveries", params={"state": "waiting"}))["deliveries"][0]["channel"] == "slack"
    assert (await told.read("/v1/deliveries", params={"channel": "slack"}))["deliveries"] == []


async def test_a_page_leads_to_the_next(told: World) -> None:
    asked: dict[str, Any] = {"state": "waiting", "limit": 1}
    first = await told.read("/v1/deliveries", params=asked)
    second = await told.read("/v1/deliveries", params=asked | {"cursor": first["next"]})
    third = await told.read("/v1/deliveries", params=asked | {"cursor": second["next"]})
    assert [one["deliveries"][0]["channel"] for one in (first, second)] == ["slack", "hook"]
    assert (third["deliveries"], third["next"]) == ([], None)


async def test_what_is_dead_is_sent_again_and_nothing_else_is(told: World) -> None:
    await ended(told, Unsent.TOO_OLD)
    name = (await told.read("/v1/deliveries"))["deliveries"][0]["id"]
    answer = await told.client.post(f"/v1/deliveries/{name}/retry")
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "waiting", 0)
    again = await told.client.post(f"/v1/deliveries/{name}/retry")
    assert (again.status_code, kind_of(again.json())) == (409, "not-dead")
    unknown = await told.client.post("/v1/deliveries/nothing:1:hook/retry")
    assert (unknown.status_code, kind_of(unknown.json())) == (404, "not-found")


async def test_a_test_goes_the_way_of_every_message_and_twice_under_one_key_only_once(told: World) -> None:
    keyed = {"Idempotency-Key": "k-1"}
    answers = [await told.client.post("/v1/channels/slack/test", headers=keyed) for _ in range(2)]
    assert [(one.status_code, one.json()["tiding"], one.json()["state"]) for one in answers] == [
        (202, "test", "waiting")
    ] * 2
    assert answers[0].json() == answers[1].json()
    other = (await told.client.post("/v1/channels/slack/test")).json()
    assert other["id"] != answers[0].json()["id"]
    assert await told.read(f"/v1/deliveries/{other['id']}") == other
    missing = await told.client.post("/v1/channels/nobody/test")
    assert (missing.status_code, kind_of(missing.json())) == (404, "not-found")


async def test_without_channels_the_lists_are_empty(small_world: World) -> None:
    assert await small_world.read("/v1/channels") == {"channels": []}
    assert await small_world.read("/v1/deliveries") == {"deliveries": [], "next": None}


async def test_whoever_tests_a_channel_or_sends_again_is_in_the_audit(told: World) -> None:
    await told.client.post("/v1/channels/hook/test")
    dead = (await told.read("/v1/deliveries?state=waiting&channel=hook"))["deliveries"][-1]["id"]
    await ended(told, Unsent.TOO_MANY_ATTEMPTS)
    assert (await told.client.post(f"/v1/deliveries/{dead}/retry")).is_success
    entries = (await told.read("/v1/audit"))["entries"]
    assert [(one["action"], one["kind"], one["id"], one["after"]) for one in entries[:2]] == [
        ("delivery.retry", "delivery", dead, {"channel": "hook"}),
        ("channel.test", "channel", "hook", entries[1]["after"]),
    ]
