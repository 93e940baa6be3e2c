"""The rows in memory -> what a tick has to know of all cells."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from service.adapters.memory.rows import Rows
from service.core.contradict import Flow
from service.core.recontact import cases
from service.core.records.decisions import Contribution
from service.core.records.feedback import Downtime
from service.core.records.renamed import Renamed, as_current
from service.core.records.words import CellMeasure, FeedbackKind, Severity
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
    Contact,
    Harm,
    Place,
    Watched,
    WatchedHours,
    turnouts,
)

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def watched(rows: Rows, since: date, end: date) -> Watched:
    """Gather the contacts of a span of days, what was completed and answered in it, and what each cell remembers."""
    seen = [one for one in rows.contributions.values() if since <= one.day <= end]
    negative = [one for one in seen if one.is_counted]
    return Watched(
        contacts=turnouts(
            Contact(cell=_cell(one), customer=one.feedback.customer, occurred_at=one.began_at) for one in negative
        ),
        states=_states(rows, CellMeasure.VOLUME),
        first_days=_first_days(rows),
        critical=_critical(one for one in negative if one.day > end - _WEEK),
        hours=_hours(negative),
        completed=_completed(rows, since, end),
        answers=_answers(seen, end),
        acts=_acts(rows, _midnight(end)),
        harms=_harms(one for one in negative if one.day > end - HARM_REACH),
        downtimes=_downtimes(rows, _midnight(since), _midnight(end + _DAY)),
    )


def watched_hours(rows: Rows, end: datetime, least: int) -> WatchedHours:
    """Gather the contacts of the cells in which much began in the last day, and of those with an outage."""
    last_day = [one for day in (end - _DAY, end) for one in _negative_on(rows, day.date())]
    recent = Counter(_name(_cell(one)) for one in last_day if end - _DAY <= one.began_at < end)
    wanted = {name for name, count in recent.items() if count >= least}
    states = _states(rows, CellMeasure.VOLUME)
    wanted |= {_name(cell) for cell, state in states.items() if state.outage_on is not None}
    contacts = (
        Contact(cell=_cell(one), customer=one.feedback.customer, occurred_at=one.began_at)
        for one in (rows.contributions.values() if wanted else ())
        if one.is_counted and end - HOURS_REACH <= one.began_at < end and _name(_cell(one)) in wanted
    )
    return WatchedHours(
        contacts=turnouts(contacts, hours=True),
        states=states,
        first_days=_first_days(rows) if wanted else {},
        tempo=rows.tempo,
        acts=_acts(rows, end),
        downtimes=_downtimes(rows, end - _DAY, end),
    )


def _downtimes(rows: Rows, since: datetime, until: datetime) -> list[Downtime]:
    """Those that began before an instant and were not over at another."""
    return [
        one
        for one in rows.downtimes.values()
        if one.started_at < until and (one.ended_at is None or one.ended_at >= since)
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def flow(rows: Rows, process: str, since: date, end: date, sla: timedelta) -> Flow:
    """Count what one process completed and what was heard of it in a span of days."""
    lasted = [
        one.completed_at - one.started_at
        for one in rows.instances.values()
        if one.process == process
        and one.started_at is not None
        and one.completed_at is not None
        and one.started_at <= one.completed_at
        and since <= one.completed_at.astimezone(UTC).date() <= end
    ]
    first, over = _midnight(since), _midnight(end + _DAY)
    return Flow(
        completed=len(lasted),
        inside=sum(one <= sla for one in lasted),
        feedback=sum(
            one.process == process and not one.key.part and since <= one.day <= end
            for one in rows.contributions.values()
        ),
        reviewed=any(
            row.document["cell"]["process"] == process and first < row.ends_at <= over for row in rows.reviews
        ),
    )


def closings(rows: Rows, since: date, last: date, days: int, renamed: Renamed) -> Closings:
    """Gather the cases closed in a span of days, and what each cell remembers of them."""
    numbers: dict[str, int] = {}
    found: defaultdict[CellKey, list[tuple[int, int, bool]]] = defaultdict(list)
    for one in cases((as_current(one, renamed) for one in rows.contributions.values()), timedelta(days=days)):
        day = one.closed_at.astimezone(UTC).date()
        if since <= day <= last:
            cell = replace(_cell(one.state), measure=CellMeasure.RECONTACT)
            customer = numbers.setdefault(one.state.feedback.customer, len(numbers))
            found[cell].append((day.toordinal(), customer, one.returned))
    return Closings(
        cases={cell: ClosedCases.of(*zip(*each, strict=True)) for cell, each in found.items()},
        states=_states(rows, CellMeasure.RECONTACT),
        acts=_acts(rows, _midnight(last), CellMeasure.RECONTACT),
    )


def _states(rows: Rows, measure: CellMeasure) -> dict[CellKey, CellState]:
    return {cell: state for cell, state in rows.cells.items() if cell.measure is measure}


def _negative_on(rows: Rows, day: date) -> Iterator[Contribution]:
    found = (rows.contributions[part] for part in rows.negative_on.get(day, ()))
    return (one for one in found if one.is_counted)


def _name(cell: CellKey) -> tuple[str, str]:
    return (cell.process, cell.category)


def _hours(negative: list[Contribution]) -> tuple[int, ...]:
    """How many began in each hour of the week."""
    times = (one.began_at.astimezone(UTC) for one in negative)
    counted = Counter(at.weekday() * 24 + at.hour for at in times)
    return tuple(counted[hour] for hour in range(WEEK_HOURS))


def _acts(rows: Rows, end: datetime, measure: CellMeasure = CellMeasure.VOLUME) -> dict[CellKey, datetime]:
    """When a person last closed a review of each cell, as far back as windows reach."""
    found: dict[CellKey, datetime] = {}
    for alert in rows.alerts.values():
        at = alert.acted_at
        if at is not None and at >= end - ACTS_REACH and alert.kind is measure.alert_kind:
            cell = CellKey(process=alert.process, category=alert.category, region=alert.region, measure=measure)
            found[cell] = max(found.get(cell, at), at)
    return found


def _critical(negative: Iterable[Contribution]) -> dict[CellKey, datetime]:
    found: dict[CellKey, datetime] = {}
    for one in negative:
        if one.assessed.severity is Severity.CRITICAL:
            found[_cell(one)] = max(one.began_at, found.get(_cell(one), one.began_at))
    return found


def _harms(negative: Iterable[Contribution]) -> dict[CellKey, Harm]:
    found: dict[CellKey, Harm] = {}
    for one in negative:
        known = found.get(_cell(one), Harm(contacts=0, score=0))
        found[_cell(one)] = Harm(contacts=known.contacts + 1, score=known.score + one.assessed.points)
    return found


def _cell(one: Contribution) -> CellKey:
    return CellKey(process=one.process, category=one.categorised.category, region=one.feedback.region)


def _first_days(rows: Rows) -> dict[str, date]:
    found: dict[str, date] = {}
    for one in rows.contributions.values():
        found[one.process] = min(one.day, found.get(one.process, one.day))
    return found


def _completed(rows: Rows, since: date, end: date) -> dict[Place, NDArray[np.float64]]:
    days: defaultdict[Place, list[date]] = defaultdict(list)
    for one in rows.instances.values():
        if one.completed_at is not None:
            day = one.completed_at.astimezone(UTC).date()
            if since <= day <= end:
                days[one.process, one.region].append(day)
    return {place: _by_age(of_place, end) for place, of_place in days.items()}


def _answers(seen: list[Contribution], end: date) -> dict[Place, Answers]:
    responses: defaultdict[Place, list[Contribution]] = defaultdict(list)
    for one in seen:
        if one.feedback.kind is FeedbackKind.SURVEY and not one.key.part:
            responses[one.process, one.feedback.region].append(one)
    return {
        place: Answers(
            daily=_by_age([one.day for one in of_place], end),
            negative=sum(one.assessed.negative for one in of_place),
        )
        for place, of_place in responses.items()
    }


def _by_age(days: list[date], end: date) -> NDArray[np.float64]:
    """How many there are of each day, the newest first; older ones than the grid reaches are left out."""
    ages = np.array([(end - day).days for day in days])
    return np.bincount(ages[ages < GRID_DAYS], minlength=GRID_DAYS).astype(np.float64)
