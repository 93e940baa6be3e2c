"""Quiet hours by a team's own clock: what waits for the morning, and what does not."""

import pytest

from service.core.pipeline.act import Deed
from service.core.playbook.model import Playbook
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds

pytestmark = pytest.mark.postgres


def nights(**changes: object) -> Playbook:
    """The drivers sleep from 20 to 7 o'clock in Madrid, two hours ahead of UTC; the story begins at 11 their time."""
    madrid = {"time_zone": "Europe/Madrid", "quiet_hours": {"mon-sun": "20:00-07:00"}}
    return make_playbook(calendars={"madrid": madrid}, fatigue={"calendar": "madrid", **changes})


NIGHT, MORNING = hours(10), hours(20)


async def test_what_comes_at_night_is_told_in_the_morning(rig: Rig) -> None:
    async with Story(nights(), on=rig) as story:
        story.push(late(1), at=NIGHT)
        story.push(late(2), at=NIGHT + hours(1))
        story.want(MORNING, queue="drivers", reason="unmuted", severity="high", customers=2)
        story.wait(days(1))
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=2))


async def test_what_is_critical_wakes_the_team(rig: Rig) -> None:
    async with Story(nights(), on=rig) as story:
        story.push(late(1, text="late, and on fire"), at=NIGHT)
        story.want(NIGHT, queue="drivers", reason="opened", severity="critical")
        story.wait(days(1))


async def test_what_ends_at_night_is_told_at_night_where_its_beginning_was(rig: Rig) -> None:
    async with Story(nights(), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(solved(1), at=NIGHT)
        story.want(NIGHT, queue="drivers", reason="resolved", severity="medium")
        story.push(problem(2, category="delivery"), at=NIGHT + hours(1))
        story.push(solved(2), at=NIGHT + hours(2))
        story.wait(days(1))
        story.open()


async def test_a_reminder_that_falls_into_the_night_waits_as_well(rig: Rig) -> None:
    async with Story(nights(repeat=["12h"]), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(MORNING, queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(30))


async def test_a_night_is_an_hour_shorter_when_the_clock_is_put_forward(rig: Rig) -> None:
    async with Story(nights(), on=rig) as story:
        # From 25 October 2026, 3 o'clock, Madrid is one hour ahead of UTC; the story began on 4 May.
        eve = days(173) + hours(12)
        story.push(late(1), at=eve)
        story.want(days(174) - hours(9) + hours(6), queue="drivers", reason="unmuted", severity="high")
        story.wait(days(174))


async def test_several_alerts_of_a_night_are_read_in_one_digest(rig: Rig) -> None:
    route = {"id": "all", "team": "drivers", "group_by": ["customer"]}
    routes = {"team": "desk", "arbitration": "judges", "routes": [route]}
    playbook = nights().model_copy(update={"routes": make_playbook(routes=routes).routes})
    async with Story(playbook, on=rig) as story:
        story.push(late(1), late(2, text="The parcel came late, and the driver was rude"), late(3), at=NIGHT)
        for _ in range(3):
            story.want(MORNING, queue="drivers", reason="unmuted", severity="high")
        story.wait(days(1))
    (digest,) = await rig.desk.digests("drivers", None, 10)
    assert (digest.reason.value, digest.totals.alerts, digest.totals.customers) == ("quiet_hours_over", 3, 3)


async def test_a_reminder_of_the_night_that_somebody_takes_comes_when_that_has_ended(rig: Rig) -> None:
    async with Story(nights(repeat=["12h"]), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=NIGHT + hours(3), queue="drivers")
        # It ends at night, an hour after which it would have been told by day.
        story.want(MORNING + days(1), queue="drivers", reason="unmuted", severity="high")
        story.wait(days(2))
