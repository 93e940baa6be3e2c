"""Who hears when nobody takes an alert, by whose clock, and who hears of its end."""

from typing import Any

import pytest

from service.core.pipeline.act import Deed
from service.core.playbook.model import Playbook
from service.core.records.words import Level
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Story, days, hours, minutes, seconds
from tests.story.steps import review, silence

pytestmark = pytest.mark.postgres
LADDERS = {"usual": {"steps": [{"after": "4h", "to": "desk"}, {"after": "20h", "to": "legal"}], "business": False}}


def climbing(calendars: dict[str, Any] | None = None, fatigue: dict[str, Any] | None = None, **asked: Any) -> Playbook:  # noqa: ANN401 - fields of the playbook
    given = {"ladders": LADDERS, "ladder": "usual", **asked}
    return make_playbook(escalation=given, calendars=calendars or {}, fatigue={"repeat": [], **(fatigue or {})})


async def test_what_nobody_takes_is_told_one_step_after_the_other_and_each_once(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(hours(4) + minutes(1), queue="desk", reason="escalated", severity="high")
        story.want(hours(20) + minutes(1), queue="legal", reason="escalated", severity="high")
        story.wait(days(10))


async def test_all_who_were_told_are_told_the_end(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(hours(4) + minutes(1), queue="desk", reason="escalated", severity="medium")
        story.push(solved(1), at=hours(6))
        story.want(hours(6), queue="drivers", reason="resolved", severity="medium")
        story.want(hours(6), queue="desk", reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_who_was_called_to_what_comes_and_goes_is_told_how_it_ended(rig: Rig) -> None:
    ladders = {"usual": {"steps": [{"after": "30m", "to": "desk"}]}}
    flapping = {"look_back": 10, "changes": 3, "calm": "24h"}
    async with Story(climbing(fatigue={"flapping": flapping}, ladders=ladders), on=rig) as story:
        for turn in (0, 1):
            story.push(problem(1, 2 * turn + 1, change="reopened" if turn else "created"), at=hours(2 * turn))
            story.push(solved(1, 2 * turn + 2), at=hours(2 * turn + 1))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.want(minutes(31), queue="desk", reason="escalated", severity="medium")
        for queue in ("drivers", "desk"):
            story.want(hours(1), queue=queue, reason="resolved", severity="medium")
        story.want(hours(2), queue="drivers", reason="reopened", severity="medium")
        story.want(hours(2) + minutes(30), queue="desk", reason="escalated", severity="medium")
        story.want(hours(3), queue="drivers", reason="flapping", severity="medium")
        for queue in ("drivers", "desk"):
            story.want(days(1) + hours(3), queue=queue, reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_an_acknowledgement_stops_the_ladder_until_it_expires(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=hours(1), queue="drivers")
        story.want(hours(25), queue="desk", reason="escalated", severity="high")
        story.want(hours(25), queue="legal", reason="escalated", severity="high")
        story.wait(days(3))


async def test_a_target_that_is_missed_is_told_once_for_the_answer_and_once_for_the_end(rig: Rig) -> None:
    asked = climbing(ladders={}, ladder=None, targets={"high": {"acknowledge": "2h", "resolve": "30h"}})
    async with Story(asked, on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(hours(2) + minutes(1), queue="drivers", reason="escalated", severity="high")
        story.act(Deed.ACK, at=hours(3), queue="drivers")
        story.want(hours(30) + minutes(1), queue="drivers", reason="escalated", severity="high")
        story.wait(days(4))


async def test_what_gets_worse_is_due_earlier(rig: Rig) -> None:
    targets = {"medium": {"acknowledge": "8h"}, "critical": {"acknowledge": "1h"}}
    async with Story(climbing(ladders={}, ladder=None, targets=targets), on=rig) as story:
        story.push(late(1, score=2), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(late(2, text="late, and on fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="severity_increased", severity="critical", customers=2)
        story.want(hours(3), queue="drivers", reason="escalated", severity="critical", customers=2)
        story.wait(days(1))


async def test_business_hours_alone_count_on_a_ladder_that_says_so(rig: Rig) -> None:
    office = {"office": {"time_zone": "UTC", "business_hours": {"mon-fri": "09:00-17:00"}}}
    ladders = {"usual": {"steps": [{"after": "10h", "to": "desk"}]}}
    async with Story(climbing(office, {"calendar": "office"}, ladders=ladders), on=rig) as story:
        # The story begins on a Monday at nine.
        story.push(late(1), at=hours(4))
        story.want(hours(4) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(days(1) + hours(6) + minutes(1), queue="desk", reason="escalated", severity="high")
        story.wait(days(3))


async def test_nobody_is_called_at_night_by_what_is_not_critical(rig: Rig) -> None:
    nights = {"nights": {"time_zone": "UTC", "quiet_hours": {"mon-sun": "20:00-07:00"}}}
    async with Story(climbing(nights, {"calendar": "nights"}), on=rig) as story:
        story.push(late(1), at=hours(8))
        story.want(hours(8) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.want(hours(22), queue="desk", reason="escalated", severity="high")
        story.want(hours(28) + minutes(1), queue="legal", reason="escalated", severity="high")
        story.wait(days(2))


async def test_a_silenced_alert_climbs_no_ladder_until_the_silence_is_over(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(6), matchers={"category": ("delivery",)}), at=hours(1))
        story.want(hours(6) + minutes(1), queue="desk", reason="escalated", severity="high")
        story.want(hours(20) + minutes(1), queue="legal", reason="escalated", severity="high")
        story.wait(days(2))


async def test_a_ladder_that_has_begun_is_not_changed_by_another_playbook(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.turn_to(make_playbook(fatigue={"repeat": []}), at=hours(1))
        story.want(hours(4) + minutes(1), queue="desk", reason="escalated", severity="high")
        story.want(hours(20) + minutes(1), queue="legal", reason="escalated", severity="high")
        story.wait(days(2))


async def test_a_review_climbs_too(rig: Rig) -> None:
    shown: dict[str, Any] = {"severity": "high", "kind": "volume", "level": "formal_review", "customers": 20}
    async with Story(climbing(), on=rig) as story:
        story.do("review opens", review(Level.FORMAL_REVIEW), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", **shown)
        story.want(hours(4) + minutes(1), queue="desk", reason="escalated", **shown)
        story.act(Deed.RESOLVE, at=hours(5), queue="drivers", kind="volume")
        story.want(hours(5), queue="drivers", reason="resolved", **shown)
        story.want(hours(5), queue="desk", reason="resolved", **shown)
        story.wait(days(2))


async def test_a_dispute_is_told_to_the_other_team_and_then_to_the_arbiter_until_somebody_settles_it(rig: Rig) -> None:
    ladders = {
        "dispute": {"steps": [{"after": "8h", "to": "judges"}, {"after": "16h", "to": "legal"}], "business": False}
    }
    async with Story(climbing(ladders=ladders, ladder=None, dispute="dispute"), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.act(Deed.DISPUTE, at=hours(1), queue="drivers", to="refunds")
        story.want(hours(1), queue="refunds", reason="escalated", severity="medium")
        story.want(hours(9), queue="judges", reason="escalated", severity="medium")
        story.act(Deed.REASSIGN, at=hours(10), queue="drivers", to="refunds")
        story.want(hours(10), queue="refunds", reason="owner_changed", severity="medium")
        story.push(solved(1), at=hours(11))
        story.want(hours(11), queue="refunds", reason="resolved", severity="medium")
        story.want(hours(11), queue="judges", reason="resolved", severity="medium")
        story.wait(days(3))
        story.open()


async def test_who_acknowledges_what_was_disputed_keeps_it(rig: Rig) -> None:
    ladders = {"dispute": {"steps": [{"after": "8h", "to": "judges"}], "business": False}}
    async with Story(climbing(ladders=ladders, ladder=None, dispute="dispute"), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.DISPUTE, at=hours(1), queue="drivers", to="refunds")
        story.want(hours(1), queue="refunds", reason="escalated", severity="high")
        story.act(Deed.ACK, at=hours(2), queue="drivers")
        story.wait(days(3))


async def test_a_silence_on_the_alerts_own_team_stops_its_ladder_as_well(rig: Rig) -> None:
    async with Story(climbing(), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(10)), at=hours(1))
        story.want(hours(10) + minutes(1), queue="desk", reason="escalated", severity="high")
        story.wait(hours(19))
