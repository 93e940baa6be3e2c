"""What the instances behind an alert have oftener than others, and two versions side by side."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.api.world import World
from tests.builders import START, instance, survey

HOUR = timedelta(hours=1)


def at(hours: float) -> str:
    return (START + hours * HOUR).isoformat().replace("+00:00", "Z")


async def ran(world: World) -> None:
    """Let 90 instances run: 30 of version 7 go round a loop, and of these 12 are complained of, of the others 3."""
    told: list[dict[str, Any]] = []
    for number in range(90):
        name, new = f"i{number:02}", number < 30
        told.append(instance(name, event_id=f"{name}-b", version="7" if new else "6", time=at(0 if new else -1)))
        path = ["check", "correct", "check"] if new else ["check"]
        told += [
            instance(
                name,
                event_id=f"{name}-{place}",
                activity=activity,
                lifecycle="complete",
                team="floor",
                time=at(1 + place),
                step=f"s-{place}",
            )
            for place, activity in enumerate(path)
        ]
    await world.push(5 * HOUR, *told)
    complained = [*range(12), 40, 50, 60]
    await world.push(
        6 * HOUR,
        *(
            survey(f"r{number}", 0, "late", customer=f"c{number}", correlation={"instance": f"i{number:02}"})
            for number in complained
        ),
    )


async def test_an_alert_says_what_its_instances_have_oftener_than_others(world: World) -> None:
    await ran(world)
    alert = await world.alert_of("drivers")
    found = await world.read(f"/v1/alerts/{alert['alert_id']}/cause")
    (one,) = found.pop("findings")
    assert found == {
        "alert_id": alert["alert_id"],
        "status": "found",
        "association": "associated_with",
        "compared": {
            "process": "shipping",
            "category": "delivery",
            "region": None,
            "since": found["compared"]["since"],
            "until": found["compared"]["until"],
            "of": "alert",
        },
        "instances": 90,
        "instances_in_all": 90,
        "negative": 15,
        "weight": 1.0,
        "outage": {"instances": 0, "negative": 0},
        "features": found["features"],
        "more": 0,
        "handoffs": [],
    }
    assert one["feature"] == {"kind": "version", "value": "7", "words": "the version is 7"}
    assert {(also["kind"], also["value"]) for also in one["also"]} >= {("loop", "check"), ("activity", "correct")}
    assert (one["having"]["instances"], one["having"]["negative"], one["having"]["share"]) == (30, 12, 0.4)
    assert (one["others"]["instances"], one["others"]["negative"], one["others"]["share"]) == (60, 3, 0.05)
    assert (one["lift"], one["lift_within_outages"], one["explained_by"]) == (8.0, 8.0, None)
    assert one["examples"] == ["i00", "i01", "i02", "i03", "i04"]
    assert one["words"].startswith("Associated with complaints: the version is 7. 12 of 30 such instances")


async def test_an_alert_of_few_instances_names_nothing(world: World) -> None:
    await world.push(timedelta(), survey("r1", 0, "late"))
    alert = await world.alert_of("drivers")
    found = await world.read(f"/v1/alerts/{alert['alert_id']}/cause")
    assert (found["status"], found["negative"], found["findings"]) == ("too_few_negatives", 0, [])


async def test_an_alert_that_is_none_has_no_cause(small_world: World) -> None:
    answer = await small_world.get(f"/v1/alerts/{uuid4()}/cause")
    assert answer.status_code == 404


async def test_the_two_latest_versions_are_compared_where_none_is_named(world: World) -> None:
    await ran(world)
    found = await world.read("/v1/processes/shipping/versions")
    assert (found["before"]["version"], found["after"]["version"], found["verdict"]) == ("6", "7", "worse")
    assert (found["before"]["instances"], found["before"]["negative"]) == (60, 3)
    assert (found["after"]["instances"], found["after"]["negative"], found["after"]["rate"]) == (30, 12, 0.4)
    assert found["difference"] == 0.35
    assert 0 < found["low"] < 0.35 < found["high"]
    turned = await world.read("/v1/processes/shipping/versions", params={"before": "7", "after": "6"})
    assert (turned["verdict"], turned["difference"]) == ("better", -0.35)


async def test_versions_that_are_not_known_are_too_few_or_not_found(small_world: World) -> None:
    path = "/v1/processes/shipping/versions"
    assert (await small_world.get(path)).status_code == 404
    named = await small_world.read(path, params={"before": "1", "after": "2"})
    assert (named["verdict"], named["difference"], named["before"]["rate"]) == ("too_few", None, None)
    empty = await small_world.get(path, params={"from": at(2), "to": at(1)})
    assert (empty.status_code, empty.json()["type"].rpartition(":")[2]) == (422, "bad-period")
