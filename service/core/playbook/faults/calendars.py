"""Calendars that nothing answers to, that say two things of one hour, or in which no time would ever come."""

from collections.abc import Iterator, Sequence

from service.core.playbook.calendars import DAYS, WHOLE_DAY, Calendar, Hours, days_of, span_of, week_of
from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.model import Playbook


def calendar_faults(playbook: Playbook) -> Iterator[Fault]:
    for name, calendar in playbook.calendars.items():
        yield from _calendar(("calendars", name), calendar)
    for at, team in enumerate(playbook.teams):
        yield from _named(("teams", at, "calendar"), team.calendar, playbook)
    yield from _named(("fatigue", "calendar"), playbook.fatigue.calendar, playbook)


def _named(path: Path, name: str | None, playbook: Playbook) -> Iterator[Fault]:
    if name is not None and name not in playbook.calendars:
        yield unknown(path, "calendar", name, playbook.calendars)


def _calendar(path: Path, calendar: Calendar) -> Iterator[Fault]:
    business, quiet = calendar.business_hours, calendar.quiet_hours
    if business is not None:
        yield from _hours((*path, "business_hours"), business)
        if not any(week_of(business)):
            message = "has no hour in a week, so that nothing would ever be due; write some, or leave it out"
            yield Fault(path=(*path, "business_hours"), message=message)
    if quiet is not None:
        yield from _hours((*path, "quiet_hours"), quiet)
        if all(stretches == ((0, WHOLE_DAY),) for stretches in week_of(quiet)):
            message = "is quiet all week, so that nobody would ever be told; leave some hours out"
            yield Fault(path=(*path, "quiet_hours"), message=message)
    if calendar.holidays and business is None and quiet is None:
        message = "change nothing without business_hours or quiet_hours; write one of these, or leave the holidays out"
        yield Fault(path=(*path, "holidays"), message=message)
    if not calendar.shifts:
        yield Fault(path=(*path, "shifts"), message="has no time; write one such as 06:00, or leave it out")
    yield from _repeated((*path, "holidays"), [day.isoformat() for day in calendar.holidays])
    yield from _repeated((*path, "shifts"), calendar.shifts)


def _hours(path: Path, hours: Hours) -> Iterator[Fault]:
    holders: dict[int, str] = {}
    for written, spans in hours.items():
        again = [day for day in days_of(written) if holders.setdefault(day, written) != written]
        if again:
            message = f"{DAYS[again[0]]} is in {holders[again[0]]} already; name each day once"
            yield Fault(path=(*path, written), message=message)
        for at, span in enumerate(spans):
            begin, end = span_of(span)
            for other in spans[:at]:
                first, last = span_of(other)
                if begin < last and first < end:
                    message = f"overlaps {other}; write the two as one span"
                    yield Fault(path=(*path, written, at), message=message)
                    break


def _repeated(path: Path, values: Sequence[str]) -> Iterator[Fault]:
    for at, value in enumerate(values):
        if value in values[:at]:
            yield Fault(path=(*path, at), message=f"{value} is here already; take it out")
