"""What records did to their customers' unresolved cases -> alerts about customers who have too many of them at once.

A case is a subject of which something negative is not done. Of a customer's cases those count that began within
`within` of one another: the largest such group, and the latest of equal ones. An alert opens, or comes back, with a
record that brings a case into a group that is large enough; it is resolved when none is left. Who is not known by name
is never at risk.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from service.core.alert import When, close
from service.core.assess import MOMENT
from service.core.describe import instant
from service.core.identity import alert_id, alert_key
from service.core.pipeline.episodes import latest, taken_up
from service.core.pipeline.judge import MOST_UNRESOLVED, Judged
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import when_of
from service.core.pipeline.timers import reschedule
from service.core.playbook.model import AtRisk
from service.core.records.alerts import Alert
from service.core.records.decisions import Contribution, Moved, PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import Reading
from service.core.records.words import AlertKind, AlertState, Flag

RISK_ROUTE = "at_risk"
MOST_SHOWN = 20
_MOST_LINKED = 5
# Stands for what the cases do not share.
_SEVERAL = "*"

_Name = tuple[str, str]
_Place = tuple[datetime, _Name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One subject, and what of it is negative and not done, the worst first."""

    name: _Name
    parts: tuple[Contribution, ...]


def gates(judged: Sequence[Judged], facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Name the alert keys of the customers with whom these records may begin or end something, sorted.

    Gates are permanent: whoever never had cases enough, before the records or with them, needs none.
    """
    at_risk = rules.playbook.at_risk
    return () if at_risk is None else tuple(sorted(map(key_of, _near(judged, facts, at_risk))))


def follow(judged: Sequence[Judged], facts: Facts, rules: Rules) -> None:
    """Fold what each record moved, in order, into the alerts of all customers that it moved something to or from."""
    at_risk = rules.playbook.at_risk
    near = frozenset[str]() if at_risk is None else _near(judged, facts, at_risk)
    if at_risk is None or not near:
        return
    standing = _Standing(at_risk, (one for one in facts.contributions.all_loaded() if one.feedback.customer in near))
    for one in judged:
        customers = sorted(standing.touched(one.moved) & near)
        named = {(moved.key.source, moved.key.subject) for moved in one.moved}
        before = {customer: standing.grouped(customer, named) for customer in customers}
        standing.move(one.moved)
        for customer in customers:
            came = bool(standing.grouped(customer, named) - before[customer])
            cases = standing.group(customer)
            _look(facts, customer, cases, when_of(one), rules, came=came and not _is_stale(one, rules))


def _near(judged: Sequence[Judged], facts: Facts, at_risk: AtRisk) -> frozenset[str]:
    """Name the customers whom these records touch and who have cases enough, before the records or with them."""
    moved = [one for entry in judged for one in entry.moved]
    after = [one.contribution for one in moved if one.contribution is not None]
    before = [facts.contributions.loaded(one.key) for one in moved]
    had: defaultdict[str, set[_Name]] = defaultdict(set)
    for one in (*facts.contributions.all_loaded(), *after):
        if _counts(one):
            had[one.feedback.customer].add(_name(one))
    touched = {one.feedback.customer for one in (*before, *after) if one is not None}
    return frozenset(customer for customer in touched if len(had[customer]) >= at_risk.cases)


def key_of(customer: str) -> str:
    """Name the gate of one customer's risk."""
    return alert_key(AlertKind.AT_RISK, {"customer": customer}, team=None)


class _Standing:
    """What is negative and not done, by customer and case, as it stands before each record."""

    def __init__(self, at_risk: AtRisk, rows: Iterable[Contribution]) -> None:
        self._at_risk = at_risk
        self._rows: dict[PartKey, Contribution] = {}
        self._cases: defaultdict[str, dict[_Name, dict[PartKey, Contribution]]] = defaultdict(dict)
        # When each case began, in order, with its name for those that began at once.
        self._began: defaultdict[str, list[_Place]] = defaultdict(list)
        self._groups: dict[str, Sequence[_Place]] = {}
        for one in rows:
            self._put(one)

    def touched(self, moved: Iterable[Moved]) -> set[str]:
        """Name the customers whose cases a record may change."""
        found = (one for each in moved for one in (self._rows.get(each.key), each.contribution))
        return {one.feedback.customer for one in found if one is not None and _counts(one)}

    def move(self, moved: Iterable[Moved]) -> None:
        for one in moved:
            old = self._rows.pop(one.key, None)
            if old is not None:
                self._change(old, put=False)
            if one.contribution is not None:
                self._put(one.contribution)

    def group(self, customer: str) -> tuple[Case, ...]:
        """Return the largest group of cases that began close enough to one another; none where it is too small."""
        cases = self._cases[customer]
        found = ((name, cases[name].values()) for _, name in self._group(customer))
        return tuple([Case(name=name, parts=tuple(sorted(parts, key=_worst_first))) for name, parts in found])

    def grouped(self, customer: str, named: Iterable[_Name]) -> set[_Name]:
        """Say which of these cases are in the group."""
        group, cases = self._group(customer), self._cases[customer]
        return {name for name in named if name in cases and group and group[0] <= _place(cases[name]) <= group[-1]}

    def _group(self, customer: str) -> Sequence[_Place]:
        known = self._groups.get(customer)
        if known is None:
            ordered = self._began[customer][-MOST_UNRESOLVED:]
            first = best = size = 0
            for last, (began_at, _) in enumerate(ordered):
                while began_at - ordered[first][0] > self._at_risk.within:
                    first += 1
                if last + 1 - first >= size:
                    best, size = first, last + 1 - first
            known = self._groups[customer] = ordered[best : best + size] if size >= self._at_risk.cases else ()
        return known

    def _put(self, one: Contribution) -> None:
        if _counts(one):
            self._rows[one.key] = one
            self._change(one, put=True)

    def _change(self, one: Contribution, *, put: bool) -> None:
        customer, name = one.feedback.customer, _name(one)
        parts, began = self._cases[customer].setdefault(name, {}), self._began[customer]
        if parts:
            del began[bisect_left(began, _place(parts))]
        if put:
            parts[one.key] = one
        else:
            del parts[one.key]
        if parts:
            insort(began, _place(parts))
        else:
            del self._cases[customer][name]
        self._groups.pop(customer, None)


def _place(parts: Mapping[PartKey, Contribution]) -> _Place:
    return min([one.began_at for one in parts.values()]), _name(next(iter(parts.values())))


def _counts(one: Contribution) -> bool:
    return one.assessed.negative and not one.is_done and Flag.ANONYMOUS not in one.feedback.flags


def _worst_first(one: Contribution) -> tuple[int, float, PartKey]:
    return (-one.assessed.severity.rank, -one.assessed.score, one.key)


def _name(one: Contribution) -> _Name:
    return (one.key.source, one.key.subject)


def _is_stale(judged: Judged, rules: Rules) -> bool:
    read = judged.entry.read
    return not isinstance(read, Reading) or judged.entry.now - read.occurred_at > rules.playbook.fatigue.stale_after


def _look(facts: Facts, customer: str, cases: Sequence[Case], when: When, rules: Rules, *, came: bool) -> None:
    """Bring the alert of a customer up to the cases there are now; `came` says that one of them is new."""
    key = key_of(customer)
    if key not in facts.gates:
        return
    # A clock that waits for other partitions may lag behind the record; what came before it in event time comes first.
    ahead = When(now=max(when.now, when.at), at=when.at)
    alert = latest(facts, key, ahead.now, rules)
    is_open = alert is not None and alert.state is AlertState.OPEN
    if not cases:
        if alert is not None and is_open:
            _put(facts, close(_emptied(alert), when.at), when, rules)
    elif is_open or came:
        episode = taken_up(facts, key, ahead, rules, lambda number: _new(customer, number, when))
        _put(facts, _filled(episode.alert, customer, cases, when, rules), when, rules)


def _put(facts: Facts, alert: Alert, when: When, rules: Rules) -> None:
    facts.alerts.put(alert.alert_id, alert)
    reschedule(facts, alert.alert_id, when.now, rules)


def _new(customer: str, episode: int, when: When) -> Alert:
    key = key_of(customer)
    return Alert(
        alert_id=alert_id(key, episode),
        alert_key=key,
        episode=episode,
        kind=AlertKind.AT_RISK,
        team="",
        route=RISK_ROUTE,
        process=_SEVERAL,
        category=_SEVERAL,
        fields={"customer": customer},
        team_in_key=False,
        opened_at=when.now,
        first_seen=when.at,
        last_seen=when.at,
    )


def _emptied(alert: Alert) -> Alert:
    return replace(
        alert, events=0, customers=0, instances=0, unfinished=0, severities=(0, 0, 0, 0, 0), linked=(), evidence={}
    )


def _filled(alert: Alert, customer: str, cases: Sequence[Case], when: When, rules: Rules) -> Alert:
    at_risk = rules.playbook.at_risk
    if at_risk is None:
        return alert
    worst_first = sorted(cases, key=lambda case: _worst_first(case.parts[0]))
    parts = [part for case in worst_first for part in case.parts]
    linked = tuple(dict.fromkeys(one.link.instance_id for one in parts if one.link.instance_id is not None))
    counts = [1 if at == at_risk.severity.rank else 0 for at in range(5)]
    last_seen = max(one.feedback.occurred_at for one in parts)
    return replace(
        alert,
        team=alert.team if alert.kept_from(at_risk.team) else at_risk.team,
        process=_shared(case.parts[0].process for case in cases),
        category=_shared(case.parts[0].categorised.category for case in cases),
        events=len(cases),
        customers=1,
        instances=len(linked),
        unfinished=len(cases),
        severities=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        linked=linked[:_MOST_LINKED],
        first_seen=min(one.began_at for one in parts),
        last_seen=last_seen,
        # A source's wrong clock must not hold it open for ever.
        close_at=min(last_seen, when.now + MOMENT) + rules.playbook.fatigue.auto_close,
        evidence={"customer": customer, "cases": [_shown(case.parts[0]) for case in worst_first[:MOST_SHOWN]]},
    )


def _shared(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else _SEVERAL


def _shown(one: Contribution) -> dict[str, Any]:
    return {
        "source": one.key.source,
        "subject": one.key.subject,
        "event_id": one.feedback.event_id,
        "began_at": instant(one.began_at),
        "category": one.categorised.category,
        "process": one.process,
        "severity": one.assessed.severity.value,
    }
