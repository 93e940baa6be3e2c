"""Closed cases as each adapter counts them: for scorecards, and by cell for a tick; what cells remember of them."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.pipeline.rules import compile_playbook
from service.core.recontact import cases
from service.core.records.decisions import Contribution
from service.core.records.facts import Facts, ReviewRow
from service.core.records.feedback import Signals
from service.core.records.words import CellMeasure, Change, FeedbackKind, Flag, Level
from service.core.scorecard import EVER, CasesTallied, CaseTally, Cohort, Dimension, Period, count_cases, heard_until
from service.core.volume import CellKey, CellState, Closings
from service.ports import Saving, Store, review_place
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from tests.builders import (
    START,
    TICKETS,
    make_contribution,
    make_feedback,
    make_playbook,
    make_target,
    read_event,
    survey,
    ticket,
)
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, decide

pytestmark = pytest.mark.postgres

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOUR_WEEKS = Period(since=START, until=START + 28 * DAY)
MONDAY = date(2026, 5, 4)
LATE = CellKey(process="shipping", category="delivery", region=None, measure=CellMeasure.RECONTACT)


def cohort(**more: Any) -> Cohort:  # noqa: ANN401 - fields of Cohort
    usual: dict[str, Any] = {"by": Dimension.ALL, "period": EVER, "days": 7, "known_until": START + 40 * DAY}
    return Cohort(**(usual | more))


def told(tallied: CasesTallied) -> tuple[dict[str | None, CaseTally], int]:
    assert len({tally.value for tally in tallied.tallies}) == len(tallied.tallies)
    return {tally.value: tally for tally in tallied.tallies}, tallied.left_off


def whole(closed: int, returned: int, censored: int = 0, value: str | None = None) -> CasesTallied:
    return CasesTallied(tallies=[CaseTally(value=value, closed=closed, returned=returned, censored=censored)])


async def closings(store: Store, since: date = MONDAY, last: date = MONDAY + 30 * DAY, within: int = 7) -> Closings:
    async with store.transaction() as transaction:
        return await transaction.load_closings(since, last, within, {})


def closed(found: Closings) -> dict[CellKey, tuple[list[int], list[int]]]:
    """The days after the first Monday on which cases were closed, and those of the cases that came back."""

    def after(some: Iterable[int]) -> list[int]:
        return sorted(int(day) - MONDAY.toordinal() for day in some)

    return {cell: (after(one.days), after(one.returned.days)) for cell, one in found.cases.items()}


async def _keep(rig: Rig, contributions: Iterable[Contribution]) -> None:
    facts = Facts()
    for one in contributions:
        facts.put_contribution(one)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START))


def _drawn(seed: int, many: int) -> list[Contribution]:
    """Draw tickets, answers and remarks of few customers that differ in everything that recontacts are counted by."""
    dice = Random(seed)
    names = (None, "a", "B", "ä", "zz", "1, 2", "")
    found: dict[object, Contribution] = {}
    for at in range(many):
        kind = dice.choice((FeedbackKind.TICKET, FeedbackKind.TICKET, FeedbackKind.SURVEY, FeedbackKind.EMPLOYEE))
        remark = kind is FeedbackKind.TICKET and dice.random() < 0.2
        feedback = make_feedback(
            source=dice.choice((TICKETS, "/elsewhere")),
            event_id=f"e-{at}",
            subject=f"ticket/{dice.randrange(many)}",
            kind=kind,
            change=Change.REMARK if remark else Change.STATE,
            occurred_at=START + timedelta(hours=dice.randrange(-30, 30 * 24)),
            customer=f"k1:{dice.randrange(12)}",
            flags=(Flag.ANONYMOUS,) if dice.random() < 0.1 else (),
            **{name: dice.choice(names) for name in ("segment", "channel", "region", "touchpoint", "survey")},
        )
        one = make_contribution(
            feedback,
            dice.choice(("delivery", "refund")),
            Signals(negativity=dice.choice((0.0, 1.0)), scored=True),
            targets=[make_target(team=dice.choice(("desk", "drivers")))],
        )
        one = replace(one, process=dice.choice(("shipping", "returns")))
        if kind is FeedbackKind.TICKET and not remark and dice.random() < 0.8:
            one = replace(
                one,
                done_at=one.began_at + timedelta(hours=dice.randrange(15 * 24)),
                reopened=dice.random() < 0.1,
            )
        found[one.key] = one
    return list(found.values())


@pytest.mark.parametrize("by", Dimension)
async def test_a_store_counts_cases_as_the_core_does(rig: Rig, by: Dimension) -> None:
    contributions = _drawn(7, 300)
    await _keep(rig, contributions)
    assert await rig.desk.heard_until() == heard_until(contributions)
    for more in ({}, {"values": 2}, {"days": 1}, {"days": 30}, {"known_until": START + 12 * DAY}):
        for period in (EVER, FOUR_WEEKS):
            asked = cohort(by=by, period=period, **more)
            assert told(await rig.desk.cases(asked)) == told(count_cases(contributions, asked))


async def test_a_store_gives_a_tick_the_cases_that_the_core_finds(rig: Rig) -> None:
    contributions = _drawn(11, 300)
    await _keep(rig, contributions)
    expected: defaultdict[CellKey, list[tuple[int, bool]]] = defaultdict(list)
    for one in cases(contributions, days(9)):
        day = one.closed_at.date()
        if MONDAY + 2 * DAY <= day <= MONDAY + 12 * DAY:
            state = one.state
            place = (state.process, state.categorised.category, state.feedback.region)
            cell = dataclasses.replace(LATE, process=place[0], category=place[1], region=place[2])
            expected[cell].append(((day - MONDAY).days, one.returned))
    found = await closings(rig.store, MONDAY + 2 * DAY, MONDAY + 12 * DAY, 9)
    assert closed(found) == {
        cell: (sorted(day for day, _ in some), sorted(day for day, again in some if again))
        for cell, some in expected.items()
    }


class Stream:
    """Events on days after the start, each decided when it happened."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    async def on(self, day: float, *events: Mapping[str, Any]) -> None:
        if not hasattr(self, "lease"):
            self.lease = await claimed(self.rig.store)
        self.lease = (await decide(self.rig.store, self.lease, *events, at=START + days(day))).lease

    async def cases(self, known_until: datetime = START + 40 * DAY) -> CasesTallied:
        return await self.rig.desk.cases(cohort(known_until=known_until))


@pytest.fixture
def stream(rig: Rig) -> Stream:
    return Stream(rig)


def opened(name: str, customer: str | None = "anna", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return ticket("created", name, event_id=f"{name}-opened", customer=customer, body="late", **more)


def solved(name: str, customer: str | None = "anna", *, again: int = 0) -> dict[str, Any]:
    return ticket("status", name, event_id=f"{name}-solved-{again}", customer=customer, status="solved")


async def test_a_bad_answer_by_another_channel_brings_a_closed_ticket_back(stream: Stream) -> None:
    await stream.on(0, opened("t1"), opened("t2", "ben"))
    await stream.on(1, solved("t1"), solved("t2", "ben"))
    await stream.on(3, survey("r1", 1, "late", customer="anna", channel="sms"))
    assert await stream.cases() == whole(2, 1)
    assert closed(await closings(stream.rig.store)) == {LATE: ([1, 1], [1])}


async def test_a_reopened_ticket_is_no_closed_case_until_it_is_closed_again(stream: Stream) -> None:
    await stream.on(0, opened("t1"))
    await stream.on(1, solved("t1"))
    await stream.on(2, ticket("reopened", "t1", event_id="t1-reopened"))
    assert (await stream.cases()).tallies == []
    await stream.on(4, solved("t1", again=1))
    assert await stream.cases() == whole(1, 1)
    assert closed(await closings(stream.rig.store)) == {LATE: ([4], [4])}


async def test_what_is_deleted_or_turns_out_to_be_about_something_else_brings_nothing_back(stream: Stream) -> None:
    await stream.on(0, opened("t1"))
    await stream.on(1, solved("t1"))
    await stream.on(2, opened("t2"))
    assert await stream.cases() == whole(1, 1)
    await stream.on(3, ticket("updated", "t2", event_id="t2-moved", body="my refund"))
    assert await stream.cases() == whole(1, 0)
    await stream.on(4, ticket("updated", "t2", event_id="t2-back", body="late"))
    assert await stream.cases() == whole(1, 1)
    await stream.on(5, ticket("merged", "t2", event_id="t2-merged", merged_into="t1"))
    assert await stream.cases() == whole(1, 0)
    await stream.on(6, ticket("deleted", "t1", event_id="t1-deleted"))
    assert (await stream.cases()).tallies == []


async def test_nobody_knows_whether_a_customer_without_a_name_came_back(stream: Stream) -> None:
    await stream.on(0, opened("t1", None), opened("t2", None))
    await stream.on(1, solved("t1", None))
    assert (await stream.cases()).tallies == []


async def test_of_a_case_that_was_just_closed_it_is_too_early_to_tell(stream: Stream) -> None:
    await stream.on(0, opened("t1"))
    await stream.on(1, solved("t1"))
    assert await stream.cases(START + days(8)) == whole(1, 0)
    assert await stream.cases(START + days(8) - HOUR) == whole(0, 0, censored=1)


async def test_where_nothing_was_ever_said_there_are_no_cases(rig: Rig) -> None:
    assert (await rig.desk.cases(cohort())).tallies == []
    assert await rig.desk.heard_until() is None
    assert await closings(rig.store) == Closings(cases={}, states={})


RULES = compile_playbook(
    make_playbook(volume={"hourly": {"enabled": False}, "recontact": {"enabled": True}}, fatigue={"floor": "critical"})
)


async def test_months_of_tickets_end_in_the_same_review_on_every_store(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for week in range(16):
        names = [f"w{week}-{at}" for at in range(10)]
        back = names[: 6 if week >= 12 else 1]
        for day, events in (
            (0, [opened(name, f"c-{name}") for name in names]),
            (1, [solved(name, f"c-{name}") for name in names]),
            (3, [survey(f"r-{name}", 1, "late", customer=f"c-{name}") for name in back]),
        ):
            at = START + days(7 * week + day)
            await run_due(rig.store, RULES, at)
            records = [read_event(event, at, RULES, place) for place, event in enumerate(events)]
            offset = (lease.next_offset or 0) + len(records)
            lease = (await run_batch(rig.store, lease, records, offset, RULES, lambda at: at or START)).lease
    await run_due(rig.store, RULES, START + days(7 * 18))
    found = [line async for line in rig.archive.reviews() if line["measure"] == "recontact"]
    assert [(one["window_end"], one["transition"], one["x"], one["closed"]) for one in found] == [
        ("2026-08-23", "opened", 18, 30),
        ("2026-08-30", "continued", 24, 40),
    ]
    states = (await closings(rig.store)).states
    assert {cell: state.level for cell, state in states.items()} == {LATE: Level.LOCAL_ADJUSTMENT}


async def test_a_cell_remembers_recontacts_beside_its_volume(rig: Rig) -> None:
    volume = CellState(
        cell=dataclasses.replace(LATE, measure=CellMeasure.VOLUME), level=Level.FORMAL_REVIEW, outage_on=START
    )
    recontact = CellState(cell=LATE, level=Level.LOCAL_ADJUSTMENT, last_alarm_on=MONDAY)
    facts = Facts()
    for one in (volume, recontact):
        facts.cells.put((one.cell.process, one.cell.category, "", one.cell.measure.value), one)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    async with rig.store.transaction() as transaction:
        assert (await transaction.load_cells(MONDAY, MONDAY)).states == {volume.cell: volume}
        assert (await transaction.load_hours(START, 1)).states == {volume.cell: volume}
    assert (await closings(rig.store)).states == {LATE: recontact}


async def test_a_tick_has_a_review_for_each_measure_of_a_cell(rig: Rig) -> None:
    cell = {"process": "shipping", "category": "delivery", "region": None}
    rows = [
        ReviewRow(ends_at=START, alert_id=None, document={"cell": cell} | measure)
        for measure in ({"measure": "recontact"}, {})
    ]
    facts = Facts()
    facts.reviews += rows[::-1]
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    first = list(await rig.desk.reviews(None, 1))
    assert first == rows[:1]
    assert list(await rig.desk.reviews(review_place(first[0]), 2)) == rows[1:]
    assert [line async for line in rig.archive.reviews()] == [row.document for row in rows]
