"""The ends of a period as they were asked for -> the period, or why it is not answered for.

Refuses one that is empty or longer than 400 days. Periods are of event time: an answer is in the one in which its
subject began, whatever has corrected it since.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

# Four weeks, so that every day of the week is in it as often as any other.
RECENT = timedelta(days=28)
# As long as feedback is kept by default, so that a year can be seen beside the one before it.
LONGEST = timedelta(days=400)


class PeriodFault(StrEnum):
    """Why a period is not answered for."""

    EMPTY = "empty"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since`, which is in it, up to `until`, which is not; both aware."""

    since: datetime
    until: datetime


# Every event that there can be.
EVER = Period(since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC))


def period(since: datetime | None, until: datetime | None, now: datetime) -> Period | PeriodFault:
    """Fill in what was left out: the end of the present day (UTC), and 28 days before the end.

    The ends are aware, and of a year in which there can be events.
    """
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    end = until.astimezone(UTC) if until is not None else datetime.combine(tomorrow, time(), UTC)
    start = since.astimezone(UTC) if since is not None else end - RECENT
    if start >= end:
        return PeriodFault.EMPTY
    if end - start > LONGEST:
        return PeriodFault.TOO_LONG
    return Period(since=start, until=end)
