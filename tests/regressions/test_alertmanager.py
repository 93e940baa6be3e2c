"""Troubles told of Prometheus' Alertmanager, by their threads, and how they go here."""

import asyncio
from collections.abc import Sequence

import pytest

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresOutbox
from service.core.pipeline.act import Deed
from service.ports import Numbered, OutOfReachError
from service.runtime.health import Health
from service.runtime.relay import Relay
from tests.builders import make_playbook
from tests.ports.conftest import PostgresRig, Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, between, days, hours, minutes, seconds
from tests.waiting import until

pytestmark = pytest.mark.postgres


class Receiver:
    """Where all relays send to; it answers with an error for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.opened = 0
        self.marker = 0
        self.received: list[tuple[str, bytes]] = []


class Sender:
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def open(self) -> int:
        self._receiver.opened += 1
        return self._receiver.marker

    async def publish(self, rows: Sequence[Numbered]) -> None:
        receiver = self._receiver
        if receiver.refusals:
            receiver.refusals -= 1
            raise OutOfReachError("503")
        receiver.received += [(row.outgoing.topic, key) for row in rows for key, _ in row.outgoing.values]
        receiver.marker = rows[-1].publish_seq

    async def close(self) -> None:
        """Nothing to close."""


async def test_4108_two_that_retry_the_same_notice_send_it_once(
    postgres_rig: PostgresRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runtime.relay.pause", lambda _: 0.0)
    async with Story(on=postgres_rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
    receiver, stop = Receiver(refusals=6), asyncio.Event()

    def relay(owner: str) -> Relay:
        outbox, health, meter = PostgresOutbox(postgres_rig.pool), Health(), PrometheusMeter()
        return Relay(outbox, lambda: Sender(receiver), shard=0, owner=owner, watch=health, meter=meter)

    peers = [asyncio.create_task(relay(owner).run(stop)) for owner in ("one", "two")]
    await until(lambda: receiver.received)
    stop.set()
    await asyncio.gather(*peers)
    assert (receiver.refusals, receiver.opened > 2) == (0, True)
    assert [topic for topic, _ in receiver.received if topic.startswith("queue.")] == ["queue.drivers"]


async def test_1063_what_comes_and_goes_is_told_each_time_where_flapping_is_off(rig: Rig) -> None:
    async with Story(make_playbook(fatigue={"flapping": None}), on=rig) as story:
        for turn in range(3):
            again = "reopened" if turn else "created"
            story.push(problem(1, 2 * turn + 1, change=again), at=hours(turn))
            story.push(solved(1, 2 * turn + 2), at=hours(turn) + minutes(30))
            first = minutes(1) if turn == 0 else hours(turn)
            story.want(first, queue="drivers", reason="reopened" if turn else "opened", severity="medium")
            story.want(hours(turn) + minutes(30), queue="drivers", reason="resolved", severity="medium")
        story.wait(days(2))
        story.open()


async def test_1063_what_comes_and_goes_too_often_is_told_to_flap_and_how_it_ended(rig: Rig) -> None:
    async with Story(on=rig) as story:
        for turn in range(6):
            story.push(problem(1, 2 * turn + 1, change="reopened" if turn else "created"), at=hours(turn))
            story.push(solved(1, 2 * turn + 2), at=hours(turn) + minutes(30))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(minutes(30), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(1), queue="drivers", reason="reopened", severity="medium")
        story.want(minutes(90), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(2), queue="drivers", reason="flapping", severity="medium")
        story.want(days(1) + hours(5) + minutes(30), queue="drivers", reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_2265_an_end_is_told_after_reminders_as_well(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(days(1) + minutes(1), queue="drivers", reason="repeat", severity="medium")
        story.push(solved(1), at=days(1) + minutes(2))
        story.want(days(1) + minutes(16), queue="drivers", reason="resolved", severity="medium")
        story.wait(days(10))
        story.open()


async def test_2595_reminders_come_ever_later_and_then_in_digests(rig: Rig) -> None:
    async with Story(make_playbook(fatigue={"repeat": ["4h", "24h", "7d"]}), on=rig) as story:
        story.push(late(1), at=seconds(0))
        told = minutes(1)
        story.want(told, queue="drivers", reason="opened", severity="high")
        for step in (hours(4), days(1), days(7)):
            told += step
            story.want(told, queue="drivers", reason="repeat", severity="high")
        story.wait(days(13))
        story.open(Open(queue="drivers", category="delivery", severity="high"))


async def test_1806_a_reminder_after_weeks_is_not_forgotten_with_the_log(rig: Rig) -> None:
    playbook = make_playbook(fatigue={"repeat": ["30d"], "auto_close": "60d"})
    async with Story(playbook, on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(days(30) + minutes(1), queue="drivers", reason="repeat", severity="high")
        story.wait(days(59))


async def test_1510_a_case_that_ends_later_than_the_interval_is_told_to_be_over_at_once(rig: Rig) -> None:
    async with Story(make_playbook(fatigue={"interval": "4h"}), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(solved(1), at=hours(5))
        story.want(hours(5), queue="drivers", reason="resolved", severity="medium")


async def test_2492_a_restart_repeats_nothing_and_loses_nothing(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.wait(minutes(2))
        story.stop(until=minutes(5))
        story.push(late(2), at=minutes(6))
        story.stop(until=hours(2))
        story.want(
            between(minutes(16), hours(2)), queue="drivers", reason="customers_doubled", severity="high", customers=2
        )
        story.act(Deed.ACK, at=hours(3), queue="drivers")
        story.wait(days(1))
