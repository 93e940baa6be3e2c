"""A seed, a number of events and a start -> that many records of a retailer's life, in the order of their publication.

The records always cover nine weeks; a higher number makes them denser. The same arguments give the same records.
"""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from service.demo.cases import Cases
from service.demo.customers import population
from service.demo.envelopes import DemoEvent
from service.demo.plot import DAYS, OUTAGE
from service.demo.timeline import Timeline

__all__ = ["DemoEvent", "stream"]

# Journeys that began before the first day, so that the first week is as busy as the others.
_LEAD = 8
# Records that a journey leads to on average, measured; a journey that begins near the end leaves some beyond it.
_RECORDS, _RECORDS_IN_OUTAGE = 3.38, 3.65
_SHARE_ON_LAST_DAY, _SHARE_ON_EVE, _SHARE_A_DAY = 0.47, 0.65, 0.14
_LEAST_CUSTOMERS, _RECORDS_A_CUSTOMER = 300, 6


def stream(seed: int, events: int, start: datetime) -> Iterator[DemoEvent]:
    """Yield exactly `events` records, none before `start` (aware) or later than nine weeks after it."""
    dice = Random(seed)
    timeline = Timeline(dice, start)
    customers = population(dice, max(_LEAST_CUSTOMERS, events // _RECORDS_A_CUSTOMER))
    cases = Cases(dice, timeline, customers, seed)
    cases.plan_incidents(events)
    sent, owed = 0, 0.0
    for day in range(-_LEAD, DAYS):
        owed += _journeys(timeline, day, events - timeline.count)
        for _ in range(int(owed)):
            cases.begin(day)
        owed -= int(owed)
        if day < 0:
            continue
        if day == DAYS - 1:
            cases.fill(day, events)
        for planned in timeline.take(day):
            if sent == events:
                return
            sent += 1
            yield timeline.published(planned)


def _journeys(timeline: Timeline, day: int, missing: int) -> float:
    """How many journeys begin on a day for the missing records to be spread evenly over the rest of the nine weeks."""
    expected = sum(timeline.business(later) * _records_of(later) for later in range(day, DAYS))
    return max(0, missing) * timeline.business(day) / expected


def _records_of(day: int) -> float:
    """How many records of a journey that begins on the day lie within the nine weeks."""
    if day < 0:
        return _RECORDS * max(0.0, _SHARE_ON_EVE + day * _SHARE_A_DAY)
    within = min(1.0, _SHARE_ON_LAST_DAY + (DAYS - 1 - day) * _SHARE_A_DAY)
    return (_RECORDS_IN_OUTAGE if day in OUTAGE else _RECORDS) * within
