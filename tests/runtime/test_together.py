"""Batches that come while a transaction is under way: decided together, and each answered for itself."""

import asyncio
from collections.abc import Sequence

import pytest

from service.core.pipeline.rules import compile_playbook
from service.ports import FencedError, Lease, OutcomeUnknownError, RefusedError
from service.runtime.batch import Batch, Ran
from service.runtime.together import Together
from tests.builders import START, make_playbook, read_event, survey
from tests.runtime.rigging import SlowStore, key

RULES = compile_playbook(make_playbook())


async def _leases(store: SlowStore, count: int) -> list[Lease]:
    return list(await store.claim([key(partition) for partition in range(count)]))


def _batch(lease: Lease, *names: str, customer: str | None = None) -> Batch:
    said = [survey(name, 0, customer=customer or name) for name in names]
    records = [read_event(event, START, RULES, at) for at, event in enumerate(said)]
    return Batch(lease=lease, records=records, next_offset=len(names), now_of=lambda _: START)


async def _under_way(store: SlowStore, together: Together, batches: Sequence[Batch]) -> list["asyncio.Task[Ran]"]:
    """Ask for all, the first of which is under way before the others come."""
    running = [asyncio.create_task(together.run(one, RULES)) for one in batches]
    await store.begun.acquire()
    return running


async def _run(store: SlowStore, together: Together, batches: Sequence[Batch]) -> list[Ran | BaseException]:
    running = await _under_way(store, together, batches)
    store.let()
    async with asyncio.timeout(10):
        return await asyncio.gather(*running, return_exceptions=True)


def _sizes(found: Sequence[Ran | BaseException]) -> list[int | str]:
    return [one.books.consumed if isinstance(one, Ran) else type(one).__name__ for one in found]


async def test_who_comes_while_others_are_under_way_is_decided_with_all_that_wait() -> None:
    store = SlowStore()
    leases = await _leases(store, 4)
    batches = [_batch(leases[0], "a"), _batch(leases[1], "b", "c"), _batch(leases[2], "d"), _batch(leases[3])]
    found = await _run(store, Together(store, rows=10, contributions=8_000), batches)
    assert (_sizes(found), store.batches) == ([1, 2, 1, 0], [1, 3])
    assert [one.lease.next_offset for one in found if isinstance(one, Ran)] == [1, 2, 1, 0]
    assert [await store.lease(one.key) for one in leases] == [one.lease for one in found if isinstance(one, Ran)]
    assert (await store.books()).consumed == 4


async def test_notices_of_a_transaction_are_told_of_once() -> None:
    store = SlowStore()
    batches = list(map(_batch, await _leases(store, 3), "abc"))
    found = [
        one for one in await _run(store, Together(store, rows=10, contributions=8_000), batches) if isinstance(one, Ran)
    ]
    assert sum((one.notices for one in found), start=found[0].notices.__class__()).total() == len(store.rows.notices)


@pytest.mark.parametrize(("rows", "sizes"), [(3, [1, 3, 2]), (2, [1, 2, 2, 1]), (0, [1, 1, 1, 1, 1, 1])])
async def test_a_transaction_has_no_more_records_than_it_may_but_for_one_batch_alone(
    rows: int, sizes: list[int]
) -> None:
    store = SlowStore()
    leases = await _leases(store, 6)
    await _run(store, Together(store, rows=rows, contributions=8_000), list(map(_batch, leases, "abcdef")))
    assert store.batches == sizes


@pytest.mark.parametrize(("contributions", "sizes"), [(100, [1, 3]), (40, [1, 1, 1, 1])])
async def test_a_transaction_has_fewer_records_where_each_brings_much_that_was_said_before(
    contributions: int, sizes: list[int]
) -> None:
    store = SlowStore()
    leases = await _leases(store, 5)
    together = Together(store, rows=10, contributions=contributions)
    before = _batch(leases[0], *(f"before-{number}" for number in range(20)), customer="anna")
    (running,) = await _under_way(store, together, [before])
    store.let(1)
    await running
    assert together.at_once == contributions
    await _run(store, together, [_batch(lease, f"now-{lease.key.partition}", customer="anna") for lease in leases[1:]])
    assert store.batches == [20, *sizes]


async def test_a_lease_that_is_lost_holds_up_nobody_else() -> None:
    store = SlowStore()
    leases = await _leases(store, 4)
    (lost,) = await store.claim([leases[2].key])
    found = await _run(store, Together(store, rows=10, contributions=8_000), list(map(_batch, leases, "abcd")))
    assert _sizes(found) == [1, 1, "FencedError", 1]
    assert await store.lease(lost.key) == lost
    assert isinstance(found[2], FencedError)


async def test_what_the_store_can_not_hold_is_refused_alone() -> None:
    store = SlowStore()
    store.poison = {"c-1"}
    found = await _run(
        store, Together(store, rows=10, contributions=8_000), list(map(_batch, await _leases(store, 4), "abcd"))
    )
    assert _sizes(found) == [1, 1, "RefusedError", 1]
    assert isinstance(found[2], RefusedError)
    books = await store.books()
    assert (books.consumed, books.accepted) == (3, 3)


async def test_all_learn_that_nobody_knows_whether_a_transaction_was_committed() -> None:
    store = SlowStore()
    running = await _under_way(
        store, Together(store, rows=10, contributions=8_000), list(map(_batch, await _leases(store, 4), "abcd"))
    )
    store.let(1)
    await running[0]
    store.after = [OutcomeUnknownError("cut")]
    store.let()
    assert _sizes(await asyncio.gather(*running[1:], return_exceptions=True)) == ["OutcomeUnknownError"] * 3


async def test_who_is_cancelled_while_it_waits_is_not_decided() -> None:
    store = SlowStore()
    running = await _under_way(
        store, Together(store, rows=10, contributions=8_000), list(map(_batch, await _leases(store, 4), "abcd"))
    )
    running[2].cancel()
    await asyncio.sleep(0)
    store.let()
    found = await asyncio.gather(*running, return_exceptions=True)
    assert (_sizes(found), store.batches) == ([1, 1, "CancelledError", 1], [1, 2])


async def test_who_is_cancelled_while_it_decides_leaves_the_others_to_ask_their_leases() -> None:
    store = SlowStore()
    running = await _under_way(
        store, Together(store, rows=10, contributions=8_000), list(map(_batch, await _leases(store, 4), "abcd"))
    )
    store.let(1)
    await store.begun.acquire()
    running[1].cancel()
    store.let()
    found = await asyncio.gather(*running, return_exceptions=True)
    assert (_sizes(found), store.batches) == ([1, "CancelledError", "OutcomeUnknownError", "OutcomeUnknownError"], [1])


async def test_who_is_cancelled_while_it_tries_one_by_one_leaves_nobody_waiting() -> None:
    store = SlowStore()
    leases = await _leases(store, 4)
    running = await _under_way(store, Together(store, rows=10, contributions=8_000), list(map(_batch, leases, "abcd")))
    await store.claim([leases[3].key])
    store.let(2)
    for _ in range(2):
        await store.begun.acquire()
    running[1].cancel()
    store.let()
    async with asyncio.timeout(10):
        found = await asyncio.gather(*running, return_exceptions=True)
    assert _sizes(found) == [1, "CancelledError", "OutcomeUnknownError", "OutcomeUnknownError"]
