"""Silences over HTTP: previewed, made, read, extended, lifted; and what each refuses."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.world import World
from tests.builders import survey

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WISHED: dict[str, Any] = {
    "matchers": {"team": "drivers"},
    "reason": "Snow, call 020 7946 0958.",
    "by": "ana",
    "duration": "4h",
}


def _kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).removeprefix("urn:feedback-router:problem:")


async def _post(world: World, path: str = "", key: str | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    headers = {} if key is None else {"Idempotency-Key": key}
    return await world.client.post(f"/v1/silences{path}", json=body, headers=headers)


async def _made(world: World, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    answer = await _post(world, **(WISHED | {"breaks_at": "critical", "growth": 50} | more))
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _complaints(world: World, at: timedelta, *numbers: int) -> None:
    await world.push(at, *(survey(f"r{one}", 0, "late, awful", customer=f"c{one}") for one in numbers))


async def test_a_silence_is_made_with_what_it_was_like_before(world: World) -> None:
    await _complaints(world, MINUTE, 1, 2)
    await world.wait(HOUR)
    made = await _post(world, **WISHED)
    body = made.json()
    assert (made.status_code, body | {"silence_id": ""}) == (
        201,
        {
            "silence_id": "",
            "state": "active",
            "matchers": {"team": ["drivers"]},
            "by": "ana",
            "reason": "Snow, call [phone].",
            "revision": 1,
            "created_at": "2026-05-04T10:00:00Z",
            "starts_at": "2026-05-04T10:00:00Z",
            "ends_at": "2026-05-04T14:00:00Z",
            "extended_by": None,
            "including_critical": False,
            "growth": 3.0,
            "baseline": 2,
            "breaks": {"customers": 6.0, "used": 0.0, "severity": "critical"},
            "hidden": {"alerts": 0, "events": 0, "customers": 0, "customers_lately": 0, "worst": "info"},
            "end": None,
        },
    )
    assert await world.read(f"/v1/silences/{body['silence_id']}") == body
    assert (await world.read("/v1/silences"))["silences"] == [body]


async def test_a_preview_makes_nothing_and_says_what_would_have_been_hidden(world: World) -> None:
    await _complaints(world, MINUTE, 1, 2)
    await world.push(2 * MINUTE, survey("x1", 0, "fire", customer="zoe"))
    await world.wait(HOUR)
    answer = await _post(world, "/preview", **WISHED)
    seen = answer.json()
    assert (answer.status_code, (await world.read("/v1/silences"))["silences"]) == (200, [])
    counted = ("alerts", "events", "customers", "worst", "by_team", "interrupts", "critical_told")
    assert {name: seen[name] for name in counted} == {
        "alerts": 2,
        "events": 3,
        "customers": 3,
        "worst": "critical",
        "by_team": {"drivers": {"alerts": 2, "events": 3, "customers": 3}},
        "interrupts": 1,
        "critical_told": 1,
    }
    assert [one["title"] for one in seen["examples"]] == [
        "Safety · Shipping: 1 customer, critical",
        "Late delivery · Shipping: 2 customers, high",
    ]
    assert (seen["since"], seen["open_now"]["alerts"], len(seen["open_now"]["examples"])) == (
        "2026-05-03T10:00:00Z",
        2,
        2,
    )
    assert (seen["growth_breaks_above"], seen["severity_breaks_at"]) == (9.0, "critical")


async def test_what_a_silence_holds_is_seen_at_the_alert_and_at_the_silence(world: World) -> None:
    made = await _made(world)
    await _complaints(world, MINUTE, 1, 2)
    await world.wait(HOUR)
    alert = await world.alert_of("drivers")
    held = {
        "why": "silenced",
        "by": made["silence_id"],
        "since": "2026-05-04T09:02:00Z",
        "events": 2,
        "customers": 2,
        "until": None,
    }
    assert (alert["held"], alert["attached_to"], alert["revision"]) == (held, None, 0)
    why = await world.read(f"/v1/alerts/{alert['alert_id']}/explain")
    assert (why["next"]["now"], why["held"], why["silenced_by"]) == ("silenced", held, made["silence_id"])
    event = (await world.read(f"/v1/alerts/{alert['alert_id']}/events"))["events"][0]
    assert (event["decision"]["verdict"], event["decision"]["reason"]) == ("silenced", "silence_in_force")
    now = await world.read(f"/v1/silences/{made['silence_id']}")
    assert (now["hidden"], now["breaks"]["used"]) == (
        {"alerts": 1, "events": 2, "customers": 2, "customers_lately": 2, "worst": "high"},
        0.04,
    )


async def test_a_lifted_silence_tells_and_says_who_lifted_it(world: World) -> None:
    made = await _made(world)
    await _complaints(world, MINUTE, 1)
    await world.wait(HOUR)
    path = f"/{made['silence_id']}/lift"
    lifted = await _post(world, path, revision=1, by="ben")
    await world.wait(HOUR)
    body = lifted.json()
    assert (lifted.status_code, body["state"], body["end"], body["hidden"]["customers"]) == (
        200,
        "ended",
        {"at": "2026-05-04T10:00:00Z", "how": "lifted", "by": "ben"},
        1,
    )
    alert = await world.alert_of("drivers")
    (notice,) = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert (alert["held"], notice["reason"], notice["held"]["by"]) == (None, "unmuted", made["silence_id"])
    assert _kind(await _post(world, path, revision=2)) == (409, "silence-ended")


async def test_an_extended_silence_ends_later_and_never_too_late(world: World) -> None:
    made = await _made(world)
    path = f"/{made['silence_id']}/extend"
    earlier = await _post(world, path, revision=1, ends_at="2026-05-04T10:00:00Z")
    longer = await _post(world, path, revision=1, ends_at="2026-06-04T10:00:00Z")
    assert (_kind(earlier), longer.json()["detail"]) == (
        (422, "invalid-silence"),
        "a silence lasts at most 30 d (fatigue.silence_max)",
    )
    stale = await _post(world, path, revision=0, ends_at="2026-05-05T10:00:00Z")
    assert (_kind(stale), stale.json()["revision"]) == ((409, "stale-silence"), 1)
    done = await _post(world, path, revision=1, ends_at="2026-05-05T10:00:00Z", by="ben")
    assert {name: done.json()[name] for name in ("ends_at", "revision", "extended_by")} == {
        "ends_at": "2026-05-05T10:00:00Z",
        "revision": 2,
        "extended_by": "ben",
    }


async def test_a_request_repeated_under_its_key_makes_one_silence(world: World) -> None:
    answers = await asyncio.gather(*(_post(world, key="k-1", **WISHED) for _ in range(4)))
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert [one.headers.get("idempotency-replayed") for one in answers].count(None) == 1
    world.at = timedelta(days=3)
    assert (await _post(world, key="k-1", **WISHED)).content == answers[0].content
    assert len((await world.read("/v1/silences"))["silences"]) == 1
    assert _kind(await _post(world, key="k-1", **(WISHED | {"reason": "Ice."}))) == (422, "key-reused")


async def test_names_that_no_alert_has_are_refused_with_those_that_were_meant(world: World) -> None:
    matchers = {
        "team": ["drivers", "driver"],
        "category": "delivry",
        "process": "shiping",
        "route": "owner",
        "tema": "x",
    }
    answer = await _post(world, **(WISHED | {"matchers": matchers}))
    assert (_kind(answer), answer.json()["detail"]) == (
        (422, "invalid-silence"),
        "5 of what it asks for no alert can have",
    )
    assert [(one["pointer"], one["near"]) for one in answer.json()["errors"]] == [
        ("/body/matchers/team", ["drivers"]),
        ("/body/matchers/category", ["delivery"]),
        ("/body/matchers/process", ["shipping"]),
        ("/body/matchers/route", ["owned"]),
        ("/body/matchers", ["team"]),
    ]
    assert answer.json()["errors"][0]["detail"] == "no team of the active playbook; did you mean drivers?"
    assert "driver " not in answer.text
    assert "tema" not in answer.text


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"matchers": {"severity": ["info", "low", "medium", "high", "critical"]}}, "every alert matches"),
        ({"starts_at": "2026-05-04T08:58:00Z"}, "starts_at lies more than a minute"),
        ({"starts_at": "2028-05-04T08:58:00Z"}, "starts_at is more than a year"),
        ({"duration": "31d"}, "a silence lasts at most 30 d"),
        ({"duration": "999999d"}, "a silence lasts at most 30 d"),
        ({"duration": "0s"}, "ends_at must be later"),
        ({"duration": None, "ends_at": "2026-05-04T08:00:00Z"}, "ends_at must be later"),
        ({"ends_at": "2026-05-04T12:00:00Z"}, "give either ends_at or duration"),
        ({"duration": None}, "give either ends_at or duration"),
    ],
)
async def test_a_silence_out_of_bounds_is_refused(small_world: World, changed: dict[str, Any], detail: str) -> None:
    for path in ("", "/preview"):
        answer = await _post(small_world, path, **(WISHED | changed))
        assert (_kind(answer), answer.json()["detail"].startswith(detail)) == ((422, "invalid-silence"), True)


@pytest.mark.parametrize(
    "changed",
    [
        {"matchers": {}},
        {"matchers": {"team": []}},
        {"matchers": {"team": 1}},
        {"matchers": {"te\nam": "drivers"}},
        {"matchers": {str(at): "x" for at in range(21)}},
        {"reason": ""},
        {"growth": 0.5},
        {"growth": 101},
        {"breaks_at": "dreadful"},
        {"starts_at": 1_777_885_200},
        {"starts_at": "2026-05-04T10:00:00"},
        {"duration": "4 weeks"},
        {"comment": "unknown field"},
    ],
    ids=repr,
)
async def test_a_body_that_is_not_understood_is_refused(small_world: World, changed: dict[str, Any]) -> None:
    assert _kind(await _post(small_world, **(WISHED | changed))) == (422, "invalid")


async def test_a_start_that_a_clock_has_just_missed_is_now(small_world: World) -> None:
    made = await _made(small_world, starts_at="2026-05-04T08:59:30Z")
    assert (made["starts_at"], made["ends_at"]) == ("2026-05-04T09:00:00Z", "2026-05-04T13:00:00Z")


async def test_a_silence_of_critical_news_is_broken_by_no_severity_unless_it_says_so(small_world: World) -> None:
    made = await _made(small_world, breaks_at=None, including_critical=True)
    told = await _made(small_world, breaks_at="critical", including_critical=True)
    assert (made["breaks"]["severity"], told["breaks"]["severity"]) == (None, "critical")


async def test_an_unknown_silence_is_not_found(world: World) -> None:
    assert _kind(await world.get(f"/v1/silences/{uuid4()}")) == (404, "not-found")
    assert _kind(await _post(world, f"/{uuid4()}/lift", revision=1)) == (404, "not-found")
    assert (await world.get("/v1/silences/preview")).status_code == 405


async def test_silences_are_listed_page_by_page(world: World) -> None:
    for at in range(3):
        world.at = at * MINUTE
        await _made(world, by="ana" if at else "ben", starts_at=f"2026-05-04T1{at}:00:00Z")
    whole = (await world.read("/v1/silences"))["silences"]
    first = await world.read("/v1/silences", params={"limit": 2})
    rest = await world.read("/v1/silences", params={"limit": 2, "cursor": first["next"]})
    assert [*first["silences"], *rest["silences"]] == whole
    assert [one["by"] for one in whole] == ["ana", "ana", "ben"]
    world.at = timedelta(hours=1, minutes=30)
    active = await world.read("/v1/silences", params={"state": "active"})
    assert [one["state"] for one in active["silences"]] == ["active"]
    assert (await world.read("/v1/silences", params={"by": "ben", "team": "drivers"}))["silences"] == active["silences"]


async def test_a_silence_that_was_not_posted_as_json_is_refused(small_world: World) -> None:
    answer = await small_world.client.post("/v1/silences", content=b"{}", headers={"Content-Type": "text/plain"})
    assert _kind(answer) == (415, "wrong-media-type")
