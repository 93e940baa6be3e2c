"""Late links on each adapter: what waits is linked anew, in whatever order things are heard of; no lock is missed."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.records.words import AlertState
from service.ports import ConflictError, Lease, Store
from service.runtime.batch import Ran, run_batch
from service.runtime.due import run_due
from tests.builders import START, instance, make_playbook, read_event, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, retold

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        linking={"references": [{"id": "order", "form": "SO-######"}]},
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [{"id": "returned", "match": {"process": "returns"}, "team": "refunds"}],
        },
    )
)


async def decide(
    store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime = START, late: timedelta = timedelta()
) -> Ran:
    """Decide events at a time; they happened `late` before, and come as often as the store asks for it."""
    records = [read_event(event, at - late, RULES, place) for place, event in enumerate(events)]
    while True:
        try:
            return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: at)
        except ConflictError:
            continue


def ordered(number: int, name: str = "r1", score: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    correlation = {"process": "shipping", "business_key": f"SO-{number}"}
    return survey(name, score, correlation=correlation, **more)


def engine(name: str, event_id: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance(name, event_id=event_id or f"{name}-start", **more)


async def links(rig: Rig) -> dict[str, tuple[str, str, str | None]]:
    """Return by event the method, the reason and the instance."""
    found = {}
    for row in await retold(rig.archive, "feedback"):
        link = row["link"]
        found[row["event_id"]] = (link["method"], link["reason"], link["instance_id"])
    return found


async def test_a_complaint_that_came_before_its_instance_is_linked_when_that_comes(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), ordered(7, text="late"))).lease
    assert await links(rig) == {"r1-1": ("not_found", "key_unknown", None)}
    await run_due(rig.store, RULES, START + HOUR)
    (before,) = await retold(rig.archive, "alerts")
    ran = await decide(rig.store, lease, engine("i1", keys=["SO-7"], process="returns"), at=START + days(2))
    # That was another process: the same number there is another order.
    assert await links(rig) == {"r1-1": ("not_found", "key_unknown", None)}
    await decide(rig.store, ran.lease, engine("i2", keys=["SO-7"]), at=START + days(2))
    assert await links(rig) == {"r1-1": ("business_key", "sole_carrier", "i2")}
    (after,) = await retold(rig.archive, "alerts")
    assert (after["alert_id"], after["state"], after["events"]) == (before["alert_id"], "open", 1)
    shown = await rig.desk.alert(after["alert_id"])
    assert shown is not None
    assert shown.linked == ("i2",)


async def test_a_late_link_hands_the_feedback_over_to_the_owner_of_its_process(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), survey("r1", 0, "hm"))).lease
    await run_due(rig.store, RULES, START + HOUR)
    await decide(rig.store, lease, engine("i1", process="returns", customer="anna"), at=START + 2 * HOUR, late=3 * HOUR)
    assert await links(rig) == {"r1-1": ("customer", "sole_candidate", "i1")}
    await run_due(rig.store, RULES, START + days(1))
    found = {(one["team"], one["process"]) for one in await retold(rig.archive, "alerts") if one["state"] == "open"}
    assert found == {("refunds", "returns")}


async def test_what_waited_too_long_stays_as_it_is(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), ordered(7))).lease
    await decide(rig.store, lease, engine("i1", keys=["SO-7"]), at=START + timedelta(hours=72, microseconds=1))
    assert await links(rig) == {"r1-1": ("not_found", "key_unknown", None)}


async def test_the_link_is_told_again_with_a_higher_revision(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), ordered(7))).lease
    await decide(rig.store, lease, engine("i1", keys=["SO-7"]), at=START + HOUR)
    (row,) = await retold(rig.archive, "feedback")
    assert (row["verdict"], row["link"]["instance_id"]) == ("opened", "i1")


@pytest.mark.parametrize("order", list(permutations(range(4)))[::4])
async def test_the_order_in_which_things_are_heard_of_changes_no_link(rig: Rig, order: tuple[int, ...]) -> None:
    events = [
        ordered(7),
        engine("i1", keys=["SO-7"], customer="ben"),
        engine("i2", keys=["SO-7"]),
        survey("r2", 1, "my SO 000 0l2", customer="cleo"),
    ]
    lease = await claimed(rig.store)
    for at in order:
        lease = (await decide(rig.store, lease, events[at], at=START + at * HOUR)).lease
    assert await links(rig) == {
        "r1-1": ("business_key", "shared_key", None),
        "r2-1": ("not_found", "key_unknown", None),
    }
    late = engine("i3", keys=["SO-000012"], customer="cleo")
    await decide(rig.store, lease, late, at=START)
    assert (await links(rig))["r2-1"] == ("reference", "reference_in_text", "i3")


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_ticket_that_was_merged_leads_to_the_instance_of_the_other(rig: Rig, order: tuple[int, ...]) -> None:
    events = [
        survey("r1", 0, correlation={"ticket_ref": "t1"}),
        ticket("merged", "t1", event_id="t1-merged", merged_into="t2"),
        engine("i1", keys=["t2"]),
    ]
    lease = await claimed(rig.store)
    for at in order:
        lease = (await decide(rig.store, lease, events[at], at=START + at * HOUR)).lease
    assert (await links(rig))["r1-1"] == ("ticket", "ticket_merged", "i1")


async def test_a_withdrawn_complaint_waits_for_nothing(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), ordered(7, revision=1))).lease
    gone = ordered(7, revision=2, state="deleted")
    lease = (await decide(rig.store, lease, gone, at=START + HOUR)).lease
    await decide(rig.store, lease, engine("i1", keys=["SO-7"]), at=START + 2 * HOUR)
    (alert,) = await retold(rig.archive, "alerts")
    assert (alert["state"], alert["events"]) == (AlertState.RESOLVED.value, 0)


async def test_feedback_and_instances_at_once_never_miss_each_other(rig: Rig) -> None:
    leases = [await claimed(rig.store, number) for number in range(4)]

    async def feedback(lease: Lease, first: int) -> None:
        for number in range(first, first + 20):
            one = ordered(number, f"r{number}") if number % 2 else survey(f"r{number}", 0, customer=f"c{number}")
            lease = (await decide(rig.store, lease, one)).lease

    async def instances(lease: Lease, first: int) -> None:
        for number in range(first, first + 20):
            keys = [f"SO-{number}"] if number % 2 else []
            one = engine(f"i{number}", keys=keys, customer=f"c{number}" if not number % 2 else None)
            lease = (await decide(rig.store, lease, one)).lease

    await asyncio.gather(
        feedback(leases[0], 0), instances(leases[1], 0), feedback(leases[2], 20), instances(leases[3], 20)
    )
    found = await links(rig)
    assert {name: instance for name, (_, _, instance) in found.items()} == {f"r{n}-1": f"i{n}" for n in range(40)}
