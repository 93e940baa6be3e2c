"""What leads do about reviews over HTTP: rank them, own them, say what they found and did."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.api.world import World
from tests.builders import survey

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)


async def _reviews(world: World) -> list[dict[str, Any]]:
    """A rise in two categories from the sixth week on, one of them larger; the ranked reviews after the second tick."""
    for week in range(7):
        for category, people in (("late", 2 if week < 5 else 40), ("refund", 2 if week < 5 else 25)):
            names = [f"{category}{week}-{n}" for n in range(people)]
            await world.push(week * WEEK + MINUTE, *(survey(name, 0, category, customer=name) for name in names))
    await world.wait(7 * WEEK + DAY)
    ranked: list[dict[str, Any]] = (await world.read("/v1/reviews/agenda"))["reviews"]
    return [one for one in ranked if "*" not in (one["process"], one["category"])]


async def _post(world: World, path: str, **body: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - what JSON takes
    answer = await world.client.post(path, json=body)
    return answer.status_code, answer.json()


async def test_reviews_are_ranked_by_customers_times_severity_times_weeks(world: World) -> None:
    first, second = await _reviews(world)
    assert [(one["team"], one["category"], one["level"]) for one in (first, second)] == [
        ("drivers", "delivery", "formal_review"),
        ("refunds", "refund", "formal_review"),
    ]
    assert [one["review"]["rank"]["formula"] for one in (first, second)] == [
        "80 customers x severity 0.60 x 2 weeks = 96.0",
        "50 customers x severity 0.60 x 2 weeks = 60.0",
    ]
    assert first["review"]["state"] == "open"
    alert = await world.read(f"/v1/alerts/{first['alert_id']}")
    assert alert["links"]["review"] == f"/v1/reviews/{first['alert_id']}"
    assert first["finding"]["x"] == 80
    assert (await world.get(first["picture"])).status_code == 200


async def test_a_review_says_how_many_alerts_it_holds_back_and_each_of_these_says_so(world: World) -> None:
    await _reviews(world)
    await world.wait(8 * WEEK)
    review = (await world.read("/v1/reviews/agenda", params={"team": "drivers"}))["reviews"][0]
    queue = (await world.read("/v1/teams/drivers/queue", params={"kind": "event"}))["alerts"]
    attached = [one for one in queue if one["attached_to"] == review["alert_id"]]
    assert [(one["category"], one["held"]["why"], one["held"]["by"]) for one in attached] == [
        ("delivery", "inhibited", review["alert_id"])
    ]
    counts = attached[0]["counts"]
    assert review["attached"] == {"alerts": 1, "events": counts["events"], "customers": counts["customers"]}
    assert (await world.read(f"/v1/reviews/{review['alert_id']}"))["attached"] == review["attached"]
    why = await world.read(f"/v1/alerts/{attached[0]['alert_id']}/explain")
    assert (why["next"]["now"], why["inhibited_by"]) == ("inhibited", review["alert_id"])


async def test_a_review_is_owned_explained_acted_on_and_then_waits_for_proof(world: World) -> None:
    found = (await _reviews(world))[0]
    path, acts = f"/v1/reviews/{found['alert_id']}", f"/v1/alerts/{found['alert_id']}"
    late = await world.read(path)
    assert (late["review"]["overdue"], late["review"]["owner"]["due_at"]) == (["owner"], "2026-06-19T00:00:00Z")
    assert (await _post(world, f"{acts}/ack", revision=late["revision"], by="ana"))[0] == 200
    status, told = await _post(
        world, f"{path}/cause", revision=late["revision"], by="ben", text="The depot moved; ask ben@example.com"
    )
    assert (status, told["review"]["state"], told["review"]["owner"]["by"]) == (200, "cause_found", "ana")
    assert (told["review"]["cause"]["text"], told["review"]["overdue"]) == ("The depot moved; ask [email]", [])
    status, told = await _post(world, f"{path}/action", revision=late["revision"], by="ana", text="Another depot.")
    assert (status, told["review"]["state"], told["review"]["action"]["text"]) == (200, "acted_on", "Another depot.")
    assert told == await world.read(path) | {"revision": told["revision"]}
    for week in range(7, 11):
        await world.push(week * WEEK + 6 * DAY, survey(f"w{week}", 0, "late", customer=f"w{week}"))
    await world.wait(11 * WEEK)
    assert (await world.read(path))["review"]["state"] == "verified"
    left = (await world.read("/v1/reviews/agenda", params={"state": "verified"}))["reviews"]
    assert left == []


async def test_the_agenda_can_be_narrowed_to_a_team_a_state_or_what_is_overdue(world: World) -> None:
    first, _ = await _reviews(world)

    async def asked(**params: str | int | bool) -> list[str]:
        found = (await world.read("/v1/reviews/agenda", params=params))["reviews"]
        return [one["category"] for one in found if one["process"] != "*"]

    assert await asked(team="refunds") == ["refund"]
    assert await asked(state="owned") == []
    assert await asked(overdue=True) == ["delivery", "refund"]
    await _post(world, f"/v1/alerts/{first['alert_id']}/ack", revision=first["revision"], by="ana")
    assert (await asked(overdue=True), await asked(state="owned")) == (["refund"], ["delivery"])
    page = await world.read("/v1/reviews/agenda", params={"limit": 1})
    assert (len(page["reviews"]), page["left_off"]) == (1, True)


async def test_what_is_no_review_takes_no_cause_and_no_action(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late, awful"))
    await world.wait(timedelta(hours=1))
    alert = await world.alert_of("drivers")
    for step in ("cause", "action"):
        path = f"/v1/reviews/{alert['alert_id']}/{step}"
        status, problem = await _post(world, path, revision=alert["revision"], text="Nothing to see.")
        assert (status, problem["type"]) == (409, "urn:feedback-router:problem:not-a-review")
    answer = await world.get(f"/v1/reviews/{alert['alert_id']}")
    assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (404, "no review")
    assert (await world.get(f"/v1/reviews/{uuid4()}")).status_code == 404


async def test_the_same_request_again_changes_nothing_and_another_text_under_its_key_is_refused(world: World) -> None:
    found = (await _reviews(world))[0]
    path, headers = f"/v1/reviews/{found['alert_id']}/cause", {"Idempotency-Key": "k-1"}
    body = {"revision": found["revision"], "by": "ana", "text": "The depot moved."}
    first = await world.client.post(path, json=body, headers=headers)
    again = await world.client.post(path, json=body, headers=headers)
    assert (first.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (200, first.json(), "true")
    other = await world.client.post(path, json=body | {"text": "It burnt down."}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:feedback-router:problem:key-reused")
