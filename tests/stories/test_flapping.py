"""What comes and goes: told once that it does, and once how it ended."""

import pytest

from service.core.playbook.model import Playbook
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds
from tests.story.steps import silence

pytestmark = pytest.mark.postgres


def flapping(changes: int = 3, **fatigue: object) -> Playbook:
    """After some changes an alert flaps, until it is left alone for a day."""
    return make_playbook(fatigue={"flapping": {"look_back": 10, "changes": changes, "calm": "24h"}, **fatigue})


def comes_and_goes(story: Story, first: int) -> None:
    """Three changes, an hour from one to the next."""
    for turn in (0, 1):
        at = hours(first + 2 * turn)
        story.push(problem(1, 2 * turn + 1, change="reopened" if turn else "created"), at=at)
        story.push(solved(1, 2 * turn + 2), at=at + hours(1))


async def test_what_flapped_is_told_to_be_over_before_the_next_alert_of_its_key_opens(rig: Rig) -> None:
    async with Story(flapping(reopen_window="90m"), on=rig) as story:
        comes_and_goes(story, 0)
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(2), queue="drivers", reason="reopened", severity="medium")
        story.want(hours(3), queue="drivers", reason="flapping", severity="medium")
        story.push(problem(2), at=hours(5))
        story.want(hours(5), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(5) + minutes(1), queue="drivers", reason="opened", severity="medium")
        story.wait(days(1))
        story.open(Open(queue="drivers", category="delivery", severity="medium"))


async def test_what_is_critical_is_told_each_time_it_comes_back_while_its_alert_flaps(rig: Rig) -> None:
    fire = {"body": "late, and on fire"}
    async with Story(flapping(), on=rig) as story:
        for turn in range(3):
            change = "reopened" if turn else "created"
            story.push(problem(1, 2 * turn + 1, change=change, **fire), at=hours(2 * turn))
            story.push(solved(1, 2 * turn + 2), at=hours(2 * turn + 1))
        story.want(hours(0), queue="drivers", reason="opened", severity="critical")
        story.want(hours(1), queue="drivers", reason="resolved", severity="critical")
        story.want(hours(2), queue="drivers", reason="reopened", severity="critical")
        story.want(hours(3), queue="drivers", reason="flapping", severity="critical")
        story.want(hours(4), queue="drivers", reason="reopened", severity="critical")
        story.want(days(1) + hours(5), queue="drivers", reason="resolved", severity="critical")
        story.wait(days(3))
        story.open()


async def test_what_came_and_went_under_a_silence_and_is_over_when_that_ends_is_not_told(rig: Rig) -> None:
    async with Story(flapping(), on=rig) as story:
        story.do("silence", silence("s1", hours(6)), at=seconds(0))
        comes_and_goes(story, 1)
        story.wait(days(3))
        story.open()


async def test_the_end_of_what_was_told_passes_a_silence_also_when_it_begins_to_flap(rig: Rig) -> None:
    async with Story(flapping(), on=rig) as story:
        comes_and_goes(story, 0)
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(2), queue="drivers", reason="reopened", severity="medium")
        story.do("silence", silence("s1", hours(6)), at=hours(2) + minutes(30))
        story.want(hours(3), queue="drivers", reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_critical_news_of_what_begins_to_flap_are_told_and_then_that_it_does(rig: Rig) -> None:
    async with Story(flapping(changes=2), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(solved(1), at=hours(1))
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.push(problem(1, 3, change="reopened", body="late, and on fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="reopened", severity="critical")
        story.push(problem(1, 4, change="status", status="solved", body="late, and on fire"), at=hours(3))
        story.want(hours(3), queue="drivers", reason="flapping", severity="critical")
        story.want(days(1) + hours(3), queue="drivers", reason="resolved", severity="critical")
        story.wait(days(3))
        story.open()


async def test_a_step_that_was_due_while_it_was_over_is_climbed_when_it_is_open_again(rig: Rig) -> None:
    ladders = {"usual": {"steps": [{"after": "4h", "to": "desk"}]}}
    playbook = flapping().model_copy(
        update={"escalation": make_playbook(escalation={"ladders": ladders, "ladder": "usual"}).escalation}
    )
    async with Story(playbook, on=rig) as story:
        comes_and_goes(story, 0)
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(2), queue="drivers", reason="reopened", severity="medium")
        story.want(hours(3), queue="drivers", reason="flapping", severity="medium")
        story.push(problem(1, 5, change="reopened"), at=hours(8))
        story.want(hours(8), queue="desk", reason="escalated", severity="medium")
        story.wait(hours(20))
