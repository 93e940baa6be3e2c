"""A team's interrupts so far, and its budget -> whether there is room for one more, and what it is worth."""

from datetime import datetime

from msgspec import Struct

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


class Stretches(Struct, frozen=True, kw_only=True):
    """When the hour, the shift and the day began in which an instant lies, by a team's calendar."""

    hour: datetime
    shift: datetime
    day: datetime


def spent_by(budget: TeamBudget, spent: Spent, now_in: Stretches) -> str | None:
    """Name the stretch of time whose budget is spent; None where there is room for one more."""
    limits = (
        ("hour", budget.per_hour, now_in.hour, spent.hour),
        ("shift", budget.per_shift, now_in.shift, spent.shift),
        ("day", budget.per_day, now_in.day, spent.day),
    )
    for name, limit, began, used in limits:
        if limit is not None and _now(began, used)[1] >= limit:
            return name
    return None


def spend(spent: Spent, now_in: Stretches) -> Spent:
    """Count one more interrupt."""
    began = ((now_in.hour, spent.hour), (now_in.shift, spent.shift), (now_in.day, spent.day))
    (hour, in_hour), (shift, in_shift), (day, in_day) = (_now(*one) for one in began)
    return Spent(hour=(hour, in_hour + 1), shift=(shift, in_shift + 1), day=(day, in_day + 1))


def worth(alert: Alert, reason: NoticeReason) -> float:
    """Rank a notice among those due at the same time: severity x distinct customers x novelty."""
    return _SEVERITY_BASE**alert.severity.rank * max(1, alert.customers) * _NOVELTY.get(reason, 1.0)


def _now(began: datetime, used: tuple[datetime, int] | None) -> tuple[datetime, int]:
    """Begin a stretch anew that is over; one that began later than asked for, by another's clock, still counts."""
    return used if used is not None and used[0] >= began else (began, 0)
