"""Batches of several partitions in one transaction leave what they leave one after the other, on every adapter."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.adapters.memory import MemoryStore
from service.ports import FencedError, Lease
from service.runtime.batch import Batch, run_batches
from tests.builders import START, read_event, survey
from tests.ports.conftest import Rig
from tests.ports.deciding import RULES, claimed, complaint, decide, told

pytestmark = pytest.mark.postgres

# The second tells of a customer of the first, joins its alert, and brings an event of it once more.
FIRST = (complaint(1), complaint(2), survey("r3", 5, "fine", customer="customer-1"))
SECOND = (complaint(4, customer="customer-1"), complaint(2), complaint(5))


def batch(lease: Lease, *events: Mapping[str, Any]) -> Batch:
    records = [read_event(event, START, RULES, at) for at, event in enumerate(events)]
    return Batch(lease=lease, records=records, next_offset=len(records), now_of=lambda _: START)


async def test_batches_of_two_partitions_leave_what_they_leave_one_after_the_other(rig: Rig) -> None:
    alone = MemoryStore()
    for number, events in enumerate((FIRST, SECOND)):
        await decide(alone, await claimed(alone, number), *events)
    leases = [await claimed(rig.store, number) for number in range(2)]
    ran = await run_batches(rig.store, [batch(leases[0], *FIRST), batch(leases[1], *SECOND)], RULES)
    assert await told(rig.archive) == await told(alone)
    assert [(one.books.consumed, one.books.accepted, one.books.duplicate) for one in ran] == [(3, 3, 0), (3, 2, 1)]
    assert [await rig.store.lease(one.lease.key) for one in ran] == [one.lease for one in ran]


async def test_a_transaction_that_loses_one_lease_moves_none(rig: Rig) -> None:
    leases = [await claimed(rig.store, number) for number in range(2)]
    taken = await claimed(rig.store, 1)
    with pytest.raises(FencedError):
        await run_batches(rig.store, [batch(leases[0], *FIRST), batch(leases[1], *SECOND)], RULES)
    assert [await rig.store.lease(one.key) for one in leases] == [leases[0], taken]
