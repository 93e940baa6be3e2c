"""The life of one process instance, and the feedback about it: whole, bounded, and of no other process."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from service.api.routes import instances
from tests.api.world import World
from tests.builders import KEY, START, instance, survey, ticket

HOUR = timedelta(hours=1)


def at(hours: float) -> str:
    return (START + hours * HOUR).isoformat().replace("+00:00", "Z")


def path(name: str, process: str = "shipping") -> str:
    return f"/v1/processes/{process}/instances/{name}"


def done(name: str, hour: float, activity: str, team: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance(
        "i1", event_id=name, activity=activity, lifecycle="complete", team=team, time=at(hour), step=f"s-{name}", **data
    )


async def test_an_instance_with_its_course_and_what_was_said_of_it(world: World) -> None:
    known: dict[str, Any] = {
        "customer": "anna",
        "tier": "gold",
        "region": "uk",
        "version": "7",
        "attributes": {"site": "north"},
    }
    begun = instance("i1", event_id="p1", keys=["SO-1", "T-1"], **known)
    await world.push(timedelta(), begun)
    await world.push(
        4 * HOUR,
        done("p2", 1, "pick", "floor", attributes={"items": 4}),
        done("p3", 2, "check", "quality", attributes={"items": 3}),
        done("p4", 3.5, "pick", "floor"),
        instance("i1", event_id="p5", lifecycle="complete", time=at(4)),
    )
    await world.push(
        5 * HOUR,
        survey("r1", 0, "late, write to anna@example.org", correlation={"instance": "i1"}),
        ticket("created", "T-1", event_id="t1", subject="late", body=""),
    )
    found = await world.read(path("i1"))
    linked = [
        (one["event_id"], one["method"], one["confidence"], one["category"], one["severity"], one["excerpt"])
        for one in found["linked"]
    ]
    assert found["instance"] == {
        "instance_id": "i1",
        "process": "shipping",
        "keys": ["SO-1", "T-1"],
        "customer": KEY.pseudonym("anna"),
        "tier": "gold",
        "region": "uk",
        "version": "7",
        "started_at": at(0),
        "ended_at": at(4),
        "completed_at": at(4),
        "updated_at": at(4),
    }
    course = found["course"]
    assert [(one["step"], one["at"], one["told_at"]) for one in course.pop("steps")] == [
        ("unnamed:p1", at(0), at(0)),
        ("s-p2", at(1), at(4)),
        ("s-p3", at(2), at(4)),
        ("s-p4", at(3.5), at(4)),
        ("unnamed:p5", at(4), at(4)),
    ]
    one = {"started_at": None, "ended_by": "complete"}
    assert course == {
        "state": "completed",
        "path": [
            {**one, "activity": "pick", "ended_at": at(1), "team": "floor"},
            {**one, "activity": "check", "ended_at": at(2), "team": "quality"},
            {**one, "activity": "pick", "ended_at": at(3.5), "team": "floor"},
        ],
        "loops": [{"activity": "pick", "times": 2}],
        "handoffs": [
            {"at": at(2), "from_team": "floor", "to_team": "quality", "activity": "check"},
            {"at": at(3.5), "from_team": "quality", "to_team": "floor", "activity": "pick"},
        ],
        "pauses": [
            {"after": "pick", "before": "check", "seconds": 3600.0},
            {"after": "check", "before": "pick", "seconds": 5400.0},
        ],
        "attributes": {"items": 3, "site": "north"},
        "attributes_total": 2,
        "steps_total": 5,
    }
    alert = await world.alert_of("drivers")
    assert (found["linked_total"], [one["alert_id"] for one in found["linked"]], linked) == (
        2,
        [None, alert["alert_id"]],
        [
            ("t1", "ticket", 0.85, "delivery", found["linked"][0]["severity"], "late"),
            ("r1-1", "instance_id", 1.0, "delivery", found["linked"][1]["severity"], "late, write to [email]"),
        ],
    )


async def test_an_instance_whose_one_step_was_withdrawn_has_none_and_is_found_by_any_id(small_world: World) -> None:
    await small_world.push(timedelta(), instance("a/b c", event_id="p1", withdrawn=True))
    found = await small_world.read(path(quote("a/b c", safe="")))
    assert (found["instance"]["instance_id"], found["course"]["steps"], found["course"]["state"]) == (
        "a/b c",
        [],
        "running",
    )


@pytest.mark.parametrize("asked", [path("i2"), path("i1", "returns"), path("i1", "Shipping")])
async def test_what_is_unknown_or_of_another_process_is_not_found(small_world: World, asked: str) -> None:
    await small_world.push(timedelta(), instance("i1", event_id="p1"))
    answer = await small_world.get(asked)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_an_answer_is_bounded_and_counts_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MOST_STEPS", 2)
    monkeypatch.setattr(instances, "MOST_LINKED", 1)
    await world.push(timedelta(), *(done(f"p{hour}", hour, "pick", "floor") for hour in range(4)))
    await world.push(HOUR, survey("r1", 0, correlation={"instance": "i1"}))
    await world.push(2 * HOUR, survey("r2", 0, correlation={"instance": "i1"}))
    found = await world.read(path("i1"))
    assert [one["event_id"] for one in found["course"]["steps"]] == ["p2", "p3"]
    assert [one["event_id"] for one in found["linked"]] == ["r2-1"]
    assert (found["course"]["steps_total"], found["linked_total"]) == (4, 2)
