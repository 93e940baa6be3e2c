"""What every store knows of all cells at a tick of days and at one of hours, from what customers and engines said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.follow_up import taken
from service.core.records.alerts import Alert, FollowUp
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Level, ReviewStep
from service.core.volume import Answers, CellKey, CellState, DayRange, Harm, Place, Prior, Tempo, Turnout, Watched
from service.ports import Lease, Saving, Store
from tests.builders import START, instance, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, decide, instant

pytestmark = pytest.mark.postgres

# Two weeks from a Friday to a Thursday.
SINCE, END = date(2026, 5, 1), date(2026, 5, 14)
PRIOR = Prior(a0=1.1, b0=1.9, phi=1.5, mean_rate=0.6, phi_cells=9, rate_cells=12)


def cell(category: str = "delivery", region: str | None = None, process: str = "shipping") -> CellKey:
    return CellKey(process=process, category=category, region=region)


class Stream:
    """Events on days after the start, a Monday at nine, each decided when it happened."""

    def __init__(self, store: Store, lease: Lease) -> None:
        self.store, self.lease = store, lease

    async def on(self, day: float, *events: Mapping[str, Any]) -> None:
        self.lease = (await decide(self.store, self.lease, *events, at=START + days(day))).lease

    async def watched(self) -> Watched:
        async with self.store.transaction() as transaction:
            return await transaction.load_cells(SINCE, END)


@pytest.fixture
async def stream(rig: Rig) -> Stream:
    return Stream(rig.store, await claimed(rig.store))


def by(name: str, region: str | None = None) -> dict[str, str]:
    return {"ref": name} if region is None else {"ref": name, "region": region}


def late(name: str, customer: str, region: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return survey(name, 0, "late", customer=by(customer, region), **more)


def content(name: str, region: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return survey(name, 10, "late, but lovely", customer=by(f"c-{name}", region), **more)


def completed(name: str, event_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return instance(name, event_id=event_id, **{"lifecycle": "complete", **more})


def people(contacts: Mapping[CellKey, Turnout]) -> list[list[tuple[str, int]]]:
    """Each customer as its contacts: a cell, and how many days (or hours) after the first of all the contact began.

    Stores number customers as they like.
    """
    first = min((int(day) for one in contacts.values() for day in one.days), default=0)
    found: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for key, one in contacts.items():
        name = "/".join((key.process, key.category, key.region or "-"))
        for day, customer in zip(one.days.tolist(), one.customers.tolist(), strict=True):
            found[customer].append((name, day - first))
    return sorted(sorted(each) for each in found.values())


LATE, LATE_UK, REFUND = "shipping/delivery/-", "shipping/delivery/uk", "returns/refund/-"


def counted(series: Iterable[float]) -> dict[date, float]:
    """How many on each day that has any."""
    return {END - timedelta(days=age): times for age, times in enumerate(series) if times}


def answered(answers: Mapping[Place, Answers]) -> dict[Place, tuple[dict[date, float], int]]:
    return {place: (counted(one.daily), one.negative) for place, one in answers.items()}


def may(day: int) -> date:
    return date(2026, 5, day)


async def test_complaints_are_known_by_cell_region_day_and_customer(stream: Stream) -> None:
    await stream.on(0, late("r1", "anna"), late("r2", "ben", "uk"))
    await stream.on(2, late("r3", "anna", "uk"), survey("r4", 0, "refund", customer="ben"))
    await stream.on(3, late("r5", "anna"))
    found = await stream.watched()
    assert people(found.contacts) == [
        [(REFUND, 2), (LATE_UK, 0)],
        [(LATE, 0), (LATE, 3), (LATE_UK, 2)],
    ]
    assert min(found.contacts[cell()].days) == may(4).toordinal()


async def test_only_what_began_from_the_first_day_to_the_last_is_a_contact(stream: Stream) -> None:
    for number, day in enumerate((-4, -3, 10, 11)):
        await stream.on(day, late(f"r{number}", "anna"))
    found = await stream.watched()
    assert found.contacts[cell()].days.tolist() == [SINCE.toordinal(), END.toordinal()]
    assert found.first_days == {"shipping": may(4) - timedelta(days=4)}


async def test_a_remark_is_a_contact_of_its_own_and_no_answer(stream: Stream) -> None:
    await stream.on(0, ticket(event_id="e1", body="late, awful", customer="anna"))
    await stream.on(4, ticket("comment", event_id="e2", body="late, terrible", customer="anna"))
    found = await stream.watched()
    assert (people(found.contacts), found.answers) == ([[(LATE, 0), (LATE, 4)]], {})


async def test_what_is_withdrawn_or_was_corrected_is_as_if_it_had_never_been(stream: Stream) -> None:
    refund = survey("r1", 0, "refund", customer="anna", revision=1)
    await stream.on(0, refund, late("r2", "ben", revision=1), late("r3", "cleo"))
    await stream.on(1, survey("r1", None, customer="anna", state="deleted", revision=2))
    await stream.on(2, survey("r2", 10, "late, but lovely", customer="ben", revision=2))
    found = await stream.watched()
    assert people(found.contacts) == [[(LATE, 0)]]
    assert found.first_days == {"shipping": may(4)}
    assert answered(found.answers) == {("shipping", None): ({may(4): 2}, 1)}


async def test_a_process_is_watched_from_its_first_feedback_good_or_bad(stream: Stream) -> None:
    await stream.on(0, content("r1"))
    await stream.on(1, late("r2", "anna"), survey("r3", 10, "refund", customer="ben"))
    assert (await stream.watched()).first_days == {"shipping": may(4), "returns": may(5)}


async def test_feedback_that_moves_to_another_process_is_the_other_s_from_then_on(stream: Stream) -> None:
    await stream.on(0, survey("r1", 0, "refund", customer="anna", revision=1))
    await stream.on(1, late("r1", "anna", revision=2))
    found = await stream.watched()
    assert (found.first_days, people(found.contacts)) == ({"shipping": may(4)}, [[(LATE, 0)]])


async def test_answers_are_the_responses_of_each_day_good_and_bad(stream: Stream) -> None:
    await stream.on(0, late("r1", "anna"), content("r2"), content("r3", "uk"))
    await stream.on(1, late("r4", "ben"), ticket(event_id="e1", body="late, awful", customer="cleo"))
    assert answered((await stream.watched()).answers) == {
        ("shipping", None): ({may(4): 2, may(5): 1}, 2),
        ("shipping", "uk"): ({may(4): 1}, 0),
    }


async def test_a_cell_is_critical_for_the_last_seven_days(stream: Stream) -> None:
    await stream.on(3, survey("r1", 0, "fire", customer=by("anna", "uk")))
    assert (await stream.watched()).critical == {}
    await stream.on(4, survey("r2", 0, "fire", customer=by("ben", "de")), late("r3", "ben", "de"))
    assert (await stream.watched()).critical == {cell("safety", "de"): START + days(4)}


async def test_an_instance_is_completed_where_its_process_says_so(stream: Stream) -> None:
    await stream.on(0, completed("i1", "e1"), completed("i2", "e2", region="uk"), completed("i3", "e3"))
    await stream.on(1, instance("i4", event_id="e4"), completed("i5", "e5", activity="pack"))
    await stream.on(2, completed("i6", "e6", lifecycle="fail"), completed("i7", "e7", lifecycle="cancel"))
    await stream.on(3, ticket("status", event_id="e8", status="solved", body="late"))
    await stream.on(4, completed("i8", "e9", process="returns"))
    found = await stream.watched()
    assert {place: counted(series) for place, series in found.completed.items()} == {
        ("shipping", None): {may(4): 2},
        ("shipping", "uk"): {may(4): 1},
        ("returns", None): {may(8): 1},
    }


async def test_an_instance_counts_once_on_the_last_day_that_it_was_completed(stream: Stream) -> None:
    await stream.on(0, completed("i1", "e1"), completed("i2", "e2"), completed("i3", "e3"))
    await stream.on(5, completed("i1", "e4"))
    # After the tick's day, and so not yet.
    await stream.on(11, completed("i2", "e5"))
    found = await stream.watched()
    assert counted(found.completed["shipping", None]) == {may(4): 1, may(9): 1}


async def test_hours_of_the_week_are_counted_in_utc(stream: Stream) -> None:
    await stream.on(0, late("r1", "anna"), content("r2"))
    await stream.on(7, late("r3", "ben"))
    await stream.on(6 + 14.5 / 24, late("r4", "cleo"))
    hours = (await stream.watched()).hours
    assert {hour: times for hour, times in enumerate(hours) if times} == {9: 2, 167: 1}


def stored_under(one: CellKey) -> tuple[str, str, str, str]:
    return (one.process, one.category, one.region or "", one.measure.value)


async def test_cells_remember_what_was_written(rig: Rig, stream: Stream) -> None:
    state = CellState(
        cell=cell(region="uk"),
        level=Level.FORMAL_REVIEW,
        opened_on=may(3),
        last_alarm_on=may(10),
        down_weighted=(DayRange(first=may(1), last=may(3)), DayRange(first=may(8), last=may(10))),
        formal=(DayRange(first=may(1), last=may(10)),),
        alarms=(may(3), may(10)),
        outage_on=START,
    )
    group = CellState(cell=cell(process="*"), alarms=(may(10),))
    facts = Facts()
    for one in (state, group):
        facts.cells.put(stored_under(one.cell), one)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    assert (await stream.watched()).states == {state.cell: state, group.cell: group}


async def test_a_store_that_nothing_was_told_knows_nothing(stream: Stream) -> None:
    found = await stream.watched()
    assert (found.contacts, found.states, found.first_days, found.critical) == ({}, {}, {}, {})
    assert (found.completed, found.answers, sum(found.hours)) == ({}, {}, 0)


NOON = instant("2026-05-06T12:00:00")


async def put(store: Store, *, outage: CellKey | None = None, known: Tempo | None = None) -> None:
    facts = Facts()
    if outage is not None:
        facts.cells.put(stored_under(outage), CellState(cell=outage, outage_on=NOON))
    facts.tempo = known
    async with store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))


async def test_an_hour_knows_the_cells_in_which_enough_began_in_the_last_day(rig: Rig, stream: Stream) -> None:
    # The last two lie within 24 hours of noon on Wednesday, and the first one does not.
    await stream.on(0, late("r1", "anna"), survey("r2", 0, "refund", customer="anna"))
    await stream.on(1 + 3 / 24, late("r3", "ben", "uk"), survey("r4", 0, "refund", customer="ben"))
    await stream.on(2 + 2.9 / 24, late("r5", "anna"))
    await stream.on(2 + 3 / 24, survey("r6", 0, "refund", customer="cleo"))
    async with rig.store.transaction() as transaction:
        found = await transaction.load_hours(NOON, 2)
    assert people(found.contacts) == [[(LATE, 0), (LATE, 50)], [(LATE_UK, 27)]]
    assert min(found.contacts[cell()].days) == may(4).toordinal() * 24 + 9
    assert found.first_days == {"shipping": may(4), "returns": may(4)}
    assert found.tempo is None


async def test_an_hour_in_which_no_cell_has_enough_loads_none(rig: Rig, stream: Stream) -> None:
    await stream.on(2, late("r1", "anna"))
    async with rig.store.transaction() as transaction:
        found = await transaction.load_hours(NOON, 2)
    assert (found.contacts, found.first_days) == ({}, {})


async def test_an_hour_knows_the_cells_with_an_outage_however_quiet(rig: Rig, stream: Stream) -> None:
    await put(rig.store, outage=cell(region="uk"))
    await stream.on(0, late("r1", "anna"), survey("r2", 0, "refund", customer="anna"))
    async with rig.store.transaction() as transaction:
        found = await transaction.load_hours(NOON, 5)
    assert (people(found.contacts), list(found.states)) == ([[(LATE, 0)]], [cell(region="uk")])


async def test_an_hour_knows_since_when_a_process_is_watched_although_all_of_its_outage_was_withdrawn(
    rig: Rig, stream: Stream
) -> None:
    await put(rig.store, outage=cell())
    await stream.on(0, content("r1"))
    async with rig.store.transaction() as transaction:
        found = await transaction.load_hours(NOON, 5)
    assert (found.contacts, found.first_days) == ({}, {"shipping": may(4)})


async def test_an_hour_knows_what_the_last_tick_of_days_left(rig: Rig) -> None:
    old, new = (Tempo(prior=PRIOR, hours=(share,) * 168) for share in (1.0, 0.987654))
    for known in (old, new, None):
        await put(rig.store, known=known)
    async with rig.store.transaction() as transaction:
        assert (await transaction.load_hours(NOON, 5)).tempo == new


def closed_review(name: str, of: CellKey, at: datetime, kind: AlertKind = AlertKind.VOLUME) -> Alert:
    """An alert that somebody has closed."""
    return Alert(
        alert_id=name,
        alert_key=f"key of {name}",
        episode=1,
        kind=kind,
        team="drivers",
        route="volume",
        process=of.process,
        category=of.category,
        region=of.region,
        state=AlertState.RESOLVED,
        opened_at=START,
        first_seen=START,
        last_seen=START,
        resolved_at=at,
        follow_up=taken(FollowUp(), ReviewStep.ACTION, at, "ana"),
    )


async def test_a_tick_of_days_or_hours_knows_when_somebody_last_acted_on_each_cell(rig: Rig, stream: Stream) -> None:
    facts = Facts()
    for alert in (
        closed_review("a-1", cell(), NOON),
        closed_review("a-2", cell(), NOON + days(1)),
        closed_review("a-3", cell(region="uk"), NOON),
        replace(closed_review("a-4", cell("refund"), NOON), follow_up=FollowUp()),
        closed_review("a-5", cell("safety"), NOON - days(64)),
    ):
        facts.alerts.put(alert.alert_id, alert)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    known = {cell(): NOON + days(1), cell(region="uk"): NOON}
    assert (await stream.watched()).acts == known
    async with rig.store.transaction() as transaction:
        assert (await transaction.load_hours(NOON, 5)).acts == known


async def test_the_severity_of_the_last_four_weeks_is_known_by_cell_and_region(rig: Rig, stream: Stream) -> None:
    end = END + timedelta(days=28)
    for day, name, region in ((9, "r1", None), (11, "r2", None), (12, "r3", None), (20, "r4", "uk")):
        await stream.on(day, late(name, f"c-{name}", region))
    await stream.on(21, content("r5"))
    async with rig.store.transaction() as transaction:
        found = await transaction.load_cells(SINCE, end)
    assert found.harms == {cell(): Harm(contacts=2, score=120), cell(region="uk"): Harm(contacts=1, score=60)}
