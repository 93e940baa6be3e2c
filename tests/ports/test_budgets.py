"""What a team has spent of its budget, with writers side by side."""

import asyncio
from datetime import datetime, timedelta

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.records.facts import Facts
from service.core.records.muting import Spent
from service.ports import ConflictError, Lease, Saving
from service.runtime.batch import run_batch
from tests.builders import START, make_playbook, read_event
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import complaint, partition, retold

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        fatigue={"budget": {"per_hour": 2}},
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [{"id": "owned", "team": "owner", "group_by": ["customer"]}],
        },
    )
)


@pytest.mark.every_postgres
async def test_workers_that_find_overdue_notices_at_once_do_not_go_beyond_a_budget(postgres_rig: PostgresRig) -> None:
    leases = await postgres_rig.store.claim([partition(number) for number in range(12)])
    later = START + timedelta(minutes=10)

    async def decide(lease: Lease, number: int) -> None:
        for at, name in ((START, number), (later, number + 100)):
            event = complaint(name, customer=f"customer-{number}")
            while True:
                try:
                    ran = await run_batch(
                        postgres_rig.store,
                        lease,
                        [read_event(event, at, RULES)],
                        (lease.next_offset or 0) + 1,
                        RULES,
                        lambda _, now=at: now,  # type: ignore[misc]
                    )
                except ConflictError:
                    continue
                lease = ran.lease
                break

    async with asyncio.TaskGroup() as group:
        for number, lease in enumerate(leases):
            group.create_task(decide(lease, number))
    said = await retold(postgres_rig.archive, "notices")
    assert [one["reason"] for one in said] == ["opened", "opened"]


async def test_what_one_transaction_spends_in_two_hours_counts_in_the_later_one(rig: Rig) -> None:
    async def spend(*counts: tuple[datetime, int]) -> Spent | None:
        facts = Facts()
        async with rig.store.transaction() as transaction:
            await transaction.load_budgets(facts, ["drivers"])
            for began, used in counts:
                facts.spent.put("drivers", Spent(hour=(began, used), shift=(START, used), day=(START, used)))
            await transaction.save(Saving(facts=facts, digest="", now=START))
        return facts.spent.get("drivers")

    await spend((START, 1), (START + HOUR, 1))
    await spend((START + HOUR, 2), (START + HOUR, 3))
    found = await spend()
    assert found == Spent(hour=(START + HOUR, 3), shift=(START, 3), day=(START, 3))
