"""What comes and goes: told once that it does, and once how it ended."""

import pytest

from service.core.playbook.model import Playbook
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import problem, solved
from tests.story import Open, Story, days, hours, minutes

pytestmark = pytest.mark.postgres


def flapping(**fatigue: object) -> Playbook:
    """After three changes an alert flaps, until it is left alone for a day."""
    return make_playbook(fatigue={"flapping": {"look_back": 10, "changes": 3, "calm": "24h"}, **fatigue})


async def test_what_flapped_is_told_to_be_over_before_the_next_alert_of_its_key_opens(rig: Rig) -> None:
    async with Story(flapping(reopen_window="90m"), on=rig) as story:
        for turn in (0, 1):
            story.push(problem(1, 2 * turn + 1, change="reopened" if turn else "created"), at=hours(2 * turn))
            story.push(solved(1, 2 * turn + 2), at=hours(2 * turn + 1))
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
