import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.world import World, world_on
from tests.builders import make_playbook, survey
from tests.infrastructure.postgres import TestServers

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def _late_parcels(world: World, count: int = 1) -> dict[str, Any]:
    for number in range(1, count + 1):
        await world.push(number * MINUTE, survey(f"r{number}", 0, "late, awful", customer=f"c{number}"))
    await world.wait(timedelta(hours=1))
    return await world.alert_of("drivers")


async def test_an_alert_shows_what_its_team_needs_to_know(world: World) -> None:
    listed = await _late_parcels(world, 2)
    alert = await world.read(f"/v1/alerts/{listed['alert_id']}")
    assert alert == listed
    assert {name: alert[name] for name in ("title", "team", "state", "severity", "revision", "counts", "ack")} == {
        "title": "Late delivery · Shipping: 2 customers, high",
        "team": "drivers",
        "state": "open",
        "severity": "high",
        "revision": 2,
        "counts": {
            "events": 2,
            "customers": 2,
            "instances": 0,
            "unfinished": 2,
            "by_severity": {"info": 0, "low": 0, "medium": 0, "high": 2, "critical": 0},
        },
        "ack": None,
    }
    assert alert["first_seen"] == "2026-05-04T09:01:00Z"
    assert [one["text"] for one in alert["excerpts"]] == ["late, awful", "late, awful"]


@pytest.mark.parametrize("part", ["", "/events", "/notices", "/explain", "/picture"])
async def test_an_unknown_alert_is_not_found(world: World, part: str) -> None:
    answer = await world.get(f"/v1/alerts/{uuid4()}{part}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such alert")


async def test_an_alert_that_is_no_review_has_no_picture(world: World) -> None:
    alert = await _late_parcels(world)
    answer = await world.get(f"/v1/alerts/{alert['alert_id']}/picture")
    assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (404, "no picture")


async def test_the_events_of_an_alert_come_with_their_decisions_page_by_page(world: World) -> None:
    alert = await _late_parcels(world, 3)
    path = f"/v1/alerts/{alert['alert_id']}/events"
    whole = (await world.read(path))["events"]
    first = await world.read(path, params={"limit": 2})
    rest = await world.read(path, params={"limit": 2, "cursor": first["next"]})
    assert [*first["events"], *rest["events"]] == whole
    assert [(one["event_id"], one["subject"], one["decision"]["verdict"]) for one in whole] == [
        ("r1-1", "response/r1", "opened"),
        ("r2-1", "response/r2", "merged"),
        ("r3-1", "response/r3", "merged"),
    ]
    assert {one["customer"].partition(":")[0] for one in whole} == {"k1"}


@pytest.mark.parametrize("adapter", ["memory", "postgres"])
async def test_a_member_says_what_settled_it(adapter: str, postgres_servers: TestServers) -> None:
    settling = make_playbook(fatigue={"outcome": {"recovered_within": "30d"}})
    async with world_on(adapter, postgres_servers, settling) as world:
        alert = await _late_parcels(world)
        path = f"/v1/alerts/{alert['alert_id']}/events"
        (before,) = (await world.read(path))["events"]
        await world.push(DAY, survey("r9", 10, "it was not late, great, lovely, kind", customer="c1"))
        (after,) = (await world.read(path))["events"]
        (explained,) = (await world.read("/v1/events/%2Fsurveys/r1-1/explain"))["alerts"]
    settled = {
        "how": "recovered",
        "source": "/surveys",
        "subject": "response/r9",
        "event_id": "r9-1",
        "at": "2026-05-05T09:00:00Z",
    }
    assert [(one["done"], one["settled_by"]) for one in (before, after)] == [(False, None), (True, settled)]
    assert explained["state"] == "resolved"


async def test_the_notices_of_an_alert_come_in_order(world: World) -> None:
    alert = await _late_parcels(world, 2)
    path = f"/v1/alerts/{alert['alert_id']}/notices"
    notices = (await world.read(path))["notices"]
    assert [(one["revision"], one["reason"], one["customers"]) for one in notices] == [
        (1, "opened", 1),
        (2, "customers_doubled", 2),
    ]
    assert await world.read(path, params={"after": 1}) == {
        "alert_id": alert["alert_id"],
        "notices": notices[1:],
        "next": None,
    }
    assert (await world.read(path, params={"limit": 1}))["next"] == 1


async def test_an_alert_explains_its_key_and_what_comes_next(world: World) -> None:
    alert = await _late_parcels(world)
    why = await world.read(f"/v1/alerts/{alert['alert_id']}/explain")
    assert why["key"] | {"alert_key": ""} == {
        "alert_key": "",
        "fields": {"process": "shipping", "category": "delivery"},
        "team_in_key": True,
        "episode": 1,
        "hashed": '{"fields":{"category":"delivery","process":"shipping"},"kind":"event","team":"drivers"}',
    }
    assert why["key"]["alert_key"] == "v1:" + hashlib.sha256(why["key"]["hashed"].encode()).hexdigest()
    assert (why["timers"]["applies"], why["timers"]["due_at"]) == ("repeat", "2026-05-05T09:02:00Z")
    assert why["timers"]["wait"] == {"seconds": [60], "said": "1 minute", "set_by": "fatigue"}
    assert why["muted"] == []
    assert why["told"] == {
        "at": "2026-05-04T09:02:00Z",
        "state": "open",
        "severity": "high",
        "customers": 1,
        "team": "drivers",
    }
    assert (why["held"], why["silenced_by"], why["inhibited_by"]) == (None, None, None)
    assert why["next"] | {"closes_at": ""} == {
        "now": "nothing_new",
        "held": None,
        "due_at": "2026-05-05T09:02:00Z",
        "notice_at": None,
        "repeat_at": "2026-05-05T09:02:00Z",
        "closes_at": "",
        "acked_until": None,
    }
    assert why["playbook"] == world.rulebook.rules.digest


async def _act(world: World, alert: dict[str, Any], deed: str, key: str | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    headers = {} if key is None else {"Idempotency-Key": key}
    asked = {"revision": alert["revision"], "by": "ana"} | body
    return await world.client.post(f"/v1/alerts/{alert['alert_id']}/{deed}", json=asked, headers=headers)


async def test_an_acknowledged_alert_is_not_repeated_until_the_acknowledgement_ends(world: World) -> None:
    alert = await _late_parcels(world)
    world.at = timedelta(hours=20)
    done = await _act(world, alert, "ack")
    assert (done.status_code, done.json()["ack"]) == (200, {"by": "ana", "until": "2026-05-06T05:00:00Z"})
    await world.wait(timedelta(hours=43))
    path = f"/v1/alerts/{alert['alert_id']}/notices"
    assert [one["reason"] for one in (await world.read(path))["notices"]] == ["opened"]
    await world.wait(timedelta(hours=44))
    assert [one["reason"] for one in (await world.read(path))["notices"]] == ["opened", "repeat"]


async def test_resolving_an_alert_is_told_and_counts_at_once(world: World) -> None:
    alert = await _late_parcels(world)
    done = (await _act(world, alert, "resolve")).json()
    assert (done["state"], done["resolved_at"], done["revision"]) == ("resolved", "2026-05-04T10:00:00Z", 2)
    assert await world.read(f"/v1/alerts/{alert['alert_id']}") == done
    notices = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert [one["reason"] for one in notices] == ["opened", "resolved"]


async def test_news_opens_a_resolved_alert_again(world: World) -> None:
    alert = await _late_parcels(world)
    await _act(world, alert, "resolve")
    await world.push(timedelta(hours=2), survey("r9", 0, "late, awful", customer="zoe"))
    again = await world.alert_of("drivers")
    assert (again["alert_id"], again["state"], again["counts"]["customers"]) == (alert["alert_id"], "open", 2)


@pytest.mark.parametrize(
    ("revision", "kind", "status"), [(0, "stale-revision", 409), (2, "revision-ahead", 409), (-1, "invalid", 422)]
)
async def test_an_act_on_another_revision_is_refused(world: World, revision: int, kind: str, status: int) -> None:
    alert = await _late_parcels(world)
    answer = await _act(world, alert, "ack", revision=revision)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:feedback-router:problem:{kind}")
    assert await world.read(f"/v1/alerts/{alert['alert_id']}") == alert


async def test_a_stale_act_learns_the_revision_that_holds(world: World) -> None:
    alert = await _late_parcels(world)
    answer = await _act(world, alert, "resolve", revision=0)
    assert answer.json() == {
        "type": "urn:feedback-router:problem:stale-revision",
        "title": "The alert has been told of again since that revision",
        "status": 409,
        "revision": 1,
    }


async def test_a_notice_that_is_due_makes_an_act_stale_without_being_told_by_it(world: World) -> None:
    alert = await _late_parcels(world)
    world.at = 2 * DAY
    answer = await _act(world, alert, "ack")
    assert (answer.status_code, answer.json()["revision"]) == (409, 2)
    assert (await world.read(f"/v1/alerts/{alert['alert_id']}"))["revision"] == 1


async def test_a_resolved_alert_can_not_be_resolved_again(world: World) -> None:
    alert = await _late_parcels(world)
    done = (await _act(world, alert, "resolve")).json()
    answer = await _act(world, done, "resolve")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:feedback-router:problem:already-resolved")


async def test_a_request_repeated_under_its_key_gets_the_first_answer(world: World) -> None:
    alert = await _late_parcels(world)
    first = await _act(world, alert, "resolve", key="k-1")
    second = await _act(world, alert, "resolve", key="k-1")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")


async def test_of_many_requests_at_once_under_one_key_only_one_acts(world: World) -> None:
    alert = await _late_parcels(world)
    answers = await asyncio.gather(*(_act(world, alert, "resolve", key="k-1") for _ in range(8)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count(None) == 1
    notices = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert [one["reason"] for one in notices] == ["opened", "resolved"]


async def test_of_many_who_resolve_at_once_one_does(world: World) -> None:
    alert = await _late_parcels(world)
    answers = await asyncio.gather(*(_act(world, alert, "resolve", by=f"person {at}") for at in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_a_key_serves_one_request_only(world: World) -> None:
    alert = await _late_parcels(world)
    await _act(world, alert, "ack", key="k-1")
    answer = await _act(world, alert, "resolve", key="k-1")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:feedback-router:problem:key-reused")


async def test_a_refused_act_leaves_its_key_free(world: World) -> None:
    alert = await _late_parcels(world)
    refused = await _act(world, alert, "ack", key="k-1", revision=0)
    allowed = await _act(world, alert, "ack", key="k-1")
    assert (refused.status_code, allowed.status_code) == (409, 200)


@pytest.mark.parametrize(
    "body",
    [
        {"revision": "1"},
        {"revision": 1, "by": "a\nb"},
        {"revision": 1, "by": ""},
        {"revision": 1, "reason": "unknown field"},
        {},
        [],
    ],
)
async def test_a_body_that_is_not_understood_is_refused(small_world: World, body: object) -> None:
    answer = await small_world.client.post(f"/v1/alerts/{uuid4()}/ack", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:feedback-router:problem:invalid")


async def test_an_earlier_episode_stays_resolved(world: World) -> None:
    alert = await _late_parcels(world)
    await _act(world, alert, "resolve")
    await world.push(9 * DAY, survey("r9", 0, "late, awful", customer="zoe"))
    earlier = await world.read(f"/v1/alerts/{alert['alert_id']}")
    answer = await _act(world, earlier, "ack")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:feedback-router:problem:already-resolved")
