"""What an open formal review says for the single alerts of its cell, and what is told when it ends."""

from typing import Any

import pytest

from service.core.records.words import Level
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, days, hours, minutes, seconds
from tests.story.steps import review

pytestmark = pytest.mark.postgres
FORMAL, LOCAL = Level.FORMAL_REVIEW, Level.LOCAL_ADJUSTMENT
REVIEW: dict[str, Any] = {"queue": "drivers", "kind": "volume", "severity": "high", "customers": 20}


async def test_under_a_formal_review_single_alerts_of_its_cell_wait_and_are_told_once_when_it_ends(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(FORMAL), at=seconds(0))
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), late(2), at=hours(1))
        story.push(late(3), at=hours(5))
        story.do("review ends", review(None), at=hours(8))
        story.want(hours(8), reason="resolved", level="formal_review", **REVIEW)
        story.want(hours(8), queue="drivers", reason="unmuted", severity="high", customers=3)
        story.wait(hours(20))
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=3))


async def test_a_review_that_nobody_was_told_of_speaks_for_nothing(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(FORMAL), at=minutes(30))
        story.push(late(1), at=minutes(30) - seconds(30))
        story.want(minutes(30) + seconds(30), queue="drivers", reason="opened", severity="high")
        story.want(minutes(31), reason="opened", level="formal_review", **REVIEW)
        story.wait(hours(2))


async def test_what_is_critical_passes_a_review(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(FORMAL), at=seconds(0))
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), at=hours(1))
        story.push(late(2, text="late, and on fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="opened", severity="critical", customers=2)
        story.wait(hours(5))


async def test_a_local_adjustment_and_another_cell_hold_nothing_back(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(LOCAL), at=seconds(0))
        story.do("another opens", review(FORMAL, category="safety"), at=seconds(0))
        story.want(minutes(1), reason="opened", level="local_adjustment", **REVIEW)
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), at=hours(1))
        story.want(hours(1) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.wait(hours(5))


async def test_a_review_that_comes_down_to_a_local_adjustment_lets_go(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(FORMAL), at=seconds(0))
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), at=hours(1))
        story.do("review comes down", review(LOCAL), at=hours(2))
        story.want(hours(2), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(5))


async def test_what_was_told_before_the_review_is_told_to_be_over(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.do("review opens", review(FORMAL), at=hours(1))
        story.want(hours(1) + minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(solved(1), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.wait(hours(5))


async def test_without_the_rule_a_review_holds_nothing_back(rig: Rig) -> None:
    async with Story(make_playbook(inhibit=[]), on=rig) as story:
        story.do("review opens", review(FORMAL), at=seconds(0))
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), at=hours(1))
        story.want(hours(1) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.wait(hours(5))


async def test_a_stop_of_the_service_lets_nothing_through(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("review opens", review(FORMAL), at=seconds(0))
        story.want(minutes(1), reason="opened", level="formal_review", **REVIEW)
        story.push(late(1), at=hours(1))
        story.stop(until=hours(6))
        story.push(late(2), at=hours(6))
        story.do("review ends", review(None), at=days(1))
        story.want(days(1), reason="resolved", level="formal_review", **REVIEW)
        story.want(days(1), queue="drivers", reason="unmuted", severity="high", customers=2)
        story.wait(days(1) + hours(1))
