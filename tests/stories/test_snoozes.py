"""What an alert that was put aside keeps from its team, when it comes back, and what comes through."""

import pytest

from service.core.pipeline.act import Deed
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds
from tests.story.steps import silence

pytestmark = pytest.mark.postgres


async def test_what_was_put_aside_comes_back_when_its_time_is_over_news_or_not(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(5))
        story.want(hours(5), queue="drivers", reason="unmuted", severity="high")
        story.want(hours(29), queue="drivers", reason="repeat", severity="high")
        story.wait(hours(30))


async def test_news_wait_for_its_return_and_are_told_once(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(40))
        story.push(late(2), late(3), at=hours(2))
        story.push(late(4), at=hours(30))
        story.want(hours(40), queue="drivers", reason="unmuted", severity="high", customers=4)
        story.wait(hours(50))


async def test_what_is_critical_for_the_first_time_passes_and_the_rest_goes_on_waiting(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(5))
        story.push(late(2, text="late, fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="severity_increased", severity="critical", customers=2)
        story.push(late(3), late(4), at=hours(3))
        story.want(hours(5), queue="drivers", reason="unmuted", severity="critical", customers=4)
        story.wait(hours(10))


async def test_the_end_is_told_and_a_return_within_the_time_waits(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(9))
        story.push(solved(1), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.push(problem(1, 3), at=hours(4))
        story.want(hours(9), queue="drivers", reason="unmuted", severity="medium")
        story.wait(hours(20))
        story.open(Open(queue="drivers", category="delivery", severity="medium", customers=1))


async def test_who_takes_it_up_before_its_time_hears_at_once_what_came(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(20))
        story.push(late(2), at=hours(2))
        story.act(Deed.UNSNOOZE, at=hours(3), queue="drivers")
        story.want(hours(3), queue="drivers", reason="unmuted", severity="high", customers=2)
        story.wait(hours(20))


async def test_and_nothing_where_nothing_came(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(20))
        story.act(Deed.UNSNOOZE, at=hours(3), queue="drivers")
        story.want(hours(24) + minutes(1), queue="drivers", reason="repeat", severity="high")
        story.wait(hours(30))


async def test_an_acknowledgement_does_not_keep_it_from_coming_back(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=minutes(30), queue="drivers")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(5))
        story.want(hours(5), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(20))


async def test_a_silence_that_outlasts_it_holds_it_on(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(5))
        story.do("silence", silence("s1", hours(8)), at=hours(2))
        story.want(hours(8), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(20))


async def test_steps_of_its_ladder_wait_for_its_return(rig: Rig) -> None:
    steps = [{"after": "2h", "to": "desk"}]
    ladder = {"ladders": {"usual": {"steps": steps, "business": False}}}
    playbook = make_playbook(escalation={**ladder, "ladder": "usual"})
    async with Story(playbook, on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=hours(5))
        story.want(hours(5), queue="drivers", reason="unmuted", severity="high")
        story.want(hours(5), queue="desk", reason="escalated", severity="high")
        story.wait(hours(20))


async def test_another_team_hears_of_it_at_once(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.SNOOZE, at=hours(1), queue="drivers", until=days(3))
        story.act(Deed.REASSIGN, at=hours(2), queue="drivers", to="refunds")
        story.want(hours(2), queue="refunds", reason="owner_changed", severity="high")
        story.wait(hours(20))


async def test_what_a_person_reopens_is_told_to_be_open_again(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.RESOLVE, at=hours(1), queue="drivers")
        story.want(hours(1), queue="drivers", reason="resolved", severity="high")
        story.act(Deed.REOPEN, at=days(20), queue="drivers")
        story.want(days(20), queue="drivers", reason="reopened", severity="high")
        story.want(days(21), queue="drivers", reason="repeat", severity="high")
        story.want(days(24), queue="drivers", reason="repeat", severity="high")
        story.wait(days(25))
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=1))


async def test_nobody_hears_of_an_end_that_was_taken_back_before_it_was_told(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.RESOLVE, at=minutes(5), queue="drivers")
        story.act(Deed.REOPEN, at=minutes(6), queue="drivers")
        story.wait(hours(20))
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=1))
