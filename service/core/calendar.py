"""A calendar and an instant -> what the hour means to a team: quiet or not, business time, its shift and its day.

What the local clock reads decides. An hour that the clock skips has no instants, one that it repeats counts both times,
and what begins or comes at a time that the clock reads twice does so the first time; at one that it skips, with the
first instant after the gap. Instants go in aware and come out in UTC. Nothing here looks further than ten years ahead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from service.core.playbook import calendars as written
from service.core.playbook.calendars import WHOLE_DAY, Stretch, Week, minute_of, week_of
from service.core.playbook.fields import LONGEST
from service.core.playbook.model import Playbook

_DAY = timedelta(days=1)
_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
# Zones may skip a whole local day, as Samoa did, so that what is next can be on the second day from now.
_AROUND = range(-2, 3)
_ALL_DAY: tuple[Stretch, ...] = ((0, WHOLE_DAY),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`business` None counts every hour, `quiet` None has no quiet one; `shifts` are minutes of the local day."""

    zone: ZoneInfo
    business: Week | None = None
    quiet: Week | None = None
    holidays: frozenset[date] = frozenset()
    shifts: tuple[int, ...] = (0,)

    def quiet_until(self, at: datetime) -> datetime | None:
        """Return the first instant after `at` that is not quiet, None if `at` itself is not."""
        if self.quiet is None:
            return None
        until = at
        for begin, end in self._stretches(at, self.quiet, on_holiday=_ALL_DAY):
            if begin > until:
                break
            until = max(until, end)
        return None if until == at else until

    def add_business(self, start: datetime, span: timedelta) -> datetime:
        """Return when `span` of business time has passed, the earliest such instant; `start` where it is not above 0.

        A span that takes longer than ten years ends then.
        """
        if span <= timedelta():
            return start.astimezone(UTC)
        if self.business is None:
            return start.astimezone(UTC) + span
        left = span
        for begin, end in self._stretches(start, self.business):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return start.astimezone(UTC) + LONGEST

    def business_between(self, a: datetime, b: datetime) -> timedelta:
        """Return the business time from `a` to `b`, of ten years at most; nothing where `b` is not after `a`."""
        if self.business is None or b <= a:
            return max(b - a, timedelta())
        passed = timedelta()
        for begin, end in self._stretches(a, self.business):
            if begin >= b:
                break
            passed += min(end, b) - begin
        return passed

    def shift_of(self, at: datetime) -> datetime:
        """Return when the shift began in which `at` lies."""
        return _begun(self.zone, self.shifts, at.astimezone(UTC))

    def day_of(self, at: datetime) -> datetime:
        """Return when the local day began in which `at` lies."""
        return _begun(self.zone, (0,), at.astimezone(UTC))

    def next_at(self, at: datetime, hour: int) -> datetime:
        """Return the next instant after `at` at which the local clock comes to `hour` (0 to 23) o'clock."""
        day = at.astimezone(self.zone).date()
        return min(come for ahead in _AROUND if (come := self._first(day + ahead * _DAY, hour * 60)) > at)

    def _stretches(
        self, at: datetime, week: Week, on_holiday: tuple[Stretch, ...] = ()
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield what lies in the hours of a week from `at` on, in order; stretches that follow at once may touch."""
        at = at.astimezone(UTC)
        today = at.astimezone(self.zone).date()
        for ahead in range(LONGEST.days):
            day = today + ahead * _DAY
            minutes = on_holiday if day in self.holidays else week[day.weekday()]
            for since, until in self._steady(day) if minutes else ():
                midnight = datetime.combine(day, time(), UTC) - self._offset(since)
                for first, last in minutes:
                    begin, end = max(since, at, midnight + first * _MINUTE), min(until, midnight + last * _MINUTE)
                    if begin < end:
                        yield begin, end

    def _steady(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Part the local day where the clock is changed; no zone does that twice in one day, but some skip a day."""
        begin, end = self._first(day, 0), self._first(day + _DAY, 0)
        if begin == end:
            return iter(())
        changed = self._offset(begin) != self._offset(end - _SECOND)
        return pairwise((begin, self._change(begin, end - _SECOND), end) if changed else (begin, end))

    def _first(self, day: date, minute: int) -> datetime:
        return _first(self.zone, day, minute)

    def _change(self, before: datetime, after: datetime) -> datetime:
        return _change(self.zone, before, after)

    def _offset(self, at: datetime) -> timedelta:
        return _offset(self.zone, at)


# Every event of a day asks for the same few instants of it, each of which takes two looks into the zone.
@lru_cache(maxsize=4_096)
def _first(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """Return the first instant at which the local clock comes to a minute of the day, or past it over a gap."""
    local = datetime.combine(day, time()) + minute * _MINUTE
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    # In a gap the two are the wrong way round: each is read with the offset that holds on the other side of it.
    return early if early <= late else _change(zone, late, early)


# All records of a batch are decided at one instant.
@lru_cache(maxsize=4_096)
def _begun(zone: ZoneInfo, minutes: tuple[int, ...], at: datetime) -> datetime:
    """Return when the local clock last came to one of some minutes of the day by an instant, which is in UTC."""
    day = at.astimezone(zone).date()
    came = (_first(zone, day + ahead * _DAY, minute) for ahead in _AROUND for minute in minutes)
    return max(begin for begin in came if begin <= at)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first instant of the offset that holds at `after`; another one holds at `before`."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


# The calendar of whoever has none.
ALWAYS = Calendar(zone=ZoneInfo("UTC"))


def compile_calendar(model: written.Calendar) -> Calendar:
    """Turn a calendar without faults into one that can be asked."""
    return Calendar(
        zone=ZoneInfo(model.time_zone),
        business=None if model.business_hours is None else week_of(model.business_hours),
        quiet=None if model.quiet_hours is None else week_of(model.quiet_hours),
        holidays=frozenset(model.holidays),
        shifts=tuple(sorted(map(minute_of, model.shifts))),
    )


def calendars_of(playbook: Playbook) -> Mapping[str, Calendar]:
    """Return the calendar of each team by its id: its own, or that of `fatigue`, or `ALWAYS`."""
    compiled = {name: compile_calendar(model) for name, model in playbook.calendars.items()}
    names = {team.id: team.calendar or playbook.fatigue.calendar for team in playbook.teams}
    return {team: ALWAYS if name is None else compiled[name] for team, name in names.items()}
