from datetime import timedelta
from typing import Any

import pytest

from service.api.routes import scorecards
from tests.api.world import World, world_on
from tests.builders import make_playbook, survey, ticket
from tests.infrastructure.postgres import TestServers

DAY = timedelta(days=1)
# START is 2026-05-04T09:00Z, so that the present day ends with the fourth of May.
TODAY = {"from": "2026-04-07T00:00:00Z", "to": "2026-05-05T00:00:00Z"}


async def _answered(world: World, at: timedelta = DAY * 0, **more: Any) -> None:  # noqa: ANN401 - fields of the contract
    """Let forty customers answer: 20 promoters, 12 passives and 8 detractors."""
    given = [9] * 20 + [8] * 12 + [3] * 8
    await world.push(
        at,
        *(survey(f"r{at.days}-{place}", score, customer=f"c{place}", **more) for place, score in enumerate(given)),
    )


def _nps(by: str, value: str | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a scorecard
    figures = {"n": 40, "censored": None, "figure": 30.0, "standard_error": 12.349089, "low": 5.79623, "high": 54.20377}
    return {"by": by, "value": value, "metric": "nps", **figures, "hidden": False, **more}


async def test_the_present_month_is_told_where_nothing_else_is_asked(world: World) -> None:
    await _answered(world)
    assert await world.read("/v1/scorecards") == {
        **TODAY,
        "floor": 30,
        "recontact_days": 7,
        "playbook": world.rules.digest,
        "scorecards": [_nps("all", None)],
        "left_off": {"all": 0},
        "cases_left_off": {"all": 0},
    }


async def test_scores_are_told_by_several_dimensions_in_the_order_in_which_they_are_asked(world: World) -> None:
    await _answered(world, channel="email", survey_id="s-1")
    found = await world.read("/v1/scorecards", params={"by": ["survey", "channel", "survey", "team"]})
    # Nobody owns what names no process, so that the arbitration queue has it.
    assert found["scorecards"] == [_nps("survey", "s-1"), _nps("channel", "email"), _nps("team", "judges")]
    assert found["left_off"] == {"survey": 0, "channel": 0, "team": 0}


async def test_a_period_has_its_first_instant_and_not_its_last(world: World) -> None:
    await _answered(world)
    await _answered(world, DAY)
    first = {"from": "2026-05-04T09:00:00Z", "to": "2026-05-05T11:00:00+02:00"}
    found = await world.read("/v1/scorecards", params=first)
    assert found == {
        "from": "2026-05-04T09:00:00Z",
        "to": "2026-05-05T09:00:00Z",
        "floor": 30,
        "recontact_days": 7,
        "playbook": world.rules.digest,
        "scorecards": [_nps("all", None)],
        "left_off": {"all": 0},
        "cases_left_off": {"all": 0},
    }
    both = await world.read("/v1/scorecards", params={"from": "2026-05-04T09:00:00Z"})
    assert [one["n"] for one in both["scorecards"]] == [80]


async def test_an_answer_that_was_corrected_or_taken_back_no_longer_counts(world: World) -> None:
    await _answered(world, revision=1)
    await world.push(DAY, survey("r0-0", 0, revision=2, customer="c0"), survey("r0-1", 9, revision=2, state="deleted"))
    found = (await world.read("/v1/scorecards"))["scorecards"]
    # 18 promoters, 12 passives and 9 detractors are left.
    assert [(one["n"], one["figure"]) for one in found] == [(39, 23.076923)]


async def test_first_contact_resolution_is_told_of_the_cases_whose_time_to_come_back_is_over(world: World) -> None:
    def opened(name: str) -> dict[str, Any]:
        return ticket("created", name, event_id=f"{name}-1", customer=f"c-{name}", body="late", channel="chat")

    def solved(name: str) -> dict[str, Any]:
        return ticket("status", name, event_id=f"{name}-2", customer=f"c-{name}", status="solved")

    names = [f"t{at}" for at in range(42)]
    await world.push(DAY * 0, *(opened(name) for name in names))
    await world.push(DAY, *(solved(name) for name in names[:40]))
    await world.push(3 * DAY, *(survey(f"r{at}", 1, "late", customer=f"c-t{at}", channel="web") for at in range(8)))
    await world.push(8 * DAY, *(solved(name) for name in names[40:]))
    asked = {"by": ["channel", "category"], "from": "2026-05-01T00:00:00Z"}
    found = [one for one in (await world.read("/v1/scorecards", params=asked))["scorecards"] if one["metric"] == "fcr"]
    figures = {"n": 40, "censored": 2, "figure": 0.8, "standard_error": None, "low": 0.652427, "high": 0.895}
    figures |= {"hidden": False}
    assert found == [
        {"by": "channel", "value": "chat", "metric": "fcr", **figures},
        {"by": "category", "value": "delivery", "metric": "fcr", **figures},
    ]
    # By the end of the eleventh of May no window was over.
    early = await world.read("/v1/scorecards", params={"from": "2026-05-04T00:00:00Z", "to": "2026-05-12T00:00:00Z"})
    assert [(one["n"], one["censored"], one["figure"]) for one in early["scorecards"] if one["metric"] == "fcr"] == [
        (0, 40, "insufficient")
    ]


async def test_below_the_floor_there_is_a_count_and_no_figure(postgres_servers: TestServers) -> None:
    async with world_on("memory", postgres_servers, make_playbook(metrics={"floor": 41})) as world:
        await _answered(world)
        found = await world.read("/v1/scorecards")
        assert (found["floor"], found["scorecards"]) == (
            41,
            [_nps("all", None, figure="insufficient", standard_error=None, low=None, high=None)],
        )


async def test_an_answer_holds_a_hundred_values_and_says_how_many_more_there_are(small_world: World) -> None:
    values = [survey(f"r{at}", 9, survey_id=f"s{at:03}", customer=f"c{at}") for at in range(103)]
    await small_world.push(DAY * 0, *values)
    found = await small_world.read("/v1/scorecards", params={"by": "survey"})
    assert [one["value"] for one in found["scorecards"]] == [f"s{at:03}" for at in range(scorecards.MOST_VALUES)]
    assert {one["figure"] for one in found["scorecards"]} == {"insufficient"}
    assert (found["left_off"], found["cases_left_off"]) == ({"survey": 3}, {"survey": 0})


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({"from": "2026-05-04T00:00:00Z", "to": "2026-05-04T00:00:00Z"}, "from must lie before to"),
        ({"from": "2026-06-01T00:00:00Z"}, "from must lie before to"),
        ({"from": "2025-03-01T00:00:00Z", "to": "2026-05-04T00:00:00Z"}, "at most 400 days are answered for at once"),
    ],
)
async def test_a_period_that_can_not_be_answered_for_is_refused_with_the_reason(
    small_world: World, asked: dict[str, str], detail: str
) -> None:
    answer = await small_world.get("/v1/scorecards", params=asked)
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "type": "urn:feedback-router:problem:bad-period",
            "title": "The period can not be answered for",
            "status": 422,
            "detail": detail,
        },
    )


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("by=agent", "/query/by/0"),
        ("by=", "/query/by/0"),
        ("by=team&" * 10, "/query/by"),
        ("since=2026-05-04T00:00:00Z", "/query/since"),
        ("from=2026-05-04T00:00:00", "/query/from"),
        ("to=yesterday", "/query/to"),
        ("to=2026-02-30T00:00:00Z", "/query/to"),
        ("to=1777852800", "/query/to"),
        ("to=9999-12-31T23:59:59Z", "/query/to"),
    ],
)
async def test_what_is_not_understood_is_refused_at_its_place(small_world: World, query: str, pointer: str) -> None:
    answer = await small_world.get(f"/v1/scorecards?{query}")
    assert answer.status_code == 422
    document = answer.json()
    assert document["type"] == "urn:feedback-router:problem:invalid"
    assert [one["pointer"] for one in document["errors"]] == [pointer]


async def test_nobody_reads_scorecards_without_the_token(small_world: World) -> None:
    answer = await small_world.get("/v1/scorecards", headers={"Authorization": "Bearer another"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:feedback-router:problem:unauthorised")


async def test_the_closed_loop_tells_how_much_was_acted_on_and_how_soon(world: World) -> None:
    await _answered(world)
    await world.wait(timedelta(hours=2))
    alert = await world.alert_of("judges")
    body = {"revision": alert["revision"], "by": "ana"}
    answer = await world.client.post(f"/v1/alerts/{alert['alert_id']}/ack", json=body)
    assert answer.status_code == 200, answer.text
    found = await world.read("/v1/scorecards/closed-loop", params={"by": ["all", "team"]})
    assert (found["floor"], found["left_off"]) == (30, {"all": 0, "team": 0})
    lines = [(one["by"], one["value"], one["metric"], one["n"], one["figure"]) for one in found["scorecards"]]
    # Eight were not happy, which is below the floor.
    figures = ("follow_up", "first_action_median", "first_action_p90")
    assert lines == [
        (by, value, metric, 8, "insufficient")
        for by, value in (("all", None), ("team", "judges"))
        for metric in figures
    ]


async def test_the_closed_loop_puts_numbers_to_enough(world: World) -> None:
    for day in range(4):
        await _answered(world, DAY * day)
    await world.wait(DAY * 3 + timedelta(hours=1))
    alert = await world.alert_of("judges")
    body = {"revision": alert["revision"], "by": "ana", "disposition": "actionable"}
    answer = await world.client.post(f"/v1/alerts/{alert['alert_id']}/resolve", json=body)
    assert answer.status_code == 200, answer.text
    found = await world.read("/v1/scorecards/closed-loop")
    lines = {one["metric"]: (one["n"], one["figure"], one["low"], one["high"]) for one in found["scorecards"]}
    assert lines == {
        "follow_up": (32, 1.0, 0.892821, 1.0),
        "first_action_median": (32, 90000.0, 90000.0, 176400.0),
        "first_action_p90": (32, 262800.0, 262800.0, 262800.0),
    }
