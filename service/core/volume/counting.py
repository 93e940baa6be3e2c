"""Contacts -> who counts on which day: a customer counts once per cell in any seven days.

Refuses nothing. Days are UTC. The result depends on the set of contacts alone, never on their order, so that a late or
corrected row needs no special case: count again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from service.core.records.words import CellMeasure

WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
# More than the number of any day, so that a customer and a day make one number whose order is theirs.
_DAYS = 4_000_000
# Contacts that are sorted at once.
_AT_ONCE = 200_000

Days = NDArray[np.int64]
Customers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellKey:
    """What is counted together; `region` is None when the playbook does not split by region."""

    process: str
    category: str
    region: str | None
    measure: CellMeasure = CellMeasure.VOLUME


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One negative contribution."""

    cell: CellKey
    customer: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Turnout:
    """Customers by day, one element a contact: `days` are ordinals of `date`, or of hours where that is said.

    Equal numbers in `customers` are the same customer, in every cell.
    """

    days: Days
    customers: Customers

    def within(self, days: "DayRange") -> Customers:
        """Those of the days; the turnout is in the order of its days."""
        first, last = np.searchsorted(self.days, (days.first.toordinal(), days.last.toordinal() + 1))
        return self.customers[first:last]


NOBODY = Turnout(np.zeros(0, np.int64), np.zeros(0, np.int64))


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


def hour_of(at: datetime) -> int:
    """Number the hour that an instant lies in, 24 to the ordinal of a day."""
    utc = at.astimezone(UTC)
    return utc.toordinal() * 24 + utc.hour


def turnouts(contacts: Iterable[Contact], *, hours: bool = False) -> Mapping[CellKey, Turnout]:
    """All contacts by cell, those that do not count among them; customers are numbered as they come."""
    numbers: dict[str, int] = {}
    rows: dict[CellKey, tuple[list[int], list[int]]] = {}
    for contact in contacts:
        days, customers = rows.setdefault(contact.cell, ([], []))
        hour = hour_of(contact.occurred_at)
        days.append(hour if hours else hour // 24)
        customers.append(numbers.setdefault(contact.customer, len(numbers)))
    return {
        cell: Turnout(np.array(days, np.int64), np.array(customers, np.int64))
        for cell, (days, customers) in rows.items()
    }


def counted_customers(contacts: Mapping[CellKey, Turnout], *, hours: bool = False) -> Mapping[CellKey, Turnout]:
    """The customers that count on each day of each cell, in the order of days.

    With `hours` the contacts are by hours, 24 to an ordinal of a day; who counts on a day does so at the first one.

    A customer's first contact counts, then the first one seven or more days after the last that counted. The chain of a
    customer starts anew after any seven days without a contact, so rows cut off before such a gap change nothing.
    """
    counted: dict[CellKey, Turnout] = {}
    some: dict[CellKey, Turnout] = {}
    size = 0
    for cell, turnout in contacts.items():
        some[cell] = turnout
        size += len(turnout.days)
        if size >= _AT_ONCE:
            counted |= _counted(some, 24 if hours else 1)
            some, size = {}, 0
    return {**counted, **_counted(some, 24 if hours else 1)} if some else counted


def _counted(contacts: Mapping[CellKey, Turnout], a_day: int) -> Mapping[CellKey, Turnout]:
    sizes = [len(one.days) for one in contacts.values()]
    cells = np.repeat(np.arange(len(sizes)), sizes)
    days = np.concatenate([one.days for one in contacts.values()])
    customers = np.concatenate([one.customers for one in contacts.values()])
    order = np.lexsort((days, customers, cells))
    cells, days, customers = cells[order], days[order], customers[order]
    counts = _spaced(_chains(cells, customers), days, a_day)
    cells, days, customers = cells[counts], days[counts], customers[counts]
    order = np.lexsort((customers, days, cells))
    cells, days, customers = cells[order], days[order], customers[order]
    ends = np.searchsorted(cells, np.arange(len(sizes) + 1))
    return {
        cell: Turnout(days[ends[number] : ends[number + 1]], customers[ends[number] : ends[number + 1]])
        for number, cell in enumerate(contacts)
    }


def together(parts: Sequence[Turnout]) -> Turnout:
    """The contacts of several cells as those of one, in no order."""
    if len(parts) == 1:
        return parts[0]
    return Turnout(np.concatenate([one.days for one in parts]), np.concatenate([one.customers for one in parts]))


def _chains(cells: NDArray[np.int64], customers: Customers) -> NDArray[np.int64]:
    """Number the customers of each cell; equal neighbours are one."""
    starts = np.ones(len(cells), np.int64)
    starts[1:] = (cells[1:] != cells[:-1]) | (customers[1:] != customers[:-1])
    return np.cumsum(starts)


def _spaced(chains: NDArray[np.int64], days: Days, a_day: int) -> NDArray[np.bool_]:
    """Mark what counts of rows in the order of chains and days: all customers take their next step at once."""
    counts = np.zeros(len(days), np.bool_)
    longest = _DAYS * a_day
    places = chains * longest + days
    at = np.flatnonzero(np.diff(chains, prepend=0))
    while len(at):
        counts[at] = True
        following = np.searchsorted(places, chains[at] * longest + (days[at] // a_day + WEEK.days) * a_day)
        stays = following < len(days)
        at, following = at[stays], following[stays]
        at = following[chains[following] == chains[at]]
    return counts
