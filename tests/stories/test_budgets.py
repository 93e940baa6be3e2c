"""A team's budget of interrupts: the worthiest first, the rest in the digest, and what is critical beside it."""

from typing import Any

import pytest

from service.core.playbook.model import Playbook
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late
from tests.story import Story, days, hours, minutes, seconds

pytestmark = pytest.mark.postgres
ROUTES = {
    "team": "desk",
    "arbitration": "judges",
    "routes": [{"id": "all", "team": "drivers", "group_by": ["region"]}],
}


def budget(**limits: int) -> Playbook:
    """One alert for each region, all of them the drivers'."""
    return make_playbook(routes=ROUTES, fatigue={"budget": limits})


def from_region(number: int, region: str, score: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    event = late(number, score=score, **more)
    return event | {"data": event["data"] | {"customer": {"ref": f"c{number}", "region": region}}}


async def test_of_what_is_due_together_the_worthiest_is_told_and_the_rest_is_in_the_digest(rig: Rig) -> None:
    async with Story(budget(per_hour=1), on=rig) as story:
        story.push(from_region(1, "uk", score=2), from_region(2, "de"), from_region(3, "fr", score=2), at=seconds(0))
        story.push(from_region(4, "fr", score=2), at=seconds(5))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(days(1), queue="drivers", reason="digest", severity="medium")
        story.want(days(1), queue="drivers", reason="digest", severity="medium", customers=2)
        story.wait(days(1))
    (digest,) = await rig.desk.digests("drivers", None, 10)
    assert (digest.reason.value, digest.totals.alerts, digest.totals.customers) == ("daily", 2, 3)


async def test_many_customers_outweigh_one_worse_complaint(rig: Rig) -> None:
    async with Story(budget(per_day=1), on=rig) as story:
        story.push(from_region(1, "uk"), *(from_region(n, "de", score=2) for n in range(2, 6)), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium", customers=4)
        story.want(days(1), queue="drivers", reason="digest", severity="high")
        story.wait(days(1))


async def test_an_hour_later_there_is_room_again(rig: Rig) -> None:
    async with Story(budget(per_hour=1), on=rig) as story:
        story.push(from_region(1, "uk"), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.push(from_region(2, "de"), at=minutes(10))
        story.push(from_region(3, "fr"), at=minutes(61))
        story.want(minutes(62), queue="drivers", reason="opened", severity="high")
        story.want(days(1), queue="drivers", reason="digest", severity="high")
        story.wait(days(1))


async def test_an_empty_budget_lets_what_is_critical_through_and_is_not_spent_by_it(rig: Rig) -> None:
    async with Story(budget(per_day=1), on=rig) as story:
        story.push(from_region(1, "uk", text="fire"), at=seconds(0))
        story.want(seconds(0), queue="drivers", reason="opened", severity="critical")
        story.push(from_region(2, "de"), at=minutes(5))
        story.want(minutes(6), queue="drivers", reason="opened", severity="high")
        story.push(from_region(3, "fr", text="fire"), at=minutes(10))
        story.want(minutes(10), queue="drivers", reason="opened", severity="critical")
        story.wait(hours(2))


async def test_what_waits_for_the_digest_and_gets_worse_is_tried_again(rig: Rig) -> None:
    async with Story(budget(per_hour=1), on=rig) as story:
        story.push(from_region(1, "uk"), from_region(2, "de", score=2), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.push(from_region(3, "de"), at=minutes(70))
        story.want(minutes(70), queue="drivers", reason="opened", severity="high", customers=2)
        story.wait(hours(12))
