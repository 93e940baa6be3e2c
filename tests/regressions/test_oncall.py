"""Troubles told of Grafana OnCall and of GoAlert, by their threads, and how they go here."""

import pytest

from service.core.pipeline.act import Deed
from tests.builders import with_routes
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Scene, Story, between, days, hours, minutes, seconds
from tests.story.steps import silence

pytestmark = pytest.mark.postgres

BY_SEVERITY = ({"id": "grave", "match": {"severity": ["critical"]}, "team": "legal"}, {"id": "rest", "team": "drivers"})


async def test_4421_a_case_that_gets_worse_stays_one_alert_though_another_route_takes_it(rig: Rig) -> None:
    async with Story(with_routes(*BY_SEVERITY, group_by=["subject"]), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(problem(1, 2, body="late, and now a fire"), at=hours(1))
        story.want(hours(1), queue="legal", reason="owner_changed", severity="critical")
        story.push(solved(1, 3), at=hours(2))
        story.want(hours(2), queue="legal", reason="resolved", severity="critical")
        story.open()


async def test_4421_on_one_route_severity_is_no_part_of_the_key(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1, score=2), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(late(2, text="late, fire"), at=hours(1))
        story.want(hours(1), queue="drivers", reason="severity_increased", severity="critical", customers=2)
        story.open(Open(queue="drivers", category="delivery", severity="critical", customers=2))


async def test_5480_a_condition_that_fails_is_seen_and_not_taken_for_a_no(rig: Rig) -> None:
    failing = "size(feedback.labels) == 0 || 10 / (size(feedback.labels) - 2) > 0"
    routes = ({"id": "odd", "when": failing, "team": "legal"}, {"id": "rest", "team": "drivers"})
    async with Story(with_routes(*routes), on=rig) as story:
        story.push(late(1, source_labels=["a", "b"]), at=seconds(0))
        story.want(minutes(1), queue="desk", reason="opened", severity="high")
    (line,) = [line async for line in rig.archive.feedback()]
    assert (line["team"], line["route"], line["flags"]) == ("desk", "root", ["route_error"])
    row = await rig.desk.explanation(line["source"], line["event_id"])
    assert row is not None
    assert row.explanation["route"]["reason"] == "route_error"
    assert row.explanation["route"]["tried"] == [{"route": "odd", "failed": "condition_error"}]


async def test_1931_a_route_s_wait_is_kept(rig: Rig) -> None:
    async with Story(with_routes({"id": "all", "team": "drivers", "wait": "1h"}), on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.push(late(2), at=minutes(59))
        story.want(hours(1), queue="drivers", reason="opened", severity="high", customers=2)


async def test_2275_states_of_a_case_that_look_unlike_each_other_are_one_alert(rig: Rig) -> None:
    async with Story(with_routes({"id": "all", "team": "drivers"}, group_by=["subject"]), on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(problem(1, 2, priority="high", body="A refund, please", channel="chat"), at=hours(1))
        story.push(solved(1, 3, priority=None), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.open()


async def test_4760_an_acknowledgement_holds_all_reminders_of_its_alert(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=hours(23), queue="drivers")
        story.act(Deed.ACK, at=hours(46), queue="drivers", by="kim")
        story.want(hours(70), queue="drivers", reason="repeat", severity="high")


async def test_5392_resolving_what_still_burns_pages_nobody_anew(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.act(Deed.RESOLVE, at=hours(1), queue="drivers")
        story.want(hours(1), queue="drivers", reason="resolved", severity="medium")
        story.push(problem(1, 2, body="still late"), at=hours(2))
        story.wait(days(3))
        story.open()


async def test_goalert_3397_an_acknowledged_alert_that_is_forgotten_ends_and_hides_nothing_new(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=hours(1), queue="drivers")
        story.want(hours(25), queue="drivers", reason="repeat", severity="high")
        story.act(Deed.ACK, at=hours(26), queue="drivers")
        story.want(hours(97), queue="drivers", reason="repeat", severity="high")
        story.want(days(8), queue="drivers", reason="digest", severity="high")
        story.want(days(12), queue="drivers", reason="digest", severity="high")
        story.act(Deed.ACK, at=days(13) + hours(12), queue="drivers")
        story.want(days(14), queue="drivers", reason="resolved", severity="high")
        story.push(late(2), at=days(22))
        story.want(days(22) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.open(Open(queue="drivers", category="delivery", severity="high"))


async def ended(scene: Scene) -> str:
    """Say how the silence ended, if it has."""
    async with scene.store.transaction() as transaction:
        held = await transaction.load_silence("s1", scene.now)
    assert held is not None
    return "in force" if held.ended_by is None else held.ended_by.value


async def test_2951_a_silence_over_one_customer_does_not_hide_all_that_come_after(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(25), baseline=1), at=hours(1))
        for number in (2, 3):
            story.push(late(number), at=hours(number))
        story.do("look at the silence", ended, at=hours(3) + minutes(30))
        story.push(late(4), at=hours(4))
        soon = between(hours(4), hours(4) + minutes(2))
        story.want(soon, queue="drivers", reason="unmuted", severity="high", customers=4)
        story.do("look at the silence", ended, at=hours(4) + minutes(2))
        story.wait(hours(20))
    assert [line.split("; ")[-1] for line in story.course.splitlines() if "look at" in line] == ["in force", "outgrown"]


async def test_2951_what_is_critical_is_told_at_once_though_the_silence_holds(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(25), baseline=1), at=hours(1))
        story.push(late(2), at=hours(2))
        story.push(late(3, text="late, fire"), at=hours(3))
        story.want(hours(3), queue="drivers", reason="severity_increased", severity="critical", customers=3)
        story.wait(hours(20))
