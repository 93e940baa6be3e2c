"""An alert that was told, a team's targets and ladder -> what is due by when, and who hears of it when it is not done.

All times are settled when the ladder begins, by the business hours of then: a new playbook changes no ladder that has
begun. Each rung is climbed once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from service.core.calendar import Calendar
from service.core.playbook.escalation import Ladder, Target
from service.core.records.alerts import Alert
from service.core.records.escalation import Escalation, Rung
from service.core.records.words import RungKind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a playbook asks of one team."""

    calendar: Calendar
    targets: Mapping[Severity, Target] = field(default_factory=dict)
    ladder: Ladder | None = None
    dispute: Ladder | None = None


def begin(alert: Alert, at: datetime, plan: Plan) -> Escalation | None:
    """Settle what is due of an alert whose team is told at `at`; None where nothing is.

    Of a review it is asked that somebody owns it, by the day on which that is due.
    """
    acknowledge_by, resolve_by = _due(alert, at, plan)
    breaches = _breaches(alert.team, acknowledge_by, resolve_by)
    # What was overdue before anybody was told, as of a review whose tick was missed, is nobody's fault.
    rungs = [*(one for one in breaches if one.at > at), *_steps(plan.ladder, RungKind.STEP, at, plan)]
    told = _told(alert)
    if not (rungs or told):
        return None
    return Escalation(
        began_at=at, acknowledge_by=acknowledge_by, resolve_by=resolve_by, rungs=_in_order(rungs), told=told
    )


def tighten(alert: Alert, at: datetime, plan: Plan) -> Escalation | None:
    """Bring forward what is due of an alert that has become worse; what has been done or missed already stays so."""
    held = alert.escalation
    if held is None:
        return begin(alert, at, plan)
    acknowledge_by, resolve_by = _due(alert, at, plan)
    left = {rung.kind for rung in held.rungs}
    if RungKind.ACKNOWLEDGE in left:
        acknowledge_by = _earlier(held.acknowledge_by, acknowledge_by)
    else:
        acknowledge_by = held.acknowledge_by
    if RungKind.RESOLVE in left or held.resolve_by is None:
        resolve_by = _earlier(held.resolve_by, resolve_by)
    else:
        resolve_by = held.resolve_by
    kept = [rung for rung in held.rungs if rung.kind not in (RungKind.ACKNOWLEDGE, RungKind.RESOLVE)]
    fresh = _breaches(
        alert.team,
        acknowledge_by if RungKind.ACKNOWLEDGE in left else None,
        resolve_by if RungKind.RESOLVE in left or held.resolve_by is None else None,
    )
    return replace(held, acknowledge_by=acknowledge_by, resolve_by=resolve_by, rungs=_in_order([*kept, *fresh]))


def acknowledged(escalation: Escalation | None) -> Escalation | None:
    """Note that somebody has taken the alert: that is not due any more."""
    if escalation is None:
        return None
    return replace(escalation, rungs=tuple(one for one in escalation.rungs if one.kind is not RungKind.ACKNOWLEDGE))


def disputed(alert: Alert, at: datetime, team: str, plan: Plan) -> Escalation:
    """Begin the ladder of a dispute beside what else is due; a second dispute begins it anew.

    Whose the alert is said to be hears of it first, and at once.
    """
    held = settled(alert.escalation) or Escalation(began_at=at, told=_told(alert))
    further = _steps(plan.dispute, RungKind.DISPUTE, at, plan)
    first = Rung(kind=RungKind.DISPUTE, at=at, since=at, to=team)
    rungs = [first, *(replace(one, level=one.level + 1) for one in further)]
    return replace(held, rungs=_in_order([*held.rungs, *rungs]))


def settled(escalation: Escalation | None) -> Escalation | None:
    """End the ladder of a dispute."""
    if escalation is None:
        return None
    return replace(escalation, rungs=tuple(one for one in escalation.rungs if one.kind is not RungKind.DISPUTE))


def climb(escalation: Escalation, rung: Rung) -> Escalation:
    """Take a rung: its team is told."""
    told = escalation.told if rung.to in escalation.told else (*escalation.told, rung.to)
    return replace(escalation, rungs=tuple(one for one in escalation.rungs if one != rung), told=told)


def postpone(escalation: Escalation, rung: Rung, until: datetime) -> Escalation:
    """Put a rung off that nobody may hear of yet."""
    later = [replace(one, at=until) if one == rung else one for one in escalation.rungs]
    return replace(escalation, rungs=_in_order(later))


def _due(alert: Alert, at: datetime, plan: Plan) -> tuple[datetime | None, datetime | None]:
    if alert.follow_up is not None:
        owner = alert.follow_up.owner
        return (owner.due_at if owner.taken_at is None else None), None
    target = plan.targets.get(alert.severity)
    if target is None:
        return None, None
    spans = (target.acknowledge, target.resolve)
    acknowledge, resolve = (None if span is None else plan.calendar.add_business(at, span) for span in spans)
    return acknowledge, resolve


def _breaches(team: str, acknowledge_by: datetime | None, resolve_by: datetime | None) -> list[Rung]:
    found = ((RungKind.ACKNOWLEDGE, acknowledge_by), (RungKind.RESOLVE, resolve_by))
    return [Rung(kind=kind, at=at, since=at, to=team) for kind, at in found if at is not None]


def _steps(ladder: Ladder | None, kind: RungKind, at: datetime, plan: Plan) -> Sequence[Rung]:
    if ladder is None:
        return ()
    times = [_after(at, step.after, ladder, plan.calendar) for step in ladder.steps]
    return [
        Rung(kind=kind, at=due, since=due, to=step.to, level=level)
        for level, (due, step) in enumerate(zip(times, ladder.steps, strict=True), start=1)
    ]


def _after(at: datetime, span: timedelta, ladder: Ladder, calendar: Calendar) -> datetime:
    return calendar.add_business(at, span) if ladder.business else at + span


def _told(alert: Alert) -> tuple[str, ...]:
    return () if alert.escalation is None else alert.escalation.told


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _in_order(rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    return tuple(sorted(rungs, key=lambda rung: (rung.at, rung.kind.value, rung.level)))
