"""Weekly ticks: what the cells' counts of customers call for, by deploy/docs/volume.md, and the reviews of it.

Of the words there this leaves out what the retail playbook makes no use of: daily and hourly ticks, `half_life_weeks`,
cells by region and siblings over regions, the further ways to a formal review, `thresholds` and `method` of some cells,
`calibrated` cuts, and days of a downtime that count for nothing or for more. Nor does it forget: its streams are
shorter than the 60 weeks that count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.oracle.downtime import Downtime, spoilt_days
from tests.oracle.exposure import DAY, Told, exposure
from tests.oracle.judging import FORMAL, LEVELS, CellName, Contact, Finding, History, counted_customers, judge
from tests.oracle.playbook import Playbook, duration
from tests.oracle.prior import fit
from tests.oracle.routing import dedup_key
from tests.oracle.siblings import EVERY, groups, judge_together, scattered

WEEK = timedelta(days=7)
_SEVERITY = dict(zip(LEVELS, ("medium", "high"), strict=True))
_CLOSED_AFTER, _SPAN, _BUDGET = 14, 182, 91


@dataclass(slots=True)
class Memory:
    """What is remembered of a cell or of siblings: the open episode's level, the days of alarms and formal reviews."""

    level: str | None = None
    last_alarm: date | None = None
    light: set[date] = field(default_factory=set)
    formal: set[date] = field(default_factory=set)


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
    # When its team hears of it, if no budget is in the way.
    told: datetime | None = None

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


@dataclass(slots=True)
class Volume:
    playbook: Playbook
    memories: dict[CellName, Memory] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
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

    def tick(self, contacts: Sequence[Contact], told: Mapping[str, Told], downtimes: Sequence[Downtime]) -> None:
        """Judge every cell at the end of the week that is due, then the siblings, by what is known at present."""
        now, end = self.next_due(), min(self.asked)
        self.asked.remove(end)
        self.asked.add(end + WEEK)
        if now is None:
            return
        cells = self._histories(contacts, told, downtimes, end)
        prior = fit([one.clean_weeks() for one in cells.values()])
        found = {name: judge(one, prior, self.playbook.volume) for name, one in cells.items()}
        for name, members in groups(cells).items():
            found[name] = judge_together({member: cells[member] for member in members}, prior)
        for name, memory in self.memories.items():
            if name not in found and memory.level is not None:
                found[name] = scattered(end)
        for name, finding in found.items():
            self._advance(name, finding, end, now)

    def _histories(
        self, contacts: Sequence[Contact], told: Mapping[str, Told], downtimes: Sequence[Downtime], end: date
    ) -> Mapping[CellName, History]:
        """Every cell with a complaint, and every one that remembers an alarm."""
        counted = counted_customers(contact for contact in contacts if contact[2] <= end)
        remembered = {name for name in self.memories if EVERY not in name}
        exposures = {process: exposure(one, end) for process, one in told.items()}
        spoilt = {
            process: spoilt_days([one for one in downtimes if one.process == process], end)
            for process in {one.process for one in downtimes}
        }
        return {
            name: History(
                end=end,
                counted=counted.get(name, {}),
                exposure=exposures.get(name[0]) or exposure(Told(), end),
                light=self.memories.get(name, Memory()).light,
                formal=self.memories.get(name, Memory()).formal,
                spoilt=spoilt.get(name[0], frozenset()),
            )
            for name in sorted({*counted, *remembered})
        }

    def _advance(self, name: CellName, found: Finding, end: date, now: datetime) -> None:
        """Open, raise, go on with or close the episode, and its alert."""
        memory = self.memories.get(name)
        was = memory.level if memory is not None else None
        if found.level is not None:
            memory = self.memories.setdefault(name, Memory())
            _remember(memory, found, end)
        elif memory is None or was is None or memory.last_alarm is None:
            return
        elif (end - memory.last_alarm).days >= _CLOSED_AFTER:
            memory.level = memory.last_alarm = None
            review = self._latest(name)
            if review is not None and review.resolved is None:
                review.resolved = now
                self._note(review, found, end, "closed")
            return
        review = self._latest(name)
        if review is None or (review.resolved is not None and now - review.resolved > self.playbook.reopen_window):
            review = self._opened(name)
            review.told = self._told(review.team, now)
        review.level, review.resolved = memory.level or review.level, None
        review.events, review.customers = len(found.people), found.customers
        went_on = "continued" if memory.level == was else "raised"
        self._note(review, found, end, "opened" if was is None else went_on)

    def _note(self, review: Review, found: Finding, end: date, transition: str) -> None:
        """Write down what a tick found, as a line of reviews.jsonl has it."""
        self.lines.append(
            {
                "cell": _cell(review.cell),
                "window_end": end.isoformat(),
                "level": found.level,
                "episode_level": review.level,
                "transition": transition,
                "team": review.team,
                "method": found.method,
                "window": [found.first.isoformat(), end.isoformat()],
                "x": len(found.people),
                "customers": found.customers,
                "largest_share": found.largest_share,
                "expected": found.expected,
                "statistic": found.statistic,
                "flags": sorted(found.flags),
                "downtime": {"days": found.spoilt[0], "x": found.spoilt[1]} if found.spoilt else None,
                "siblings": [{**_cell(name), "x": x, "expected": expected} for name, x, expected in found.siblings],
            }
        )

    def speaks_for(self, name: CellName, now: datetime) -> bool:
        """Whether a formal review of the cell is open, and its team has been told of it."""
        return any(
            review.cell == name
            and review.level == FORMAL
            and review.resolved is None
            and review.told is not None
            and review.told <= now
            for review in self.reviews
        )

    @property
    def formal(self) -> frozenset[CellName]:
        """The cells that have had a formal review."""
        return frozenset(name for name, memory in self.memories.items() if memory.formal)

    def _told(self, team: str, now: datetime) -> datetime:
        """After a minute, a team with a budget on the full one, and where it is to be left in peace after that."""
        told = now + self.playbook.wait
        if team in self.playbook.budgets and told.replace(second=0, microsecond=0) != told:
            told = told.replace(second=0, microsecond=0) + timedelta(minutes=1)
        hours = self.playbook.quiet.get(team)
        return told if hours is None else hours.until(told)

    def _latest(self, name: CellName) -> Review | None:
        return next((review for review in reversed(self.reviews) if review.cell == name), None)

    def _opened(self, name: CellName) -> Review:
        process, category = name
        team = self.playbook.process_teams.get(process, self.playbook.routes["team"])
        if process == EVERY:
            team = self.playbook.routes["arbitration"]
        key = dedup_key("volume", {"process": process, "category": category}, team)
        self.reviews.append(Review(cell=name, key=key, team=team, level=LEVELS[0], events=0, customers=0))
        return self.reviews[-1]


def _remember(memory: Memory, found: Finding, end: date) -> None:
    """The window's days are days of an alarm from now on, as far as the budget goes; and maybe of a formal review."""
    spent = sum(day > end - _SPAN * DAY for day in memory.light)
    window = [found.first + n * DAY for n in range((end - found.first).days + 1)]
    fresh = [day for day in window if day not in memory.light]
    memory.light |= set(fresh[: max(0, _BUDGET - spent)])
    memory.level = max(memory.level or LEVELS[0], found.level or LEVELS[0], key=LEVELS.index)
    memory.last_alarm = end
    if memory.level == FORMAL:
        memory.formal |= set(window)


def _cell(name: CellName) -> dict[str, Any]:
    return {"process": name[0], "category": name[1], "region": None}
