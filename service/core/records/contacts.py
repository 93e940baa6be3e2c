"""Contributions of customers -> the contacts of one customer around an instant, in event order.

Of one customer no more than `MOST_NEAR` contacts matter to an instant on either side, those that are nearest to it. Who
says more within a few weeks is no person but a place, such as a terminal or an account of a thousand guests: all that
one contact does to the next would cost ever more there, and mean nothing.
"""

from bisect import bisect_left, insort
from datetime import datetime

from service.core.records.decisions import Contribution, PartKey

MOST_NEAR = 25

_Place = tuple[datetime, PartKey]


class Contacts:
    """Where the contributions of each customer stand among one another."""

    def __init__(self) -> None:
        self._of: dict[str, list[_Place]] = {}

    def put(self, one: Contribution) -> None:
        insort(self._of.setdefault(one.feedback.customer, []), (one.began_at, one.key))

    def take_out(self, one: Contribution) -> None:
        line = self._of[one.feedback.customer]
        del line[bisect_left(line, (one.began_at, one.key))]

    def before(self, customer: str, at: datetime) -> list[PartKey]:
        """Return what began before an instant, the earliest first."""
        line = self._of.get(customer)
        if not line:
            return []
        end = _first(line, at)
        return [key for _, key in line[max(0, end - MOST_NEAR) : end]]

    def since(self, customer: str, at: datetime) -> list[PartKey]:
        """Return what began at an instant or after it, the earliest first."""
        line = self._of.get(customer)
        if not line:
            return []
        start = _first(line, at)
        return [key for _, key in line[start : start + MOST_NEAR]]


def _first(line: list[_Place], at: datetime) -> int:
    # What is shorter comes first, so that this is before whatever began at that instant.
    return bisect_left(line, (at,))
