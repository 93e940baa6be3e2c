"""What lies out of somebody's reach is not there: by ids that are guessed, by cursors of others, or in part."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import orjson
import pytest

from service.api.routes import streams
from service.core.access import Denial, Permission, Role
from tests.api.following import following
from tests.api.people import person_of
from tests.api.world import World
from tests.builders import START, instance, survey

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)


async def two_teams(world: World) -> None:
    """Two alerts each of the drivers and of the refunds' team."""
    for number, text in enumerate(("late, awful", "there was a fire", "refund refused, terrible")):
        await world.push(number * MINUTE, survey(f"r{number}", 0, text, customer=f"c{number}"))
    await world.push(5 * MINUTE, survey("r9", 0, "refund, awful", customer="c9", channel="sms"))
    await world.wait(timedelta(hours=1))


def cursor(**place: object) -> str:
    return urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


async def queue(world: World, headers: dict[str, str], **query: object) -> set[str]:
    path = "/v1/teams/refunds/queue"
    return {one["team"] for one in (await world.read(path, headers=headers, params=query))["alerts"]}


async def test_a_cursor_of_another_team_gives_rows_of_one_s_own(world: World) -> None:
    await two_teams(world)
    headers = await person_of(world, Role.LEAD, "refunds")
    foreign = (await world.read("/v1/teams/drivers/queue?limit=1"))["next"]
    assert await queue(world, headers, cursor=foreign) <= {"refunds"}
    answer = await world.get("/v1/teams/drivers/queue", headers=headers, params={"cursor": foreign})
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such team")


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low", "info"])
@pytest.mark.parametrize("state", ["open", "resolved"])
async def test_a_cursor_that_was_made_up_gives_no_other_team_s_rows(
    small_world: World, severity: str, state: str
) -> None:
    await two_teams(small_world)
    headers = await person_of(small_world, Role.LEAD, "refunds")
    made_up = cursor(state=state, severity=severity, last_seen="2030-01-01T00:00:00Z", alert_id="0")
    assert await queue(small_world, headers, cursor=made_up) <= {"refunds"}
    with_team = cursor(state=state, severity=severity, last_seen="2030-01-01T00:00:00Z", alert_id="0", team="drivers")
    answer = await small_world.get("/v1/teams/refunds/queue", headers=headers, params={"cursor": with_team})
    assert answer.status_code == 400


async def test_a_cursor_names_nothing_but_a_row_of_the_page(world: World) -> None:
    await two_teams(world)
    headers = await person_of(world, Role.AGENT, "refunds")
    page = await world.read("/v1/teams/refunds/queue?limit=1", headers=headers)
    place = orjson.loads(urlsafe_b64decode(page["next"] + "=="))
    (alert,) = page["alerts"]
    assert place == {name: alert[name] for name in ("state", "severity", "last_seen", "alert_id")}


async def test_another_team_s_alert_is_as_one_that_never_was(world: World) -> None:
    await two_teams(world)
    alert = await world.alert_of("drivers")
    headers = await person_of(world, Role.LEAD, "refunds")
    for tail in ("", "/events", "/notices", "/explain", "/cause"):
        answers = [
            (one.status_code, one.json())
            for one in [
                await world.get(f"/v1/alerts/{name}{tail}", headers=headers)
                for name in (alert["alert_id"], "7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11")
            ]
        ]
        assert answers[0] == answers[1]
    assert {one.denial for one in world.noted.denials} == {Denial.OTHER_TEAM}


async def test_another_team_s_alert_can_be_named_by_no_act(world: World) -> None:
    await two_teams(world)
    theirs, ours = await world.alert_of("drivers"), await world.alert_of("refunds")
    headers = await person_of(world, Role.LEAD, "refunds")
    body = {"revision": ours["revision"], "disposition": "duplicate", "duplicate_of": theirs["alert_id"]}
    refused = await world.client.post(f"/v1/alerts/{ours['alert_id']}/resolve", json=body, headers=headers)
    acted = await world.client.post(
        f"/v1/alerts/{theirs['alert_id']}/ack", json={"revision": theirs["revision"]}, headers=headers
    )
    assert (refused.status_code, refused.json()["detail"], acted.status_code) == (
        422,
        "duplicate_of: no other alert has this id",
        404,
    )
    named = [{"alert_id": one["alert_id"], "revision": one["revision"]} for one in (theirs, ours)]
    batch = {"act": "ack", "alerts": named}
    told = (await world.client.post("/v1/alerts/batch", json=batch, headers=headers)).json()["outcomes"]
    assert [one["status"] for one in told] == [404, 200]
    assert (await world.read(f"/v1/alerts/{theirs['alert_id']}"))["ack"] is None


async def test_an_alert_that_is_handed_over_is_seen_with_all_that_it_holds_and_no_longer_where_it_was(
    world: World,
) -> None:
    await two_teams(world)
    alert = await world.alert_of("drivers")
    drivers, legal = await person_of(world, Role.AGENT, "drivers"), await person_of(world, Role.AGENT, "legal")
    (event,) = (await world.read(f"/v1/alerts/{alert['alert_id']}/events"))["events"]
    explained = f"/v1/events{event['source']}/{event['event_id']}/explain"
    assert (await world.get(explained, headers=legal)).status_code == 404
    body = {"revision": alert["revision"], "team": "legal"}
    given = await world.client.post(f"/v1/alerts/{alert['alert_id']}/reassign", json=body, headers=drivers)
    assert given.status_code == 200, given.text
    seen = [
        [(await world.get(path, headers=one)).status_code for one in (drivers, legal)]
        for path in (f"/v1/alerts/{alert['alert_id']}", f"/v1/alerts/{alert['alert_id']}/events", explained)
    ]
    # The event was routed to the drivers, who may ask what became of it.
    assert seen == [[404, 200], [404, 200], [200, 200]]


async def test_an_instance_shows_the_feedback_of_one_s_teams_alone(world: World) -> None:
    await world.push(timedelta(), instance("i1", event_id="p1", keys=["SO-1"]))
    await world.push(MINUTE, survey("r1", 0, "late, awful", correlation={"instance": "i1"}))
    await world.push(2 * MINUTE, survey("r2", 0, "refund", customer="ben", correlation={"instance": "i1"}))
    path = "/v1/processes/shipping/instances/i1"
    shown: dict[str, Any] = {}
    for teams in ((), ("drivers",), ("refunds",)):
        found = await world.read(path, headers=await person_of(world, Role.AGENT, *teams))
        shown["".join(teams)] = ([one["event_id"] for one in found["linked"]], found["linked_total"])
    assert shown == {"": (["r2-1", "r1-1"], 2), "drivers": (["r1-1"], 1), "refunds": (["r2-1"], 1)}
    assert (await world.get(path, headers=await person_of(world, Role.AGENT, "legal"))).status_code == 404


async def test_the_agenda_has_the_reviews_of_one_s_teams(small_world: World) -> None:
    for week in range(7):
        for category, people in (("late", 2 if week < 5 else 40), ("refund", 2 if week < 5 else 25)):
            names = [f"{category}{week}-{n}" for n in range(people)]
            await small_world.push(week * WEEK + MINUTE, *(survey(name, 0, category, customer=name) for name in names))
    await small_world.wait(7 * WEEK + DAY)
    headers = await person_of(small_world, Role.LEAD, "refunds")
    shown = (await small_world.read("/v1/reviews/agenda", headers=headers))["reviews"]
    assert {(one["team"], one["category"]) for one in shown} == {("refunds", "refund")}
    review = f"/v1/reviews/{shown[0]['alert_id']}"
    assert (await small_world.read(review, headers=headers))["team"] == "refunds"
    drivers = await person_of(small_world, Role.LEAD, "drivers")
    assert (await small_world.get(review, headers=drivers)).status_code == 404
    step = {"revision": shown[0]["revision"], "by": "ana", "text": "x"}
    agent = await person_of(small_world, Role.AGENT, "refunds")
    asked = [await small_world.client.post(f"{review}/cause", json=step, headers=one) for one in (agent, headers)]
    assert [one.status_code for one in asked] == [403, 200]


async def test_an_answer_that_is_repeated_keeps_to_what_its_asker_may_read(world: World) -> None:
    await two_teams(world)
    alert = await world.alert_of("refunds")
    agent = await person_of(world, Role.AGENT, "refunds")
    blind = await person_of(world, Role.AGENT, "refunds", permissions=[Permission.READ, Permission.ACT])
    path, body = f"/v1/alerts/{alert['alert_id']}/ack", {"revision": alert["revision"], "by": "ana"}
    shown = [
        (await world.client.post(path, json=body, headers={**one, "Idempotency-Key": "k"})).json()["excerpts"]
        for one in (agent, blind, blind)
    ]
    assert [bool(one) for one in shown] == [True, False, False]


async def test_figures_of_a_few_are_for_who_runs_all_teams(small_world: World) -> None:
    await two_teams(small_world)
    path = "/v1/rules/corrections?days=400"
    lead, operations = await person_of(small_world, Role.LEAD), await person_of(small_world, Role.CX_OPERATIONS)
    small_world.at = DAY
    seen = [(await small_world.read(path, headers=one))["categories"] for one in (lead, operations)]
    assert {(one["hidden"], one["feedbacks"], one["share"]) for one in seen[0]} == {(True, None, None)}
    assert {one["hidden"] for one in seen[1]} == {False}
    assert {one["feedbacks"] for one in seen[1]} <= {1, 2, 3, 4}


async def test_a_scorecard_of_a_few_says_only_that_it_is_hidden(world: World) -> None:
    await two_teams(world)
    world.at = DAY
    lead, operations = await person_of(world, Role.LEAD), await person_of(world, Role.CX_OPERATIONS)
    shown = {}
    for name, headers in (("lead", lead), ("operations", operations)):
        cards = (await world.read("/v1/scorecards?by=process", headers=headers))["scorecards"]
        shown[name] = {
            (one["value"], one["n"], one["figure"], one["hidden"]) for one in cards if one["metric"] == "nps"
        }
    assert shown == {
        "lead": {("shipping", None, "insufficient", True), ("returns", None, "insufficient", True)},
        "operations": {("shipping", 2, "insufficient", False), ("returns", 2, "insufficient", False)},
    }


async def test_more_than_a_few_are_shown_to_every_lead(world: World) -> None:
    for number in range(5):
        await world.push(number * MINUTE, survey(f"r{number}", 0, "late", customer=f"c{number}"))
    world.at = DAY
    lead = await person_of(world, Role.LEAD)
    cards = (await world.read("/v1/scorecards?by=process", headers=lead))["scorecards"]
    assert {(one["n"], one["hidden"]) for one in cards if one["metric"] == "nps"} == {(5, False)}


async def test_what_somebody_does_bears_their_own_name(world: World) -> None:
    await two_teams(world)
    alert, lead = await world.alert_of("drivers"), await person_of(world, Role.LEAD)
    said = {"by": "somebody else", "revision": alert["revision"]}
    acked = await world.client.post(f"/v1/alerts/{alert['alert_id']}/ack", json=said, headers=lead)
    wished = {"matchers": {"team": "drivers"}, "reason": "Snow.", "duration": "4h", "by": "somebody else"}
    silenced = await world.client.post("/v1/silences", json=wished, headers=lead)
    body = {"category": "refund", "author": "somebody else"}
    refiled = await world.client.post("/v1/events//surveys/r0-1/refile", json=body, headers=lead)
    assert (acked.json()["ack"]["by"], silenced.json()["by"], refiled.json()["correction"]["author"]) == (
        "lead of all",
        "lead of all",
        "lead of all",
    )


async def test_who_shares_the_operator_s_token_says_who_they_are(world: World) -> None:
    await two_teams(world)
    alert = await world.alert_of("drivers")
    said = {"by": "ben", "revision": alert["revision"]}
    acked = await world.client.post(f"/v1/alerts/{alert['alert_id']}/ack", json=said)
    assert acked.json()["ack"]["by"] == "ben"


async def test_a_stream_is_its_team_s_and_has_no_words_for_who_may_not_read_them(world: World) -> None:
    await two_teams(world)
    people = {
        "agent": await person_of(world, Role.AGENT, "drivers"),
        "viewer": await person_of(world, Role.VIEWER, "drivers"),
        "other": await person_of(world, Role.LEAD, "refunds"),
    }
    seen: dict[str, list[list[str]]] = {}
    async with (
        following(world, token=people["agent"]["Authorization"]) as agent,
        following(world, token=people["viewer"]["Authorization"]) as viewer,
        following(world, token=people["other"]["Authorization"]) as other,
    ):
        for name, console in (("agent", agent), ("viewer", viewer)):
            (snapshot,) = await console.until(1)
            seen[name] = [[quote["text"] for quote in one["excerpts"]] for one in snapshot.data["alerts"]]
        await world.push(timedelta(hours=2), survey("r5", 0, "late, fire", customer="c5"))
        await world.wait(timedelta(hours=3))
        for name, console in (("agent", agent), ("viewer", viewer)):
            told = (await console.until(2))[1]
            seen[name].append([quote["text"] for quote in told.data["excerpts"]])
        await other.end()
    assert [len(texts) > 0 for texts in seen["agent"]] == [True, True, True]
    assert seen["viewer"] == [[], [], []]
    assert other.status == 404


async def test_a_stream_ends_when_its_key_is_revoked(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_LOOK_SECONDS", 0.01)
    headers = await person_of(small_world, Role.AGENT, "drivers")
    async with following(small_world, token=headers["Authorization"]) as console:
        await console.until(1)
        await small_world.keys.revoke("0000000000", START)
        small_world.seconds += 5
        await console.end()
    assert console.status == 200
