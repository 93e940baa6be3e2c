"""When a team is left in peace: deploy/docs/playbook.md, 'calendars', by what the local clock reads at an instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE, _DAY = timedelta(minutes=1), 24 * 60
# Quiet hours of the retail playbook begin and end on the quarter of an hour.
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The quiet minutes of each local day of the week, without holidays, which are quiet all day."""

    zone: ZoneInfo
    week: Mapping[int, Sequence[tuple[int, int]]]
    holidays: frozenset[date]

    def quiet(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        if local.date() in self.holidays:
            return True
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.week.get(local.weekday(), ()))

    def until(self, at: datetime) -> datetime:
        """Return the first full minute from an instant on that is not quiet, or the instant itself."""
        while self.quiet(at):
            at = at.replace(second=0, microsecond=0) + _MINUTE
        return at

    def sometimes(self, first: datetime, last: datetime) -> set[bool]:
        """Say what holds between two instants: quiet, not quiet, or both."""
        found = {self.quiet(last)}
        while first < last:
            found.add(self.quiet(first))
            first += _QUARTER
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many interrupts a team takes in an hour of UTC, a shift and a local day; `shifts` are minutes of that day."""

    zone: ZoneInfo
    shifts: Sequence[int]
    limits: Mapping[str, int]

    def stretches(self, at: datetime) -> Iterator[tuple[str, datetime, int]]:
        """Name each stretch with a limit that an instant lies in, by when it began on the local clock."""
        local = at.astimezone(self.zone).replace(second=0, microsecond=0)
        midnight = local.replace(hour=0, minute=0)
        minute = local.hour * 60 + local.minute
        begun = [one for one in self.shifts if one <= minute]
        shift = midnight + max(begun) * _MINUTE if begun else midnight - timedelta(days=1) + max(self.shifts) * _MINUTE
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        began = {"per_hour": hour, "per_shift": shift, "per_day": midnight}
        for name, limit in self.limits.items():
            yield name, began[name], limit


def budgets(document: Mapping[str, Any]) -> Mapping[str, Budget]:
    """Return the budget of each team that has one."""
    calendars = document.get("calendars", {})
    found = {}
    for team in document["teams"]:
        if "budget" in team:
            calendar = calendars.get(team.get("calendar", document["fatigue"].get("calendar")), {})
            found[team["id"]] = Budget(
                zone=ZoneInfo(calendar.get("time_zone", "UTC")),
                shifts=[_minute(text) for text in calendar.get("shifts", ["00:00"])],
                limits=team["budget"],
            )
    return found


def quiet_hours(document: Mapping[str, Any]) -> Mapping[str, Hours]:
    """Return the quiet hours of each team that has any."""
    known = {name: _hours(one) for name, one in document.get("calendars", {}).items() if "quiet_hours" in one}
    named = {team["id"]: team.get("calendar", document["fatigue"].get("calendar")) for team in document["teams"]}
    return {team: known[name] for team, name in named.items() if name in known}


def _hours(given: Mapping[str, Any]) -> Hours:
    week: dict[int, list[tuple[int, int]]] = {}
    for days, spans in given["quiet_hours"].items():
        for day in _days_of(days):
            for span in [spans] if isinstance(spans, str) else spans:
                begin, end = (_minute(text) for text in span.split("-"))
                if begin < end:
                    week.setdefault(day, []).append((begin, end))
                else:
                    week.setdefault(day, []).append((begin, _DAY))
                    week.setdefault((day + 1) % 7, []).append((0, end))
    return Hours(zone=ZoneInfo(given["time_zone"]), week=week, holidays=frozenset(given.get("holidays", ())))


def _days_of(text: str) -> Iterator[int]:
    first, _, last = text.partition("-")
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    for ahead in range((end - begin) % 7 + 1):
        yield (begin + ahead) % 7


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
