"""Late cases and customers at risk on each adapter; and that no two writers of PostgreSQL miss one another."""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.core.link.keys import instance_key
from service.core.pipeline.judge import MOST_UNRESOLVED, Entry, needs
from service.core.pipeline.rules import compile_playbook
from service.core.records.needs import Needs
from service.core.records.words import AlertState
from service.ports import ConflictError, Lease, Store
from service.runtime.batch import Ran, run_batch
from service.runtime.due import run_due
from tests.builders import KEY, START, instance, make_playbook, read_event, survey, ticket
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, days, partition, retold

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        processes=[
            {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "48h"},
            {"id": "returns", "name": "Returns", "team": "refunds"},
        ],
        high_value={"tiers": ["gold"]},
        at_risk={"cases": 3, "within": "30d", "team": "legal"},
    )
)
LIMIT = START + 48 * HOUR


async def decide(store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime = START) -> Ran:
    """Decide events that happened at a time, then, as often as the store asks for it."""
    records = [read_event(event, at, RULES, place) for place, event in enumerate(events)]
    while True:
        try:
            return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: at)
        except ConflictError:
            continue


def case(number: int, lifecycle: str = "start", tier: str = "gold") -> dict[str, Any]:
    return instance(f"i{number}", event_id=f"i{number}-{lifecycle}-{tier}", lifecycle=lifecycle, tier=tier)


def complaint(number: int, customer: str | None = "anna", change: str = "created", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    given = {"priority": "urgent", "body": "late", "status": "open", "customer": customer}
    return ticket(change, f"t{number}", event_id=f"t{number}-{change}", **(given | more))


async def alerts(rig: Rig, kind: str) -> list[Mapping[str, Any]]:
    return [one for one in await retold(rig.archive, "alerts") if one["kind"] == kind]


async def test_instances_are_listed_when_they_may_be_late_the_earliest_first(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, case(2), case(1), case(4, tier="plain"), at=START + HOUR)).lease
    lease = (await decide(rig.store, lease, case(3))).lease
    assert await rig.store.next_due() == LIMIT
    assert await rig.store.due_instances(LIMIT - timedelta(microseconds=1), 10) == []
    assert await rig.store.due_instances(LIMIT, 10) == ["i3"]
    assert await rig.store.due_instances(LIMIT + HOUR, 10) == ["i3", "i1", "i2"]
    assert await rig.store.due_instances(LIMIT + HOUR, 2) == ["i3", "i1"]
    lease = (await decide(rig.store, lease, case(3, "complete"), case(1, tier="plain"), at=START + 2 * HOUR)).lease
    assert await rig.store.due_instances(LIMIT + days(9), 10) == ["i2"]
    # One that started earlier than was known.
    await decide(rig.store, lease, instance("i2", event_id="earlier"), at=START)
    assert await rig.store.next_due() == LIMIT
    assert await rig.store.due_instances(LIMIT, 10) == ["i2"]


async def test_a_late_case_is_told_once_and_resolved_by_its_end(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, case(1), case(2))).lease
    assert await run_due(rig.store, RULES, LIMIT + HOUR) == {("drivers", "opened"): 2}
    assert await rig.store.due_instances(LIMIT + days(9), 10) == []
    ran = await decide(rig.store, lease, case(1, "complete"), at=LIMIT + 2 * HOUR)
    assert (ran.notices, ran.books.verdicts) == ({("drivers", "resolved"): 1}, {("", "recorded"): 1})
    found = {
        (one["opened_at"], one["state"], one["resolved_at"], one["events"]) for one in await alerts(rig, "late_case")
    }
    assert found == {
        ("2026-05-06T09:00:00Z", "resolved", "2026-05-06T11:00:00Z", 1),
        ("2026-05-06T09:00:00Z", "open", None, 1),
    }
    shown = [await rig.desk.alert(one["alert_id"]) for one in await alerts(rig, "late_case")]
    assert {one.linked for one in shown if one is not None} == {("i1",), ("i2",)}


async def test_more_instances_than_one_round_takes_are_all_told_of(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(rig.store, lease, *(case(number) for number in range(600)))
    assert await run_due(rig.store, RULES, LIMIT + HOUR) == {("drivers", "opened"): 600}


async def test_what_is_unresolved_is_loaded_whenever_it_began_the_latest_first(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for day in range(4):
        lease = (await decide(rig.store, lease, complaint(day), at=START + days(100 * day))).lease
    lease = (await decide(rig.store, lease, survey("r1", 9, "great"), complaint(8, "ben"), complaint(9, "cleo"))).lease
    done = complaint(3, change="status", status="solved", body=None)
    await decide(rig.store, lease, done, at=START + days(300) + HOUR)
    anna, at = KEY.pseudonym("anna"), frozenset({START + days(500)})

    async def loaded(unresolved: int) -> list[str]:
        wanted = Needs(customers={anna: at, KEY.pseudonym("ben"): at}, unresolved=unresolved)
        async with rig.store.transaction() as transaction:
            facts = await transaction.load(wanted)
            assert list(facts.members) == []
        return sorted(key.subject for key in facts.contributions)

    assert await loaded(0) == []
    assert await loaded(2) == ["ticket/t1", "ticket/t2", "ticket/t8"]
    assert await loaded(9) == ["ticket/t0", "ticket/t1", "ticket/t2", "ticket/t8"]


async def test_a_customer_is_at_risk_by_cases_of_any_batch(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number in range(4):
        at = START + days(number)
        lease = (await decide(rig.store, lease, complaint(number), at=at)).lease
    (one,) = await alerts(rig, "at_risk")
    assert (one["state"], one["team"], one["events"], one["members"]) == (
        "open",
        "legal",
        4,
        ["t0-created", "t1-created", "t2-created", "t3-created"],
    )
    for number in range(2):
        done = complaint(number, change="status", status="solved", body=None)
        lease = (await decide(rig.store, lease, done, at=START + days(5))).lease
    (one,) = await alerts(rig, "at_risk")
    assert (one["state"], one["events"], one["members"]) == ("resolved", 0, [])


def test_nothing_more_is_asked_for_where_nobody_can_be_at_risk() -> None:
    reading = read_event(complaint(1), START, RULES).read
    entry = Entry(position=0, read=reading, now=START)
    assert needs([entry.read], RULES).unresolved == MOST_UNRESOLVED
    assert needs([entry.read], compile_playbook(make_playbook())).unresolved == 0


@pytest.mark.every_postgres
@pytest.mark.parametrize("first", ["the timer", "the end"])
async def test_whichever_comes_first_of_an_end_and_its_timer_no_alert_is_left_open(
    postgres_rig: PostgresRig, first: str
) -> None:
    store = postgres_rig.store
    lease = (await decide(store, await claimed(store), case(1))).lease
    at = LIMIT + timedelta(seconds=1)

    async def end() -> object:
        return await decide(store, lease, case(1, "complete"), at=at)

    async def timer() -> object:
        return await run_due(store, RULES, at)

    async with store.transaction() as holding:
        await holding.load(Needs(link_keys=(instance_key("i1"),)))
        tasks = []
        for work in (timer, end) if first == "the timer" else (end, timer):
            tasks.append(asyncio.create_task(work()))
            await _until_so_many_wait(postgres_rig, len(tasks))
    await asyncio.gather(*tasks)
    await run_due(store, RULES, at + days(1))
    assert [one["state"] for one in await alerts(postgres_rig, "late_case")] == ["resolved"]
    notices = await retold(postgres_rig.archive, "notices")
    assert notices == []


async def _until_so_many_wait(rig: PostgresRig, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            if await rig.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") >= count:
                return


@pytest.mark.every_postgres
async def test_writers_side_by_side_count_a_customer_s_cases_right(postgres_rig: PostgresRig) -> None:
    leases = await postgres_rig.store.claim([partition(number) for number in range(8)])

    async def write(number: int) -> None:
        dice, lease = random.Random(number), leases[number]
        for step in range(6):
            new = number * 100 + step
            events = [complaint(new, dice.choice(("anna", "ben"))), case(dice.randrange(5))]
            if step > 2:
                events.append(complaint(new - 2, change="status", status="solved", body=None, customer=None))
            lease = (await decide(postgres_rig.store, lease, *events, at=START + step * HOUR)).lease

    await asyncio.gather(*(write(number) for number in range(8)))
    counted = await postgres_rig.pool.fetch(
        "SELECT customer, count(*) AS cases FROM contribution WHERE unresolved GROUP BY customer"
    )
    told = [await postgres_rig.desk.alert(one["alert_id"]) for one in await alerts(postgres_rig, "at_risk")]
    assert {one.fields["customer"]: (one.events, one.state) for one in told if one is not None} == {
        row["customer"]: (row["cases"], AlertState.OPEN) for row in counted
    }
    assert sum(row["cases"] for row in counted) == 8 * 3
