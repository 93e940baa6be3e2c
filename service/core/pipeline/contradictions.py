"""A tick of days and the flow of each process with an sla -> alerts where its figures and its feedback contradict.

One alert a process, told to the arbiter. What it takes to close it is kept in its evidence: the last tick at which the
contradiction held. Refuses to close before it has not held for fourteen days, which are two weekly ticks in a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec.structs import replace

from service.core.alert import When, close
from service.core.contradict import Compared, Flow, compare, in_words
from service.core.identity import alert_id, alert_key
from service.core.pipeline.episodes import latest, taken_up
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import reschedule
from service.core.pipeline.weighing import Weighed
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState
from service.core.volume import EVERY, DayRange, Transition

CONTRADICTION_ROUTE = "contradiction"
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_DIGITS = 4
_MEDIUM = (0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """What a tick of days found for one process in the days of `span`."""

    process: str
    sla: timedelta
    span: DayRange
    compared: Compared
    alert_key: str
    team: str


def promises(rules: Rules) -> Mapping[str, timedelta]:
    """The sla of each process that is compared; empty where the playbook does not ask for it."""
    if rules.playbook.contradictions is None:
        return {}
    return {one.id: one.sla for one in rules.playbook.processes if one.sla is not None}


def span_of(end: date, rules: Rules) -> DayRange:
    """The days that a tick looks back on."""
    limits = rules.playbook.contradictions
    weeks = limits.weeks if limits is not None else 1
    return DayRange(first=end - weeks * _WEEK + _DAY, last=end)


def find_contradictions(
    flows: Mapping[str, Flow], weighed: Sequence[Weighed], end: date, rules: Rules
) -> list[Contradicted]:
    """Compare the two sides of each process, after the tick has judged its cells."""
    limits = rules.playbook.contradictions
    found: list[Contradicted] = []
    if limits is None:
        return found
    for process, sla in sorted(promises(rules).items()):
        mine = [one for one in weighed if one.evidence.cell.process == process]
        reviews = sum(one.state.level is not None or one.state.outage_on is not None for one in mine)
        reviewed = any(one.transition is not Transition.NONE for one in mine)
        found.append(
            Contradicted(
                process=process,
                sla=sla,
                span=span_of(end, rules),
                compared=compare(flows.get(process, Flow()), reviews, limits, reviewed=reviewed),
                alert_key=alert_key(AlertKind.CONTRADICTION, {"process": process}, team=limits.arbiter),
                team=limits.arbiter,
            )
        )
    return found


def contradiction_gates(found: Sequence[Contradicted]) -> tuple[str, ...]:
    """Name the alert keys that the tick touches, sorted."""
    return tuple(sorted(one.alert_key for one in found))


def tell_contradictions(
    found: Sequence[Contradicted], facts: Facts, now: datetime, rules: Rules, *, quiet: bool = False
) -> None:
    """Open, refresh or close the alert of each process; with `quiet` nobody is told now."""
    for one in found:
        alert = _alert(one, facts, now, rules)
        if alert is not None:
            facts.alerts.put(alert.alert_id, alert)
            if not quiet:
                reschedule(facts, alert.alert_id, now, rules)


def _alert(one: Contradicted, facts: Facts, now: datetime, rules: Rules) -> Alert | None:
    patience = timedelta(days=rules.volume.settings.close_after_days)
    if one.compared.contradiction is None:
        alert = latest(facts, one.alert_key, now, rules)
        if alert is not None and alert.state is AlertState.OPEN and one.span.last - _held_on(alert) >= patience:
            return close(alert, now)
        return alert
    episode = taken_up(facts, one.alert_key, When(now=now, at=now), rules, lambda number: _opened(one, number, now))
    return replace(
        episode.alert,
        severities=_MEDIUM,
        unfinished=1,
        last_seen=datetime.combine(one.span.last, time.max, UTC),
        # The playbook may stop asking, and then no tick would ever close it.
        close_at=now + 2 * patience,
        evidence=_evidence(one, rules),
    )


def _held_on(alert: Alert) -> date:
    return date.fromisoformat(alert.evidence["held_on"])


def _opened(one: Contradicted, episode: int, now: datetime) -> Alert:
    return Alert(
        alert_id=alert_id(one.alert_key, episode),
        alert_key=one.alert_key,
        episode=episode,
        kind=AlertKind.CONTRADICTION,
        team=one.team,
        route=CONTRADICTION_ROUTE,
        process=one.process,
        category=EVERY,
        fields={"process": one.process},
        opened_at=now,
        first_seen=datetime.combine(one.span.first, time(), UTC),
        last_seen=datetime.combine(one.span.last, time.max, UTC),
    )


def _evidence(one: Contradicted, rules: Rules) -> dict[str, Any]:
    compared, limits = one.compared, rules.playbook.contradictions
    flow, within = compared.flow, compared.within
    return {
        "contradiction": compared.contradiction.value if compared.contradiction else None,
        "says": in_words(compared, one.sla),
        "window": [one.span.first.isoformat(), one.span.last.isoformat()],
        "held_on": one.span.last.isoformat(),
        "sla": {
            "light": compared.sla.value,
            "reason": compared.sla_reason.value,
            "seconds": int(one.sla.total_seconds()),
            "completed": flow.completed,
            "inside": flow.inside,
            "share": None if within is None else round(within.figure, _DIGITS),
            "low": None if within is None else round(within.low, _DIGITS),
            "high": None if within is None else round(within.high, _DIGITS),
            "goal": None if limits is None else limits.inside,
        },
        "feedback": {
            "light": compared.feedback.value,
            "reason": compared.feedback_reason.value,
            "count": flow.feedback,
            "reviews": compared.reviews,
        },
        "playbook": rules.digest,
    }
