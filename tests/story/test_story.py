"""The language of stories: one that goes as told passes, and any other fails with its whole course."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.pipeline.act import Deed
from service.core.pipeline.rules import compile_playbook
from tests.builders import make_playbook, survey, ticket, with_routes
from tests.ports.conftest import Rig
from tests.story import Open, Said, Scene, Story, Window, between, days, hours, minutes, seconds
from tests.story.matching import Notice, Want, match

START = minutes(0)


def course_of(story: Story) -> str:
    """Let a story happen that must fail, and return what it says."""
    with pytest.raises(AssertionError) as failed, story:
        pass
    return str(failed.value)


def test_a_story_that_goes_as_told_passes() -> None:
    with Story() as story:
        story.push(survey("r1", 0, "late"), at=START)
        story.push(survey("r2", 0, "late", customer="ben"), at=minutes(5))
        story.want(between(seconds(30), minutes(2)), queue="drivers", reason="opened", severity="high")
        story.want(minutes(16), queue="drivers", reason="customers_doubled", severity="high", customers=2)
        story.open(Open(queue="drivers", category="delivery", severity="high", customers=2))
    assert story.course.splitlines()[0] == "The story went as told."


def test_what_nobody_wanted_fails_with_the_whole_course() -> None:
    story = Story()
    story.push(survey("r1", 0, "late"), at=START)
    story.push(survey("r2", 0, "late", customer="ben"), survey("r3", 9), at=minutes(5))
    story.want(minutes(1), queue="drivers", reason="opened", severity="high")
    story.wait(days(1))
    pushed = "survey.response.v1 r2-1, survey.response.v1 r3-1; 1 drivers: merged, 1 judges: quiet"
    assert course_of(story).splitlines() == [
        "The story went otherwise: 1 notice unexpected.",
        "        00:00:00  push    survey.response.v1 r1-1; 1 drivers: opened",
        " ok     00:01:00  notice  drivers: opened, high, 1 customer; wanted at 00:01:00",
        f"        00:05:00  push    {pushed}",
        " !!     00:16:00  notice  drivers: customers_doubled, high, 2 customers; unexpected",
        "     1d 00:00:00  end",
        "     open at the end  drivers: delivery, high, 2 customers, 2 events",
    ]


def test_what_was_wanted_and_never_came_fails_at_the_place_where_it_was_missed() -> None:
    story = Story()
    story.push(survey("r1", 0, "late"), at=START)
    story.want(minutes(1), queue="drivers", reason="opened", severity="high")
    story.want(between(minutes(2), minutes(3)), queue="legal", reason="opened", severity="critical", level="formal")
    story.open()
    assert course_of(story).splitlines() == [
        "The story went otherwise: 1 notice missing, 1 open alert unexpected.",
        "     00:00:00  push    survey.response.v1 r1-1; 1 drivers: opened",
        " ok  00:01:00  notice  drivers: opened, high, 1 customer; wanted at 00:01:00",
        " ??  00:02:00  want    legal: opened, critical, 1 customer (formal); missing between 00:02:00 and 00:03:00",
        "     00:03:00  end",
        " !!  open at the end  drivers: delivery, high, 1 customer, 1 event; unexpected",
    ]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        pytest.param({"queue": "desk"}, "1 notice unexpected, 1 notice missing", id="another queue"),
        pytest.param({"reason": "reopened"}, "1 notice unexpected, 1 notice missing", id="another reason"),
        pytest.param({"severity": "medium"}, "1 notice unexpected, 1 notice missing", id="another severity"),
        pytest.param({"customers": 2}, "1 notice unexpected, 1 notice missing", id="another number"),
        pytest.param({"kind": "volume"}, "1 notice unexpected, 1 notice missing", id="another kind"),
        pytest.param({"when": minutes(2)}, "1 notice unexpected, 1 notice missing", id="another time"),
    ],
)
def test_a_notice_is_compared_as_a_whole(changed: dict[str, object], faults: str) -> None:
    given: dict[str, object] = {"when": minutes(1), "queue": "drivers", "reason": "opened", "severity": "high"}
    story = Story()
    story.push(survey("r1", 0, "late"), at=START)
    story.want(**{**given, **changed})  # type: ignore[arg-type] # Each case names a field of its own type.
    assert course_of(story).splitlines()[0] == f"The story went otherwise: {faults}."


def test_one_notice_meets_one_want_and_one_want_one_notice() -> None:
    story = Story()
    story.push(survey("r1", 0, "late"), at=START)
    for _ in range(2):
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
    assert "1 notice missing." in course_of(story)


def test_an_act_is_of_who_has_seen_the_last_notice_and_one_that_fails_fails_the_story() -> None:
    with Story() as story:
        story.push(survey("r1", 0, "late"), at=START)
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.act(Deed.ACK, at=hours(12), queue="drivers")
        story.act(Deed.RESOLVE, at=hours(13), queue="drivers", by="kim")
        story.want(hours(13), queue="drivers", reason="resolved", severity="high")
        story.open()
    assert "     13:00:00  act     kim: resolve in drivers; done" in story.course
    nothing = Story()
    nothing.act(Deed.ACK, at=hours(1), queue="drivers")
    assert course_of(nothing).splitlines() == [
        "The story went otherwise: 1 step failed.",
        " !!  01:00:00  act     ana: ack in drivers; drivers has 0 open alerts of kind event at 01:00:00",
        "     01:00:00  end",
    ]


def test_steps_happen_in_the_order_of_their_times_however_they_are_told() -> None:
    with Story() as story:
        story.want(hours(2), queue="drivers", reason="resolved", severity="medium")
        story.push(ticket("status", event_id="2", status="solved"), at=hours(2))
        story.want(minutes(1), queue="drivers", reason="opened", severity="medium")
        story.push(ticket(event_id="1", status="open", body="late", priority="urgent"), at=START)


def test_a_playbook_counts_from_when_the_story_turns_to_it() -> None:
    with Story() as story:
        story.push(survey("r1", 0, "late"), at=START)
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.turn_to(with_routes({"id": "all", "team": "legal"}), at=hours(1))
        story.push(survey("r2", 0, "refund", customer="ben"), at=hours(2))
        story.want(hours(2) + minutes(1), queue="legal", reason="opened", severity="high")


def test_a_step_of_ones_own_gets_the_scene_and_says_what_it_did() -> None:
    async def turn(scene: Scene) -> str:
        scene.rules = compile_playbook(with_routes({"id": "all", "team": "legal"}))
        return "all is legal's"

    with Story() as story:
        story.do("change the rules", turn, at=hours(1))
        story.push(survey("r1", 0, "late"), at=hours(1))
        story.want(hours(1) + minutes(1), queue="legal", reason="opened", severity="high")
    assert "     01:00:00  do      change the rules; all is legal's" in story.course


def test_a_tool_s_own_payload_is_read_by_its_source() -> None:
    source = {"kind": "ticket", "subject": "number", "id": "id", "time": {"value": "at"}, "texts": ["said"]}
    source |= {"language": {"const": "en"}, "customer": {"ref": "who"}, "ticket": {"priority": {"const": "urgent"}}}
    with Story(make_playbook(sources={"desk": source})) as story:
        story.push_raw("desk", at=hours(1), number="1", id="a", said="late", who="anna")
        story.want(hours(1) + minutes(1), queue="drivers", reason="opened", severity="medium")
    assert "     01:00:00  push    a payload of desk; 1 drivers: opened" in story.course


@pytest.mark.postgres
async def test_the_same_story_happens_on_every_store(rig: Rig) -> None:
    async with Story(on=rig) as story:
        story.push(survey("r1", 0, "late"), at=START)
        story.want(minutes(1), queue="drivers", reason="opened", severity="high")
        story.stop(until=hours(30))
        story.want(hours(24) + minutes(1), queue="drivers", reason="repeat", severity="high")
        story.act(Deed.RESOLVE, at=hours(31), queue="drivers")
        story.want(hours(31), queue="drivers", reason="resolved", severity="high")
        story.open()
    assert story.course.splitlines() == [
        "The story went as told.",
        "        00:00:00  push    survey.response.v1 r1-1; 1 drivers: opened",
        " ok     00:01:00  notice  drivers: opened, high, 1 customer; wanted at 00:01:00",
        " ok  1d 00:01:00  notice  drivers: repeat, high, 1 customer; wanted at 1d 00:01:00",
        "     1d 06:00:00  start   after a stop",
        "     1d 07:00:00  act     ana: resolve in drivers; done",
        " ok  1d 07:00:00  notice  drivers: resolved, high, 1 customer; wanted at 1d 07:00:00",
        "     1d 07:00:00  end",
    ]


Moments = st.integers(0, 6).map(lambda count: timedelta(minutes=count))
Reasons = st.sampled_from(["opened", "repeat"]).map(lambda why: Said(queue="q", reason=why, severity="low"))
Wants = st.builds(Want, st.tuples(Moments, Moments).map(lambda two: Window(min(two), max(two))), Reasons)


@given(wants=st.lists(Wants, max_size=4), notices=st.lists(st.builds(Notice, Moments, Reasons), max_size=4))
@settings(deadline=None)
def test_as_many_notices_are_matched_as_can_be_and_none_is_lost(wants: list[Want], notices: list[Notice]) -> None:
    found = match(wants, notices)
    assert len(found.met) == most(wants, notices)
    assert all(fits(want, notice) for want, notice in found.met)
    assert sorted([*(want for want, _ in found.met), *found.missing], key=repr) == sorted(wants, key=repr)
    assert sorted([*(notice for _, notice in found.met), *found.unexpected], key=repr) == sorted(notices, key=repr)


def fits(want: Want, notice: Notice) -> bool:
    return want.said == notice.said and want.window.first <= notice.at <= want.window.last


def most(wants: Sequence[Want], notices: Sequence[Notice]) -> int:
    """The most pairs that can be, by trying each want with each notice that is left."""
    if not wants:
        return 0
    first, rest = wants[0], wants[1:]
    pairs = (place for place, notice in enumerate(notices) if fits(first, notice))
    return max([most(rest, notices), *(1 + most(rest, [*notices[:at], *notices[at + 1 :]]) for at in pairs)])
