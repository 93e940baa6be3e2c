"""The days that downtimes of a process spoil: deploy/docs/volume.md, 'Downtime'."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event, moment

_LEAST, _AFTER, _REACH = timedelta(hours=1), timedelta(hours=24), 420
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """What the last word on it says; `rank` tells which word is the last."""

    name: tuple[str, ...]
    rank: tuple[datetime, str]
    process: str
    start: datetime
    end: datetime | None


def downtime(event: Event, playbook: Playbook) -> Downtime:
    """Read one word on a downtime; without a name it is the one of that process, region and start."""
    data = event.data
    process = playbook.process_names.get(data["process"].casefold(), data["process"])
    start = moment(data["started_at"])
    named = data.get("downtime_id")
    parts = ("named", named) if named else ("unnamed", process, str(data.get("region")), start.isoformat())
    return Downtime(
        name=(event.source, *parts),
        rank=(event.at, event.id),
        process=process,
        start=start,
        end=moment(data["ended_at"]) if data.get("ended_at") else None,
    )


def spoilt_days(downtimes: Iterable[Downtime], last: date) -> frozenset[date]:
    """The days of which an hour lies in downtimes, or in the day after one that lasted an hour."""
    over = datetime.combine(last + _DAY, time(), tzinfo=UTC)
    spans = [(one.start, one.end or over) for one in downtimes]
    spans += [(one.end, one.end + _AFTER) for one in downtimes if one.end and one.end - one.start >= _LEAST]
    found = set()
    for back in range(_REACH):
        midnight = over - (back + 1) * _DAY
        cut = sorted((max(start, midnight), min(end, midnight + _DAY)) for start, end in spans)
        spent, reached = timedelta(), midnight
        for start, end in cut:
            if end > max(start, reached):
                spent += end - max(start, reached)
                reached = end
        if spent >= _LEAST:
            found.add(midnight.date())
    return frozenset(found)
