"""The relay over a real outbox: whatever breaks, each row is published once more at most, and in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresOutbox, PostgresStore, open_pool
from service.adapters.postgres.pool import Pool
from service.core.contracts.outgoing import CONTENT_TYPE
from service.core.records.facts import Facts
from service.ports import FencedError, Numbered, Outgoing, OutOfReachError, Saving
from service.runtime.bell import Bell
from service.runtime.health import Health
from service.runtime.relay import Relay, headers_of
from tests.builders import START
from tests.waiting import until


class Topic:
    """What readers of committed records see, and the marker, over all publishers of one shard."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.marker = 0
        self.faults: list[Exception] = []
        self.opened = 0
        self.late_faults: list[Exception] = []


class Publisher:
    """Publishes atomically, until another is opened. Before it does, or after, it fails as the topic says."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._number = 0

    async def open(self) -> int:
        self._topic.opened += 1
        self._number = self._topic.opened
        return self._topic.marker

    async def publish(self, rows: Sequence[Numbered]) -> None:
        if self._number != self._topic.opened:
            raise FencedError("another publisher was opened")
        if self._topic.faults:
            raise self._topic.faults.pop(0)
        self._topic.values += [value for row in rows for _, value in row.outgoing.values]
        self._topic.marker = rows[-1].publish_seq
        if self._topic.late_faults:
            raise self._topic.late_faults.pop(0)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database)
    yield opened
    await opened.close()


async def _write(pool: Pool, *numbers: int, bell: Bell | None = None) -> None:
    """Writes one outbox row for each number, as a transaction that decided something would."""
    async with PostgresStore(pool, on_outgoing=(bell or Bell()).ring).transaction() as transaction:
        rows = [Outgoing(owner="alert", topic="queue.desk", values=((b"alert", b"%d" % number),)) for number in numbers]
        await transaction.save(Saving(facts=Facts(), digest="d", now=START, outgoing=rows))


def _relay(
    pool: Pool,
    topic: Topic,
    health: Health | None = None,
    utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    standby_seconds: float = 0.04,
    bell: Bell | None = None,
) -> Relay:
    return Relay(
        PostgresOutbox(pool),
        lambda: Publisher(topic),
        shard=0,
        owner="tests",
        watch=health or Health(),
        meter=PrometheusMeter(),
        bell=bell,
        utc_now=utc_now,
        standby_seconds=standby_seconds,
    )


async def _run(relay: Relay, until_true: Callable[[], object]) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    await until(until_true)
    stop.set()
    await task


async def test_rows_leave_in_order_and_are_forgotten(pool: Pool) -> None:
    await _write(pool, 1, 2, 3)
    topic = Topic()
    await _run(_relay(pool, topic), lambda: len(topic.values) >= 3)
    assert (topic.values, await PostgresOutbox(pool).oldest()) == ([b"1", b"2", b"3"], None)


async def test_what_was_written_before_the_stop_still_leaves(pool: Pool) -> None:
    await _write(pool, *range(250))
    topic = Topic()
    await _run(_relay(pool, topic), lambda: True)
    assert topic.values == [b"%d" % number for number in range(250)]


async def test_a_commit_that_rings_the_bell_is_relayed_at_once(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.runtime.relay._LAST_POLL_SECONDS", 60.0)
    topic, bell, stop = Topic(), Bell(), asyncio.Event()
    task = asyncio.create_task(_relay(pool, topic, bell=bell).run(stop))
    for number in range(3):
        await _write(pool, number, bell=bell)
        await until(lambda: len(topic.values) > number)  # noqa: B023 (it is awaited within the turn)
    stop.set()
    bell.ring()
    await task
    assert topic.values == [b"0", b"1", b"2"]


async def test_rows_that_were_published_before_a_crash_are_forgotten_and_not_sent_again(pool: Pool) -> None:
    topic = Topic()
    topic.late_faults = [OutOfReachError("the reply was lost")]
    await _write(pool, 1, 2)
    await _run(_relay(pool, topic), lambda: topic.opened >= 2)
    await _write(pool, 3)
    await _run(_relay(pool, topic), lambda: len(topic.values) >= 3)
    assert topic.values == [b"1", b"2", b"3"]


async def test_rows_that_were_not_published_are_sent_by_the_next_publisher(pool: Pool) -> None:
    topic, health = Topic(), Health()
    topic.faults = [OutOfReachError("no answer")] * 2
    await _write(pool, 1, 2)
    await _run(_relay(pool, topic, health), lambda: len(topic.values) >= 2)
    assert (topic.values, topic.opened, health.unready()) == ([b"1", b"2"], 3, ())


async def test_a_relay_waits_longer_only_while_nothing_gets_through(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def note(failed: int) -> float:
        tries.append(failed)
        return 0.0

    monkeypatch.setattr("service.runtime.relay.pause", note)
    topic, stop = Topic(), asyncio.Event()
    task = asyncio.create_task(_relay(pool, topic).run(stop))
    for number in range(3):
        topic.faults = [OutOfReachError("no answer")] * 2
        await _write(pool, number)
        await until(lambda: len(topic.values) > number)  # noqa: B023 (it is awaited within the turn)
    stop.set()
    await task
    assert tries == [1, 2] * 3


async def test_a_relay_that_was_fenced_leaves_the_shard_to_the_other_while_that_one_works(pool: Pool) -> None:
    topic = Topic()
    topic.faults = [FencedError("another publisher was opened")]
    await _write(pool, 1)
    stop = asyncio.Event()
    task = asyncio.create_task(_relay(pool, topic, utc_now=lambda: START).run(stop))
    await until(lambda: not topic.faults)
    await asyncio.sleep(0.1)
    stop.set()
    await task
    assert (topic.values, topic.opened) == ([], 1)


async def test_a_relay_that_stands_by_takes_over_when_rows_wait_for_too_long(pool: Pool) -> None:
    topic = Topic()
    topic.faults = [FencedError("another publisher was opened")]
    await _write(pool, 1)
    later = datetime.now(UTC) + timedelta(minutes=1)
    await _run(_relay(pool, topic, utc_now=lambda: later), lambda: topic.values)
    assert topic.values == [b"1"]


async def test_of_two_relays_the_later_one_holds_the_shard_and_nothing_is_told_twice(pool: Pool) -> None:
    topic, stop = Topic(), asyncio.Event()
    relays = [asyncio.create_task(_relay(pool, topic).run(stop)) for _ in range(2)]
    for number in range(40):
        await _write(pool, number)
    await until(lambda: len(topic.values) >= 40)
    stop.set()
    await asyncio.gather(*relays)
    assert topic.values == [b"%d" % number for number in range(40)]


def test_a_notice_carries_its_alert_revision_and_key_in_its_headers() -> None:
    value = orjson.dumps({"data": {"alert_id": "a-1", "revision": 3, "idempotency_key": "a-1:3", "reason": "opened"}})
    assert headers_of(value) == (
        CONTENT_TYPE,
        ("alert_id", b"a-1"),
        ("revision", b"3"),
        ("idempotency_key", b"a-1:3"),
    )


def test_a_dead_letter_has_no_alert_in_its_headers() -> None:
    value = orjson.dumps({"data": {"idempotency_key": "t:0:5:0", "reason": "tombstone"}})
    assert headers_of(value) == (CONTENT_TYPE, ("idempotency_key", b"t:0:5:0"))
