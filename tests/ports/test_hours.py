"""What each store gives to a tick of hours: the cells in which much began within a day, those in trouble, no others."""

from datetime import timedelta

import pytest

from service.core.records.facts import Facts
from service.core.volume import CellKey, CellState, Prior, WatchedHours, hour_of, tempo
from service.ports import Saving
from tests.builders import START, survey
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, complaint, days, decide

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
DELIVERY = CellKey(process="shipping", category="delivery", region=None)
REFUND = CellKey(process="returns", category="refund", region=None)
TEMPO = tempo(
    Prior(a0=1.1, b0=2.2, phi=1.5, mean_rate=0.5, phi_cells=7, rate_cells=9), [hour % 24 for hour in range(168)]
)


def hours_of(found: WatchedHours, cell: CellKey) -> list[int]:
    """The hours of a cell's contacts, counted back from the start."""
    return sorted((found.contacts[cell].days - hour_of(START)).tolist())


async def load(rig: Rig, end: timedelta, least: int) -> WatchedHours:
    async with rig.store.transaction() as transaction:
        return await transaction.load_hours(START + end, least)


async def test_a_cell_is_loaded_with_its_past_once_enough_began_in_a_day(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number, ago in enumerate((days(380), days(30), HOUR * 25, HOUR * 24, HOUR, HOUR / 2)):
        lease = (await decide(rig.store, lease, complaint(number), at=START - ago)).lease
    await decide(rig.store, lease, complaint(9), at=START)
    found = await load(rig, timedelta(), 3)
    assert hours_of(found, DELIVERY) == [-720, -25, -24, -1, -1]
    assert len(set(found.contacts[DELIVERY].customers.tolist())) == 5
    assert found.first_days == {"shipping": (START - days(380)).date()}
    assert (await load(rig, timedelta(), 4)).contacts == {}


async def test_a_cell_with_an_outage_is_loaded_however_quiet_it_is(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(rig.store, lease, survey("r1", 0, "refund"), at=START - days(3))
    troubled = CellState(cell=REFUND, outage_on=START - days(2))
    facts = Facts()
    facts.cells.put(("returns", "refund", "", "volume"), troubled)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="d", now=START))
    found = await load(rig, timedelta(), 5)
    assert (list(found.contacts), found.states) == ([REFUND], {REFUND: troubled})


async def test_the_tempo_is_that_of_the_last_tick_of_days(rig: Rig) -> None:
    assert (await load(rig, timedelta(), 5)).tempo is None
    for _ in range(2):
        facts = Facts()
        facts.tempo = TEMPO
        async with rig.store.transaction() as transaction:
            await transaction.save(Saving(facts=facts, digest="d", now=START))
    assert (await load(rig, timedelta(), 5)).tempo == TEMPO


async def test_a_tick_of_days_counts_the_hours_of_the_week(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number, at in enumerate((START, START + HOUR / 2, START + days(7), START + days(1) + HOUR)):
        lease = (await decide(rig.store, lease, complaint(number), at=at)).lease
    async with rig.store.transaction() as transaction:
        watched = await transaction.load_cells(START.date(), (START + days(10)).date())
    # The start is a Monday at nine.
    assert {hour: count for hour, count in enumerate(watched.hours) if count} == {9: 3, 34: 1}
