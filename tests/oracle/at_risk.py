"""Customers at risk: deploy/docs/alerts.md, from what is negative and not done after each record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.oracle.alerts import PartName
from tests.oracle.parts import Part
from tests.oracle.playbook import Playbook
from tests.oracle.saying import Said
from tests.oracle.severity import BANDS
from tests.oracle.watched import Ledger, Watched

SubjectName = tuple[str, str]
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A subject of which something negative is not done; the worst of it speaks for it."""

    name: SubjectName
    began: datetime
    heard: datetime
    worst: Part

    @property
    def badness(self) -> tuple[int, float]:
        judged = self.worst.judgement
        return (0, 0.0) if judged is None else (BANDS.index(judged.severity), judged.score)


@dataclass(slots=True)
class Customers:
    playbook: Playbook
    bound: timedelta
    ledger: Ledger = field(init=False)
    _cases: dict[str, Mapping[SubjectName, Case]] = field(default_factory=dict)
    _customers_of: dict[SubjectName, set[str]] = field(default_factory=dict)
    _closes: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        severity = self.playbook.at_risk.severity
        self.ledger = Ledger(
            playbook=self.playbook, bound=self.bound, kind="at_risk", names="customer", severity=severity
        )

    def look(self, parts: Mapping[PartName, Part], by: Said, now: datetime, *, belated: bool) -> None:
        """Look at everybody to or from whom a record may have moved a case."""
        name = (by.source, by.subject)
        before = self._customers_of.get(name, set())
        after = {part.said.customer for key, part in parts.items() if key[:2] == name}
        self._customers_of[name] = after
        for customer in sorted(before | after):
            had, cases = self._cases.get(customer, {}), _cases(parts, customer)
            self._cases[customer] = cases
            new = {name for name, case in cases.items() if name not in had or had[name].began != case.began}
            group, held = self._group(cases.values()), {case.name for case in self._group(had.values())}
            came = bool({case.name for case in group} & new - held)
            age, limit = now - by.at, self.playbook.stale_after
            if came and (belated or abs(age - limit) <= self.bound):
                self.ledger.unclaimed.add(self.ledger.key(customer))
            self._follow(customer, group, by.at, now, came=came and age <= limit)

    def run_on(self, now: datetime) -> None:
        """Resolve those of whose cases nothing was heard for too long."""
        for customer in self.ledger.latest:
            self._end_what_is_quiet(customer, now)

    def _follow(self, customer: str, group: list[Case], at: datetime, now: datetime, *, came: bool) -> None:
        self._end_what_is_quiet(customer, now)
        alert = self.ledger.open_one(customer)
        if not group:
            if alert is not None:
                alert.end(at, emptied=True)
            return
        if alert is None and came:
            alert = self.ledger.open(customer, at, now)
        if alert is not None:
            self._fill(alert, group)
            self._closes[customer] = max(case.heard for case in group) + self.playbook.auto_close
            self._end_what_is_quiet(customer, now)

    def _end_what_is_quiet(self, customer: str, now: datetime) -> None:
        alert = self.ledger.open_one(customer)
        if alert is not None:
            self.ledger.note(customer, self._closes[customer], now)
            if self._closes[customer] <= now:
                alert.end(self._closes[customer], emptied=False)

    def _group(self, cases: Iterable[Case]) -> list[Case]:
        """The largest group that began within the time, of equal ones the latest; none where it is too small."""
        rule, ordered = self.playbook.at_risk, sorted(cases, key=lambda case: (case.began, case.name))
        groups = [
            [case for case in ordered[: last + 1] if ordered[last].began - case.began <= rule.within]
            for last in range(len(ordered))
        ]
        largest = max((len(group) for group in groups), default=0)
        return [group for group in groups if len(group) == largest][-1] if largest >= rule.cases else []

    def _fill(self, alert: Watched, group: list[Case]) -> None:
        # The sorts are stable: of cases as bad as one another the first by name comes first.
        worst_first = sorted(sorted(group, key=lambda case: case.name), key=lambda case: case.badness, reverse=True)
        alert.team, alert.events = self.playbook.at_risk.team, len(group)
        alert.names = tuple(case.worst.said.event_id for case in worst_first[:_MOST_NAMED])
        alert.process = _shared(case.worst.process for case in group)
        alert.category = _shared(case.worst.said.category.name for case in group)


def _cases(parts: Mapping[PartName, Part], customer: str) -> dict[SubjectName, Case]:
    held: defaultdict[SubjectName, list[tuple[PartName, Part]]] = defaultdict(list)
    for name, part in parts.items():
        if part.said.customer == customer and _counts(part):
            held[name[:2]].append((name, part))
    return {name: _case(name, found) for name, found in held.items()}


def _case(name: SubjectName, found: list[tuple[PartName, Part]]) -> Case:
    *_, worst = min(
        (-BANDS.index(part.judgement.severity), -part.judgement.score, key, part)
        for key, part in found
        if part.judgement is not None
    )
    return Case(
        name=name,
        began=min(part.began for _, part in found),
        heard=max(part.said.at for _, part in found),
        worst=worst,
    )


def _counts(part: Part) -> bool:
    judged = part.judgement
    return (
        judged is not None
        and judged.negative
        and not (part.done or part.settled)
        and "anonymous" not in part.said.flags
    )


def _shared(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else "*"
