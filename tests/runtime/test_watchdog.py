"""What is amiss with the shared state is found by whoever looks, however silent the loops are that serve it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.adapters.memory import MemoryLookout, MemoryStore
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresLookout, PostgresOutbox, PostgresStore, open_pool
from service.adapters.postgres.pool import Pool
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.metrics import Metric
from service.ports import Degraded, Fault, Lookout, Numbered, OutOfReachError, Queues, Waiting
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.health import Health
from service.runtime.overview import Overview
from service.runtime.relay import Relay
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.runtime.watchdog import Bounds, Seen, Timers, Watchdog, faults
from tests.builders import PARTITION, START, make_playbook, read_event, survey
from tests.runtime.rigging import Moment
from tests.waiting import until

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BOUNDS = Bounds(late_timers=300, stuck_relay=120, unread_arbitration=43_200)
RULES = compile_playbook(make_playbook())
# The same without the team that owns late deliveries.
WITHOUT_DRIVERS = compile_playbook(
    make_playbook(
        processes=[{"id": "shipping", "name": "Shipping", "team": "desk"}],
        teams=[{"id": name, "name": name} for name in ("desk", "judges", "refunds")],
        taxonomy=[{"id": "delivery", "label": {"en": "Delivery"}, "keywords": {"en": ["late"]}}],
    )
)
WELL = Seen(now=START, due_at=None, shards={}, queues=Queues(orphans=0, arbitration_since=None))


def found(seen: Seen, before: Seen | None = None) -> list[tuple[str, str]]:
    return [(one.fault.value, one.detail) for one in faults(seen, before, BOUNDS)]


def test_nothing_is_amiss_with_what_is_within_its_bounds() -> None:
    waiting = Waiting(since=START - 2 * MINUTE, first=1, taken=True)
    queues = Queues(orphans=0, arbitration_since=START - 12 * HOUR)
    assert found(Seen(now=START, due_at=START - 5 * MINUTE, shards={0: waiting}, queues=queues)) == []
    assert found(replace(WELL, due_at=START + HOUR)) == []


def test_a_delivery_that_nobody_tries_is_named_where_no_deliverer_would_say_so() -> None:
    for waited, named in ((5 * MINUTE, []), (5 * MINUTE + SECOND, ["the oldest waits for 301 s to be tried"])):
        queues = replace(WELL.queues, untried_since=START - waited)
        assert found(replace(WELL, queues=queues)) == [("late_deliveries", detail) for detail in named]


def test_what_is_beyond_its_bound_is_named_with_its_figures() -> None:
    waiting = Waiting(since=START - 2 * MINUTE - SECOND, first=1, taken=True)
    queues = Queues(orphans=3, arbitration_since=START - 12 * HOUR - SECOND)
    assert found(Seen(now=START, due_at=START - 5 * MINUTE - SECOND, shards={2: waiting}, queues=queues)) == [
        ("late_timers", "the earliest was due 301 s ago and was not run"),
        ("stuck_relay", "shard 2: rows wait for 121 s"),
        ("orphan_alerts", "open in teams that the playbook does not have: 3"),
        ("unread_arbitration", "the oldest waits for 43201 s"),
    ]


def test_a_shard_that_stands_still_is_told_from_one_that_gets_on_and_one_that_nobody_took() -> None:
    def shards(*first: int) -> Mapping[int, Waiting]:
        return {shard: Waiting(since=START - HOUR, first=one, taken=shard < 2) for shard, one in enumerate(first)}

    before, now = replace(WELL, shards=shards(10, 20, 30)), replace(WELL, shards=shards(10, 25, 30))
    assert [detail for _, detail in found(now, before)] == [
        "shard 0: rows wait for 3600 s, and none leaves",
        "shard 1: rows wait for 3600 s, and they leave",
        "shard 2: rows wait for 3600 s, and no relay was ever there",
    ]


class Rig:
    """A watchdog whose wall clock stands where it is put, over a store that may be away."""

    def __init__(self, timers: Timers, lookout: Lookout, *, by_wall: bool = True) -> None:
        self.health, self.meter, self.moment = Health(), PrometheusMeter(), Moment()
        self.away: Exception | None = None
        self.active = RULES
        self.watchdog = Watchdog(
            timers,
            lookout,
            self._rules,
            WallTime(self.moment),
            by_wall=by_wall,
            bounds=BOUNDS,
            watch=self.health,
            meter=self.meter,
        )

    async def _rules(self) -> Rules:
        if self.away is not None:
            raise self.away
        return self.active

    async def look_at(self, at: datetime) -> tuple[Degraded, ...]:
        self.moment.at = at
        await self.watchdog.look()
        return self.health.degraded()

    def gauges(self) -> dict[str, float]:
        lines = self.meter.text().decode().splitlines()
        mine = [line for line in lines if line.startswith("feedback_router_degraded{")]
        return {line.split('"')[1]: float(line.split()[1]) for line in mine}


async def decided(store: MemoryStore | PostgresStore, text: str, at: datetime = START) -> None:
    """Decide one bad answer of a new customer at a time."""
    (lease,) = await store.claim([PARTITION])
    offset = (lease.next_offset or 0) + 1
    record = read_event(survey(f"r{offset}", 0, text, customer=f"c{offset}"), at, RULES)
    await run_batch(store, lease, [record], offset, RULES, lambda _: at)


async def test_a_timer_that_nobody_runs_is_late_until_somebody_does() -> None:
    store = MemoryStore()
    rig = Rig(store, MemoryLookout(store))
    await decided(store, "late")
    assert await rig.look_at(START + 6 * MINUTE) == ()
    assert [one.fault for one in await rig.look_at(START + 7 * MINUTE)] == [Fault.LATE_TIMERS]
    assert rig.gauges() == {fault.value: float(fault is Fault.LATE_TIMERS) for fault in Fault}
    await run_due(store, RULES, rig.moment.at)
    assert await rig.look_at(START + 8 * MINUTE) == ()
    assert set(rig.gauges().values()) == {0.0}


async def test_under_the_stream_clock_nothing_is_late_or_unread_but_orphans_are_told() -> None:
    store = MemoryStore()
    rig = Rig(store, MemoryLookout(store), by_wall=False)
    await decided(store, "late")
    await decided(store, "hm")
    rig.active = WITHOUT_DRIVERS
    assert [one.fault for one in await rig.look_at(START + 900 * HOUR)] == [Fault.ORPHAN_ALERTS]


async def test_alerts_of_a_team_that_the_playbook_drops_are_orphans_until_it_is_back() -> None:
    store = MemoryStore()
    rig = Rig(store, MemoryLookout(store))
    await decided(store, "late")
    rig.active = WITHOUT_DRIVERS
    orphaned = await rig.look_at(START)
    rig.active = RULES
    assert (orphaned, await rig.look_at(START)) == (
        (Degraded(fault=Fault.ORPHAN_ALERTS, detail="open in teams that the playbook does not have: 1"),),
        (),
    )


async def test_a_store_that_is_away_leaves_what_was_found_and_is_named_after_a_minute() -> None:
    store = MemoryStore()
    rig = Rig(store, MemoryLookout(store))
    await decided(store, "late")
    late = await rig.look_at(START + 7 * MINUTE)
    rig.away = OutOfReachError("SQLSTATE 57P01")
    assert await rig.look_at(START + 8 * MINUTE) == late
    assert (await rig.look_at(START + 8 * MINUTE + SECOND)) == (
        *late,
        Degraded(fault=Fault.UNWATCHED, detail="for 61 s: SQLSTATE 57P01"),
    )
    rig.away = None
    assert [one.fault for one in await rig.look_at(START + 9 * MINUTE)] == [Fault.LATE_TIMERS]


async def test_it_looks_until_it_is_told_to_stop() -> None:
    store = MemoryStore()
    rig, stop = Rig(store, MemoryLookout(store)), asyncio.Event()
    await decided(store, "late")
    rig.moment.at = START + HOUR
    task = asyncio.create_task(rig.watchdog.run(stop))
    await until(rig.health.degraded)
    stop.set()
    async with asyncio.timeout(5):
        await task


class Stored:
    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        return [("alerts_open", ("desk", "high"), 4 if now == START + HOUR else 0)]


class Arbitrated:
    """Implements Lookout, and knows what it was asked."""

    async def shards(self) -> Mapping[int, Waiting]:
        return {}

    async def queues(self, teams: Collection[str], arbitration: str, now: datetime) -> Queues:
        assert (teams, arbitration) == ({str(team.id) for team in RULES.playbook.teams}, "judges")
        return Queues(orphans=2, arbitration_since=now - HOUR)


async def test_gauges_over_alerts_go_by_the_clock_of_decisions() -> None:
    async def present() -> datetime:
        return START + HOUR

    overview = Overview(Stored(), Arbitrated(), Rulebook(RULES, _no_other_rules), present)
    assert await overview.readings(START + 9_000 * HOUR) == [
        ("alerts_open", ("desk", "high"), 4),
        ("orphan_alerts", (), 2),
        ("arbitration_age_seconds", (), 3600.0),
    ]


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


class Publisher:
    """Publishes to nowhere."""

    async def open(self) -> int:
        return 0

    async def publish(self, rows: Sequence[Numbered]) -> None:
        """Every row gets through."""

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, size=4)
    yield opened
    await opened.close()


@pytest.mark.postgres
async def test_on_postgres_a_late_timer_a_stuck_row_and_an_unread_queue_are_found_and_are_over_once_served(
    pool: Pool,
) -> None:
    store, outbox = PostgresStore(pool), PostgresOutbox(pool)
    rig = Rig(store, PostgresLookout(pool))
    # Nobody owns what has no category, so the alert is arbitrated; no ticker and no relay is there for any of it.
    await decided(store, "hm", datetime.now(UTC) - 13 * HOUR)
    written_at = await outbox.oldest()
    assert written_at is not None
    first = await rig.look_at(written_at + 121 * SECOND)
    assert [one.fault for one in first] == [Fault.LATE_TIMERS, Fault.STUCK_RELAY, Fault.UNREAD_ARBITRATION]
    assert first[1].detail == "shard 0: rows wait for 121 s, and no relay was ever there"
    await outbox.claim_shard(0, "a relay that does nothing from here on")
    second = await rig.look_at(written_at + 136 * SECOND)
    assert second[1].detail == "shard 0: rows wait for 136 s, and none leaves"
    await run_due(store, RULES, rig.moment.at)
    stop = asyncio.Event()
    stop.set()
    await Relay(outbox, Publisher, shard=0, owner="tests", watch=Health(), meter=PrometheusMeter()).run(stop)
    assert [one.fault for one in await rig.look_at(rig.moment.at)] == [Fault.UNREAD_ARBITRATION]
