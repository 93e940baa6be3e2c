"""The wall clock fires what is due, outlives a store that fails, and tells what all replicas share."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from service.adapters.memory import MemoryShelf, MemoryStore
from service.adapters.meter import PrometheusMeter
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.facts import Facts
from service.core.records.metrics import Metric
from service.core.records.muting import Silence
from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError, Saving
from service.runtime.batch import run_batch
from service.runtime.health import Health
from service.runtime.rulebook import Rulebook
from service.runtime.ticker import Ticker
from service.runtime.timekeeping import WallTime
from tests.builders import PARTITION, START, instance, make_playbook, read_event, survey
from tests.runtime.rigging import FaultyStore, Moment
from tests.waiting import until

RULES = compile_playbook(make_playbook())
OTHER = compile_playbook(make_playbook(name="Another small shop"))


class Outbox:
    async def oldest(self) -> datetime | None:
        return START - timedelta(seconds=30)


class Shared:
    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        return [("alerts_open", ("desk", "high"), 4 if now == START else 0)]


class Rig:
    def __init__(self, store: MemoryStore, *, minutes: int, wall_only: bool = False) -> None:
        self.health = Health(["ticker"])
        self.meter = PrometheusMeter()
        self.rulebook = Rulebook(RULES, self._rules_for)
        clock = WallTime(Moment(START + timedelta(minutes=minutes)))
        self.ticker = Ticker(
            store,
            self.rulebook,
            None if wall_only else clock,
            wall=WallTime(Moment()),
            outbox=Outbox(),
            shared=Shared(),
            watch=self.health,
            meter=self.meter,
        )

    async def _rules_for(self, digest: str) -> Rules:
        return {OTHER.digest: OTHER}[digest]

    async def run(self, until_true: Callable[[], object]) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(self.ticker.run(stop))
        await until(until_true)
        stop.set()
        await task


async def _with_a_timer(store: MemoryStore) -> MemoryStore:
    """Leaves an alert whose first notice is due a minute after the start."""
    (lease,) = await store.claim([PARTITION])
    record = read_event(survey("r1", 0, "late"), START, RULES)
    await run_batch(store, lease, [record], 1, RULES, lambda _: START)
    return store


async def test_a_silence_that_ends_is_counted_and_what_it_hid_is_told() -> None:
    store, facts = await _with_a_timer(MemoryStore()), Facts()
    silence = Silence(
        silence_id="s",
        matchers={"team": ("drivers",)},
        author="ana",
        reason="Snow.",
        created_at=START,
        starts_at=START,
        ends_at=START + timedelta(minutes=30),
    )
    facts.silences.put("s", silence)
    async with store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest=RULES.digest, now=START))
    rig = Rig(store, minutes=60)
    await rig.run(lambda: not rig.health.unready())
    text = rig.meter.text().decode()
    assert 'silences_ended_total{how="expired"} 1.0' in text
    assert 'notices_total{reason="unmuted",team="drivers"} 1.0' in text


async def test_what_is_due_is_told_once() -> None:
    store = await _with_a_timer(MemoryStore())
    rig = Rig(store, minutes=2)
    await rig.run(lambda: not rig.health.unready())
    assert [(notice.reason.value, notice.at) for notice in store.rows.notices] == [
        ("opened", START + timedelta(seconds=60))
    ]
    assert 'notices_total{reason="opened",team="drivers"} 1.0' in rig.meter.text().decode()


async def test_rounds_that_went_well_are_counted() -> None:
    store = FaultyStore()
    store.before = [OutOfReachError("no answer"), ConflictError("deadlock")]
    rig = Rig(store, minutes=0)
    assert "ticker_rounds_total 0.0" in rig.meter.text().decode()
    await rig.run(lambda: not rig.health.unready())
    assert "ticker_rounds_total 1.0" in rig.meter.text().decode()


async def test_what_is_not_due_waits() -> None:
    store = await _with_a_timer(MemoryStore())
    rig = Rig(store, minutes=0)
    await rig.run(lambda: not rig.health.unready())
    assert store.rows.notices == []


async def test_under_the_stream_clock_it_fires_nothing() -> None:
    store = await _with_a_timer(MemoryStore())
    rig = Rig(store, minutes=2, wall_only=True)
    await rig.run(lambda: not rig.health.unready())
    assert store.rows.notices == []


async def _with_instances(store: MemoryStore) -> MemoryStore:
    """Leaves one instance that ended long ago, and one that did a day later."""
    (lease,) = await store.claim([PARTITION])
    ends = [START - timedelta(days=400, minutes=1), START - timedelta(days=399)]
    records = [
        read_event(instance(f"i{at}", event_id=f"p{at}", lifecycle="complete"), end, RULES, at)
        for at, end in enumerate(ends)
    ]
    await run_batch(store, lease, records, len(records), RULES, lambda _: START)
    return store


async def test_instances_that_are_too_old_are_forgotten_and_counted() -> None:
    store = await _with_instances(MemoryStore())
    rig = Rig(store, minutes=0)
    await rig.run(lambda: not rig.health.unready())
    assert (set(store.rows.instances), set(store.rows.steps)) == ({"i1"}, {"i1"})
    assert "instances_forgotten_total 1.0" in rig.meter.text().decode()


class Contended(MemoryStore):
    """Another writer is always in the way of forgetting; `asked` counts the tries."""

    asked = 0

    async def forget_instances(self, before: datetime, limit: int) -> int:
        self.asked += 1
        raise ConflictError(f"deadlock over {limit} of before {before}")


async def test_forgetting_that_fails_is_left_to_the_next_minute_and_holds_up_no_round() -> None:
    store = Contended()
    rig = Rig(store, minutes=0)
    await rig.run(lambda: not rig.health.unready())
    assert store.asked == 1


async def test_under_the_stream_clock_nothing_is_forgotten() -> None:
    store = await _with_instances(MemoryStore())
    rig = Rig(store, minutes=0, wall_only=True)
    await rig.run(lambda: not rig.health.unready())
    assert set(store.rows.instances) == {"i0", "i1"}


async def test_a_store_that_fails_is_tried_again() -> None:
    store = FaultyStore()
    await _with_a_timer(store)
    store.before = [OutOfReachError("no answer"), ConflictError("deadlock"), OutcomeUnknownError("lost")]
    rig = Rig(store, minutes=2)
    await rig.run(lambda: not rig.health.unready())
    assert len(store.rows.notices) == 1


async def test_it_turns_to_the_playbook_that_is_active() -> None:
    store = MemoryStore()
    await MemoryShelf(store).activate(OTHER.digest, "other", {}, START)
    rig = Rig(store, minutes=0)
    await rig.run(lambda: not rig.health.unready())
    assert rig.rulebook.rules.digest == OTHER.digest


async def test_it_tells_what_all_replicas_share() -> None:
    rig = Rig(MemoryStore(), minutes=0)
    await rig.run(lambda: not rig.health.unready())
    text = rig.meter.text().decode()
    assert 'feedback_router_alerts_open{severity="high",team="desk"} 4.0' in text
    assert "feedback_router_outbox_age_seconds 30.0" in text
