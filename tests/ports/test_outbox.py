"""The relay's side of the outbox: order, numbers without a gap, and fencing, while writers go on."""

import asyncio
from collections.abc import Sequence

import pytest

from service.adapters.postgres import PostgresOutbox, PostgresStore
from service.adapters.postgres.saving import shard_of
from service.core.records.facts import Facts
from service.ports import FencedError, Numbered, Outgoing, Saving
from tests.builders import START
from tests.ports.conftest import PostgresRig

pytestmark = [pytest.mark.postgres, pytest.mark.every_postgres]


def _outgoing(owner: str, number: int) -> Outgoing:
    key = owner.encode()
    return Outgoing(owner=owner, topic="queue.desk", values=((key, b"%d" % number), (b"", b"\x00\xff")))


async def _write(store: PostgresStore, owner: str, numbers: Sequence[int]) -> None:
    """Write rows of one owner under its gate, as every writer does."""
    async with store.transaction() as transaction:
        await transaction.load_alerts(Facts(), [f"gate of {owner}"])
        outgoing = [_outgoing(owner, number) for number in numbers]
        await transaction.save(Saving(facts=Facts(), digest="d", now=START, outgoing=outgoing))


async def _drain(outbox: PostgresOutbox, shard: int, epoch: int, limit: int) -> list[Numbered]:
    found: list[Numbered] = []
    published = 0
    while rows := await outbox.number(shard, epoch, limit, published):
        found += rows
        published = rows[-1].publish_seq
    return found


async def test_rows_come_in_the_order_they_were_written_and_stay_until_published(postgres_rig: PostgresRig) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    await _write(postgres_rig.store, "a", range(5))
    rows = await outbox.number(0, epoch, 3)
    assert [(row.publish_seq, row.outgoing) for row in rows] == [(at + 1, _outgoing("a", at)) for at in range(3)]
    assert await outbox.number(0, epoch, 3) == rows
    assert [row.publish_seq for row in await outbox.number(0, epoch, 9, 2)] == [3, 4, 5]
    assert await postgres_rig.pool.fetchval("SELECT count(*) FROM outbox") == 3
    await _write(postgres_rig.store, "a", [5])
    assert [(row.publish_seq, row.outgoing) for row in await outbox.number(0, epoch, 9, 5)] == [(6, _outgoing("a", 5))]


async def test_places_have_no_bound_that_rows_of_years_would_reach(postgres_rig: PostgresRig) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    await _write(postgres_rig.store, "a", [0])
    assert [row.publish_seq for row in await outbox.number(0, epoch, 9, 2**40)] == [2**40 + 1]


async def test_who_relays_is_told_of_commits_that_left_rows_and_of_no_other(postgres_rig: PostgresRig) -> None:
    told: list[int] = []
    pool = postgres_rig.pool
    store = PostgresStore(pool, on_outgoing=lambda: told.append(1))
    await _write(store, "a", [])
    assert told == []
    async with store.transaction() as transaction:
        await transaction.save(Saving(facts=Facts(), digest="d", now=START, outgoing=[_outgoing("a", 0)]))
        assert told == []
    assert told == [1]
    await _write(store, "a", range(2))
    assert (told, await pool.fetchval("SELECT count(*) FROM outbox")) == ([1, 1], 3)


async def test_numbers_have_no_gap_and_an_alert_keeps_its_order_while_many_write(postgres_rig: PostgresRig) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    owners = [f"alert-{number}" for number in range(4)]

    async def write(writer: int) -> None:
        for step in range(6):
            owner = owners[(writer + step) % len(owners)]
            async with postgres_rig.store.transaction() as transaction:
                await transaction.load_alerts(Facts(), [owner])
                drawn = await postgres_rig.pool.fetchval("SELECT count(*) FROM outbox WHERE owner = $1", owner)
                outgoing = [_outgoing(owner, drawn), _outgoing(owner, drawn + 1)]
                await transaction.save(Saving(facts=Facts(), digest="d", now=START, outgoing=outgoing))

    async with asyncio.TaskGroup() as group:
        for writer in range(6):
            group.create_task(write(writer))
        early = [row for _ in range(10) for row in await outbox.number(0, epoch, 5)]
    found = await _drain(outbox, 0, epoch, 7)
    assert [row.publish_seq for row in found] == list(range(1, 73))
    assert {row.publish_seq: row.outgoing for row in early}.items() <= {
        row.publish_seq: row.outgoing for row in found
    }.items()
    for owner in owners:
        numbers = [int(row.outgoing.values[0][1]) for row in found if row.outgoing.owner == owner]
        assert numbers == list(range(len(numbers)))


async def test_a_relay_whose_shard_was_taken_is_fenced(postgres_rig: PostgresRig) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    stale = await outbox.claim_shard(0, "one")
    await _write(postgres_rig.store, "a", range(2))
    epoch = await outbox.claim_shard(0, "two")
    with pytest.raises(FencedError):
        await outbox.number(0, stale, 5)
    with pytest.raises(FencedError):
        await outbox.number(0, stale, 5, 2)
    with pytest.raises(FencedError):
        await outbox.number(1, epoch, 5)
    assert len(await outbox.number(0, epoch, 5)) == 2


async def test_each_shard_numbers_its_own_rows(postgres_rig: PostgresRig) -> None:
    outbox, store = PostgresOutbox(postgres_rig.pool), PostgresStore(postgres_rig.pool, shards=2)
    owners = ["", *(f"alert-{number}" for number in range(6))]
    for owner in owners:
        await _write(store, owner, [0])
    found = {shard: await _drain(outbox, shard, await outbox.claim_shard(shard, "me"), 9) for shard in range(2)}
    for shard, rows in found.items():
        assert [row.outgoing.owner for row in rows] == [owner for owner in owners if shard_of(owner, 2) == shard]
        assert [row.publish_seq for row in rows] == list(range(1, len(rows) + 1))
    assert shard_of("", 2) == 0


async def test_the_oldest_row_says_since_when_the_relay_is_behind(postgres_rig: PostgresRig) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    assert await outbox.oldest() is None
    before = await postgres_rig.pool.fetchval("SELECT clock_timestamp()")
    await _write(postgres_rig.store, "a", range(2))
    oldest = await outbox.oldest()
    assert oldest is not None
    assert before <= oldest
    await _drain(outbox, 0, epoch, 9)
    assert await outbox.oldest() is None


async def test_numbers_go_on_above_what_kafka_has_when_the_server_lost_its_last_commits(
    postgres_rig: PostgresRig,
) -> None:
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    assert await outbox.number(0, epoch, 9, 150) == []
    await _write(postgres_rig.store, "a", [0])
    assert [row.publish_seq for row in await outbox.number(0, epoch, 9)] == [151]


async def test_rows_that_an_earlier_release_wrote_are_sent_as_they_are(postgres_rig: PostgresRig) -> None:
    await postgres_rig.pool.execute(
        "INSERT INTO outbox (shard, owner, topic, keys, values) VALUES (0, 'a', 'queue.desk', $1, $2)",
        [b"a", b""],
        [b"0", b"\x00\xff"],
    )
    outbox = PostgresOutbox(postgres_rig.pool)
    rows = await outbox.number(0, await outbox.claim_shard(0, "me"), 9)
    assert [row.outgoing for row in rows] == [_outgoing("a", 0)]


async def test_rows_are_read_up_to_a_bound_of_bytes_and_one_at_least(
    postgres_rig: PostgresRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.postgres.outbox._MOST_BYTES", 4)
    outbox = PostgresOutbox(postgres_rig.pool)
    epoch = await outbox.claim_shard(0, "me")
    await _write(postgres_rig.store, "a", range(5))
    assert [row.publish_seq for row in await outbox.number(0, epoch, 9)] == [1, 2]
    assert [row.publish_seq for row in await outbox.number(0, epoch, 9, 2)] == [3, 4]
