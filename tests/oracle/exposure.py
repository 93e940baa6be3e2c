"""How much could have gone wrong on each day of a process: deploy/docs/volume.md, 'How much could have gone wrong'."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
_KNOWN_DAYS, _REACH = 56, 420 * DAY
_SURVEYED, _BAD = 0.8, 0.5
_LEAST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of one process at present, each as days and in any order.

    `feedback` began on them, good or bad; `complaints` are the bad ones; `answers` are responses to surveys, each with
    whether it is a complaint; `completed` are instances.
    """

    feedback: Sequence[date] = ()
    complaints: Sequence[date] = ()
    answers: Sequence[tuple[date, bool]] = ()
    completed: Sequence[date] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Since when a process is watched, and by what; `daily` is empty where every day counts alike."""

    flag: str | None
    first_day: date
    daily: Mapping[date, float] = field(default_factory=dict)


def exposure(told: Told, end: date) -> Exposure:
    """The instances completed, else the answers to surveys, else every day alike."""
    first = min([*told.feedback, end])
    complaints = [day for day in told.complaints if day <= end]
    bad = [day for day, is_bad in told.answers if day <= end and is_bad]
    answers = [day for day, _ in told.answers if day <= end]
    telling = len(bad) >= _SURVEYED * len(complaints) and len(bad) <= _BAD * len(answers)
    for flag, days in ((None, told.completed), ("exposure_by_answers", answers if telling else [])):
        seen = [day for day in days if end - _REACH < day <= end]
        if not seen or (end - min(seen)).days + 1 < _KNOWN_DAYS:
            continue
        since = max(first, min(seen))
        if max(seen) >= since:
            return Exposure(flag=flag, first_day=since, daily=_relative(seen, since, end))
    return Exposure(flag="exposure_unknown", first_day=first)


def _relative(seen: Sequence[date], since: date, end: date) -> Mapping[date, float]:
    """One more than was counted on each day, against the mean of all of them."""
    watched = [since + number * DAY for number in range((end - since).days + 1)]
    times = Counter(day for day in seen if day >= since)
    mean = times.total() / len(watched) + 1
    return {day: max(_LEAST, (times[day] + 1) / mean) for day in watched}
