"""Planned records -> the days of the stream: keeps what lies within the nine weeks, in order of time, and counts it.

Times are whole seconds after the start; what would come before the start or after the end is left out.
"""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from service.demo.envelopes import DemoEvent, Json
from service.demo.plot import DAYS

HOUR, DAY = 3600, 86_400
LAST_SECOND = DAYS * DAY - 1
# How busy the hours of a day and the days of a week (Monday first) are.
_HOURS = tuple(accumulate((2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 15, 15, 16, 14, 13, 12, 12, 13, 15, 17, 17, 13, 8, 4)))
_WEEKDAYS = (1.12, 1.05, 1.0, 1.0, 1.05, 1.0, 0.78)
_CLOCK = range(24)


class Planned(NamedTuple):
    """One record to be; `number` keeps records of the same second in the order in which they were planned."""

    second: int
    number: int
    topic: str
    key: str | None
    value: Json | bytes


class Timeline:
    def __init__(self, dice: Random, start: datetime) -> None:
        """`start` is aware; the first of the nine weeks begins at that moment."""
        self._dice = dice
        self._start = start.astimezone(UTC).replace(microsecond=0)
        self._planned: list[list[Planned]] = [[] for _ in range(DAYS)]
        self.count = 0

    def plan(self, second: int, topic: str, key: str | None, value: Json | bytes) -> None:
        if 0 <= second <= LAST_SECOND:
            self._planned[second // DAY].append(Planned(second, self.count, topic, key, value))
            self.count += 1

    def take(self, day: int) -> list[Planned]:
        """Hand over the records of a day, in order of time; they are not kept."""
        found, self._planned[day] = self._planned[day], []
        found.sort()
        return found

    def published(self, planned: Planned) -> DemoEvent:
        at = self._start + timedelta(seconds=planned.second)
        return DemoEvent(topic=planned.topic, key=planned.key, at=at, value=planned.value)

    def stamp(self, second: int) -> str:
        """The moment as RFC 3339 in UTC."""
        return (self._start + timedelta(seconds=second)).isoformat()[:19] + "Z"

    def business(self, day: int) -> float:
        """How busy a day is, about 1 on average."""
        return _WEEKDAYS[(self._start + timedelta(days=day)).weekday()]

    def monday_of(self, day: int) -> int:
        """The first day of the calendar week that a day lies in."""
        return day - (self._start + timedelta(days=day)).weekday()

    def in_the_day(self, day: int) -> int:
        """A second of that day, when people are about."""
        hour = self._dice.choices(_CLOCK, cum_weights=_HOURS)[0]
        return day * DAY + (hour * HOUR - self._start_of_day()) % DAY + int(self._dice.random() * HOUR)

    def after(self, second: int, shortest: int, longest: int) -> int:
        """A second at least `shortest` and about `longest` at most after another, mostly when people are about."""
        drawn = second + shortest + int(self._dice.random() ** 2 * (longest - shortest))
        likely = self.in_the_day(drawn // DAY)
        return likely if likely >= second + shortest else drawn

    def _start_of_day(self) -> int:
        return self._start.hour * HOUR + self._start.minute * 60 + self._start.second
