"""Steps in any order give one course: its path, loops, handoffs and pauses, how it stands and what was said last."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.course import Activity, Course, Handoff, Loop, Pause, course, ordered
from service.core.records.steps import Step
from service.core.records.words import InstanceState, Lifecycle
from tests.builders import START

HOUR = timedelta(hours=1)


def step(hours: float, activity: str | None, lifecycle: str, **changes: Any) -> Step:  # noqa: ANN401 - fields of a Step
    at = START + hours * HOUR
    name = f"{activity or 'whole'}-{lifecycle}-{hours}"
    known = {
        "instance_id": "i1",
        "process": "shipping",
        "source": "/engine",
        "event_id": name,
        "name": name,
        "at": at,
        "told_at": at,
    }
    return Step(**{**known, "activity": activity, "lifecycle": Lifecycle(lifecycle), **changes})


def done(
    name: str, began: float | None, ended: float | None, team: str | None = None, how: str = "complete"
) -> Activity:
    return Activity(
        name=name,
        started_at=None if began is None else START + began * HOUR,
        ended_at=None if ended is None else START + ended * HOUR,
        ended_by=None if ended is None else Lifecycle(how),
        team=team,
    )


LIFE = (
    step(-1, None, "start", attributes={"priority": 3, "site": "north"}),
    step(0, "pick", "start", team="floor"),
    step(1, "pick", "complete", attributes={"items": 4}),
    step(2, "check", "start", team="quality"),
    step(3, "check", "complete", attributes={"priority": 1}),
    step(3.5, "pick", "start", team="floor"),
    step(5, "pick", "complete", attributes={"items": 5}),
    step(6, None, "complete"),
)


def test_a_life_with_rework() -> None:
    assert course(LIFE) == Course(
        state=InstanceState.COMPLETED,
        steps=LIFE,
        path=(done("pick", 0, 1, "floor"), done("check", 2, 3, "quality"), done("pick", 3.5, 5, "floor")),
        loops=(Loop(activity="pick", times=2),),
        handoffs=(
            Handoff(giver="floor", taker="quality", activity="check", at=START + 2 * HOUR),
            Handoff(giver="quality", taker="floor", activity="pick", at=START + 3.5 * HOUR),
        ),
        pauses=(
            Pause(after="pick", before="check", lasted=HOUR),
            Pause(after="check", before="pick", lasted=HOUR / 2),
        ),
        attributes={"priority": 1, "site": "north", "items": 5},
    )


def test_nothing_that_holds_is_an_instance_that_runs() -> None:
    assert course([]) == course([replace(LIFE[0], withdrawn=True)]) == Course()


def test_a_correction_told_later_holds_and_a_withdrawn_step_never_was() -> None:
    told = START + 9 * HOUR
    moved = replace(LIFE[2], at=START + 1.5 * HOUR, told_at=told, event_id="e9", attributes={"items": 3})
    gone = replace(LIFE[6], told_at=told, event_id="e8", withdrawn=True)
    found = course((moved, *LIFE, gone))
    assert found.path == (
        done("pick", 0, 1.5, "floor"),
        done("check", 2, 3, "quality"),
        done("pick", 3.5, None, "floor"),
    )
    assert found.attributes == {"priority": 1, "site": "north", "items": 3}


def test_of_two_events_told_at_once_the_greater_id_holds() -> None:
    first, second = replace(LIFE[0], event_id="a"), replace(LIFE[0], event_id="b", team="desk")
    assert ordered((second, first)) == ordered((first, second)) == (second,)


def test_the_same_name_of_another_source_is_another_step() -> None:
    other = replace(LIFE[0], source="/another")
    assert ordered((LIFE[0], other)) == ordered((other, LIFE[0])) == (other, LIFE[0])


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        pytest.param([step(1, "pick", "complete")], (done("pick", None, 1),), id="only ended"),
        pytest.param([step(1, "pick", "start")], (done("pick", 1, None),), id="only begun"),
        pytest.param([step(1, "pick", "fail")], (done("pick", None, 1, how="fail"),), id="failed"),
        pytest.param([step(1, "pick", "schedule"), step(2, "pick", "assign", team="floor")], (), id="only planned"),
        pytest.param([step(1, "pick", "schedule"), step(2, "pick", "cancel")], (), id="planned and called off"),
        pytest.param(
            [step(1, "pick", "start"), step(2, "pick", "cancel")],
            (done("pick", 1, 2, how="cancel"),),
            id="broken off",
        ),
        pytest.param(
            [step(1, "pick", "complete", event_id="a", name="a"), step(1, "pick", "start", event_id="b", name="b")],
            (done("pick", 1, 1),),
            id="begun and ended in one instant",
        ),
        pytest.param(
            [step(1, "a", "start"), step(2, "b", "start"), step(3, "b", "complete"), step(4, "a", "complete")],
            (done("b", 2, 3), done("a", 1, 4)),
            id="what ends first comes first",
        ),
        pytest.param(
            [step(1, "a", "start"), step(2, "a", "start"), step(3, "a", "complete"), step(4, "a", "complete")],
            (done("a", 1, 3), done("a", 2, 4)),
            id="two at once end in the order in which they began",
        ),
        pytest.param(
            [step(1, "a", "start", team="x"), step(2, "a", "assign", team="y"), step(3, "a", "complete")],
            (done("a", 1, 3, "y"),),
            id="whoever was named last did it",
        ),
        pytest.param(
            [step(1, "a", "assign", team="x"), step(2, "a", "start"), step(3, "a", "complete")],
            (done("a", 2, 3, "x"),),
            id="also where that was before it began",
        ),
        pytest.param(
            [step(1, "a", "assign", team="x"), step(3, "a", "complete")], (done("a", None, 3, "x"),), id="or ended"
        ),
    ],
)
def test_the_path(steps: Sequence[Step], path: tuple[Activity, ...]) -> None:
    assert course(steps).path == path


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((), InstanceState.RUNNING),
        (("start",), InstanceState.RUNNING),
        (("start", "complete"), InstanceState.COMPLETED),
        (("start", "cancel"), InstanceState.CANCELLED),
        (("start", "fail"), InstanceState.FAILED),
        (("complete", "start"), InstanceState.RUNNING),
        (("fail", "resume"), InstanceState.RUNNING),
        (("start", "complete", "assign"), InstanceState.COMPLETED),
        (("suspend",), InstanceState.RUNNING),
    ],
)
def test_how_it_stands(said: Sequence[str], state: InstanceState) -> None:
    activity = step(99, "pack", "complete")
    assert course([*(step(at, None, one) for at, one in enumerate(said)), activity]).state is state


def test_an_activity_that_names_no_team_hands_nothing_on() -> None:
    found = course([step(1, "a", "complete", team="x"), step(2, "b", "complete"), step(3, "c", "complete", team="y")])
    assert found.handoffs == (Handoff(giver="x", taker="y", activity="c", at=START + 3 * HOUR),)


def test_what_overlaps_waits_for_nothing() -> None:
    found = course([step(1, "a", "start"), step(2, "b", "start"), step(3, "a", "complete"), step(4, "b", "complete")])
    assert found.pauses == (Pause(after="a", before="b", lasted=timedelta()),)


@st.composite
def told(draw: st.DrawFn) -> Step:
    named = draw(st.sampled_from(("s1", "s2", "s3", "s4", "s5", "s6")))
    return step(
        draw(st.integers(0, 5)),
        draw(st.sampled_from((None, "pick", "pack"))),
        draw(st.sampled_from([one.value for one in Lifecycle])),
        name=named,
        source=draw(st.sampled_from(("/a", "/b"))),
        told_at=START + draw(st.integers(0, 5)) * HOUR,
        team=draw(st.sampled_from((None, "x", "y"))),
        attributes=draw(st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2)),
        withdrawn=draw(st.booleans()),
    )


LIVES = st.lists(told(), max_size=15).map(
    lambda rows: [replace(row, event_id=f"e{place:02}") for place, row in enumerate(rows)]
)


@given(LIVES.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_any_order_of_arrival_gives_the_same_course(orders: tuple[list[Step], list[Step]]) -> None:
    assert course(orders[0]) == course(orders[1])


@given(LIVES)
def test_what_was_corrected_since_adds_nothing(rows: list[Step]) -> None:
    found = course(rows)
    assert course(found.steps) == found


@given(LIVES)
def test_each_start_and_each_end_is_on_the_path_once(rows: list[Step]) -> None:
    found = course(rows)
    begun = [(one.activity, one.at) for one in found.steps if one.activity and one.lifecycle is Lifecycle.START]
    assert sorted(begun) == sorted((one.name, one.started_at) for one in found.path if one.started_at is not None)
    assert len(found.pauses) == max(0, len(found.path) - 1)
    assert sum(one.times for one in found.loops) <= len(found.path)
