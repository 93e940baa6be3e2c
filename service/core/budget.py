"""A team's interrupts so far, and its budget -> whether there is room for one more, and what it is worth."""

from dataclasses import dataclass
from datetime import datetime

from service.core.playbook.attention import TeamBudget
from service.core.records.alerts import Alert
from service.core.records.muting import Spent
from service.core.records.words import NoticeReason

# Twice as bad is worth twice as much, whatever its score was.
_SEVERITY_BASE = 2.0
# How new each notice is to its reader: 1 for what nobody heard of, less for more of the same.
_NOVELTY = {
    NoticeReason.OPENED: 1.0,
    NoticeReason.REOPENED: 1.0,
    NoticeReason.OWNER_CHANGED: 1.0,
    NoticeReason.ESCALATED: 1.0,
    NoticeReason.SEVERITY_INCREASED: 0.8,
    NoticeReason.UNMUTED: 0.7,
    NoticeReason.FLAPPING: 0.5,
    NoticeReason.CUSTOMERS_DOUBLED: 0.5,
    NoticeReason.REPEAT: 0.25,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """When the hour, the shift and the day began in which an instant lies, by a team's calendar."""

    hour: datetime
    shift: datetime
    day: datetime


def spent_by(budget: TeamBudget, spent: Spent, now_in: Stretches) -> str | None:
    """Name the stretch of time whose budget is spent; None where there is room for one more."""
    now = _now(spent, now_in)
    limits = (("hour", budget.per_hour), ("shift", budget.per_shift), ("day", budget.per_day))
    return next((name for name, limit in limits if limit is not None and now[name][1] >= limit), None)


def spend(spent: Spent, now_in: Stretches) -> Spent:
    """Count one more interrupt."""
    now = _now(spent, now_in)
    return Spent(**{name: (began, used + 1) for name, (began, used) in now.items()})


def worth(alert: Alert, reason: NoticeReason) -> float:
    """Rank a notice among those due at the same time: severity x distinct customers x novelty."""
    return _SEVERITY_BASE**alert.severity.rank * max(1, alert.customers) * _NOVELTY.get(reason, 1.0)


def _now(spent: Spent, now_in: Stretches) -> dict[str, tuple[datetime, int]]:
    """Begin every stretch anew that is over; one that began later than asked for, by another's clock, still counts."""
    found: dict[str, tuple[datetime, int]] = {}
    for name in ("hour", "shift", "day"):
        began, used = getattr(now_in, name), getattr(spent, name)
        found[name] = used if used is not None and used[0] >= began else (began, 0)
    return found
