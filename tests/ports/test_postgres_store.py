"""What only a real database can show: writers side by side, lost replies, refused values, a server that dies."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from service.adapters.postgres import Limits, PostgresStore, open_pool
from service.core.pipeline.cadence import Tick
from service.core.records.facts import Facts, FeedbackRow
from service.core.records.needs import Needs
from service.core.records.words import TickKind
from service.embedded.postgres import EmbeddedPostgres
from service.ports import ConflictError, FencedError, Lease, OutcomeUnknownError, OutOfReachError, RefusedError, Saving
from tests.builders import START, survey
from tests.ports.conftest import PostgresRig
from tests.ports.cutting import Loss, cutting
from tests.ports.deciding import claimed, complaint, decide, decide_stubbornly, partition, retold

pytestmark = [pytest.mark.postgres, pytest.mark.every_postgres]


async def test_a_zombie_that_waited_for_its_lease_is_fenced(postgres_rig: PostgresRig) -> None:
    zombie = await claimed(postgres_rig.store)
    async with postgres_rig.pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE partition_lease SET epoch = epoch + 1")
        writing = asyncio.create_task(decide(postgres_rig.store, zombie, complaint(1)))
        await _until_somebody_waits(postgres_rig)
    with pytest.raises(FencedError):
        await writing
    assert await retold(postgres_rig.archive, "feedback") == []


async def test_a_claim_waits_for_the_batch_in_flight_and_takes_over_where_it_ends(postgres_rig: PostgresRig) -> None:
    lease = await claimed(postgres_rig.store)
    async with postgres_rig.store.transaction() as transaction:
        await transaction.advance([(lease, lease.moved(7, START))])
        claiming = asyncio.create_task(claimed(postgres_rig.store))
        await _until_somebody_waits(postgres_rig)
    taken = await claiming
    assert (taken.epoch, taken.next_offset) == (lease.epoch + 1, 7)


async def test_leases_are_moved_together_or_not_at_all(postgres_rig: PostgresRig) -> None:
    leases = await postgres_rig.store.claim([partition(number) for number in (2, 0, 1)])
    moves = [(lease, lease.moved(7, START)) for lease in leases]
    await claimed(postgres_rig.store, 1)
    with pytest.raises(FencedError, match=r"t/1 is no longer at epoch 1"):
        await _advance(postgres_rig.store, moves)
    await _advance(postgres_rig.store, moves[:2])
    held = [await postgres_rig.store.lease(partition(number)) for number in range(3)]
    assert [one.next_offset for one in held if one is not None] == [7, None, 7]


async def _advance(store: PostgresStore, moves: Sequence[tuple[Lease, Lease]]) -> None:
    async with store.transaction() as transaction:
        await transaction.advance(moves)


async def test_ticks_are_remembered_until_a_lease_is_claimed_again(postgres_rig: PostgresRig) -> None:
    first, second = (Tick(kind=TickKind.DAYS, ends_at=START + timedelta(days=number)) for number in (1, 2))
    store = postgres_rig.store

    async def ask(*ticks: Tick) -> set[datetime]:
        async with store.transaction() as transaction:
            due = {tick: tick.ends_at for tick in ticks}
            await transaction.save(Saving(facts=Facts(), digest="d", now=START, ticks=due))
        rows = await postgres_rig.pool.fetch("DELETE FROM tick RETURNING ends_at")
        return {row["ends_at"] for row in rows}

    assert await ask(first) == {first.ends_at}
    assert await ask(first, second) == {second.ends_at}
    await claimed(store)
    assert await ask(first) == {first.ends_at}


async def test_identities_are_counted_once_among_many_writers(postgres_rig: PostgresRig) -> None:
    pairs = [(f"source-{number % 3}", str(number)) for number in range(200)]

    async def admit(seed: int) -> int:
        mine = random.Random(seed).sample(pairs, 150)
        async with postgres_rig.store.transaction() as transaction:
            return len(await transaction.admit(mine))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(admit(seed)) for seed in range(12)]
    assert sum(task.result() for task in tasks) == await postgres_rig.pool.fetchval(
        "SELECT count(*) FROM event_identity"
    )


async def test_fifty_writers_on_one_key_open_one_alert(postgres_rig: PostgresRig) -> None:
    leases = await postgres_rig.store.claim([partition(number) for number in range(50)])
    ran = await asyncio.gather(
        *(decide_stubbornly(postgres_rig.store, lease, complaint(at)) for at, lease in enumerate(leases))
    )
    verdicts: Counter[tuple[str, str]] = sum((Counter(one.books.verdicts) for one in ran), Counter())
    assert verdicts == {("drivers", "opened"): 1, ("drivers", "merged"): 49}
    (alert,) = await retold(postgres_rig.archive, "alerts")
    assert (alert["events"], alert["customers"], alert["episode"]) == (50, 50, 1)
    assert len(alert["members"]) == 50


async def test_writers_that_share_subjects_customers_and_keys_neither_deadlock_nor_miscount(
    postgres_rig: PostgresRig,
) -> None:
    leases = await postgres_rig.store.claim([partition(number) for number in range(8)])
    conflicts = 0

    async def write(number: int) -> None:
        nonlocal conflicts
        dice, lease = random.Random(number), leases[number]
        for step in range(8):
            events = [
                survey(
                    f"r{dice.randrange(20)}",
                    dice.choice((0, 9)),
                    dice.choice(("late", "refund", "fire", "hm")),
                    event_id=f"{number}-{step}-{at}",
                    customer=f"customer-{dice.randrange(10)}",
                    revision=dice.randrange(1, 5),
                )
                for at in range(10)
            ]
            while True:
                try:
                    lease = (await decide(postgres_rig.store, lease, *events)).lease
                    break
                except ConflictError:
                    conflicts += 1

    await asyncio.gather(*(write(number) for number in range(8)))
    assert conflicts == 0
    books = await postgres_rig.archive.books()
    assert books.consumed == 640 == books.accepted + books.superseded
    assert await postgres_rig.pool.fetch(_MISCOUNTED) == []


_MISCOUNTED = """
SELECT a.alert_id FROM alert a LEFT JOIN member m ON m.alert_id = a.alert_id
GROUP BY a.alert_id HAVING a.events <> count(m.*) OR a.customers <> count(DISTINCT m.customer)
UNION ALL
SELECT alert_key FROM alert WHERE state = 'open' GROUP BY alert_key HAVING count(*) > 1
UNION ALL
SELECT m.source FROM member m LEFT JOIN contribution c USING (source, subject, part) WHERE c.source IS NULL
"""


@pytest.mark.parametrize(
    "identity", [("a", "nul \x00"), ("a", "half a pair \ud800")], ids=["a zero byte", "half a surrogate pair"]
)
async def test_a_text_that_can_not_be_held_is_refused_without_being_quoted(
    postgres_rig: PostgresRig, identity: tuple[str, str]
) -> None:
    with pytest.raises(RefusedError) as refused:
        async with postgres_rig.store.transaction() as transaction:
            await transaction.admit([("a", "1"), identity])
    assert "nul" not in str(refused.value)
    assert "half" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert not await postgres_rig.desk.admitted("a", "1")


async def test_a_revision_that_no_bigint_holds_is_refused(postgres_rig: PostgresRig) -> None:
    lease = await claimed(postgres_rig.store)
    with pytest.raises(RefusedError):
        async with postgres_rig.store.transaction() as transaction:
            await transaction.advance([(lease, lease.moved(2**63, None))])


async def test_a_swallowed_failure_can_not_be_committed(postgres_rig: PostgresRig) -> None:
    async def swallow() -> None:
        async with postgres_rig.store.transaction() as transaction:
            with pytest.raises(RefusedError):
                await transaction.admit([("a", "\x00")])

    with pytest.raises(RuntimeError):
        await swallow()


async def test_a_correlation_key_is_held_until_the_end_and_leaves_nothing_behind(postgres_rig: PostgresRig) -> None:
    order: list[str] = []

    async def second() -> None:
        async with postgres_rig.store.transaction() as transaction:
            await transaction.load(Needs(link_keys=("a",)))
            order.append("second")

    async with postgres_rig.store.transaction() as transaction:
        await transaction.load(Needs(link_keys=("a", "b")))
        waiting = asyncio.create_task(second())
        await _until_somebody_waits(postgres_rig)
        order.append("first")
    await waiting
    assert order == ["first", "second"]
    assert await postgres_rig.pool.fetchval("SELECT count(*) FROM correlation_key") == 0


async def test_a_transaction_that_loses_a_deadlock_is_told_to_start_again(postgres_rig: PostgresRig) -> None:
    # Locks in the wrong order, as no writer of ours takes them.
    async with postgres_rig.store.transaction() as transaction:
        await transaction.load(Needs(link_keys=("a", "b")))
    met = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with postgres_rig.store.transaction() as transaction:
            await transaction.load(Needs(link_keys=(first,)))
            await met.wait()
            await transaction.load(Needs(link_keys=(second,)))

    results = await asyncio.gather(lock("a", "b"), lock("b", "a"), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [ConflictError]


async def test_a_lock_that_does_not_come_is_a_conflict(postgres_rig: PostgresRig) -> None:
    lease = await claimed(postgres_rig.store)
    hasty = await open_pool(postgres_rig.dsn, size=1, limits=Limits(lock=0.05))
    async with postgres_rig.store.transaction() as transaction:
        await transaction.advance([(lease, lease.moved(1, None))])
        with pytest.raises(ConflictError):
            await PostgresStore(hasty).claim([lease.key])
    await hasty.close()


async def test_a_session_that_idles_in_its_transaction_is_out_of_reach(postgres_rig: PostgresRig) -> None:
    lease = await claimed(postgres_rig.store)
    hasty = await open_pool(postgres_rig.dsn, size=1, limits=Limits(idle_in_transaction=0.05))

    async def idle() -> None:
        async with PostgresStore(hasty).transaction() as transaction:
            await transaction.advance([(lease, lease.moved(1, None))])
            await _until_nobody_is_in_a_transaction(postgres_rig)
            await transaction.admit([("a", "1")])

    with pytest.raises(OutOfReachError):
        await idle()
    assert await postgres_rig.store.lease(lease.key) == lease
    assert await PostgresStore(hasty).lease(lease.key) == lease
    await hasty.close()


@pytest.mark.parametrize(("loss", "next_offset"), [(Loss.REPLY, 1), (Loss.REQUEST, None)])
async def test_a_commit_without_a_reply_is_settled_by_the_lease(
    postgres_rig: PostgresRig, loss: Loss, next_offset: int | None
) -> None:
    async with cutting(postgres_rig.dsn) as cutter:
        pool = await open_pool(cutter.dsn, size=1)
        store = PostgresStore(pool)
        lease = await claimed(store)
        cutter.loss = loss
        with pytest.raises(OutcomeUnknownError):
            await decide(store, lease, complaint(1))
        cutter.loss = Loss.NOTHING
        found = await store.lease(lease.key)
        assert found is not None
        assert (found.epoch, found.next_offset) == (lease.epoch, next_offset)
        await decide(store, found, complaint(1), complaint(2))
        await pool.close()
    assert [line["event_id"] for line in await retold(postgres_rig.archive, "feedback")] == ["r1-1", "r2-1"]


async def test_a_server_that_dies_is_out_of_reach_and_loses_only_what_was_open(
    killable_postgres: EmbeddedPostgres,
) -> None:
    pool = await open_pool(killable_postgres.dsn, size=2)
    store = PostgresStore(pool)
    lease = (await decide(store, await claimed(store), complaint(1))).lease

    async def die() -> None:
        async with store.transaction() as transaction:
            await transaction.advance([(lease, lease.moved(9, None))])
            killable_postgres.kill()
            await transaction.admit([("a", "1")])

    with pytest.raises(OutOfReachError):
        await die()
    with pytest.raises(OutOfReachError):
        await store.lease(lease.key)
    await asyncio.to_thread(killable_postgres.restart)
    assert (await decide(store, lease, complaint(2))).books.accepted == 1
    await pool.close()


async def test_feedback_of_a_month_without_a_partition_is_kept_all_the_same(postgres_rig: PostgresRig) -> None:
    now = await postgres_rig.pool.fetchval("SELECT now()")
    facts = Facts()
    for name, received_at in (("old", START.replace(year=1999)), ("new", now)):
        facts.rows["s", name] = _row(name, received_at)
    async with postgres_rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=now))
    rows = await postgres_rig.pool.fetch("SELECT event_id, tableoid::regclass::text AS place FROM feedback")
    assert {row["event_id"]: row["place"] for row in rows} == {
        "old": "feedback_default",
        "new": f"feedback_y{now:%Y}m{now:%m}",
    }


async def test_a_new_subject_of_which_nothing_new_is_said_leaves_no_row(postgres_rig: PostgresRig) -> None:
    events = [complaint(number) for number in (1, 2)]
    await postgres_rig.pool.execute(
        "INSERT INTO event_identity (source, id) VALUES ($1, $2)", events[0]["source"], events[0]["id"]
    )
    await decide(postgres_rig.store, await claimed(postgres_rig.store), *events)
    rows = await postgres_rig.pool.fetch("SELECT subject, event_id, began_at, withdrawn FROM subject")
    assert [tuple(row) for row in rows] == [("response/r2", "r2-1", START, False)]


async def test_a_month_is_made_again_when_its_feedback_comes(postgres_rig: PostgresRig) -> None:
    now = await postgres_rig.pool.fetchval("SELECT now()")
    name = f"feedback_y{now:%Y}m{now:%m}"
    await postgres_rig.pool.execute(f"DROP TABLE {name}")
    await claimed(postgres_rig.store)
    assert await postgres_rig.pool.fetchval("SELECT to_regclass($1)::text", name) == name


def _row(name: str, received_at: datetime) -> FeedbackRow:
    document = {"occurred_at": START.isoformat(), "revision": 1, "subject": "r1"}
    return FeedbackRow(source="s", event_id=name, received_at=received_at, document=document, explanation={})


async def _until_somebody_waits(rig: PostgresRig) -> None:
    await _until(rig, "SELECT count(*) FROM pg_locks WHERE NOT granted", lambda waiting: waiting > 0)


async def _until_nobody_is_in_a_transaction(rig: PostgresRig) -> None:
    text = (
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    )
    await _until(rig, text, lambda idle: idle == 0)


async def _until(rig: PostgresRig, text: str, holds: Callable[[int], bool]) -> None:
    """Ask until it holds, for 20 s at most."""
    async with asyncio.timeout(20):
        while True:
            if holds(await rig.pool.fetchval(text)):
                return
