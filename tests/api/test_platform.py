from datetime import timedelta
from typing import Any

from prometheus_client import Counter

from service import __version__
from service.adapters.meter import PrometheusMeter
from service.ports import PartitionKey
from service.runtime.timekeeping import WallTime
from service.runtime.watchdog import Bounds, Watchdog
from tests.api.world import World
from tests.builders import START, survey


async def test_a_service_in_order_is_alive_and_ready_and_says_its_guarantee(small_world: World) -> None:
    assert await small_world.read("/livez") == {"alive": True, "stuck": []}
    assert await small_world.read("/readyz") == {
        "ready": True,
        "status": "ready",
        "reasons": [],
        "faults": [],
        "relay_guarantee": "transactional",
        "version": __version__,
        "classifier": None,
    }


async def test_a_service_that_is_not_ready_tells_why(small_world: World) -> None:
    small_world.health.fault("postgres", "does not answer")
    small_world.health.drain()
    answer = await small_world.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["draining", "postgres: does not answer"])


def watchdog_of(world: World, at: timedelta) -> Watchdog:
    bounds = Bounds(late_timers=300, stuck_relay=120, unread_arbitration=43_200)
    wall = WallTime(lambda: START + at)
    return Watchdog(
        *(world.store, world.lookout, world.active, wall),
        by_wall=True,
        bounds=bounds,
        watch=world.health,
        meter=PrometheusMeter(),
    )


async def test_what_all_replicas_share_degrades_a_service_and_takes_it_out_of_no_rotation(world: World) -> None:
    await world.push(timedelta(), survey("r1", 0, "hm"))
    await watchdog_of(world, timedelta(hours=13)).look()
    degraded = await world.read("/readyz")
    late, unread = 13 * 3600 - 60, 13 * 3600
    assert (degraded["ready"], degraded["status"], degraded["reasons"]) == (True, "degraded", [])
    # Rows of the outbox are as old as the database's own clock says, which no test moves.
    faults = {one["fault"]: one["detail"] for one in degraded["faults"] if one["fault"] != "stuck_relay"}
    assert faults == {
        "late_timers": f"the earliest was due {late} s ago and was not run",
        "unread_arbitration": f"the oldest waits for {unread} s",
    }
    world.health.drain()
    answer = await world.get("/readyz")
    assert (answer.status_code, answer.json()["status"], len(answer.json()["faults"])) == (
        503,
        "not_ready",
        len(degraded["faults"]),
    )


async def test_an_act_on_what_waits_ends_the_fault(small_world: World) -> None:
    await small_world.push(timedelta(), survey("r1", 0, "hm"))
    await small_world.wait(timedelta(hours=13))
    watchdog = watchdog_of(small_world, timedelta(hours=13))
    await watchdog.look()
    before = [one["fault"] for one in (await small_world.read("/readyz"))["faults"]]
    alert = await small_world.alert_of("judges")
    body = {"revision": alert["revision"], "by": "ana"}
    answer = await small_world.client.post(f"/v1/alerts/{alert['alert_id']}/resolve", json=body)
    assert answer.status_code == 200, answer.text
    await watchdog.look()
    assert (before, await small_world.read("/readyz")) == (
        ["unread_arbitration"],
        {
            "ready": True,
            "status": "ready",
            "reasons": [],
            "faults": [],
            "relay_guarantee": "transactional",
            "version": __version__,
            "classifier": None,
        },
    )


async def test_a_partition_that_stands_still_makes_the_service_not_alive(small_world: World) -> None:
    small_world.health.behind(PartitionKey(cluster="c", group="g", topic="t", partition=3), 7)
    small_world.seconds = 1_000.0
    answer = await small_world.get("/livez")
    assert (answer.status_code, answer.json()) == (503, {"alive": False, "stuck": ["t/3"]})


async def test_the_figures_are_those_of_the_registry(small_world: World) -> None:
    Counter("notices", "Notices.", registry=small_world.registry).inc(3)
    answer = await small_world.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "notices_total 3.0" in answer.text.splitlines()


async def test_the_description_names_every_operation_once_and_every_error_a_problem(small_world: World) -> None:
    described = await small_world.read("/openapi.json")
    operations: list[dict[str, Any]] = [
        operation for path in described["paths"].values() for operation in path.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert [one["operationId"] for one in operations if not one.get("summary") or len(one["tags"]) != 1] == []
    kinds = {
        kind
        for operation in operations
        if operation["tags"] != ["platform"]
        for status, response in operation["responses"].items()
        if int(status) >= 400
        for kind in response["content"]
    }
    assert kinds == {"application/problem+json"}
    assert {"HTTPValidationError", "ValidationError"} & set(described["components"]["schemas"]) == set()


async def test_the_description_names_the_paths_that_are_promised(small_world: World) -> None:
    described = await small_world.read("/openapi.json")
    assert set(described["paths"]) == {
        "/livez",
        "/metrics",
        "/readyz",
        "/v1/alerts/batch",
        "/v1/alerts/{alert_id}",
        "/v1/alerts/{alert_id}/ack",
        "/v1/alerts/{alert_id}/cause",
        "/v1/alerts/{alert_id}/claim",
        "/v1/alerts/{alert_id}/dispute",
        "/v1/alerts/{alert_id}/events",
        "/v1/alerts/{alert_id}/explain",
        "/v1/alerts/{alert_id}/note",
        "/v1/alerts/{alert_id}/notices",
        "/v1/alerts/{alert_id}/picture",
        "/v1/alerts/{alert_id}/reassign",
        "/v1/alerts/{alert_id}/reopen",
        "/v1/alerts/{alert_id}/resolve",
        "/v1/alerts/{alert_id}/snooze",
        "/v1/alerts/{alert_id}/timeline",
        "/v1/alerts/{alert_id}/unclaim",
        "/v1/alerts/{alert_id}/unsnooze",
        "/v1/audit",
        "/v1/corrections",
        "/v1/dead-letters",
        "/v1/dead-letters/{number}",
        "/v1/dead-letters/{number}/requeue",
        "/v1/erasures",
        "/v1/channels",
        "/v1/channels/{channel}/test",
        "/v1/deliveries",
        "/v1/deliveries/{delivery}",
        "/v1/deliveries/{delivery}/retry",
        "/v1/events",
        "/v1/events/{source}/{id}/explain",
        "/v1/events/{source}/{id}/refile",
        "/v1/identities/{ref}",
        "/v1/identities/{ref}/joins/{other}/lift",
        "/v1/identities/{ref}/joins/{other}/split",
        "/v1/intake/{source}",
        "/v1/me",
        "/v1/models",
        "/v1/models/{digest}",
        "/v1/playbook",
        "/v1/playbook/history",
        "/v1/playbook/{digest}",
        "/v1/processes/{process}/instances/{instance_id}",
        "/v1/processes/{process}/versions",
        "/v1/reviews",
        "/v1/reviews/agenda",
        "/v1/reviews/{alert_id}",
        "/v1/reviews/{alert_id}/cause",
        "/v1/reviews/{alert_id}/action",
        "/v1/rules/corrections",
        "/v1/rules/noise",
        "/v1/rules/proposals",
        "/v1/scorecards",
        "/v1/scorecards/closed-loop",
        "/v1/silences",
        "/v1/silences/preview",
        "/v1/silences/{silence_id}",
        "/v1/silences/{silence_id}/extend",
        "/v1/silences/{silence_id}/lift",
        "/v1/teams",
        "/v1/teams/{team}/digests",
        "/v1/teams/{team}/stream",
        "/v1/teams/{team}/queue",
    }
