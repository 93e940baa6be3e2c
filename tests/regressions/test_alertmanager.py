"""Troubles told of Prometheus' Alertmanager, by their threads, and how they go here."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresOutbox
from service.core.pipeline.act import Deed
from service.core.playbook.model import Playbook
from service.core.records.words import Level
from service.ports import FencedError, Numbered, OutOfReachError
from service.runtime.health import Health
from service.runtime.relay import Relay
from tests.builders import make_playbook, survey, with_routes
from tests.ports.conftest import PostgresRig, Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, between, days, hours, minutes, seconds
from tests.story.steps import review, silence
from tests.waiting import until

pytestmark = pytest.mark.postgres
REVIEW: dict[str, Any] = {
    "queue": "drivers",
    "kind": "volume",
    "severity": "high",
    "customers": 20,
    "level": "formal_review",
}


def quiet(span: str, playbook: Playbook | None = None, **fatigue: Any) -> Playbook:  # noqa: ANN401 - fields of fatigue
    """Every team rests in the same hours of each day, by UTC, in which the story begins at nine."""
    given = {"calendars": {"rest": {"time_zone": "UTC", "quiet_hours": {"mon-sun": span}}}}
    made = make_playbook(**given, fatigue={"calendar": "rest", **fatigue})
    return made if playbook is None else made.model_copy(update={"routes": playbook.routes})


class Receiver:
    """Where all relays send to; it answers with an error for a while, and only to the sender that opened last."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.opened = 0
        self.marker = 0
        self.received: list[tuple[str, bytes]] = []


class Sender:
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._turn = 0

    async def open(self) -> int:
        self._receiver.opened += 1
        self._turn = self._receiver.opened
        return self._receiver.marker

    async def publish(self, rows: Sequence[Numbered]) -> None:
        receiver = self._receiver
        if self._turn != receiver.opened:
            raise FencedError("another sender was opened")
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
        return Relay(
            outbox, lambda: Sender(receiver), shard=0, owner=owner, watch=health, meter=meter, standby_seconds=0.01
        )

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


async def test_226_what_was_told_before_its_silence_is_told_to_be_over(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.do("silence", silence("s1", hours(5), matchers={"category": ("delivery",)}), at=hours(1))
        story.push(solved(1), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_226_what_a_silence_hid_from_beginning_to_end_leaves_nothing_to_tell(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(5), matchers={"category": ("delivery",)}), at=seconds(0))
        story.push(problem(1), at=minutes(10))
        story.push(solved(1), at=hours(1))
        story.wait(days(3))
        story.open()


@pytest.mark.parametrize("waited", [True, False])
async def test_2229_a_start_under_an_open_review_lets_nothing_through(rig: Rig, *, waited: bool) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(Level.FORMAL_REVIEW), at=seconds(0))
        story.want(minutes(1), reason="opened", **REVIEW)
        story.push(late(1), at=hours(1))
        if waited:
            story.push(survey("content", 9), at=hours(1) + minutes(5))
        story.stop(until=hours(2))
        story.push(late(2), at=hours(2))
        story.push(late(3, text="late, fire"), at=hours(3))
        story.want(hours(3), queue="drivers", reason="opened", severity="critical", customers=3)
        story.wait(hours(20))


async def test_4064_what_a_review_has_held_for_days_is_held_after_a_start_and_a_new_playbook(rig: Rig) -> None:
    async with Story(make_playbook(fatigue={"repeat": []}), on=rig) as story:
        story.do("review opens", review(Level.FORMAL_REVIEW), at=seconds(0))
        story.want(minutes(1), reason="opened", **REVIEW)
        story.push(late(1), at=hours(1))
        story.push(survey("content", 9), at=days(3))
        story.stop(until=days(3) + hours(1))
        story.push(late(2), at=days(3) + hours(2))
        story.turn_to(make_playbook(name="The same shop", fatigue={"repeat": []}), at=days(4))
        story.push(late(3), at=days(4) + hours(1))
        story.do("review ends", review(None), at=days(6))
        story.want(days(6), reason="resolved", **REVIEW)
        story.want(days(6), queue="drivers", reason="unmuted", severity="high", customers=3)
        story.wait(days(8))


async def test_2754_what_ends_under_a_review_is_told_to_be_over_and_not_again_with_the_review(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.do("review opens", review(Level.FORMAL_REVIEW), at=hours(1))
        story.want(hours(1) + minutes(1), reason="opened", **REVIEW)
        story.push(solved(1), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.do("review ends", review(None), at=hours(3))
        story.want(hours(3), reason="resolved", **REVIEW)
        story.wait(days(3))
        story.open()


async def test_2496_a_notice_that_a_silence_held_back_does_not_begin_the_interval(rig: Rig) -> None:
    playbook = with_routes({"id": "all", "team": "drivers", "interval": "24h"})
    async with Story(playbook, on=rig) as story:
        story.do("silence", silence("s1", minutes(10)), at=seconds(0))
        story.push(late(1), at=seconds(0))
        story.want(minutes(10), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(20))


async def test_2496_quiet_hours_over_the_end_of_each_interval_do_not_hide_an_alert_for_ever(rig: Rig) -> None:
    playbook = with_routes({"id": "all", "team": "drivers", "interval": "24h"})
    async with Story(quiet("08:30-10:00", playbook, repeat=[]), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(hours(1), queue="drivers", reason="unmuted", severity="high")
        story.wait(days(10))


async def test_3367_what_comes_in_quiet_hours_is_told_when_they_end_and_not_with_the_next_reminder(rig: Rig) -> None:
    async with Story(quiet("10:00-12:00", repeat=["4h"]), on=rig) as story:
        story.push(late(1), at=minutes(90))
        story.push(late(2), at=minutes(100))
        story.want(hours(3), queue="drivers", reason="unmuted", severity="high", customers=2)
        story.want(hours(7), queue="drivers", reason="repeat", severity="high", customers=2)
        story.wait(hours(20))


async def test_2896_what_is_critical_does_not_wait_for_the_end_of_quiet_hours(rig: Rig) -> None:
    async with Story(quiet("10:00-12:00", repeat=["4h"]), on=rig) as story:
        story.push(late(1), at=minutes(90))
        story.push(late(2), at=minutes(100))
        story.push(late(3, text="late, fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="opened", severity="critical", customers=3)
        story.want(hours(6), queue="drivers", reason="repeat", severity="critical", customers=3)
        story.wait(hours(20))


async def test_2229_what_comes_due_while_the_service_is_down_is_held_by_a_review_that_was_due_before(rig: Rig) -> None:
    async with Story(with_routes({"id": "all", "team": "drivers", "wait": "10m"}), on=rig) as story:
        story.do("review opens", review(Level.FORMAL_REVIEW), at=seconds(0))
        story.push(late(1), at=seconds(10))
        story.stop(until=hours(2))
        story.want(minutes(1), reason="opened", **REVIEW)
        story.do("review ends", review(None), at=hours(3))
        story.want(hours(3), reason="resolved", **REVIEW)
        story.want(hours(3), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(20))
