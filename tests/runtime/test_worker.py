"""One partition, whatever fails: every record is decided once, in order, or becomes a dead letter."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest

from service.adapters.memory import MemoryShelf, MemoryStore
from service.adapters.meter import PrometheusMeter
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.feedback import Message
from service.core.records.heard import Asked, Heard
from service.ports import ConflictError, FencedError, Lease, OutcomeUnknownError, OutOfReachError, PartitionKey
from service.runtime.health import Health
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import StreamTime, Timekeeper, WallTime
from service.runtime.worker import Limits, Worker
from tests.builders import KEY, START, make_playbook, survey
from tests.listening import WORDS, WordClassifier, digest_of, listening, listening_rules, model_file
from tests.runtime.rigging import TOPIC, FaultyStore, ListedPartition, Moment, SlowStore, key, message
from tests.waiting import until

RULES = compile_playbook(make_playbook())
OTHER = compile_playbook(make_playbook(name="Another small shop"))
# Here "late" is no word of any category.
_SLOW = {
    "taxonomy": [
        {"id": "delivery", "label": {"en": "Delivery"}, "keywords": {"en": ["slow"]}, "process": "shipping"},
        {"id": "refund", "label": {"en": "Refund"}, "keywords": {"en": ["refund"]}, "process": "returns"},
        {"id": "safety", "label": {"en": "Safety"}, "keywords": {"en": ["fire"]}, "process": "shipping"},
    ]
}


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


class Rig:
    def __init__(
        self,
        store: MemoryStore,
        *,
        rows: int = 500,
        contributions: int = 8_000,
        timekeeper: Timekeeper | None = None,
    ) -> None:
        self.store = store
        self.health = Health()
        self.meter = PrometheusMeter()
        self.rulebook = Rulebook(RULES, _no_other_rules)
        self.worker = Worker(
            store,
            self.rulebook,
            KEY,
            timekeeper or WallTime(Moment()),
            watch=self.health,
            meter=self.meter,
            limits=Limits(rows=rows, contributions=contributions),
        )

    async def drive(self, messages: Sequence[Message], partition: int = 0) -> ListedPartition:
        (lease,) = await self.store.claim([key(partition)])
        listed = ListedPartition(lease, messages)
        async with asyncio.timeout(10):
            await self.worker.drive(listed)
        return listed

    async def lines(self) -> list[tuple[str, str]]:
        return [(line["event_id"], line["verdict"]) async for line in self.store.feedback()]

    def counted(self, metric: str) -> str:
        lines = self.meter.text().decode().splitlines()
        return " ".join(line.split(" ")[1] for line in lines if line.startswith(f"feedback_router_{metric}"))


def _surveys(count: int) -> list[Message]:
    return [message(survey(f"r{at}", 0, customer=f"c{at}"), at) for at in range(count)]


async def test_every_record_is_decided_once_and_the_lease_stands_behind_the_last() -> None:
    rig = Rig(MemoryStore())
    partition = await rig.drive(_surveys(5))
    assert await rig.lines() == [("r0-1", "opened"), *((f"r{at}-1", "merged") for at in range(1, 5))]
    lease = await rig.store.lease(key())
    assert (lease and lease.next_offset, partition.next_offset) == (5, 5)


async def test_what_no_team_owns_is_counted_unless_it_is_quiet() -> None:
    rig = Rig(MemoryStore())
    said = [survey("r0", 0, "hm"), survey("r1", 0, "late"), survey("r2", 10, "hm"), survey("r3", 0, "hm")]
    await rig.drive([message(event, at) for at, event in enumerate(said)])
    assert rig.counted('orphans_total{reason="no_owner"}') == "2.0"
    assert rig.counted("orphans_total") == "2.0"


async def test_a_batch_has_at_most_the_rows_that_are_allowed() -> None:
    store = FaultyStore()
    await Rig(store, rows=2).drive(_surveys(5))
    assert store.batches == [2, 2, 1]


async def test_a_batch_has_at_most_the_rows_that_are_allowed_where_one_message_holds_many_records() -> None:
    store = FaultyStore()
    source = {"kind": "survey", "topic": TOPIC, "items": "rows", "subject": "id", "id": "id", "time": {"value": "at"}}
    rig = Rig(store, rows=7)
    rig.rulebook.rules = compile_playbook(make_playbook(sources={"many": source}))
    rows = [[{"id": f"{name}{at}", "at": START.isoformat()} for at in range(3)] for name in "abcd"]
    await rig.drive([message(orjson.dumps({"rows": one}), at) for at, one in enumerate(rows)])
    assert store.batches == [6, 6]


async def test_a_batch_has_fewer_rows_where_each_brings_much_that_its_customer_said_before() -> None:
    store = FaultyStore()
    said = [message(survey(f"r{at}", 0, customer="anna"), at) for at in range(40)]
    await Rig(store, rows=10, contributions=20).drive(said)
    # All of hers are at hand each time: one for each of the first ten rows, two, three, six, and thirteen.
    assert store.batches == [10, 10, 10, 6, 3, 1]


async def test_a_conflict_is_tried_again_from_the_first_statement() -> None:
    store = FaultyStore()
    store.before = [ConflictError("deadlock"), ConflictError("deadlock")]
    rig = Rig(store)
    await rig.drive(_surveys(3))
    assert (len(await rig.lines()), store.batches) == (3, [3])
    assert rig.counted('retries_total{reason="conflict"}') == "2.0"


async def test_a_store_out_of_reach_is_waited_for_and_told_of_meanwhile() -> None:
    store = FaultyStore()
    store.before = [OutOfReachError("no answer")] * 3
    rig = Rig(store)
    partition = await rig.drive(_surveys(3))
    assert (len(await rig.lines()), rig.health.unready()) == (3, ())
    assert [0.05 <= rest <= 0.4 for rest in partition.rests] == [True] * 3


async def test_a_commit_whose_reply_was_lost_is_not_repeated_when_it_counts() -> None:
    store = FaultyStore()
    store.after = [OutcomeUnknownError("connection lost")]
    rig = Rig(store)
    await rig.drive(_surveys(3))
    assert (len(await rig.lines()), store.batches, (await store.books()).duplicate) == (3, [3], 0)


async def test_a_commit_whose_reply_was_lost_is_repeated_when_it_does_not_count() -> None:
    store = FaultyStore()
    store.before = [OutcomeUnknownError("connection lost")]
    rig = Rig(store)
    await rig.drive(_surveys(3))
    assert (len(await rig.lines()), store.batches) == (3, [3])


async def test_an_owner_that_was_fenced_writes_nothing() -> None:
    store = MemoryStore()
    (stale,) = await store.claim([key()])
    await store.claim([key()])
    rig = Rig(store)
    with pytest.raises(FencedError):
        await rig.worker.drive(ListedPartition(stale, _surveys(3)))
    assert await rig.lines() == []


async def test_an_owner_that_was_fenced_while_a_reply_was_lost_stops() -> None:
    class TakenOver(FaultyStore):
        async def lease(self, key: PartitionKey) -> Lease | None:
            await self.claim([key])
            return await super().lease(key)

    store = TakenOver()
    store.after = [OutcomeUnknownError("connection lost")]
    with pytest.raises(FencedError):
        await Rig(store).drive(_surveys(1))


@pytest.mark.parametrize("poison", [0, 3, 7])
async def test_a_record_that_the_store_refuses_becomes_a_dead_letter_and_the_others_are_decided(poison: int) -> None:
    store = FaultyStore()
    store.poison = {f"r{poison}-1"}
    rig = Rig(store)
    await rig.drive(_surveys(8))
    letters = [
        (letter.offset, letter.rejected.stage.value, letter.rejected.reason) for letter in store.rows.dead_letters
    ]
    assert letters == [(poison, "save", "refused_by_store")]
    assert sorted(name for name, _ in await rig.lines()) == [f"r{at}-1" for at in range(8) if at != poison]
    assert (await store.books()).consumed == 8


async def test_a_refused_record_leaves_no_identity_so_that_it_may_come_again() -> None:
    store = FaultyStore()
    store.poison = {"r1-1"}
    await Rig(store).drive(_surveys(2))
    assert store.rows.identities == {("/surveys", "r0-1")}


async def test_another_playbook_becomes_active_between_two_batches() -> None:
    store = FaultyStore()
    rig = Rig(store, rows=2)

    async def rules_for(digest: str) -> Rules:
        assert digest == OTHER.digest
        return OTHER

    told: list[str] = []

    async def changed(rules: Rules) -> None:
        told.append(rules.digest)

    rulebook = Rulebook(RULES, rules_for, changed)
    rig.worker = Worker(
        store, rulebook, KEY, WallTime(Moment()), watch=rig.health, meter=rig.meter, limits=Limits(rows=2)
    )
    await MemoryShelf(store).activate(OTHER.digest, "other", {}, START)
    await rig.drive(_surveys(4))
    assert (rulebook.rules.digest, told, len(await rig.lines())) == (OTHER.digest, [OTHER.digest], 4)


class Dribbling(ListedPartition):
    """Gives one message at a time; who does not wait does not find that it ended."""

    async def take(self, *, rows: int, size: int, linger: float, patience: float) -> tuple[Message, ...]:
        if patience <= 0 and self.at_end:
            return ()
        return await super().take(rows=min(rows, 1), size=size, linger=linger, patience=patience)


async def _dribbling(store: MemoryStore, *counts: int) -> list[Dribbling]:
    leases = await store.claim([key(number) for number in range(len(counts))])
    return [
        Dribbling(
            lease,
            [message(survey(f"p{number}-{at}", 0, "late"), at, partition=number) for at in range(count)],
        )
        for number, (lease, count) in enumerate(zip(leases, counts, strict=True))
    ]


@pytest.mark.parametrize(("rows", "batches"), [(500, [1, 6]), (2, [1, 4, 1, 1])])
async def test_what_comes_while_a_transaction_is_under_way_is_decided_in_the_next_for_all_partitions(
    rows: int, batches: list[int]
) -> None:
    store = SlowStore()
    rig = Rig(store, rows=rows)
    partitions = await _dribbling(store, 1, 3, 3)
    running = [asyncio.create_task(rig.worker.drive(one)) for one in partitions]
    await store.begun.acquire()
    await until(lambda: all(one.at_end or one.given == rows for one in partitions))
    store.let()
    async with asyncio.timeout(10):
        await asyncio.gather(*running)
    assert (store.batches, [one.next_offset for one in partitions]) == (batches, [1, 3, 3])


async def test_what_was_read_by_other_rules_is_read_anew_though_another_partition_has_turned_to_them() -> None:
    store = SlowStore()
    rig, other = Rig(store), compile_playbook(make_playbook(**_SLOW))

    async def rules_for(_: str) -> Rules:
        return other

    rulebook = Rulebook(RULES, rules_for)
    limits = Limits()
    rig.worker = Worker(store, rulebook, KEY, WallTime(Moment()), watch=rig.health, meter=rig.meter, limits=limits)
    await MemoryShelf(store).activate(other.digest, "other", {}, START)
    partitions = await _dribbling(store, 1, 1, 1)
    running = [asyncio.create_task(rig.worker.drive(one)) for one in partitions]
    await store.begun.acquire()
    await until(lambda: all(one.at_end for one in partitions))
    store.let()
    async with asyncio.timeout(10):
        await asyncio.gather(*running)
    assert rig.counted('category_total{method="none"}') == "3.0"
    assert rig.counted('category_total{method="keyword"}') == ""


async def test_a_lost_partition_is_left_as_it_is() -> None:
    store = MemoryStore()
    (lease,) = await store.claim([key()])
    partition = ListedPartition(lease, _surveys(3))
    partition.lost.set()
    rig = Rig(store)
    await rig.worker.drive(partition)
    assert await rig.lines() == []


async def test_under_the_stream_clock_what_is_due_runs_before_the_record_that_makes_it_due() -> None:
    store = MemoryStore()
    rig = Rig(store, timekeeper=StreamTime(store, cluster="test", group="test"))
    await rig.drive(
        [
            message(survey("r1", 0, "late"), 0, minutes=0),
            message(survey("r2", 0, "late", customer="ben"), 1, minutes=0),
            message(survey("r3", 0, "refund", customer="eva"), 2, minutes=90),
        ]
    )
    first = min(store.rows.notices, key=lambda notice: notice.at)
    assert (first.at, first.alert.customers) == (START + timedelta(seconds=60), 2)


async def test_under_the_stream_clock_partitions_go_by_event_time_whatever_the_gaps() -> None:
    store = FaultyStore()
    timekeeper = StreamTime(store, cluster="test", group="test")
    rig = Rig(store, rows=1, timekeeper=timekeeper)
    await store.claim([key(0), key(1)])
    hours = [(0, 0), (1, 1), (0, 30), (1, 31), (0, 60), (1, 90)]
    logs = {
        number: [
            message(survey(f"p{number}-{at}", 9, customer=f"c{at}"), offset, minutes=at * 60, partition=number)
            for offset, at in enumerate(at for owner, at in hours if owner == number)
        ]
        for number in (0, 1)
    }
    async with asyncio.timeout(10):
        await asyncio.gather(*(rig.drive(log, number) for number, log in logs.items()))
    assert [event_id for event_id, _ in store.order] == [f"p{owner}-{at}-1" for owner, at in hours]
    nows = [now for _, now in store.order]
    assert nows == sorted(nows)


async def test_a_classifier_is_asked_beside_the_loop_and_what_it_says_is_counted() -> None:
    rig = Rig(MemoryStore())
    rig.rulebook.rules = listening_rules()
    texts = ["the courier came", "late courier", "late and charged", "hm", ""]
    await rig.drive([message(survey(f"r{at}", 0, text), at) for at, text in enumerate(texts)])
    assert [rig.counted(f'category_total{{method="{method}"}}') for method in ("model", "keyword", "none")] == [
        "1.0",
        "2.0",
        "2.0",
    ]
    uses = ("decided", "agreed", "contradicted", "abstained")
    assert [rig.counted(f'classifier_said_total{{use="{use}"}}') for use in uses] == ["1.0", "1.0", "1.0", "2.0"]
    reasons = ("no_text", "out_of_scope")
    assert [rig.counted(f'classifier_abstained_total{{reason="{reason}"}}') for reason in reasons] == ["1.0", "1.0"]
    assert rig.counted('stage_seconds_count{stage="classify"}') == "1.0"


async def test_while_a_classifier_thinks_the_loop_does_other_things() -> None:
    loop, asked_for, release = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    class Slow(WordClassifier):
        def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
            loop.call_soon_threadsafe(asked_for.set)
            assert release.wait(10)
            return super().hear(asked)

    async def meanwhile() -> None:
        await asked_for.wait()
        release.set()

    rig, body = Rig(MemoryStore()), model_file()
    rig.rulebook.rules = compile_playbook(listening(), Slow(digest=digest_of(body), words=WORDS))
    await asyncio.gather(rig.drive([message(survey("r1", 0, "courier"), 0)]), meanwhile())
    assert await rig.lines() == [("r1-1", "opened")]
