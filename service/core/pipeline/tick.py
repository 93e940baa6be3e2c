"""Contacts of a week's end and what each cell remembers -> reviews: the volume half of DECIDE, once a week.

`weigh_cells` finds the evidence and the alert keys to load; `review` folds it into alerts of kind volume. Levels of one
cell are levels of one alert, whose key is the cell and its team.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from service.core.alert import close
from service.core.identity import alert_id, alert_key
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import conclude, fire, reschedule
from service.core.records.alerts import Alert, Gate
from service.core.records.facts import Facts, ReviewRow
from service.core.records.words import AlertKind, AlertState, Level, Severity
from service.core.volume import (
    CellHistory,
    CellKey,
    CellState,
    Contact,
    Evidence,
    Transition,
    VolumeSettings,
    advance,
    counted_customers,
    evaluate_all,
    fit_prior,
)

WEEK = timedelta(days=7)
REACH = timedelta(days=364 + 7 * 8 + 7)
VOLUME_ROUTE = "volume"
_SEVERITIES = {Level.LOCAL_ADJUSTMENT: Severity.MEDIUM, Level.FORMAL_REVIEW: Severity.HIGH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a tick found for one cell, and what the cell remembers after it."""

    evidence: Evidence
    state: CellState
    transition: Transition
    alert_key: str
    team: str


def window_end(at: datetime) -> date:
    """Return the last day of the week, Monday to Sunday in UTC, that an instant falls into."""
    day = at.astimezone(UTC).date()
    return day + timedelta(days=6 - day.weekday())


def due_at(end: date, lateness: timedelta) -> datetime:
    """Return when the tick of a window is due: when its last day is over and the late have had their time."""
    return datetime.combine(end + timedelta(days=1), time(), tzinfo=UTC) + lateness


def weigh_cells(
    contacts: Iterable[Contact], states: Mapping[CellKey, CellState], first_day: date, end: date, rules: Rules
) -> list[Weighed]:
    """Judge every cell at the tick whose window ends with `end`; nothing was seen before `first_day`."""
    settings = _settings(rules)
    seen = [one for one in contacts if one.occurred_at.astimezone(UTC).date() <= end]
    if not rules.playbook.volume.by_region:
        seen = [replace(one, cell=replace(one.cell, region=None)) for one in seen]
    counted = counted_customers(seen)
    cells = sorted({*counted, *states}, key=lambda cell: (cell.process, cell.category, cell.region or ""))
    if not cells:
        return []
    known = [states.get(cell) or CellState(cell=cell) for cell in cells]
    histories = [
        CellHistory(cell=cell, first_day=first_day, counted=counted.get(cell, {}), down_weighted=state.down_weighted)
        for cell, state in zip(cells, known, strict=True)
    ]
    prior = fit_prior(histories, end, settings)
    found: list[Weighed] = []
    for state, evidence in zip(known, evaluate_all(histories, end, prior, settings), strict=True):
        after, transition = advance(state, evidence, end, settings)
        team = rules.owners.get(evidence.cell.process, str(rules.playbook.routes.team))
        found.append(
            Weighed(
                evidence=evidence,
                state=after,
                transition=transition,
                alert_key=alert_key(AlertKind.VOLUME, _fields(evidence.cell), team=team),
                team=team,
            )
        )
    return found


def review_gates(weighed: Sequence[Weighed]) -> tuple[str, ...]:
    """Name the alert keys that the tick touches, sorted."""
    return tuple(sorted({one.alert_key for one in weighed if one.transition is not Transition.NONE}))


def review(weighed: Sequence[Weighed], facts: Facts, now: datetime, rules: Rules, *, quiet: bool = False) -> None:
    """Open, raise, refresh or close the alert of each cell, and write down what was found.

    With `quiet` nobody is told now: a newer tick is due already, which tells what still holds.
    """
    for one in weighed:
        cell = one.evidence.cell
        facts.cells.put((cell.process, cell.category, cell.region or ""), one.state)
        if one.transition is Transition.NONE:
            continue
        alert = _alert(one, facts, now, rules)
        if alert is None:
            continue
        facts.alerts.put(alert.alert_id, alert)
        if not quiet:
            reschedule(facts, alert.alert_id, now, rules)
        facts.reviews.append(
            ReviewRow(window_end=one.evidence.window_end, alert_id=alert.alert_id, document=_document(one, alert))
        )


def _alert(one: Weighed, facts: Facts, now: datetime, rules: Rules) -> Alert | None:
    gate = facts.gates.get(one.alert_key) or Gate(alert_key=one.alert_key)
    alert = facts.alerts.get(gate.alert_id) if gate.alert_id is not None else None
    if alert is not None:
        fire(facts, alert.alert_id, now, rules)
        alert = facts.alerts[alert.alert_id]
    if one.transition is Transition.CLOSED:
        return close(alert, now) if alert is not None and alert.state is AlertState.OPEN else alert
    if alert is not None and alert.state is AlertState.RESOLVED and one.evidence.level is None:
        # Somebody has resolved it, and the week was quiet: there is nothing to take up again.
        return alert
    reopen = rules.playbook.fatigue.reopen_window
    if alert is None or (alert.resolved_at is not None and now - alert.resolved_at > reopen):
        alert = _opened(one, gate, now)
        facts.gates.put(
            one.alert_key,
            Gate(alert_key=one.alert_key, alert_id=alert.alert_id, episodes=alert.episode),
        )
        if gate.alert_id is not None:
            conclude(facts, gate.alert_id, now, rules)
    level = one.state.level
    rank = _SEVERITIES[level].rank if level is not None else 0
    counts = [1 if at == rank else 0 for at in range(5)]
    if alert.state is AlertState.RESOLVED:
        alert = replace(alert, repeats=0, acked_until=None, acked_by=None)
    return replace(
        alert,
        state=AlertState.OPEN,
        resolved_at=None,
        level=level,
        severities=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        events=one.evidence.x,
        customers=one.evidence.customers,
        unfinished=1,
        last_seen=datetime.combine(one.evidence.window_end, time.max, tzinfo=UTC),
        evidence=_evidence(one.evidence),
    )


def _opened(one: Weighed, gate: Gate, now: datetime) -> Alert:
    cell, episode = one.evidence.cell, gate.episodes + 1
    return Alert(
        alert_id=alert_id(one.alert_key, episode),
        alert_key=one.alert_key,
        episode=episode,
        kind=AlertKind.VOLUME,
        team=one.team,
        route=VOLUME_ROUTE,
        process=cell.process,
        category=cell.category,
        region=cell.region,
        fields=_fields(cell),
        opened_at=now,
        first_seen=datetime.combine(one.evidence.window.first, time(), tzinfo=UTC),
        last_seen=datetime.combine(one.evidence.window_end, time.max, tzinfo=UTC),
    )


def _fields(cell: CellKey) -> dict[str, str]:
    fields = {"process": cell.process, "category": cell.category}
    return fields if cell.region is None else {**fields, "region": cell.region}


def _settings(rules: Rules) -> VolumeSettings:
    volume = rules.playbook.volume
    return VolumeSettings(
        h_local=volume.h_local,
        h_formal=volume.h_formal,
        local_min=volume.local_min,
        formal_min=volume.formal_min,
        min_ratio=volume.min_ratio,
        local_min_customers=volume.local_min_customers,
        formal_min_customers=volume.formal_min_customers,
        warm_up_min=volume.warm_up_min,
        max_customer_share=volume.max_customer_share,
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "window": [evidence.window.first.isoformat(), evidence.window.last.isoformat()],
        "x": evidence.x,
        "expected": round(evidence.expected, 4),
        "ratio": round(evidence.ratio, 4),
        "p": _significant(evidence.p),
        "statistic": _significant(evidence.statistic),
        "odds": _significant(evidence.bayes_factor),
        "customers": evidence.customers,
        "largest_share": round(evidence.largest_share, 4),
        "method": evidence.method.value,
        "reason": evidence.reason.value,
        "flags": [flag.value for flag in evidence.flags],
    }


def _document(one: Weighed, alert: Alert) -> dict[str, Any]:
    found, cell = _evidence(one.evidence), one.evidence.cell
    return {
        "cell": {"process": cell.process, "category": cell.category, "region": cell.region},
        "window_end": one.evidence.window_end.isoformat(),
        "level": one.evidence.level.value if one.evidence.level else None,
        "episode_level": alert.level.value if alert.level else None,
        "transition": one.transition.value,
        "alert_id": alert.alert_id,
        "team": one.team,
        **found,
    }


def _significant(value: float | None) -> float | None:
    """Keep six significant digits: the last bits of a logarithm differ between machines."""
    return None if value is None else float(f"{value:.6g}")
