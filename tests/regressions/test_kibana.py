"""Troubles told of Kibana's alerting, by their threads, and how they go here."""

from typing import Any

import pytest

from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds
from tests.story.steps import silence

pytestmark = pytest.mark.postgres

OFTEN: dict[str, Any] = {"look_back": 10, "changes": 3, "calm": "24h"}


@pytest.mark.parametrize("flapping", [None, OFTEN], ids=["flapping off", "flapping on"])
@pytest.mark.parametrize("wait", ["0s", "10m", "6h"])
async def test_239852_with_or_without_flap_detection_an_alert_that_waits_is_told(
    rig: Rig, wait: str, flapping: dict[str, Any] | None
) -> None:
    waited = {"0s": seconds(0), "10m": minutes(10), "6h": hours(6)}[wait]
    routes = {"team": "desk", "arbitration": "judges", "routes": [{"id": "all", "team": "drivers", "wait": wait}]}
    async with Story(make_playbook(routes=routes, fatigue={"flapping": flapping}), on=rig) as story:
        story.push(late(1), at=hours(1))
        story.want(hours(1) + waited, queue="drivers", reason="opened", severity="high")
        story.wait(days(1))


def from_one_to_three(kind: str, rig: Rig) -> Story:
    """Hold back whatever delivery and refunds have for two hours, by a calendar or by a silence."""
    if kind == "silence":
        story = Story(on=rig)
        story.do("silence", silence("s1", hours(3), matchers={"category": ("delivery", "refund")}), at=hours(1))
        return story
    # The story begins at nine, UTC.
    rest = {"time_zone": "UTC", "quiet_hours": {"mon-sun": "10:00-12:00"}}
    return Story(make_playbook(calendars={"rest": rest}, fatigue={"calendar": "rest"}), on=rig)


@pytest.mark.parametrize("kind", ["quiet hours", "silence"])
async def test_215634_when_a_window_ends_what_is_active_is_told_and_not_what_is_over(rig: Rig, kind: str) -> None:
    async with from_one_to_three(kind, rig) as story:
        story.push(problem(1), at=minutes(70))
        story.push(late(9, text="refund"), at=minutes(80))
        story.push(solved(1), at=hours(2))
        story.want(hours(3), queue="refunds", reason="unmuted", severity="high")
        story.wait(hours(20))
        story.open(Open(queue="refunds", category="refund", severity="high"))


@pytest.mark.parametrize("kind", ["quiet hours", "silence"])
async def test_215634_what_a_window_held_back_is_told_to_be_over_once_it_was_told(rig: Rig, kind: str) -> None:
    async with from_one_to_three(kind, rig) as story:
        story.push(problem(1), at=minutes(70))
        story.push(late(9, text="refund"), at=minutes(80))
        story.push(problem(2), at=minutes(90))
        story.push(solved(1), at=hours(2))
        story.want(hours(3), queue="refunds", reason="unmuted", severity="high")
        story.want(hours(3), queue="drivers", reason="unmuted", severity="medium", customers=2)
        story.push(solved(2), at=hours(4))
        story.want(hours(4), queue="drivers", reason="resolved", severity="medium", customers=2)
        story.wait(hours(20))
        story.open(Open(queue="refunds", category="refund", severity="high"))


@pytest.mark.parametrize("over", [True, False], ids=["over", "open"])
@pytest.mark.parametrize("changes", [3, 4])
async def test_146221_a_team_is_told_that_an_alert_flaps_and_that_it_does_no_more(
    rig: Rig, changes: int, *, over: bool
) -> None:
    # It begins to flap with its third change, when it is over, or with its fourth, when it is open.
    async with Story(make_playbook(fatigue={"flapping": OFTEN | {"changes": changes}}), on=rig) as story:
        told = ["opened", "resolved", "reopened", "resolved"][:changes]
        last = 7 if over else 8
        for hour in range(last + 1):
            event = solved(1, hour + 1) if hour % 2 else problem(1, hour + 1, change="reopened" if hour else "created")
            story.push(event, at=hours(hour))
        for hour, reason in enumerate([*told, "flapping"]):
            story.want(hours(hour) if hour else minutes(1), queue="drivers", reason=reason, severity="medium")
        ending = "resolved" if over else "flapping"
        story.want(hours(last) + days(1), queue="drivers", reason=ending, severity="medium")
        story.wait(days(2))
        story.open(*([] if over else [Open(queue="drivers", category="delivery", severity="medium")]))
