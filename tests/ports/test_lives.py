"""What every store keeps of the life of process instances, in whatever order that is told, and what it forgets."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from service.core.records.steps import Step
from service.core.records.words import Lifecycle
from service.ports import Known
from tests.builders import START, instance, survey
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, decide, decide_stubbornly

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
Telling = tuple[float, Mapping[str, Any]]


def when(hours: float) -> datetime:
    return START + hours * HOUR


def step(name: str, event_id: str, told: float, **changes: Any) -> Step:  # noqa: ANN401 - fields of a Step
    given: dict[str, Any] = {
        "instance_id": "i1",
        "process": "shipping",
        "source": "/engine",
        "event_id": event_id,
        "name": name,
        "at": when(told),
        "told_at": when(told),
        "lifecycle": Lifecycle.START,
    }
    return Step(**(given | changes))


def said(step_name: str, event_id: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance("i1", event_id=event_id, step=step_name, **data)


async def known(rig: Rig, name: str = "i1", steps: int = 100, linked: int = 100) -> Known:
    found = await rig.desk.instance(name, steps=steps, linked=linked)
    assert found is not None
    return found


async def tell(rig: Rig, *told: Telling) -> None:
    lease = await claimed(rig.store)
    for at, event in told:
        lease = (await decide(rig.store, lease, event, at=when(at))).lease


async def test_a_step_is_kept_as_it_was_told(rig: Rig) -> None:
    attributes = {"a": 1, "b": 2.5, "c": True, "d": None, "e": "x", "f": 2**63 - 1}
    event = said(
        *("s1", "e1"),
        activity="pick",
        lifecycle="assign",
        team="floor",
        time=when(-2).isoformat(),
        attributes=attributes,
        process="Returns",
    )
    await tell(rig, (1, event))
    found = await known(rig)
    expected = step(
        *("s1", "e1", 1),
        activity="pick",
        lifecycle=Lifecycle.ASSIGN,
        team="floor",
        at=when(-2),
        attributes=attributes,
        process="returns",
    )
    assert (found.steps, found.steps_total) == ((expected,), 1)
    assert (found.instance.started_at, found.instance.updated_at) == (when(-2), when(1))


BEGUN: Telling = (0, said("s1", "e1"))
MOVED: Telling = (2, said("s1", "e2", time=when(-3).isoformat()))
AGREED: Telling = (2, said("s1", "e3", time=when(-1).isoformat(), team="floor"))


def _ids(order: Sequence[Telling]) -> str:
    return ", ".join(event["id"] for _, event in order)


@pytest.mark.parametrize("order", list(permutations((BEGUN, MOVED, AGREED))), ids=_ids)
async def test_what_was_told_last_of_a_step_holds_in_any_order(rig: Rig, order: Sequence[Telling]) -> None:
    await tell(rig, *order)
    assert (await known(rig)).steps == (step("s1", "e3", 2, at=when(-1), team="floor"),)


@pytest.mark.parametrize("order", list(permutations((BEGUN, (2, said("s1", "e4", withdrawn=True))))), ids=_ids)
async def test_a_withdrawn_step_does_not_come_back(rig: Rig, order: Sequence[Telling]) -> None:
    await tell(rig, *order)
    found = await known(rig)
    assert (found.steps, found.steps_total) == ((), 0)


async def test_events_of_one_step_in_one_batch_are_as_those_of_several(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), AGREED[1], BEGUN[1], MOVED[1], said("s2", "e5"), at=START)
    found = await known(rig)
    assert found.steps == (step("s1", "e3", 0, at=when(-1), team="floor"), step("s2", "e5", 0))


async def test_a_record_that_comes_again_changes_nothing(rig: Rig) -> None:
    await tell(rig, AGREED)
    before = await known(rig)
    await tell(rig, AGREED, AGREED)
    assert await known(rig) == before


async def test_batches_of_several_partitions_that_tell_of_the_same_agree(rig: Rig) -> None:
    leases = [await claimed(rig.store, number) for number in range(6)]
    await asyncio.gather(
        *(
            decide_stubbornly(
                *(rig.store, lease),
                *(said(name, f"e{number}-{name}", team=f"t{number}") for name in ("s1", "s2")),
                at=when(number),
            )
            for number, lease in enumerate(leases)
        )
    )
    assert list((await known(rig)).steps) == [step(name, f"e5-{name}", 5, team="t5") for name in ("s1", "s2")]


async def test_the_longest_names_that_events_can_have_fit(rig: Rig) -> None:
    wide = "\U0001f4e6"
    source, name, step_name = "/" + wide * 383, wide * 200, wide * 200
    event = instance(name, event_id="e1", step=step_name)
    await tell(rig, (0, {**event, "source": source, "subject": "s"}))
    found = await known(rig, name)
    assert [(one.source, len(one.name)) for one in found.steps] == [(source, len("long:") + 64)]


async def test_the_latest_steps_are_read_in_order_with_how_many_there_are(rig: Rig) -> None:
    hours = (3, 0, 2, 1)
    await tell(rig, *((5, said(f"s{hour}", f"e{hour}", time=when(hour).isoformat())) for hour in hours))
    found = await known(rig, steps=3)
    assert ([one.name for one in found.steps], found.steps_total) == (["s1", "s2", "s3"], 4)


async def test_what_is_linked_is_read_the_latest_first_with_how_much_there_is(rig: Rig) -> None:
    case: dict[str, Any] = {"correlation": {"instance": "i1"}}
    await tell(
        rig,
        BEGUN,
        (1, survey("r1", 0, "late", **case)),
        (2, survey("r2", 0, "late", **case)),
        (3, survey("r3", 0, "late")),
        (4, survey("r1", 1, "late", event_id="r1-2", **case)),
    )
    found = await known(rig, linked=1)
    assert ([one.feedback.event_id for one in found.linked], found.linked_total) == (["r2-1"], 2)
    assert [one.feedback.event_id for one in (await known(rig)).linked] == ["r2-1", "r1-2"]


async def test_an_instance_that_nobody_told_of_is_not_known(rig: Rig) -> None:
    assert await rig.desk.instance("i1", steps=1, linked=1) is None


async def left(rig: Rig) -> list[str]:
    """Name those of i1 to i6 that are known."""
    names = [f"i{number}" for number in range(1, 7)]
    return [name for name in names if await rig.desk.instance(name, steps=1, linked=1) is not None]


async def test_what_ended_long_ago_or_was_not_told_of_since_is_forgotten_the_oldest_first(rig: Rig) -> None:
    def one(name: str, lifecycle: str, happened: float, told: float) -> Telling:
        at = (START + days(happened)).isoformat()
        return (told * 24, instance(name, event_id=f"{name}-{told}", lifecycle=lifecycle, time=at, keys=[f"k-{name}"]))

    await tell(
        rig,
        one("i1", "complete", 1, 1),
        one("i2", "start", 0, 2),
        one("i3", "cancel", 3, 9),
        one("i4", "start", 0, 4),
        one("i5", "fail", 1, 2),
        one("i5", "start", 3, 5),
        one("i6", "complete", 1, 6),
    )
    limit = START + days(4)
    assert await rig.store.forget_instances(limit, 3) == 3
    assert await left(rig) == ["i3", "i4", "i5"]
    assert await rig.store.forget_instances(limit, 3) == 1
    assert await rig.store.forget_instances(limit, 3) == 0
    assert await left(rig) == ["i4", "i5"]


async def test_one_that_feedback_is_linked_to_is_kept_until_that_is_as_old(rig: Rig) -> None:
    await tell(rig, BEGUN, (3 * 24, survey("r1", 0, "late", correlation={"instance": "i1"})))
    assert await rig.store.forget_instances(START + days(3), 10) == 0
    assert await rig.store.forget_instances(START + days(3) + HOUR, 10) == 1
    assert await left(rig) == []


async def test_with_an_instance_its_steps_and_keys_are_gone_and_it_may_begin_anew(rig: Rig) -> None:
    keyed = {"keys": ["SO-1"]}
    other = instance("i2", event_id="e2", keys=["SO-1"])
    await tell(rig, (0, said("s1", "e1", **keyed)), (48, other))
    assert await rig.store.forget_instances(when(24), 10) == 1
    answer = survey("r1", 0, "late", correlation={"process": "shipping", "business_key": "SO-1"})
    await tell(rig, (49, answer))
    assert [one.feedback.event_id for one in (await known(rig, "i2")).linked] == ["r1-1"]
    await tell(rig, (50, said("s2", "e3")))
    found = await known(rig)
    assert (found.steps, found.instance.keys, found.instance.started_at) == ((step("s2", "e3", 50),), (), when(50))


async def test_forgetting_and_hearing_at_once_leave_what_was_heard(rig: Rig) -> None:
    await tell(rig, *((0, instance(f"i{number}", event_id=f"e{number}")) for number in range(1, 7)))
    lease = await claimed(rig.store)
    again = [instance(f"i{number}", event_id=f"f{number}") for number in range(1, 7)]
    await asyncio.gather(
        decide_stubbornly(rig.store, lease, *again, at=when(48)), rig.store.forget_instances(when(24), 10)
    )
    assert await left(rig) == [f"i{number}" for number in range(1, 7)]
    assert {(await known(rig, name)).instance.updated_at for name in await left(rig)} == {when(48)}


async def test_what_is_due_is_still_found_after_an_instance_is_forgotten(rig: Rig) -> None:
    await tell(rig, BEGUN)
    await rig.store.forget_instances(when(24), 10)
    assert (await rig.store.due_instances(when(48), 10), await rig.store.next_due()) == ([], None)


async def test_what_has_waited_long_enough_is_forgotten_the_earliest_first(rig: Rig) -> None:
    await tell(rig, (0, survey("r1", 0, "late")), (1, survey("r2", 0, "late", customer="ben")))
    limit = START + timedelta(hours=72)
    assert await rig.store.forget_waits(limit, 10) == 0
    assert await rig.store.forget_waits(limit + 2 * HOUR, 1) == 1
    await tell(
        rig, (2, instance("i1", event_id="e1", customer="anna")), (2, instance("i2", event_id="e2", customer="ben"))
    )
    assert await rig.store.forget_waits(limit + 2 * HOUR, 10) == 1
    assert await rig.store.forget_waits(limit + 2 * HOUR, 10) == 0
