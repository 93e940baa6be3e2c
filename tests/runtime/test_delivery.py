"""The deliverer: killed between sending and writing that down, in order, and past a channel that is away."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.adapters.memory import MemoryDeliveries, MemoryDesk, MemoryStore
from service.adapters.meter import PREFIX, PrometheusMeter
from service.core.deliver.gate import FAILURES
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.deliveries import Attempt, Delivery
from service.core.records.words import Attempted, BreakerState, DeliveryState, Unsent
from service.ports import OutcomeUnknownError, Parcel
from service.runtime.delivery import AT_ONCE, LEASE, Deliverer, Tools
from service.runtime.health import Health
from tests.builders import START
from tests.delivering import HOOK, SLACK, at, make_delivery, told_by

ACCEPTED = Attempt(outcome=Attempted.ACCEPTED, detail="HTTP 200")
FAILED = Attempt(outcome=Attempted.FAILED, detail="HTTP 500")
RULES = compile_playbook(told_by(HOOK, SLACK))


@dataclass(slots=True)
class Street:
    """A courier that keeps what it was given, and answers as a test says; while `shut` it never comes back."""

    sent: list[Parcel] = field(default_factory=list)
    answers: list[Attempt] = field(default_factory=list)
    shut: asyncio.Event | None = None

    async def send(self, parcel: Parcel) -> Attempt:
        self.sent.append(parcel)
        if self.shut is not None:
            await self.shut.wait()
        return self.answers.pop(0) if self.answers else ACCEPTED

    @property
    def names(self) -> list[str]:
        return [one.delivery.delivery_id for one in self.sent]


class House:
    """A store, a courier, and any number of deliverers by one clock."""

    def __init__(self, *deliveries: Delivery, rules: Rules = RULES) -> None:
        self.store = MemoryStore()
        self.deliveries = MemoryDeliveries(self.store)
        self.street = Street()
        self.meter, self.health = PrometheusMeter(), Health(["deliverer"])
        self.now = START
        self.rules = rules
        self._names = 0
        for one in deliveries:
            self.store.rows.mailroom.keep(one)

    def deliverer(self) -> Deliverer:
        async def rules() -> Rules:
            return self.rules

        def name() -> str:
            self._names += 1
            return f"lease-{self._names}"

        return Deliverer(
            self.deliveries,
            MemoryDesk(self.store),
            rules,
            self.street,
            watch=self.health,
            meter=self.meter,
            tools=Tools(now=lambda: self.now, jitter=lambda: 1.0, name=name),
        )

    async def round(self, now: datetime, deliverer: Deliverer | None = None) -> int:
        """Let a deliverer do one round at a time, and wait for all that it sent."""
        self.now = now
        one = deliverer or self.deliverer()
        started = await one.round()
        await one.landed()
        return started

    def figure(self, name: str, **labels: str) -> float | None:
        return self.meter.registry.get_sample_value(PREFIX + name, labels)

    def states(self) -> list[tuple[str, DeliveryState, Unsent | None]]:
        rows = self.store.rows.mailroom.deliveries.values()
        return [(one.delivery.delivery_id, one.state, one.unsent) for one in rows]


def several(count: int, **changes: Any) -> list[Delivery]:  # noqa: ANN401 - any field of Delivery
    return [make_delivery(thread=f"a{at}", delivery_id=f"a{at}:1:hook", **changes) for at in range(count)]


async def test_what_is_due_is_sent_once() -> None:
    house = House(make_delivery())
    assert [await house.round(START), await house.round(at(1))] == [1, 0]
    assert house.states() == [("alert-1:1:hook", DeliveryState.SENT, None)]
    assert house.figure("deliveries_total", channel="hook", outcome="accepted") == 1


async def test_one_that_is_killed_between_sending_and_writing_sends_the_same_again_later_and_loses_nothing() -> None:
    house = House(make_delivery())
    house.street.shut = asyncio.Event()
    dying = house.deliverer()
    await dying.round()
    await asyncio.sleep(0)
    stop = asyncio.Event()
    stop.set()
    running = asyncio.create_task(dying.run(stop))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    house.street.shut = None
    assert await house.round(START + LEASE - timedelta(seconds=1)) == 0
    assert await house.round(START + LEASE) == 1
    assert [(one.delivery.key, one.delivery.delivery_id) for one in house.street.sent] == [
        ("alert-1:1", "alert-1:1:hook")
    ] * 2
    assert house.states() == [("alert-1:1:hook", DeliveryState.SENT, None)]


async def test_what_could_not_be_written_down_is_tried_until_the_loan_ends() -> None:
    house = House(make_delivery())
    record, failures = house.deliveries.record, [OutcomeUnknownError("gone"), OutcomeUnknownError("gone")]

    async def unsure(*given: Any) -> bool:  # noqa: ANN401 - what is handed on
        if failures:
            raise failures.pop()
        return await record(*given)

    house.deliveries.record = unsure  # type: ignore[assignment, method-assign]  # The store's answer is lost twice.
    await house.round(START)
    assert house.states() == [("alert-1:1:hook", DeliveryState.SENT, None)]


async def test_news_of_one_alert_arrive_in_order_though_the_first_fails() -> None:
    house = House(make_delivery(1), make_delivery(2), make_delivery(3))
    house.street.answers = [FAILED]
    for minute in range(4):
        await house.round(at(minute))
    assert house.street.names == ["alert-1:1:hook", "alert-1:1:hook", "alert-1:2:hook", "alert-1:3:hook"]
    assert [state for _, state, _ in house.states()] == [DeliveryState.SENT] * 3


async def test_slack_gets_the_newest_alone_and_what_it_replaces_says_so() -> None:
    def of_slack(revision: int) -> Delivery:
        return make_delivery(revision, channel="slack", delivery_id=f"alert-1:{revision}:slack")

    house = House(of_slack(1), of_slack(2))
    house.street.answers = [FAILED, replace(ACCEPTED, handle="C:1")]
    await house.round(START)
    # A third comes while the second waits to be tried again.
    house.store.rows.mailroom.keep(of_slack(3))
    await house.round(START + timedelta(seconds=4))
    assert house.street.names == ["alert-1:2:slack"]
    await house.round(at(1))
    assert house.street.names == ["alert-1:2:slack", "alert-1:3:slack"]
    assert house.states() == [
        ("alert-1:1:slack", DeliveryState.LEFT_OUT, Unsent.NEWER_REVISION),
        ("alert-1:2:slack", DeliveryState.LEFT_OUT, Unsent.NEWER_REVISION),
        ("alert-1:3:slack", DeliveryState.SENT, None),
    ]
    known = house.store.rows.mailroom.known["slack", "alert-1"]
    assert (known.revision, known.handle) == (3, "C:1")


async def test_a_refusal_makes_it_dead_and_the_next_is_sent() -> None:
    house = House(make_delivery(1), make_delivery(2))
    house.street.answers = [Attempt(outcome=Attempted.REFUSED, detail="HTTP 404")]
    await house.round(START)
    await house.round(at(1))
    assert [(state, unsent) for _, state, unsent in house.states()] == [
        (DeliveryState.DEAD, Unsent.REFUSED),
        (DeliveryState.SENT, None),
    ]
    assert house.figure("deliveries_dead_total", channel="hook", reason="refused") == 1


async def test_a_channel_that_is_away_opens_its_breaker_and_closes_it_when_it_is_back() -> None:
    house = House(*several(3 * AT_ONCE))
    house.street.answers = [FAILED] * (2 * AT_ONCE)
    one = house.deliverer()
    await house.round(START, one)
    await house.round(START + timedelta(seconds=1), one)
    tried = len(house.street.sent)
    assert tried >= FAILURES
    await one.tell()
    assert house.figure("breaker_open", channel="hook") == 1.0
    assert await house.round(START + timedelta(seconds=20), one) == 0
    house.street.answers = []
    # One is let through to see, and then all.
    assert await house.round(at(1), one) == 1
    state = house.store.rows.mailroom.channels["hook"]
    assert state.breaker.state(at(1)) is BreakerState.CLOSED
    while await house.round(at(2), one):
        pass
    assert {state for _, state, _ in house.states()} == {DeliveryState.SENT}


async def test_a_channel_that_never_answers_holds_up_no_other() -> None:
    slow = several(AT_ONCE + 2)
    house = House(*slow, make_delivery(channel="slack", delivery_id="b:1:slack", thread="b"))
    house.street.shut = asyncio.Event()
    one = house.deliverer()
    assert await one.round() == AT_ONCE + 1
    await asyncio.sleep(0)
    assert house.street.names.count("b:1:slack") == 1
    assert await one.round() == 0
    house.street.shut.set()
    await one.landed()
    assert await one.round() == 2
    await one.landed()
    assert {state for _, state, _ in house.states()} == {DeliveryState.SENT}


async def test_many_deliverers_send_each_message_once() -> None:
    house = House(*several(40))
    all_of_them = [house.deliverer() for _ in range(4)]
    while sum(await asyncio.gather(*(house.round(START, one) for one in all_of_them))):
        house.now += timedelta(seconds=1)
    assert sorted(house.street.names) == sorted(one.delivery_id for one in several(40))


async def test_what_waits_for_a_channel_that_the_playbook_no_longer_has_is_dead() -> None:
    house = House(make_delivery(), rules=compile_playbook(told_by()))
    await house.round(START)
    assert house.states() == [("alert-1:1:hook", DeliveryState.DEAD, Unsent.CHANNEL_GONE)]


async def test_the_age_of_the_oldest_that_waits_is_told_and_nothing_of_a_channel_that_has_nothing() -> None:
    house = House(make_delivery())
    house.now = at(2)
    await house.deliverer().tell()
    assert house.figure("delivery_age_seconds", channel="hook") == 120.0
    assert house.figure("delivery_age_seconds", channel="slack") == 0.0
    assert house.figure("breaker_open", channel="hook") == 0.0


async def test_a_bug_in_a_courier_ends_the_deliverer() -> None:
    class Broken:
        async def send(self, _parcel: Parcel) -> Attempt:
            raise ZeroDivisionError

    house = House(make_delivery())
    one = house.deliverer()
    one._courier = Broken()  # noqa: SLF001 - no courier of ours does this
    await one.round()
    with pytest.raises(ZeroDivisionError):
        await one.landed()
    with pytest.raises(ZeroDivisionError):
        await one.round()
