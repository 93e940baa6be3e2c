"""People saying what feedback is about over HTTP: filed by that at once, kept, taken back, listed and summed up."""

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.api.world import World
from tests.builders import survey, ticket

HOUR = timedelta(hours=1)
EVENT = "/v1/events/%2Fsurveys/r1-1"


async def refile(world: World, path: str = EVENT, key: str | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - the body
    headers = {} if key is None else {"Idempotency-Key": key}
    return await world.client.post(f"{path}/refile", json={"author": "ana", **body}, headers=headers)


async def unfile(world: World, path: str = EVENT) -> httpx.Response:
    return await world.client.delete(f"{path}/refile", params={"author": "ben"})


async def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == httpx.codes.OK, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def queues(world: World) -> dict[str, list[int]]:
    """Map each team onto what its open alerts count."""
    found = {}
    for team in ("desk", "drivers", "refunds"):
        queue = await world.read(f"/v1/teams/{team}/queue", params={"state": "open"})
        found[team] = [alert["counts"]["events"] for alert in queue["alerts"]]
    return found


async def test_a_feedback_goes_to_the_team_of_what_it_is_about_and_back(world: World) -> None:
    await world.push(HOUR, survey("r1", 0, "late, awful", customer="a"), survey("r2", 0, "late", customer="b"))
    assert await queues(world) == {"desk": [], "drivers": [2], "refunds": []}
    told = await done(await refile(world, category="refund", reason="Wants money, ask ana@example.org."))
    assert told["filed"] == {
        "event_id": "r1-1",
        "revision": 2,
        "category": "refund",
        "categories": ["refund"],
        "category_method": "person",
        "category_confidence": 1.0,
        "process": "returns",
        "severity": told["filed"]["severity"],
        "team": "refunds",
        "route": "owned",
    }
    said = told["correction"]
    assert said["given"] == {
        "category": "delivery",
        "categories": ["delivery"],
        "method": "keyword",
        "confidence": said["given"]["confidence"],
        "model": None,
    }
    assert (said["text"], said["reason"], said["ended_at"]) == ("late, awful", "Wants money, ask [email].", None)
    assert await queues(world) == {"desk": [], "drivers": [1], "refunds": [1]}
    explained = await world.read(f"{EVENT}/explain")
    assert (explained["decision"]["category"], explained["rules"]["category"]["method"]) == ("refund", "person")
    taken = await done(await unfile(world))
    assert (taken["correction"]["ended_by"], taken["filed"]["category"], taken["filed"]["revision"]) == (
        *("ben", "delivery", 3),
    )
    assert await queues(world) == {"desk": [], "drivers": [2], "refunds": []}


async def test_what_is_said_again_changes_nothing_and_under_a_key_is_answered_alike(world: World) -> None:
    await world.push(HOUR, survey("r1", 0, "late, awful"))
    first = await refile(world, key="k", category="refund")
    again = await refile(world, key="k", category="refund")
    assert (again.text, again.headers["Idempotency-Replayed"]) == (first.text, "true")
    other = await refile(world, key="k", category="safety")
    assert (other.status_code, other.json()["type"]) == (422, "urn:feedback-router:problem:key-reused")
    assert (await refile(world, category="refund")).json() == first.json()
    assert len((await world.read("/v1/corrections"))["corrections"]) == 1


async def test_what_holds_with_the_text_survives_a_state_with_the_same_text_and_no_other(world: World) -> None:
    tickets = "/v1/events/%2Ftickets"
    await world.push(HOUR, ticket("created", "t1", body="late, awful", event_id="e1", status="open"))
    await done(await refile(world, f"{tickets}/e1", category="refund"))
    await world.push(2 * HOUR, ticket("updated", "t1", event_id="e2", status="pending"))
    shown = await world.read(f"{tickets}/e2/explain")
    assert (shown["decision"]["category"], shown["decision"]["category_method"]) == ("refund", "person")
    refused = await refile(world, f"{tickets}/e1", category="safety")
    assert (refused.status_code, refused.json()["why"]) == (409, "superseded")
    await world.push(3 * HOUR, ticket("updated", "t1", body="late and later", event_id="e3", status="open"))
    shown = await world.read(f"{tickets}/e3/explain")
    assert (shown["decision"]["category"], shown["decision"]["category_method"]) == ("delivery", "keyword")
    # What was said is of the earlier text, and a line to train by still.
    assert [one["ended_at"] for one in (await world.read("/v1/corrections"))["corrections"]] == [None]
    taken = await done(await unfile(world, f"{tickets}/e3"))
    assert (taken["correction"]["event_id"], taken["filed"]["category"]) == ("e1", "delivery")


async def test_none_of_these_is_filed_as_unmapped_by_a_person(small_world: World) -> None:
    await small_world.push(HOUR, survey("r1", 0, "late, awful"))
    told = await done(await refile(small_world, category=None))
    assert (told["filed"]["category"], told["filed"]["category_method"], told["filed"]["team"]) == (
        *("unmapped", "person", "judges"),
    )
    assert (told["correction"]["category"], told["correction"]["categories"]) == (None, [])


@pytest.mark.parametrize(
    ("event", "why"),
    [("gone-1", "withdrawn"), ("agent", "not_feedback"), ("old", "superseded"), ("made", "superseded")],
)
async def test_only_what_holds_of_a_feedback_is_refiled(small_world: World, event: str, why: str) -> None:
    await small_world.push(HOUR, ticket("created", "t1", body="late", event_id="made", revision=2))
    await small_world.push(
        HOUR,
        ticket("updated", "t1", body="awful", event_id="old", revision=1),
        ticket("comment", "t1", body="sorry", event_id="agent", comment_author_role="agent"),
        ticket("updated", "t1", body="late", event_id="made-2", revision=3),
        ticket("created", "t2", body="late", event_id="gone-1"),
        ticket("deleted", "t2", event_id="gone-2"),
    )
    answer = await refile(small_world, f"/v1/events/%2Ftickets/{event}", category="refund")
    assert (answer.status_code, answer.json()["type"], answer.json()["why"]) == (
        *(409, "urn:feedback-router:problem:not-what-holds", why),
    )


async def test_an_unknown_category_is_refused_with_what_is_nearest(small_world: World) -> None:
    await small_world.push(HOUR, survey("r1", 0, "late"))
    answer = await refile(small_world, category="refunds")
    assert (answer.status_code, answer.json()["nearest"]) == (422, ["refund"])
    answer = await refile(small_world, category="late deliveries")
    assert (answer.json()["type"], answer.json()["nearest"]) == (
        *("urn:feedback-router:problem:unknown-category", ["delivery"]),
    )
    answer = await refile(small_world, category="refund", categories=["safty"])
    assert (answer.json()["detail"], answer.json()["nearest"]) == (
        *("/body/categories names none of the active playbook's for feedback of its kind", ["safety"]),
    )
    assert (await refile(small_world, "/v1/events/%2Fsurveys/nobody", category="refund")).status_code == 404
    assert (await unfile(small_world)).status_code == 404


async def test_corrections_are_listed_by_page_and_filter(small_world: World) -> None:
    await small_world.push(HOUR, *(survey(f"r{place}", 0, "late", customer=f"c{place}") for place in range(3)))
    for place, meant in enumerate(("refund", "safety", "refund")):
        small_world.at = (2 + place) * HOUR
        await done(await refile(small_world, f"/v1/events/%2Fsurveys/r{place}-1", category=meant))
    page = await small_world.read("/v1/corrections", params={"limit": 2})
    rest = await small_world.read("/v1/corrections", params={"limit": 2, "cursor": page["next"]})
    assert [one["event_id"] for one in (*page["corrections"], *rest["corrections"])] == ["r2-1", "r1-1", "r0-1"]
    asked = [
        ({"category": "refund"}, ["r2-1", "r0-1"]),
        ({"category": "delivery", "method": "keyword"}, ["r2-1", "r1-1", "r0-1"]),
        ({"method": "label"}, []),
        ({"since": "2026-05-04T12:00:00Z", "until": "2026-05-04T13:00:00Z"}, ["r1-1"]),
    ]
    for query, wanted in asked:
        found = await small_world.read("/v1/corrections", params=query)
        assert [one["event_id"] for one in found["corrections"]] == wanted


async def test_the_rules_are_told_by_what_people_corrected(small_world: World) -> None:
    await small_world.push(HOUR, *(survey(f"r{place}", 0, "late", customer=f"c{place}") for place in range(4)))
    await done(await refile(small_world, "/v1/events/%2Fsurveys/r0-1", category="refund"))
    await done(await refile(small_world, "/v1/events/%2Fsurveys/r1-1", category="delivery"))
    small_world.at = 2 * HOUR
    shown = await small_world.read("/v1/rules/corrections", params={"days": 7})
    (delivery,) = shown["categories"]
    assert (delivery["category"], delivery["method"], delivery["feedbacks"], delivery["refiled"]) == (
        *("delivery", "keyword", 4, 1),
    )
    assert delivery["confusions"] == [{"meant": "refund", "feedbacks": 1}]
    assert (delivery["share"]["share"], round(delivery["share"]["low"], 3)) == (0.25, 0.046)
    assert [(one["keyword"], one["feedbacks"], one["refiled"]) for one in shown["keywords"]] == [("late", 4, 1)]


async def test_what_is_refiled_is_told_again_with_a_higher_revision(small_world: World) -> None:
    await small_world.push(HOUR, survey("r1", 0, "late, awful"))
    before = len(small_world.store.outgoing)  # type: ignore[attr-defined]  # The store in memory has it.
    await done(await refile(small_world, category="refund"))
    sent = [one for one in small_world.store.outgoing[before:] if one.topic == "feedback.classified"]  # type: ignore[attr-defined]  # As above.
    ((_, value),) = sent[0].values
    data = orjson.loads(value)["data"]
    assert (data["category"], data["category_method"], data["team"], data["revision"]) == (
        *("refund", "person", "refunds", 2),
    )
