"""A span of days -> what a tick has to know of all cells: counted and grouped where the rows are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import numpy as np
from numpy.typing import NDArray

from service.adapters.postgres import queries
from service.adapters.postgres.documents import CELLS, TEMPOS
from service.adapters.postgres.reading import read_downtime
from service.adapters.postgres.session import Session
from service.core.contradict import Flow
from service.core.records.feedback import Downtime
from service.core.records.renamed import Renamed
from service.core.records.words import CellMeasure
from service.core.volume import (
    ACTS_REACH,
    GRID_DAYS,
    HARM_REACH,
    HOURS_REACH,
    WEEK_HOURS,
    Answers,
    CellKey,
    CellState,
    ClosedCases,
    Closings,
    Harm,
    Place,
    Turnout,
    Watched,
    WatchedHours,
)

_DAY = timedelta(days=1)
_Series = dict[Place, NDArray[np.float64]]


async def watched(session: Session, since: date, end: date) -> Watched:
    """Load the contacts of a span of days, what was completed and answered in it, and what each cell remembers."""
    contacts: dict[CellKey, Turnout] = {}
    critical: dict[CellKey, datetime] = {}
    harms: dict[CellKey, Harm] = {}
    for row in await session.fetch(queries.CONTACTS, since, end, HARM_REACH.days):
        cell = CellKey(process=row["process"], category=row["category"], region=row["region"])
        contacts[cell] = Turnout(np.array(row["days"], np.int64), np.array(row["customers"], np.int64))
        if row["critical"] is not None:
            critical[cell] = row["critical"]
        if row["recent"]:
            harms[cell] = Harm(contacts=row["recent"], score=row["points"])
    states = await _states(session, CellMeasure.VOLUME)
    completed = _series(await session.fetch(queries.COMPLETED, since, end), end)
    answered = await session.fetch(queries.ANSWERS, since, end)
    hours = {row["hour"]: row["times"] for row in await session.fetch(queries.HOURS, since, end)}
    negative: defaultdict[Place, int] = defaultdict(int)
    for row in answered:
        negative[row["process"], row["region"]] += row["negative"]
    return Watched(
        contacts=contacts,
        states=states,
        first_days={row["process"]: row["first_day"] for row in await session.fetch(queries.FIRST_DAYS)},
        critical=critical,
        hours=tuple(hours.get(hour, 0) for hour in range(WEEK_HOURS)),
        completed=completed,
        answers={
            place: Answers(daily=daily, negative=negative[place]) for place, daily in _series(answered, end).items()
        },
        acts=await _acts(session, _midnight(end)),
        harms=harms,
        downtimes=await _downtimes(session, _midnight(since), _midnight(end + _DAY)),
    )


async def watched_hours(session: Session, end: datetime, least: int) -> WatchedHours:
    """Load the contacts of the cells in which much began in the last day, and of those with an outage."""
    states = await _states(session, CellMeasure.VOLUME)
    troubled = [cell for cell, state in states.items() if state.outage_on is not None]
    named = ([cell.process for cell in troubled], [cell.category for cell in troubled])
    contacts: dict[CellKey, Turnout] = {}
    for row in await session.fetch(queries.RECENT, end - HOURS_REACH, end, least, *named):
        cell = CellKey(process=row["process"], category=row["category"], region=row["region"])
        contacts[cell] = Turnout(np.array(row["hours"], np.int64), np.array(row["customers"], np.int64))
    known: dict[str, date] = {}
    if contacts or troubled:
        known = {row["process"]: row["first_day"] for row in await session.fetch(queries.FIRST_DAYS)}
    rows = await session.fetch(queries.TEMPO)
    return WatchedHours(
        contacts=contacts,
        states=states,
        first_days=known,
        tempo=TEMPOS.read(rows[0]["doc"]) if rows else None,
        acts=await _acts(session, end),
        downtimes=await _downtimes(session, end - _DAY, end),
    )


async def _acts(session: Session, end: datetime, measure: CellMeasure = CellMeasure.VOLUME) -> dict[CellKey, datetime]:
    found: dict[CellKey, datetime] = {}
    for row in await session.fetch(queries.ACTS, measure.alert_kind.value, end - ACTS_REACH):
        cell = CellKey(process=row["process"], category=row["category"], region=row["region"], measure=measure)
        found[cell] = row["acted_at"]
    return found


async def flows(session: Session, since: date, end: date, slas: Mapping[str, timedelta]) -> Mapping[str, Flow]:
    """Count what each process with an sla completed and what was heard of it in a span of days."""
    asked = (sorted(slas), [sla for _, sla in sorted(slas.items())])
    span = (since, end, _midnight(since), _midnight(end + _DAY))
    return {
        row["process"]: Flow(
            completed=row["completed"], inside=row["inside"], feedback=row["feedback"], reviewed=row["reviewed"]
        )
        for row in await session.fetch(queries.FLOWS, *span, *asked)
    }


async def _downtimes(session: Session, since: datetime, until: datetime) -> list[Downtime]:
    return [read_downtime(row) for row in await session.fetch(queries.DOWNTIMES, since, until)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def closings(session: Session, since: date, last: date, days: int, renamed: Renamed) -> Closings:
    """Load the cases closed in a span of days, and what each cell remembers of them."""
    bounds = (datetime.combine(day, time(), UTC) for day in (since, last + timedelta(days=1)))
    cases = {
        CellKey(
            process=row["process"], category=row["category"], region=row["region"], measure=CellMeasure.RECONTACT
        ): ClosedCases.of(row["days"], row["customers"], row["returned"])
        for row in await session.fetch(queries.CLOSED, *bounds, 24 * days, list(renamed), list(renamed.values()))
    }
    recontact = CellMeasure.RECONTACT
    return Closings(
        cases=cases, states=await _states(session, recontact), acts=await _acts(session, _midnight(last), recontact)
    )


async def _states(session: Session, measure: CellMeasure) -> dict[CellKey, CellState]:
    states = [CELLS.read(row["doc"]) for row in await session.fetch(queries.CELLS, measure.value)]
    return {state.cell: state for state in states}


def _series(rows: Iterable[asyncpg.Record], end: date) -> _Series:
    """How many there are of each day, the newest first; older ones than the grid reaches are left out."""
    found: _Series = {}
    for row in rows:
        daily = found.setdefault((row["process"], row["region"]), np.zeros(GRID_DAYS))
        age = (end - row["day"]).days
        if age < GRID_DAYS:
            daily[age] += row["times"]
    return found
