"""Weekly ticks: what each cell's count of customers calls for, by deploy/docs/volume.md.

The statistic T is the plain computation that the volume rule's own tests have; everything around it is written here.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.core.volume.oracle import Cell, statistic
from tests.oracle.playbook import Playbook, duration
from tests.oracle.prior import Prior, fit
from tests.oracle.routing import dedup_key

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LEVELS = ("local_adjustment", "formal_review")
_SEVERITY = {"local_adjustment": "medium", "formal_review": "high"}
_CLOSED_AFTER, _SPAN, _BUDGET = 14, 182, 91
_LIGHT = 0.7

# A process and a category.
CellName = tuple[str, str]
# A cell's customer, and the day on which the complaint began.
Contact = tuple[CellName, str, date]


@dataclass(slots=True)
class Watched:
    """What is remembered of a cell: the level of its open episode, and the days of alarms."""

    level: str | None = None
    last_alarm: date | None = None
    light: set[date] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Review:
    """An alert of kind `volume`."""

    cell: CellName
    key: str
    team: str
    level: str
    events: int
    customers: int
    resolved: datetime | None = None

    def row(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "members": [],
            "severity": _SEVERITY[self.level],
            "events": self.events,
            "customers": self.customers,
            "team": self.team,
            "kind": "volume",
            "process": self.cell[0],
            "category": self.cell[1],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    level: str | None
    first: date
    events: int
    customers: int


@dataclass(slots=True)
class Volume:
    playbook: Playbook
    cells: dict[CellName, Watched] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    asked: set[date] = field(default_factory=set)

    def ask(self, at: datetime) -> None:
        """A feedback asks for the tick of its week; each tick asks for the next."""
        day = at.astimezone(UTC).date()
        self.asked.add(day + timedelta(days=6 - day.weekday()))

    def next_due(self) -> datetime | None:
        """When the next tick is due: its week over, and the late have had their time."""
        if not self.asked:
            return None
        lateness = duration(self.playbook.volume["lateness"])
        return datetime.combine(min(self.asked) + DAY, time(), tzinfo=UTC) + lateness

    def tick(self, contacts: Iterable[Contact], first_day: date | None) -> None:
        """Judge every cell at the end of the week that is due; `first_day` is the first on which anything was heard."""
        now, end = self.next_due(), min(self.asked)
        self.asked.remove(end)
        self.asked.add(end + WEEK)
        if first_day is None or now is None:
            return
        counted = counted_customers(contact for contact in contacts if contact[2] <= end)
        for name in sorted(counted):
            self.cells.setdefault(name, Watched())
        cells = {name: counted.get(name, {}) for name in sorted(self.cells)}
        prior = fit({name: (_daily(cells[name]), self.cells[name].light) for name in cells}, first_day, end)
        for name, days in cells.items():
            watched = self.cells[name]
            found = self._judge(days, watched, first_day, end, prior)
            self._advance(name, watched, found, end, now)

    def _judge(
        self, days: Mapping[date, set[str]], watched: Watched, first_day: date, end: date, prior: Prior
    ) -> Finding:
        tick = (end - first_day).days
        cell = Cell(
            counts={(day - first_day).days: len(people) for day, people in days.items()},
            weights={(day - first_day).days: _LIGHT for day in watched.light},
            exposure={},
        )
        value, factors = statistic(cell, tick, prior.a0, prior.b0, prior.phi)
        rules = self.playbook.volume
        if not factors:
            week = _finding(days, None, max(first_day, end - 6 * DAY), end)
            enough = week.events >= rules.get("warm_up_min", 5)
            return _finding(days, LEVELS[0] if enough else None, week.first, end)
        windows = {k: _finding(days, None, max(first_day, end - (7 * k - 1) * DAY), end) for k in factors}
        for level, threshold, least in (
            (LEVELS[1], rules.get("h_formal", 4.0), 5),
            (LEVELS[0], rules.get("h_local", 2.12), 3),
        ):
            if value < threshold:
                continue
            ratio = rules.get("min_ratio", 1.5)
            raised = [
                k
                for k, window in windows.items()
                if window.events >= least and window.events >= ratio * _expected(cell, tick, k, prior)
            ]
            if not raised:
                continue
            best = windows[_best(raised, factors)]
            share = _largest_share(days, best.first, end)
            if best.customers >= least and share <= rules.get("max_customer_share", 0.4):
                return _finding(days, level, best.first, end)
        return windows[_best(list(windows), factors)]

    def _advance(self, name: CellName, watched: Watched, found: Finding, end: date, now: datetime) -> None:
        """Open, raise, go on with or close the cell's episode, and its alert."""
        if found.level is not None:
            spent = sum(day > end - _SPAN * DAY for day in watched.light)
            window = [found.first + n * DAY for n in range((end - found.first).days + 1)]
            fresh = [day for day in window if day not in watched.light]
            watched.light |= set(fresh[: max(0, _BUDGET - spent)])
            watched.level = max(watched.level or LEVELS[0], found.level, key=LEVELS.index)
            watched.last_alarm = end
        elif watched.level is None or watched.last_alarm is None:
            return
        elif (end - watched.last_alarm).days >= _CLOSED_AFTER:
            watched.level = watched.last_alarm = None
            review = self._latest(name)
            if review is not None and review.resolved is None:
                review.resolved = now
            return
        review = self._latest(name)
        if review is None or (review.resolved is not None and now - review.resolved > self.playbook.reopen_window):
            review = self._opened(name)
        review.level, review.resolved = watched.level, None
        review.events, review.customers = found.events, found.customers

    def _latest(self, name: CellName) -> Review | None:
        return next((review for review in reversed(self.reviews) if review.cell == name), None)

    def _opened(self, name: CellName) -> Review:
        process, category = name
        team = self.playbook.process_teams.get(process, self.playbook.routes["team"])
        key = dedup_key("volume", {"process": process, "category": category}, team)
        self.reviews.append(Review(cell=name, key=key, team=team, level=LEVELS[0], events=0, customers=0))
        return self.reviews[-1]


def counted_customers(contacts: Iterable[Contact]) -> dict[CellName, dict[date, set[str]]]:
    """A customer counts on the first day, then on the first that is seven or more days after the last that counted."""
    heard: defaultdict[tuple[CellName, str], set[date]] = defaultdict(set)
    for cell, customer, day in contacts:
        heard[cell, customer].add(day)
    counted: dict[CellName, dict[date, set[str]]] = {}
    for (cell, customer), days in heard.items():
        last = None
        for day in sorted(days):
            if last is None or day - last >= WEEK:
                last = day
                counted.setdefault(cell, {}).setdefault(day, set()).add(customer)
    return counted


def _finding(days: Mapping[date, set[str]], level: str | None, first: date, end: date) -> Finding:
    people = _people(days, first, end)
    return Finding(level=level, first=first, events=len(people), customers=len(set(people)))


def _people(days: Mapping[date, set[str]], first: date, end: date) -> list[str]:
    return [customer for day, customers in days.items() if first <= day <= end for customer in customers]


def _largest_share(days: Mapping[date, set[str]], first: date, end: date) -> float:
    people = _people(days, first, end)
    return max(Counter(people).values()) / len(people)


def _daily(days: Mapping[date, set[str]]) -> dict[date, int]:
    return {day: len(people) for day, people in days.items()}


def _best(weeks: Sequence[int], factors: Mapping[int, float]) -> int:
    """Of several windows, the one with the largest Bayes factor; of equals the shorter."""
    return max(weeks, key=lambda k: (factors[k], -k))


def _expected(cell: Cell, tick: int, k: int, prior: Prior) -> float:
    """What the baseline before the window lets one expect in it."""
    before = range(max(0, tick - 7 * k - 363), tick - 7 * k + 1)
    a = prior.a0 + math.fsum(cell.weights.get(day, 1.0) * cell.counts.get(day, 0) for day in before) / prior.phi
    b = prior.b0 + math.fsum(cell.weights.get(day, 1.0) for day in before) / prior.phi
    return a / b * 7 * k
