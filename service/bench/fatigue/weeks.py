"""The times of events -> the seven days in which most of them lie."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from service.bench.fatigue.values import Span

DAYS = 7


def busiest(times: Iterable[datetime], days: int = DAYS) -> Span | None:
    """Find the whole days of UTC in a row that hold the most times, the earliest of equal ones; None without any."""
    counts = Counter(at.astimezone(UTC).date() for at in times)
    if not counts:
        return None
    sums = {first: sum(counts[first + timedelta(days=day)] for day in range(days)) for first in sorted(counts)}
    best = max(sums, key=lambda first: (sums[first], -first.toordinal()))
    since = datetime.combine(best, time(), UTC)
    return Span(since=since, until=since + timedelta(days=days))
