"""Calendar: when a team works, when it is left in peace, and when its shifts begin, all by its local clock.

Refused are zones, days and times that are none, and a span without a length. How a week comes out of written hours is
here too, since both the checks and `service.core.calendar` need it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from service.core.playbook.fields import Part
from service.core.playbook.sources import ZoneName

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = 24 * 60
# So few that whoever looks for an hour past all of them is done within the ten years that anything may take.
MOST_HOLIDAYS = 500
_MOST_IN_A_DAY = 24

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME_OF_DAY = re.compile(_TIME)
_SPAN = re.compile(rf"({_TIME})-({_TIME}|24:00)")
_DAYS = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

# Minutes of a local day, from the first up to but without the second.
Stretch = tuple[int, int]
# For each day from Monday, its stretches in order; no two of them touch.
Week = tuple[tuple[Stretch, ...], ...]


def _days(value: str) -> str:
    if _DAYS.fullmatch(value) is None:
        message = f"{value[:40]!r} is no day and no range of days; write one such as sat or mon-fri"
        raise ValueError(message)
    return value


def _span(value: str) -> str:
    found = _SPAN.fullmatch(value)
    if found is None:
        message = f"{value[:40]!r} is no span of time; write one such as 09:00-17:30 or 00:00-24:00"
        raise ValueError(message)
    if found[1] == found[2]:
        message = f"{value!r} has no length; write 00:00-24:00 for a whole day"
        raise ValueError(message)
    return value


def _time_of_day(value: str) -> str:
    if _TIME_OF_DAY.fullmatch(value) is None:
        message = f"{value[:40]!r} is no time of day; write one such as 06:00"
        raise ValueError(message)
    return value


def _one_or_more(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return (value,) if isinstance(value, str) else value


def _date(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    if not isinstance(value, date) and not (isinstance(value, str) and _DATE.fullmatch(value.strip())):
        message = "write a holiday as a date, such as 2026-12-25"
        raise ValueError(message)
    return value


Days = Annotated[str, AfterValidator(_days)]
Span = Annotated[str, AfterValidator(_span)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(_one_or_more), Field(max_length=_MOST_IN_A_DAY)]
Hours = dict[Days, Spans]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Holiday = Annotated[date, BeforeValidator(_date)]


class Calendar(Part):
    """Without business hours every hour counts; without quiet hours none is quiet.

    A span that ends before it begins runs over midnight. A holiday has no business hours, and is quiet all day where
    there are quiet hours at all, be they empty.
    """

    time_zone: ZoneName
    business_hours: Hours | None = None
    quiet_hours: Hours | None = None
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=MOST_HOLIDAYS)] = ()
    shifts: Annotated[tuple[TimeOfDay, ...], Field(max_length=_MOST_IN_A_DAY)] = ("00:00",)


def days_of(written: str) -> tuple[int, ...]:
    """Return the days of `sat` or `mon-fri`, Monday being 0; `fri-mon` goes over the end of the week."""
    first, _, last = written.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((begin + on) % len(DAYS) for on in range((end - begin) % len(DAYS) + 1))


def span_of(written: str) -> Stretch:
    """Return the minutes of `22:00-06:00`; its end is past the day's where it runs over midnight."""
    first, _, last = written.partition("-")
    begin, end = minute_of(first), minute_of(last)
    return begin, end if end > begin else end + WHOLE_DAY


def minute_of(written: str) -> int:
    """Return how many minutes of its day are over at `06:00`."""
    return int(written[:2]) * 60 + int(written[3:])


def week_of(hours: Mapping[str, Iterable[str]]) -> Week:
    """Give each day its own stretches and what runs into it from the day before; what overlaps is joined."""
    found: list[list[Stretch]] = [[] for _ in DAYS]
    for written, spans in hours.items():
        for day in days_of(written):
            for begin, end in map(span_of, spans):
                found[day].append((begin, min(end, WHOLE_DAY)))
                if end > WHOLE_DAY:
                    found[(day + 1) % len(DAYS)].append((0, end - WHOLE_DAY))
    return tuple(_joined(sorted(stretches)) for stretches in found)


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    joined: list[Stretch] = []
    for begin, end in stretches:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)
