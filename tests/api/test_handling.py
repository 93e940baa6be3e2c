"""Claims, snoozes, notes, reopening, the timeline that shows them, and one act on many alerts."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.world import World
from tests.builders import survey

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROBLEM = "urn:feedback-router:problem:"


async def _late_parcel(world: World) -> dict[str, Any]:
    await world.push(MINUTE, survey("r1", 0, "late, awful", customer="c1"))
    await world.wait(HOUR)
    return await world.alert_of("drivers")


async def _do(world: World, act: str, alert: dict[str, Any], key: str | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    headers = {} if key is None else {"Idempotency-Key": key}
    asked = {"revision": alert["revision"], "by": "ana"} | body
    path = f"/v1/alerts/{alert['alert_id']}/{act}"
    return await world.client.post(path, json={k: v for k, v in asked.items() if v is not None}, headers=headers)


def _outcome(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").removeprefix(PROBLEM)


async def test_who_claims_an_alert_has_it_for_the_time_of_the_lease_and_may_renew_it(world: World) -> None:
    alert = await _late_parcel(world)
    claimed = (await _do(world, "claim", alert)).json()
    assert claimed == alert | {"claim": {"by": "ana", "since": "2026-05-04T10:00:00Z", "until": "2026-05-04T10:30:00Z"}}
    await world.wait(HOUR + 20 * MINUTE)
    renewed = (await _do(world, "claim", alert)).json()
    assert renewed["claim"] == {"by": "ana", "since": "2026-05-04T10:00:00Z", "until": "2026-05-04T10:50:00Z"}


@pytest.mark.parametrize(
    ("act", "more"),
    [
        ("claim", {}),
        ("unclaim", {}),
        ("ack", {}),
        ("snooze", {"until": "2026-05-04T12:00:00Z"}),
        ("resolve", {}),
        ("reassign", {"team": "legal"}),
        ("dispute", {"team": "legal"}),
    ],
)
async def test_others_are_kept_from_it_and_told_who_has_it_unless_they_insist(
    world: World, act: str, more: dict[str, Any]
) -> None:
    alert = await _late_parcel(world)
    claim = (await _do(world, "claim", alert)).json()["claim"]
    refused = await _do(world, act, alert, by="ben", **more)
    assert _outcome(refused) == (409, "claimed-by-other")
    assert (refused.json()["claim"], refused.json()["revision"]) == (claim, alert["revision"])
    insisted = await _do(world, act, alert, by="ben", force=True, **more)
    assert insisted.status_code == (409 if act == "unclaim" else 200) or act == "unclaim"
    assert (insisted.json()["claim"] or {}).get("by") in (None, "ben")
    shown = (await world.read(f"/v1/alerts/{alert['alert_id']}/timeline"))["entries"]
    assert {one["act"]["deed"]: one["act"]["said"].get("claim_of") for one in shown if one["act"]}[act] == "ana"


async def test_a_claim_that_has_ended_is_no_obstacle_and_can_not_be_let_go_of(world: World) -> None:
    alert = await _late_parcel(world)
    await _do(world, "claim", alert)
    await world.wait(HOUR + 30 * MINUTE)
    assert _outcome(await _do(world, "unclaim", alert)) == (409, "not-claimed")
    taken = (await _do(world, "claim", alert, by="ben")).json()
    assert taken["claim"] == {"by": "ben", "since": "2026-05-04T10:30:00Z", "until": "2026-05-04T11:00:00Z"}


async def test_whoever_lets_go_of_it_leaves_it_to_others(world: World) -> None:
    alert = await _late_parcel(world)
    await _do(world, "claim", alert)
    assert (await _do(world, "unclaim", alert)).json()["claim"] is None
    assert (await _do(world, "claim", alert, by="ben")).status_code == 200


async def test_of_many_who_claim_it_at_once_one_has_it(world: World) -> None:
    alert = await _late_parcel(world)
    answers = await asyncio.gather(*(_do(world, "claim", alert, by=name) for name in "abcde"))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_what_is_put_aside_is_held_and_says_by_whom_and_until_when(world: World) -> None:
    alert = await _late_parcel(world)
    until = "2026-05-04T12:00:00Z"
    aside = (await _do(world, "snooze", alert, until=until)).json()
    assert aside["snooze"] == {"by": "ana", "since": "2026-05-04T10:00:00Z", "until": until}
    assert (aside["held"]["why"], aside["held"]["by"], aside["held"]["until"]) == ("snoozed", "ana", until)
    why = await world.read(f"/v1/alerts/{alert['alert_id']}/explain")
    assert why["muted"] == [{"kind": "snoozed", "by": "ana", "until": until, "why": f"ana put it aside until {until}"}]
    await world.push(HOUR + MINUTE, survey("r2", 0, "late, awful", customer="c2"))
    (_, fresh) = (await world.read(f"/v1/alerts/{alert['alert_id']}/events"))["events"]
    assert (fresh["decision"]["verdict"], fresh["decision"]["reason"]) == ("held", "snoozed")
    await world.wait(3 * HOUR)
    notices = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert [(one["reason"], one["at"]) for one in notices][1:] == [("unmuted", until)]
    assert notices[-1]["held"] == {
        "why": "snoozed",
        "by": "ana",
        "since": "2026-05-04T10:00:00Z",
        "events": 1,
        "customers": 1,
    }


async def test_it_may_be_taken_up_before_its_time_once(world: World) -> None:
    alert = await _late_parcel(world)
    await _do(world, "snooze", alert, until="2026-05-04T12:00:00Z")
    awake = (await _do(world, "unsnooze", alert)).json()
    assert (awake["snooze"], awake["held"]) == (None, None)
    assert _outcome(await _do(world, "unsnooze", alert)) == (409, "not-snoozed")


@pytest.mark.parametrize(
    ("until", "kind"),
    [
        ("2026-05-04T10:00:00Z", "bad-time"),
        ("2026-06-03T10:00:01Z", "bad-time"),
        ("2026-05-04T12:00:00", "invalid"),
        ("tomorrow", "invalid"),
        (None, "invalid"),
    ],
)
async def test_no_alert_is_put_aside_until_a_time_that_makes_no_sense(
    world: World, until: str | None, kind: str
) -> None:
    alert = await _late_parcel(world)
    assert _outcome(await _do(world, "snooze", alert, until=until)) == (422, kind)
    assert await world.read(f"/v1/alerts/{alert['alert_id']}") == alert


async def test_a_resolved_alert_is_opened_again_and_its_team_told(world: World) -> None:
    alert = await _late_parcel(world)
    assert _outcome(await _do(world, "reopen", alert)) == (409, "not-resolved")
    done = (await _do(world, "resolve", alert, disposition="noise")).json()
    assert _outcome(await _do(world, "reopen", alert)) == (409, "stale-revision")
    await world.wait(240 * HOUR)
    back = (await _do(world, "reopen", done)).json()
    assert (back["state"], back["resolved_at"], back["ack"], back["claim"]) == ("open", None, None, None)
    notices = (await world.read(f"/v1/alerts/{alert['alert_id']}/notices"))["notices"]
    assert [one["reason"] for one in notices] == ["opened", "resolved", "reopened"]


async def test_one_that_a_later_one_has_followed_stays_over(world: World) -> None:
    alert = await _late_parcel(world)
    done = (await _do(world, "resolve", alert)).json()
    await world.push(300 * HOUR, survey("r2", 0, "late, awful", customer="c2"))
    assert (await world.alert_of("drivers"))["episode"] == 2
    assert _outcome(await _do(world, "reopen", done)) == (409, "succeeded")
    assert _outcome(await _do(world, "note", done, text="too late", revision=None)) == (409, "succeeded")


async def test_one_that_became_part_of_another_stays_over(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late, awful", customer="c1"))
    await world.wait(HOUR)
    first = await world.alert_of("drivers")
    await _do(world, "reassign", first, team="legal")
    await world.push(2 * HOUR, survey("r2", 0, "late, awful", customer="c2"))
    home = await world.alert_of("legal")
    await _do(world, "resolve", home)
    await world.push(3 * HOUR, survey("r3", 0, "late, awful", customer="c3"))
    second = await world.alert_of("drivers")
    home = await world.read(f"/v1/alerts/{home['alert_id']}")
    await _do(world, "reopen", home)
    await world.wait(4 * HOUR)
    second = await world.read(f"/v1/alerts/{second['alert_id']}")
    merged = (await _do(world, "reassign", second, team="legal")).json()
    assert merged["merged_into"] == first["alert_id"]
    assert _outcome(await _do(world, "reopen", merged)) == (409, "succeeded")


async def test_the_timeline_has_what_was_said_and_done_in_order_page_by_page(world: World) -> None:
    alert = await _late_parcel(world)
    await _do(world, "claim", alert)
    await _do(world, "note", alert, text="Called ann@example.org back", revision=None)
    done = (await _do(world, "resolve", alert, disposition="actionable")).json()
    await _do(world, "note", done, text="All well", revision=None, by="ben")
    path, entries, cursor = f"/v1/alerts/{alert['alert_id']}/timeline", [], ""
    while True:
        page = await world.read(path + f"?limit=2{cursor}")
        entries += page["entries"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    shown = [
        (one["notice"]["reason"],) if one["notice"] else (one["act"]["deed"], one["act"]["by"], one["act"]["text"])
        for one in entries
    ]
    assert shown == [
        ("opened",),
        ("claim", "ana", None),
        ("note", "ana", "Called [email] back"),
        ("resolve", "ana", None),
        ("note", "ben", "All well"),
        ("resolved",),
    ]
    assert entries[3]["act"]["said"] == {"disposition": "actionable"}
    assert (await world.read(path))["entries"] == entries


async def test_a_note_asks_for_no_revision_but_minds_one_that_is_given(world: World) -> None:
    alert = await _late_parcel(world)
    assert _outcome(await _do(world, "note", alert, text="old", revision=0)) == (409, "stale-revision")
    await _do(world, "claim", alert)
    assert (await _do(world, "note", alert, text="mine", by="ben", revision=None)).status_code == 200
    assert _outcome(await _do(world, "note", alert, text="", revision=None)) == (422, "invalid")
    assert _outcome(await _do(world, "note", alert, text="x" * 2001, revision=None)) == (422, "invalid")


async def test_a_note_repeated_under_its_key_is_written_once(world: World) -> None:
    alert = await _late_parcel(world)
    await _do(world, "note", alert, key="k-1", text="once", revision=None)
    again = await _do(world, "note", alert, key="k-1", text="once", revision=None)
    assert again.headers["idempotency-replayed"] == "true"
    assert _outcome(await _do(world, "note", alert, key="k-1", text="other", revision=None)) == (422, "key-reused")
    entries = (await world.read(f"/v1/alerts/{alert['alert_id']}/timeline"))["entries"]
    assert [one["act"]["text"] for one in entries if one["act"]] == ["once"]


async def _several(world: World) -> list[dict[str, Any]]:
    await world.push(
        MINUTE,
        survey("r1", 0, "late, awful", customer="c1"),
        survey("r2", 0, "refund, awful", customer="c2"),
        survey("r3", 0, "hm, awful", customer="c3"),
    )
    await world.wait(HOUR)
    names = [one["team"] for one in (await world.read("/v1/teams"))["teams"] if one["open"]]
    return [one for name in names for one in (await world.read(f"/v1/teams/{name}/queue"))["alerts"]]


async def test_a_batch_does_to_each_alert_what_it_can(world: World) -> None:
    alerts = await _several(world)
    await _do(world, "claim", alerts[0], by="ben")
    picked = [{"alert_id": one["alert_id"], "revision": one["revision"]} for one in alerts]
    picked += [{"alert_id": str(uuid4()), "revision": 1}]
    body = {"act": "resolve", "by": "ana", "disposition": "noise", "alerts": picked}
    answer = await world.client.post("/v1/alerts/batch", json=body, headers={"Idempotency-Key": "b-1"})
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert [one["alert_id"] for one in outcomes] == [one["alert_id"] for one in picked]
    assert [one["status"] for one in outcomes] == [409, *[200] * (len(alerts) - 1), 404]
    assert outcomes[0]["problem"]["type"] == PROBLEM + "claimed-by-other"
    assert {one["alert"]["disposition"]["disposition"] for one in outcomes[1:-1]} == {"noise"}
    again = await world.client.post("/v1/alerts/batch", json=body, headers={"Idempotency-Key": "b-1"})
    assert [one["replayed"] for one in again.json()["outcomes"]] == [False, *[True] * (len(alerts) - 1), False]
    assert [one["alert"] for one in again.json()["outcomes"]] == [one["alert"] for one in outcomes]


@pytest.mark.parametrize(
    "changes",
    [
        {"act": "cause"},
        {"act": "nothing"},
        {"act": "snooze"},
        {"act": "ack", "text": "not here"},
        {"alerts": []},
        {"alerts": [{"alert_id": str(uuid4())}]},
        {"alerts": [{"alert_id": str(uuid4()), "revision": 1} for _ in range(101)]},
        {"alerts": [{"alert_id": "7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11", "revision": 1}] * 2},
    ],
)
async def test_a_batch_that_breaks_its_contract_does_nothing(small_world: World, changes: dict[str, Any]) -> None:
    alerts = await _several(small_world)
    picked = [{"alert_id": one["alert_id"], "revision": one["revision"]} for one in alerts]
    answer = await small_world.client.post(
        "/v1/alerts/batch", json={"act": "ack", "by": "ana", "alerts": picked} | changes
    )
    assert _outcome(answer) == (422, "invalid")
    assert await small_world.read(f"/v1/alerts/{alerts[0]['alert_id']}") == alerts[0]


@pytest.mark.parametrize(
    ("act", "more", "state"),
    [
        ("claim", {}, {"claim": True}),
        ("ack", {}, {"ack": True}),
        ("snooze", {"until": "2026-05-04T12:00:00Z"}, {"snooze": True}),
        ("note", {"text": "a note"}, {}),
        ("dispute", {"team": "legal", "reason": "theirs"}, {"disputed": True}),
    ],
)
async def test_a_batch_takes_what_single_acts_take(
    small_world: World, act: str, more: dict[str, Any], state: dict[str, bool]
) -> None:
    alert = (await _several(small_world))[0]
    body = {"act": act, "by": "ana", "alerts": [{"alert_id": alert["alert_id"], "revision": alert["revision"]}]} | more
    (outcome,) = (await small_world.client.post("/v1/alerts/batch", json=body)).json()["outcomes"]
    assert outcome["status"] == 200, outcome
    assert {name: outcome["alert"][name] is not None for name in state} == state
