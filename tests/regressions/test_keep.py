"""Troubles told of Keep, by their threads, and how they go here."""

import pytest

from tests.builders import make_playbook, survey, with_routes
from tests.ports.conftest import Rig
from tests.regressions.retelling import desk, late, problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds

pytestmark = pytest.mark.postgres

BY_CHANNEL = with_routes({"id": "all", "team": "drivers"}, group_by=["channel"])


async def test_5115_a_threshold_does_not_count_what_is_resolved_already(rig: Rig) -> None:
    playbook = make_playbook(at_risk={"team": "legal", "cases": 3}, fatigue={"floor": "critical"})
    async with Story(playbook, on=rig) as story:
        for number in (1, 2, 3, 4):
            story.push(problem(number, customer="anna"), at=hours(2 * number))
            story.push(solved(number, customer="anna"), at=hours(2 * number + 1))
        story.push(problem(5, customer="anna"), at=hours(11))
        story.push(problem(6, customer="anna"), at=hours(12))
        story.push(problem(7, customer="anna"), at=hours(13))
        story.want(hours(13) + minutes(1), queue="legal", reason="opened", severity="high", kind="at_risk")
        story.open(Open(queue="legal", category="delivery", severity="high", events=3, kind="at_risk"))


async def test_6793_a_key_of_the_playbook_s_own_holds_whichever_way_an_event_comes(rig: Rig) -> None:
    document = {**BY_CHANNEL.model_dump(by_alias=True, exclude_none=True), "sources": {"desk": desk(channel="how")}}
    async with Story(type(BY_CHANNEL).model_validate(document), on=rig) as story:
        story.push(survey("r1", 0, "late", channel="chat"), at=seconds(0))
        story.push(survey("r2", 0, "refund", channel="chat", customer="ben"), at=seconds(10))
        story.push_raw("desk", at=seconds(20), number="1", id="a", said="late", who="cleo", how="chat")
        story.want(minutes(1), queue="drivers", reason="opened", severity="high", customers=3)
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=3))


async def test_6793_events_without_any_field_of_the_key_do_not_fall_into_one_alert(rig: Rig) -> None:
    async with Story(BY_CHANNEL, on=rig) as story:
        story.push(late(1), late(2), at=seconds(0))
        for _ in range(2):
            story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.open(*(Open(queue="drivers", category="delivery", severity="high") for _ in range(2)))


async def test_4766_events_of_the_day_before_follow_the_new_key_once_it_holds(rig: Rig) -> None:
    by_subject = with_routes({"id": "all", "team": "drivers"}, group_by=["subject"])
    async with Story(BY_CHANNEL, on=rig) as story:
        story.push(late(1, channel="chat"), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.turn_to(by_subject, at=hours(1))
        story.push(late(2, channel="chat"), at=hours(2))
        story.want(hours(2) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.open(*(Open(queue="drivers", category="delivery", severity="high") for _ in range(2)))


async def test_6531_what_is_stored_is_told_though_the_service_was_down_when_it_was_due(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), late(2, text="refund"), at=seconds(0))
        story.stop(until=hours(3))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(minutes(1), queue="refunds", reason="opened", severity="high")
        story.open(
            Open(queue="drivers", category="delivery", severity="high"),
            Open(queue="refunds", category="refund", severity="high"),
        )


async def test_2481_what_comes_after_the_end_is_told_and_not_lost_in_what_is_resolved(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(solved(1), at=hours(1))
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.push(problem(2), at=hours(2))
        story.want(hours(2), queue="drivers", reason="reopened", severity="medium", customers=2)
        story.push(solved(2), at=hours(3))
        story.want(hours(3), queue="drivers", reason="resolved", severity="medium", customers=2)
        story.push(problem(3), at=days(12))
        story.want(days(12) + minutes(1), queue="drivers", reason="opened", severity="medium")
        story.open(Open(queue="drivers", category="delivery", severity="medium"))


async def test_two_events_that_come_in_turn_again_and_again_are_each_known_already(rig: Rig) -> None:
    async with Story(on=rig) as story:
        for turn in range(4):
            story.push(late(1), at=minutes(2 * turn))
            story.push(late(2, text="refund"), at=minutes(2 * turn + 1))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(minutes(2), queue="refunds", reason="opened", severity="high")
        story.open(
            Open(queue="drivers", category="delivery", severity="high"),
            Open(queue="refunds", category="refund", severity="high"),
        )
