"""What a tick found in cells -> reviews: the volume half of DECIDE.

`review` folds it into alerts of kind volume. Levels of one cell are levels of one alert, whose key is the cell and its
team. Several cells that rose together are told under `*` for what they do not share.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from math import isfinite
from typing import Any

from msgspec.structs import replace

from service.core.alert import When, close
from service.core.describe import instant
from service.core.follow_up import begun, raised, reopened
from service.core.identity import alert_id
from service.core.pipeline.episodes import Episode, latest, taken_up
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import reschedule
from service.core.pipeline.weighing import Weighed, cell_fields
from service.core.playbook.volume import Reviews
from service.core.records.alerts import Alert, FollowUp
from service.core.records.facts import Facts, ReviewRow
from service.core.records.words import AlertState, Level, Severity
from service.core.volume import CellKey, CellState, Evidence, LevelReason, Transition

_FEW, _MANY, _MOST_ODDS = 10.0, 100.0, 1e9
_SEVERITIES = {Level.LOCAL_ADJUSTMENT: Severity.MEDIUM, Level.FORMAL_REVIEW: Severity.HIGH}


def review_gates(weighed: Sequence[Weighed]) -> tuple[str, ...]:
    """Name the alert keys that the tick touches, sorted."""
    return tuple(sorted({one.alert_key for one in weighed if one.transition is not Transition.NONE}))


def review(weighed: Sequence[Weighed], facts: Facts, now: datetime, rules: Rules, *, quiet: bool = False) -> None:
    """Open, raise, refresh or close the alert of each cell, and write down what was found.

    With `quiet` nobody is told now: a newer tick is due already, which tells what still holds.
    """
    for one in weighed:
        cell = one.evidence.cell
        facts.cells.put(_place(cell), one.state)
        if one.instead_of is not None:
            facts.cells.put(_place(one.instead_of), CellState(cell=one.instead_of))
        if one.transition is Transition.NONE:
            continue
        if one.evidence.hours is not None and one.evidence.level is None and one.transition is Transition.CONTINUED:
            # An hour without an alarm says nothing new of an outage; only its end does, and that nobody was told yet.
            gate = facts.gates.get(one.alert_key)
            held = facts.alerts.get(gate.alert_id) if gate is not None and gate.alert_id is not None else None
            if held is not None and held.announced is None and not quiet:
                reschedule(facts, held.alert_id, now, rules)
            continue
        alert = _alert(one, facts, now, rules)
        if alert is None:
            continue
        facts.alerts.put(alert.alert_id, alert)
        if not quiet:
            reschedule(facts, alert.alert_id, now, rules)
        facts.reviews.append(
            ReviewRow(
                ends_at=_ends_at(one.evidence),
                alert_id=alert.alert_id,
                document=_document(one, alert, rules.digest),
            )
        )


def _alert(one: Weighed, facts: Facts, now: datetime, rules: Rules) -> Alert | None:
    alert = latest(facts, one.alert_key, now, rules)
    if one.transition is Transition.CLOSED:
        return close(alert, now) if alert is not None and alert.state is AlertState.OPEN else alert
    if one.transition in (Transition.VERIFIED, Transition.UNVERIFIED):
        return _proved(alert, one)
    if alert is not None and alert.state is AlertState.RESOLVED and (one.evidence.level is None or _dealt(alert, one)):
        # Somebody has resolved it, and the week was quiet, or older: there is nothing to take up again.
        return alert
    level = one.state.level or one.evidence.level or Level.LOCAL_ADJUSTMENT
    episode = taken_up(facts, one.alert_key, When(now=now, at=now), rules, lambda number: _opened(one, number, now))
    alert = replace(episode.alert, follow_up=_followed(episode, level, now, rules.playbook.volume.reviews))
    rank = _SEVERITIES[level].rank
    counts = [1 if at == rank else 0 for at in range(5)]
    return replace(
        alert,
        level=level,
        severities=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        events=one.evidence.x,
        customers=one.evidence.customers,
        unfinished=1,
        last_seen=datetime.combine(one.evidence.window_end, time.max, tzinfo=UTC),
        evidence=_evidence(one.evidence),
    )


def _followed(episode: Episode, level: Level, now: datetime, reviews: Reviews) -> FollowUp | None:
    """What is asked of people from now on."""
    before = episode.before
    if before is None or episode.is_new:
        return begun(level, now, reviews, before)
    if before.state is AlertState.RESOLVED:
        return reopened(before, level, now, reviews)
    if level is not before.level and before.follow_up is not None:
        return raised(before.follow_up, now, reviews)
    return before.follow_up


def _dealt(alert: Alert, one: Weighed) -> bool:
    """Tell whether what was found lies before a person closed the review, which the tick did not know yet."""
    acted_at = alert.follow_up.action.taken_at if alert.follow_up is not None else None
    if acted_at is None or one.evidence.reason is LevelReason.ZERO_TOLERANCE:
        return False
    if one.evidence.hours is not None:
        return one.evidence.hours[0] < acted_at
    return one.evidence.window.first <= acted_at.astimezone(UTC).date()


def _proved(alert: Alert | None, one: Weighed) -> Alert | None:
    """Note that what was done about a review has helped, or that nobody can tell."""
    if alert is None or alert.follow_up is None or alert.follow_up.action.taken_at is None:
        return None
    if one.transition is Transition.UNVERIFIED:
        return replace(alert, follow_up=replace(alert.follow_up, unverified=True))
    return replace(alert, follow_up=replace(alert.follow_up, verified_at=_ends_at(one.evidence)))


def _opened(one: Weighed, episode: int, now: datetime) -> Alert:
    cell = one.named
    return Alert(
        alert_id=alert_id(one.alert_key, episode),
        alert_key=one.alert_key,
        episode=episode,
        kind=cell.measure.alert_kind,
        team=one.team,
        route=cell.measure.value,
        process=cell.process,
        category=cell.category,
        region=cell.region,
        fields=cell_fields(cell),
        opened_at=now,
        first_seen=datetime.combine(one.evidence.window.first, time(), tzinfo=UTC),
        last_seen=datetime.combine(one.evidence.window_end, time.max, tzinfo=UTC),
    )


def _ends_at(evidence: Evidence) -> datetime:
    if evidence.hours is not None:
        return evidence.hours[1]
    return datetime.combine(evidence.window_end + timedelta(days=1), time(), tzinfo=UTC)


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "window": [evidence.window.first.isoformat(), evidence.window.last.isoformat()],
        "hours": None if evidence.hours is None else [instant(at) for at in evidence.hours],
        "x": evidence.x,
        "expected": round(evidence.expected, 4),
        "ratio": round(evidence.ratio, 4),
        "interval": None if evidence.interval is None else [round(end, 4) for end in evidence.interval],
        "p": _significant(evidence.p),
        "statistic": _significant(evidence.statistic),
        "odds": _significant(evidence.bayes_factor),
        "says": _in_words(evidence),
        "limit": _significant(evidence.limit),
        "customers": evidence.customers,
        "largest_share": round(evidence.largest_share, 4),
        "method": evidence.method.value,
        "reason": evidence.reason.value,
        "severity": None if evidence.harm is None else round(evidence.harm / 100, 4),
        "flags": [flag.value for flag in evidence.flags],
        "downtime": {"days": evidence.downtime.days, "x": evidence.downtime.x} if evidence.downtime else None,
        "thresholds": {
            "rule": evidence.thresholds.rule,
            "h_local": evidence.thresholds.h_local,
            "h_formal": evidence.thresholds.h_formal if isfinite(evidence.thresholds.h_formal) else None,
            "h_recurrence": evidence.thresholds.h_recurrence,
            "local_min": evidence.thresholds.local_min,
            "formal_min": evidence.thresholds.formal_min,
            "min_ratio": evidence.thresholds.min_ratio,
        },
        "course": [
            {
                "last": week.last.isoformat(),
                "x": week.x,
                "expected": round(week.expected, 4),
                "low": week.low,
                "high": week.high,
            }
            for week in evidence.course
        ],
        **(
            {} if evidence.closed is None else {"closed": evidence.closed.cases, "recontact_days": evidence.closed.days}
        ),
        "siblings": [{**_cell(one.cell), "x": one.x, "expected": round(one.expected, 4)} for one in evidence.siblings],
    }


def _in_words(evidence: Evidence) -> str:
    """Say the evidence in one sentence that needs no statistics."""
    counted, span = "counted in", f"{len(evidence.window)} days"
    if evidence.hours is not None:
        hours = (evidence.hours[1] - evidence.hours[0]) // timedelta(hours=1)
        span = f"{hours} hour{'' if hours == 1 else 's'}"
    if evidence.closed is not None:
        counted, span = f"of {evidence.closed.cases} closed cases came back within", f"{evidence.closed.days} days"
    seen = f"{evidence.x} {counted} {span} where {_rounded(evidence.expected)} were to be expected"
    odds = evidence.bayes_factor
    if odds is None:
        return f"{seen}."
    if odds >= 1:
        return f"{seen}: {_rounded(min(odds, _MOST_ODDS))} times as likely if the rate has risen than if it has not."
    return f"{seen}: {_rounded(1 / max(odds, 1 / _MOST_ODDS))} times as likely if the rate has not risen as if it has."


def _rounded(value: float) -> str:
    if value < _FEW:
        return f"{value:.1f}"
    return f"{value:.0f}" if value < _MANY else f"{float(f'{value:.2g}'):,.0f}"


def _place(cell: CellKey) -> tuple[str, str, str, str]:
    return (cell.process, cell.category, cell.region or "", cell.measure.value)


def _cell(cell: CellKey) -> dict[str, Any]:
    return {"process": cell.process, "category": cell.category, "region": cell.region}


def _document(one: Weighed, alert: Alert, digest: str) -> dict[str, Any]:
    return {
        "measure": one.evidence.cell.measure.value,
        "cell": _cell(one.evidence.cell),
        "window_end": one.evidence.window_end.isoformat(),
        "level": one.evidence.level.value if one.evidence.level else None,
        "episode_level": alert.level.value if alert.level else None,
        "transition": one.transition.value,
        "alert_id": alert.alert_id,
        "team": alert.team,
        "playbook": digest,
        **_evidence(one.evidence),
    }


def _significant(value: float | None) -> float | None:
    """Keep six significant digits: the last bits of a logarithm differ between machines."""
    return None if value is None else float(f"{value:.6g}")
