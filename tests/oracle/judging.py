"""What one cell's counted customers call for at one tick: deploy/docs/volume.md, 'What is counted' and 'The rule'.

The statistic T is the plain computation that the volume rule's own tests have; everything around it is written here.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.core.volume.oracle import Cell, statistic
from tests.oracle.exposure import DAY, Exposure
from tests.oracle.prior import Prior, Week

# What T has to reach where the playbook names no figure: 'The cuts'; of a cell, and of siblings together.
H_LOCAL, H_FORMAL = 1.90, 3.98
SIBLINGS_H_LOCAL, SIBLINGS_H_FORMAL, SIBLINGS_H_REST = 2.8, 6.0, 0.0

LOCAL, FORMAL = LEVELS = ("local_adjustment", "formal_review")
LARGEST_SHARE = 0.4
_WEEK = timedelta(days=7)
_LIGHT = 0.7
_GRID_WEEKS = 60
_SMALL_RATE = 1.0

# A process and a category.
CellName = tuple[str, str]
# A cell's customer, and the day on which the complaint began.
Contact = tuple[CellName, str, date]
Days = Mapping[date, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`people` are the customers that count in the window from `first` on; `siblings` are cells with x and expected.

    `spoilt` is how many of its days downtimes spoilt, and how many customers count on these.
    """

    level: str | None
    method: str
    first: date
    people: Sequence[str]
    expected: float
    statistic: float | None
    flags: frozenset[str]
    siblings: Sequence[tuple[CellName, int, float]] = ()
    spoilt: tuple[int, int] | None = None

    @property
    def customers(self) -> int:
        return len(set(self.people))

    @property
    def largest_share(self) -> float:
        return max(Counter(self.people).values()) / len(self.people) if self.people else 0.0

    def carried_by(self, customers: int, largest_share: float) -> bool:
        """Whether enough different ones are behind it, and none of them behind too much of it."""
        return self.customers >= customers and self.largest_share <= largest_share


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One cell as a tick sees it: who counts on which day, and the days of alarms, formal reviews and downtimes."""

    end: date
    counted: Days
    exposure: Exposure
    light: Collection[date]
    formal: Collection[date]
    spoilt: Collection[date] = ()

    @property
    def tick(self) -> int:
        """The number of the tick's day, the first one watched being 0."""
        return (self.end - self.exposure.first_day).days

    @property
    def cell(self) -> Cell:
        first = self.exposure.first_day
        return Cell(
            counts={(day - first).days: len(people) for day, people in self.counted.items() if first <= day},
            weights={(day - first).days: _LIGHT for day in self.light},
            exposure={(day - first).days: amount for day, amount in self.exposure.daily.items()},
        )

    def clean_weeks(self) -> Sequence[Week]:
        """Those that were watched on all their days, none of which is of a formal review."""
        found = []
        for number in range(min(_GRID_WEEKS, (self.tick + 1) // 7)):
            days = [self.end - number * _WEEK - n * DAY for n in range(7)]
            if not any(day in self.formal for day in days):
                exposed = math.fsum(self.exposure.daily.get(day, 1.0) for day in days)
                found.append((sum(len(self.counted.get(day, ())) for day in days), exposed))
        return found

    def first_of(self, weeks: int) -> date:
        return max(self.exposure.first_day, self.end - weeks * _WEEK + DAY)

    def spoilt_in(self, weeks: int) -> Mapping[date, int]:
        """The days of a downtime in a window, and how many count on each."""
        first = self.first_of(weeks)
        return {day: len(self.counted.get(day, ())) for day in self.spoilt if first <= day <= self.end}

    def people(self, weeks: int) -> list[str]:
        first = self.first_of(weeks)
        return [customer for day, people in self.counted.items() if first <= day <= self.end for customer in people]

    def expected(self, weeks: int, prior: Prior) -> float:
        """What the 52 weeks before the window let one expect in it."""
        cell, last = self.cell, self.tick - 7 * weeks
        before = range(max(0, last - 363), last + 1)
        weight = {day: cell.weights.get(day, 1.0) for day in before}
        a = prior.a0 + math.fsum(weight[day] * cell.counts.get(day, 0) for day in before) / prior.phi
        b = prior.b0 + math.fsum(weight[day] * cell.exposure.get(day, 1.0) for day in before) / prior.phi
        return a / b * math.fsum(cell.exposure.get(day, 1.0) for day in range(max(0, last + 1), self.tick + 1))


def counted_customers(contacts: Iterable[Contact]) -> dict[CellName, dict[date, set[str]]]:
    """A customer counts on the first day, then on the first that is seven or more days after the last that counted."""
    heard: defaultdict[tuple[CellName, str], set[date]] = defaultdict(set)
    for cell, customer, day in contacts:
        heard[cell, customer].add(day)
    counted: dict[CellName, dict[date, set[str]]] = {}
    for (cell, customer), days in heard.items():
        last = None
        for day in sorted(days):
            if last is None or day - last >= _WEEK:
                last = day
                counted.setdefault(cell, {}).setdefault(day, set()).add(customer)
    return counted


def judge(history: History, prior: Prior, rules: Mapping[str, Any]) -> Finding:
    """Find the highest level that the cell reaches and that its guards allow."""
    value, factors = statistic(history.cell, history.tick, prior.a0, prior.b0, prior.phi)
    if not factors:
        enough = len(history.people(1)) >= rules.get("warm_up_min", 5)
        return _finding(history, prior, 1, level=LOCAL if enough else None, value=None)
    ratio, share = rules.get("min_ratio", 1.5), rules.get("max_customer_share", LARGEST_SHARE)
    for level, threshold, least in (
        (FORMAL, rules.get("h_formal", H_FORMAL), 5),
        (LOCAL, rules.get("h_local", H_LOCAL), 3),
    ):
        raised = {
            k: factor
            for k, factor in factors.items()
            if len(history.people(k)) >= max(least, ratio * history.expected(k, prior))
        }
        if value >= threshold and raised:
            found = _finding(history, prior, _best(raised), level=level, value=value)
            if found.carried_by(least, share):
                return found
    return _finding(history, prior, _best(factors), level=None, value=value)


def _finding(history: History, prior: Prior, weeks: int, *, level: str | None, value: float | None) -> Finding:
    expected = history.expected(weeks, prior)
    flags = {
        "low_confidence": value is None,
        "default_prior": prior.default,
        "small_rate": expected / weeks < _SMALL_RATE,
        history.exposure.flag: history.exposure.flag is not None,
        "downtime": history.spoilt_in(weeks),
    }
    return Finding(
        level=level,
        method="fixed_count" if value is None else "averaged_bayes_factor",
        first=history.first_of(weeks),
        people=history.people(weeks),
        expected=expected,
        statistic=value,
        flags=frozenset(flag for flag, holds in flags.items() if flag is not None and holds),
        spoilt=spoilt((history,), weeks),
    )


def spoilt(histories: Collection[History], weeks: int) -> tuple[int, int] | None:
    """The days that downtimes spoilt in a window of several cells, each once, and who counts on them in each."""
    found = [one.spoilt_in(weeks) for one in histories]
    days = {day for one in found for day in one}
    return (len(days), sum(sum(one.values()) for one in found)) if days else None


def _best(factors: Mapping[int, float]) -> int:
    """The window with the largest Bayes factor; of equals the shorter."""
    return max(factors, key=lambda k: (factors[k], -k))
