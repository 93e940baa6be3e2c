"""What every store counts of a process with an sla: what was completed, in time or not, and what was heard of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from service.core.contradict import Flow
from service.core.records.facts import Facts, ReviewRow
from service.ports import Saving
from tests.builders import START, instance, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, complaint, days, decide, instant

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
# The start is the Monday between.
SINCE, END = date(2026, 5, 1), date(2026, 5, 14)
TWO_DAYS = {"shipping": timedelta(hours=48)}


async def tell(rig: Rig, *told: tuple[timedelta, Mapping[str, Any]]) -> None:
    lease = await claimed(rig.store)
    for at, event in told:
        lease = (await decide(rig.store, lease, event, at=START + at)).lease


async def flows(rig: Rig, slas: Mapping[str, timedelta] = TWO_DAYS) -> Mapping[str, Flow]:
    async with rig.store.transaction() as transaction:
        return await transaction.load_flows(SINCE, END, slas)


def begun(name: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance(name, event_id=f"s-{name}", **data)


def completed(name: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance(name, event_id=f"c-{name}", **{"lifecycle": "complete", **data})


async def test_what_was_completed_within_the_sla_of_its_start_was_inside(rig: Rig) -> None:
    second = timedelta(seconds=1)
    await tell(
        rig,
        *((timedelta(), begun(name)) for name in ("quick", "just", "late", "open", "failed")),
        (HOUR, completed("quick")),
        (48 * HOUR, completed("just")),
        (48 * HOUR, completed("failed", lifecycle="fail")),
        (48 * HOUR + second, completed("late")),
    )
    assert await flows(rig) == {"shipping": Flow(completed=3, inside=2)}


async def test_without_a_start_before_its_end_nobody_knows_how_long_an_instance_took(rig: Rig) -> None:
    await tell(
        rig,
        (HOUR, completed("unheard-of")),
        (2 * HOUR, completed("done-first")),
        (3 * HOUR, begun("done-first")),
    )
    assert await flows(rig) == {"shipping": Flow()}


async def test_a_start_that_is_told_after_the_end_counts_all_the_same(rig: Rig) -> None:
    await tell(rig, (50 * HOUR, completed("i1")), (timedelta(), begun("i1")))
    assert await flows(rig) == {"shipping": Flow(completed=1)}


async def test_an_instance_counts_on_the_day_on_which_it_was_completed_last(rig: Rig) -> None:
    await tell(
        rig,
        *((-days(30), begun(name)) for name in ("before", "first", "last", "again", "after")),
        (-days(4), completed("before")),
        (-days(3), completed("first")),
        (days(10), completed("last")),
        (days(5), completed("again")),
        (days(11), {**completed("again"), "id": "c-again-2"}),
        (days(11), completed("after")),
    )
    assert await flows(rig) == {"shipping": Flow(completed=2)}


async def test_each_process_has_its_own_and_others_are_not_counted(rig: Rig) -> None:
    await tell(
        rig,
        *((timedelta(), begun(name, process=process)) for name, process in (("i1", "shipping"), ("i2", "returns"))),
        *((HOUR, completed(name, process=process)) for name, process in (("i1", "shipping"), ("i2", "returns"))),
    )
    assert await flows(rig, {"returns": HOUR / 2, "unheard-of": HOUR}) == {
        "returns": Flow(completed=1),
        "unheard-of": Flow(),
    }
    assert await flows(rig, {}) == {}


async def test_feedback_is_each_response_or_ticket_once_good_and_bad(rig: Rig) -> None:
    lovely = survey("r9", 10, "late, but lovely", customer="ben")
    await tell(
        rig,
        (timedelta(), complaint(1)),
        (timedelta(), lovely),
        (HOUR, ticket(event_id="t1", body="late, awful")),
        (2 * HOUR, ticket("comment", event_id="t2", body="late, terrible")),
        (3 * HOUR, survey("r5", 0, "refund")),
        (-days(4), complaint(2)),
        (days(11), complaint(3)),
        (HOUR, complaint(4, revision=1)),
        (2 * HOUR, survey("r4", None, customer="customer-4", state="deleted", revision=2)),
    )
    assert await flows(rig) == {"shipping": Flow(feedback=3)}


@pytest.mark.parametrize(
    ("ends_at", "process", "reviewed"),
    [
        pytest.param(instant("2026-05-01"), "shipping", False, id="ended as the span began"),
        pytest.param(instant("2026-05-02"), "shipping", True, id="ended with its first day"),
        pytest.param(instant("2026-05-15"), "shipping", True, id="ended with its last day"),
        pytest.param(instant("2026-05-15T01:00"), "shipping", False, id="ended later"),
        pytest.param(instant("2026-05-08T11:00"), "shipping", True, id="of an hour"),
        pytest.param(instant("2026-05-08"), "returns", False, id="of another process"),
        pytest.param(instant("2026-05-08"), "*", False, id="of several processes"),
    ],
)
async def test_a_process_was_reviewed_where_a_review_of_it_was_written(
    rig: Rig,
    ends_at: datetime,
    process: str,
    reviewed: bool,  # noqa: FBT001 - a case
) -> None:
    facts = Facts()
    cell = {"process": process, "category": "delivery", "region": None}
    facts.reviews.append(ReviewRow(ends_at=ends_at, alert_id=None, document={"cell": cell}))
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    assert await flows(rig) == {"shipping": Flow(reviewed=reviewed)}
