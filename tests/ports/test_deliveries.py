"""What goes to channels, on each store: saved with its decision, lent once, in order, and never lost."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from service.core.deliver import admit, heard
from service.core.pipeline.rules import compile_playbook
from service.core.records.deliveries import Attempt, ChannelState, Delivery, Known, Listed, Tries
from service.core.records.words import Attempted, DeliveryState, Kept, Tiding, Unsent
from service.ports import ChannelCounts, Claimed, DeliveriesWanted, Ended, Landed
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.erasing import erase_some
from tests.builders import KEY, START, read_event, survey
from tests.delivering import HOOK, SLACK, at, make_delivery, told_by
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed
from tests.ports.traces import where

pytestmark = pytest.mark.postgres

LEASE = timedelta(minutes=2)
TRIED = Tries(count=1, first_at=START, last_at=START, last=Attempted.ACCEPTED, detail="HTTP 200")
RULES = compile_playbook(told_by(HOOK, SLACK))


async def put(rig: Rig, *deliveries: Delivery) -> None:
    for one in deliveries:
        await rig.deliveries.put(one)


async def claim(rig: Rig, now: datetime = START, *, lease: str = "mine", limit: int = 10) -> Sequence[Claimed]:
    def everything(state: ChannelState, wanted: int) -> tuple[int, ChannelState]:
        return wanted, state

    return await rig.deliveries.claim("hook", limit, lease, now, now + LEASE, everything)


def places(found: Sequence[Claimed]) -> list[list[str]]:
    return [[one.delivery.delivery_id for one in each.waiting] for each in found]


def sent(claimed: Claimed, *, known: Known | None = None) -> Landed:
    first = claimed.waiting[0]
    return Landed(claimed=claimed, ended=[Ended(place=first.place, tries=TRIED)], known=known)


async def listed(rig: Rig, delivery_id: str) -> Listed:
    found = await rig.desk.delivery(delivery_id)
    assert found is not None
    return found


async def test_a_decision_leaves_what_its_channels_are_told_in_the_same_transaction(rig: Rig) -> None:
    lease = await claimed(rig.store)
    events = [survey("r1", 0, "late", customer="anna"), survey("r2", 0, "so late", customer="ben")]
    records = [read_event(event, START, RULES, place) for place, event in enumerate(events)]
    await run_batch(rig.store, lease, records, 2, RULES, lambda _: START)
    assert await rig.desk.deliveries(DeliveriesWanted(), None, 10) == []
    await run_due(rig.store, RULES, at(2))
    found = await rig.desk.deliveries(DeliveriesWanted(), None, 10)
    (notice,) = [line async for line in rig.archive.notices()]
    assert [(one.delivery.delivery_id, one.delivery.channel, one.state) for one in found] == [
        (f"{notice['alert_id']}:1:slack", "slack", DeliveryState.WAITING),
        (f"{notice['alert_id']}:1:hook", "hook", DeliveryState.WAITING),
    ]
    assert await rig.deliveries.waiting_channels(at(2)) == ["hook", "slack"]


async def test_what_is_put_in_is_read_back_and_a_second_copy_changes_nothing(rig: Rig) -> None:
    one = make_delivery(ending=True, tiding=Tiding.HANDED_OVER, payload='{"a": "ü"}')
    await put(rig, one, replace(one, payload="other"))
    found = await listed(rig, one.delivery_id)
    assert found == Listed(
        place=found.place, delivery=one, tries=Tries(), state=DeliveryState.WAITING, due_at=one.not_before
    )
    assert await rig.desk.delivery("another") is None


async def test_what_is_lent_is_nobody_else_s_until_the_loan_ends(rig: Rig) -> None:
    await put(rig, make_delivery())
    (mine,) = await claim(rig)
    assert await claim(rig, START + LEASE - timedelta(seconds=1), lease="other") == []
    (taken,) = await claim(rig, START + LEASE, lease="other")
    # Whoever was first has been too slow: what it found out is not written, and the message is sent again.
    assert not await rig.deliveries.record(sent(mine), START + LEASE, None)
    assert (await listed(rig, "alert-1:1:hook")).state is DeliveryState.WAITING
    assert await rig.deliveries.record(sent(taken), START + LEASE, None)
    assert (await listed(rig, "alert-1:1:hook")).state is DeliveryState.SENT
    assert not await rig.deliveries.record(sent(taken), START + LEASE, None)


async def test_many_who_claim_at_once_get_each_thing_once(rig: Rig) -> None:
    await put(rig, *(make_delivery(thread=f"a{one}", delivery_id=f"a{one}:1:hook") for one in range(8)))
    found = await asyncio.gather(*(claim(rig, lease=f"l{one}", limit=3) for one in range(4)))
    got = [name for each in found for (name,) in places(each)]
    assert sorted(got) == sorted(set(got))
    rest = await claim(rig, lease="last")
    assert sorted(got + [name for (name,) in places(rest)]) == [f"a{one}:1:hook" for one in range(8)]


async def test_what_is_about_one_alert_is_lent_together_in_order_and_later_news_wait_for_it(rig: Rig) -> None:
    await put(rig, make_delivery(1), make_delivery(2), make_delivery(1, thread="b", delivery_id="b:1:hook"))
    found = await claim(rig)
    assert places(found) == [["alert-1:1:hook", "alert-1:2:hook"], ["b:1:hook"]]
    await put(rig, make_delivery(3))
    assert await claim(rig, lease="other") == []
    known = Known(revision=1, handle="h")
    assert await rig.deliveries.record(sent(found[0], known=known), START, None)
    (after,) = await claim(rig, lease="other")
    assert (places([after]), after.known) == ([["alert-1:2:hook", "alert-1:3:hook"]], known)


async def test_a_first_that_failed_holds_up_what_comes_after_it_until_it_is_due_again(rig: Rig) -> None:
    await put(rig, make_delivery(1), make_delivery(2))
    (mine,) = await claim(rig)
    tries = replace(TRIED, last=Attempted.FAILED, detail="HTTP 500")
    failed = Ended(place=mine.waiting[0].place, tries=tries, due_at=at(10))
    assert await rig.deliveries.record(Landed(claimed=mine, ended=[failed]), START, None)
    found = await listed(rig, "alert-1:1:hook")
    assert (found.state, found.tries, found.due_at) == (DeliveryState.FAILED, tries, at(10))
    assert await claim(rig, at(9)) == []
    (again,) = await claim(rig, at(10))
    assert (places([again]), again.waiting[0].tries) == ([["alert-1:1:hook", "alert-1:2:hook"]], tries)


async def test_what_ends_keeps_its_reason_and_only_what_is_dead_keeps_what_it_says(rig: Rig) -> None:
    await put(rig, make_delivery(1, payload="one"), make_delivery(2, payload="two"), make_delivery(3, payload="three"))
    (mine,) = await claim(rig)
    first, second, third = (one.place for one in mine.waiting)
    ended = [
        Ended(place=third, tries=TRIED),
        Ended(place=first, tries=Tries(), unsent=Unsent.NEWER_REVISION),
        Ended(place=second, tries=TRIED, unsent=Unsent.REFUSED),
    ]
    assert await rig.deliveries.record(Landed(claimed=mine, ended=ended), at(1), None)
    found = [await listed(rig, f"alert-1:{revision}:hook") for revision in (1, 2, 3)]
    assert [(one.state, one.unsent, one.delivery.payload, one.ended_at) for one in found] == [
        (DeliveryState.LEFT_OUT, Unsent.NEWER_REVISION, None, at(1)),
        (DeliveryState.DEAD, Unsent.REFUSED, "two", at(1)),
        (DeliveryState.SENT, None, None, at(1)),
    ]
    assert await rig.deliveries.waiting_channels(at(9)) == []


async def test_the_state_of_a_channel_is_one_for_all_who_send_by_it(rig: Rig) -> None:
    def rationed(state: ChannelState, wanted: int) -> tuple[int, ChannelState]:
        return admit(state, wanted, START, per_minute=12, lease=LEASE)

    await put(rig, *(make_delivery(thread=f"a{one}", delivery_id=f"a{one}:1:hook") for one in range(5)))
    first = await rig.deliveries.claim("hook", 5, "l1", START, START + LEASE, rationed)
    assert len(first) == 2
    assert await rig.deliveries.claim("hook", 5, "l2", START, START + LEASE, rationed) == []
    failed = Attempt(outcome=Attempted.FAILED, detail="HTTP 500")
    for one in first:
        ended = [Ended(place=one.waiting[0].place, tries=TRIED, due_at=at(5))]
        change = lambda state: heard(state, failed, START, jitter=1.0)  # noqa: E731 - one line, used here alone
        await rig.deliveries.record(Landed(claimed=one, ended=ended), START, change)
    states = await rig.desk.channel_states()
    assert (states["hook"].breaker.failures, states["hook"].failure) == (2, Attempted.FAILED)


async def test_channels_are_counted_and_deliveries_listed_by_what_is_asked_for(rig: Rig) -> None:
    await put(rig, *(make_delivery(thread=f"a{one}", delivery_id=f"a{one}:1:hook") for one in range(3)))
    await put(rig, make_delivery(delivery_id="x:1:slack", channel="slack", team="desk", not_before=at(3)))
    one, other, _ = await claim(rig)
    dead = Ended(place=one.waiting[0].place, tries=TRIED, unsent=Unsent.REFUSED)
    failed = Ended(place=other.waiting[0].place, tries=TRIED, due_at=at(5))
    await rig.deliveries.record(Landed(claimed=one, ended=[dead]), START, None)
    await rig.deliveries.record(Landed(claimed=other, ended=[failed]), START, None)
    assert await rig.desk.channel_counts() == {
        "hook": ChannelCounts(waiting=2, failed=1, dead=1, oldest_at=START),
        "slack": ChannelCounts(waiting=1, oldest_at=at(3)),
    }

    async def named(wanted: DeliveriesWanted, before: int | None = None, limit: int = 10) -> list[str]:
        return [each.delivery.delivery_id for each in await rig.desk.deliveries(wanted, before, limit)]

    troubled = DeliveriesWanted(states=(DeliveryState.FAILED, DeliveryState.DEAD))
    assert await named(troubled) == ["a1:1:hook", "a0:1:hook"]
    assert await named(troubled, limit=1) == ["a1:1:hook"]
    assert await named(troubled, before=other.waiting[0].place) == ["a0:1:hook"]
    assert await named(DeliveriesWanted(states=(DeliveryState.WAITING,))) == ["x:1:slack", "a2:1:hook"]
    assert await named(DeliveriesWanted(channel="slack")) == ["x:1:slack"]
    assert await named(DeliveriesWanted(team="desk")) == ["x:1:slack"]


async def test_only_what_is_dead_is_sent_again_and_then_as_if_for_the_first_time(rig: Rig) -> None:
    await put(rig, make_delivery())
    (mine,) = await claim(rig)
    waiting = await rig.deliveries.again("alert-1:1:hook", at(9))
    assert waiting is not None
    assert waiting.due_at == START
    dead = Ended(place=mine.waiting[0].place, tries=TRIED, unsent=Unsent.TOO_OLD)
    await rig.deliveries.record(Landed(claimed=mine, ended=[dead]), START, None)
    again = await rig.deliveries.again("alert-1:1:hook", at(9))
    assert again is not None
    assert (again.state, again.tries, again.due_at, again.ended_at) == (DeliveryState.WAITING, Tries(), at(9), None)
    assert len(await claim(rig, at(9), lease="new")) == 1
    assert await rig.deliveries.again("another", at(9)) is None


async def test_what_waits_for_a_channel_that_is_gone_is_dead_unless_it_is_being_sent(rig: Rig) -> None:
    await put(rig, make_delivery(thread="a", delivery_id="a:1:hook"), make_delivery(thread="b", delivery_id="b:1:hook"))
    await claim(rig, limit=1)
    assert await rig.deliveries.drop("hook", at(1), 10) == 1
    assert [(await listed(rig, f"{one}:1:hook")).unsent for one in "ab"] == [None, Unsent.CHANNEL_GONE]


async def test_an_erasure_takes_a_person_out_of_what_waits(rig: Rig) -> None:
    lease = await claimed(rig.store)
    events = [survey("r1", 0, "late, says anna", customer="anna"), survey("r2", 0, "so late", customer="ben")]
    records = [read_event(event, START, RULES, place) for place, event in enumerate(events)]
    lease = (await run_batch(rig.store, lease, records, 2, RULES, lambda _: START)).lease
    await run_due(rig.store, RULES, at(2))
    (before,) = await claim(rig, at(2))
    assert "late, says anna" in str(before.waiting[0].delivery.payload)
    asked = {"specversion": "1.0", "id": "erase-1", "source": "/privacy", "type": "privacy.erasure.v1"}
    erasure = read_event({**asked, "data": {"customer": "anna", "request_id": "q-1"}}, at(3), RULES, 2)
    await run_batch(rig.store, lease, [erasure], 3, RULES, lambda _: at(3))
    done = None
    while (one := await erase_some(rig.store, RULES, KEY, at(4))) is not None:
        done = one
    assert done is not None
    assert done.counts["deliveries"] == 2
    assert await where(rig, "says anna") == {}
    (after,) = await claim(rig, at(9))
    assert "so late" in str(after.waiting[0].delivery.payload)


async def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(rig: Rig) -> None:
    await put(rig, make_delivery(thread="a", delivery_id="a:1:hook"), make_delivery(thread="b", delivery_id="b:1:hook"))
    one, _ = await claim(rig)
    await rig.deliveries.record(sent(one, known=Known(revision=1)), START, None)
    assert await rig.store.remove(Kept.DELIVERIES, START, 10) == 0
    assert await rig.store.remove(Kept.DELIVERIES, at(1), 10) == 1
    assert [each.delivery.delivery_id for each in await rig.desk.deliveries(DeliveriesWanted(), None, 10)] == [
        "b:1:hook"
    ]
