"""Contacts -> who counts on which day: a customer counts once per cell in any seven days.

Refuses nothing. Days are UTC. The result depends on the set of contacts alone, never on their order, so that a late or
corrected row needs no special case: count again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellKey:
    """What is counted together; `region` is None when the playbook does not split by region."""

    process: str
    category: str
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One negative contribution."""

    cell: CellKey
    customer: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DayRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=offset) for offset in range(len(self)))


def merged(days: Iterable[date]) -> tuple[DayRange, ...]:
    """The days as the fewest disjoint ranges, in order."""
    ranges: list[DayRange] = []
    for day in sorted(set(days)):
        if ranges and day - ranges[-1].last == _DAY:
            ranges[-1] = DayRange(first=ranges[-1].first, last=day)
        else:
            ranges.append(DayRange(first=day, last=day))
    return tuple(ranges)


def counted_customers(contacts: Iterable[Contact]) -> Mapping[CellKey, Mapping[date, frozenset[str]]]:
    """The customers that count on each day of each cell; days on which nobody counts are absent.

    A customer's first contact counts, then the first one seven or more days after the last that counted. The chain of a
    customer starts anew after any seven days without a contact, so rows cut off before such a gap change nothing.
    """
    days_of: defaultdict[tuple[CellKey, str], set[date]] = defaultdict(set)
    for contact in contacts:
        days_of[contact.cell, contact.customer].add(contact.occurred_at.astimezone(UTC).date())
    counted: defaultdict[CellKey, defaultdict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (cell, customer), days in days_of.items():
        for day in _spaced(sorted(days)):
            counted[cell][day].add(customer)
    return {
        cell: {day: frozenset(customers) for day, customers in sorted(by_day.items())}
        for cell, by_day in counted.items()
    }


def daily_counts(contacts: Iterable[Contact]) -> Mapping[CellKey, Mapping[date, int]]:
    """The number of customers that count on each day of each cell; days without one are absent."""
    return {
        cell: {day: len(customers) for day, customers in by_day.items()}
        for cell, by_day in counted_customers(contacts).items()
    }


def _spaced(days: Iterable[date]) -> Iterator[date]:
    last_counted: date | None = None
    for day in days:
        if last_counted is None or day - last_counted >= WEEK:
            last_counted = day
            yield day
