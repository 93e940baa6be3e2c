"""What a silence holds back, when it ends or breaks, and what is told then."""

import pytest

from service.core.pipeline.act import Deed
from service.core.records.words import Severity
from tests.builders import make_playbook
from tests.ports.conftest import Rig
from tests.regressions.retelling import late, problem, solved
from tests.story import Open, Story, between, days, hours, minutes, seconds
from tests.story.steps import lifted, silence

pytestmark = pytest.mark.postgres


async def test_a_silence_that_ends_in_time_tells_once_of_what_is_still_open(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(4)), at=seconds(0))
        story.push(late(1), late(2), at=hours(1))
        story.push(late(3), at=hours(2))
        story.want(hours(4), queue="drivers", reason="unmuted", severity="high", customers=3)
        story.wait(hours(20))
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=3))


async def test_what_was_over_before_its_silence_ended_is_never_told(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(4)), at=seconds(0))
        story.push(problem(1), at=hours(1))
        story.push(solved(1), at=hours(2))
        story.wait(hours(20))
        story.open()


async def test_what_was_told_before_its_silence_is_told_to_be_over(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(problem(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.do("silence", silence("s1", hours(4)), at=hours(1))
        story.push(solved(1), at=hours(2))
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.wait(hours(20))
        story.open()


async def test_a_reminder_that_a_silence_held_back_comes_when_it_ends(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(30)), at=hours(1))
        story.want(hours(30), queue="drivers", reason="unmuted", severity="high")
        story.want(hours(54), queue="drivers", reason="repeat", severity="high")
        story.wait(hours(60))


async def test_a_silence_over_a_growing_fire_breaks(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", days(7), baseline=2, growth=2.0), at=seconds(0))
        story.push(late(1), late(2), late(3), late(4), at=hours(1))
        story.push(late(5), at=hours(2))
        story.want(
            between(hours(2), hours(2) + minutes(2)), queue="drivers", reason="unmuted", severity="high", customers=5
        )
        story.push(late(6), late(7), late(8), late(9), late(10), at=hours(3))
        story.want(hours(3), queue="drivers", reason="customers_doubled", severity="high", customers=10)
        story.wait(hours(4))


async def test_a_silence_breaks_under_what_is_too_severe(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", days(7), breaks_at=Severity.HIGH), at=seconds(0))
        story.push(late(1, score=2), at=hours(1))
        story.push(late(2), at=hours(2))
        story.want(
            between(hours(2), hours(2) + minutes(3)), queue="drivers", reason="unmuted", severity="high", customers=2
        )
        story.wait(hours(12))


async def test_what_is_critical_passes(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", days(7)), at=seconds(0))
        story.push(late(1), at=hours(1))
        story.push(late(2, text="late, and on fire"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="opened", severity="critical", customers=2)
        story.wait(hours(12))


async def test_unless_the_author_wanted_otherwise_in_so_many_words(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(5), including_critical=True, breaks_at=None), at=seconds(0))
        story.push(late(1, text="late, and on fire"), at=hours(1))
        story.want(hours(5), queue="drivers", reason="opened", severity="critical")
        story.wait(hours(12))


async def test_lifting_a_silence_tells_at_once(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", days(7)), at=seconds(0))
        story.push(late(1), at=hours(1))
        story.do("lift", lifted("s1"), at=hours(2))
        story.want(hours(2), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(12))


async def test_of_two_silences_the_last_that_ends_tells(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(3)), at=seconds(0))
        story.do("silence", silence("s2", hours(5), matchers={"category": ("delivery",)}), at=seconds(0))
        story.push(late(1), at=hours(1))
        story.want(hours(5), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(12))


async def test_a_silence_holds_only_what_it_names(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do(
            "silence", silence("s1", days(3), matchers={"team": ("drivers",), "process": ("returns",)}), at=seconds(0)
        )
        story.push(late(1), at=hours(1))
        story.want(hours(1) + minutes(1), queue="drivers", reason="opened", severity="high")
        story.wait(hours(12))


async def test_several_alerts_that_a_silence_hid_are_read_in_one_digest(rig: Rig) -> None:
    playbook = make_playbook(
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [{"id": "all", "team": "drivers", "group_by": ["customer"]}],
        }
    )
    async with Story(playbook, on=rig) as story:
        story.do("silence", silence("s1", hours(4)), at=seconds(0))
        story.push(late(1), late(2), late(3), at=hours(1))
        for _ in range(3):
            story.want(hours(4), queue="drivers", reason="unmuted", severity="high")
        story.wait(hours(5))
    digests = await rig.desk.digests("drivers", None, 10)
    assert [(one.reason.value, one.totals.alerts) for one in digests] == [("unmuted", 3)]


async def test_news_of_what_somebody_has_taken_are_told_once_the_silence_is_over(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(late(1), at=seconds(0))
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.do("silence", silence("s1", hours(30)), at=hours(1))
        story.act(Deed.ACK, at=hours(26), queue="drivers")
        story.push(late(2), at=hours(32))
        story.want(hours(32), queue="drivers", reason="customers_doubled", severity="high", customers=2)
        story.wait(hours(48))


async def test_what_is_given_to_another_team_is_told_there_though_a_silence_held_it_before(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.do("silence", silence("s1", hours(30)), at=seconds(0))
        story.push(late(1), at=hours(1))
        story.act(Deed.REASSIGN, at=hours(2), queue="drivers", to="refunds")
        story.want(hours(2) + minutes(1), queue="refunds", reason="opened", severity="high")
        story.wait(days(1))
