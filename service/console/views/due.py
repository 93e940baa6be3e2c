"""What is promised about an alert -> what is due of its team next, and whether it is overdue."""

from dataclasses import dataclass
from datetime import datetime

from service.api.shown import AlertShown


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    what: str
    at: datetime
    overdue: bool


def due_of(alert: AlertShown, now: datetime) -> Due | None:
    """Return the earliest of what is promised and not done; None where nothing is."""
    promised = (
        ("answer", alert.sla.acknowledge_by),
        ("contact", alert.sla.contact_by),
        ("resolve", alert.sla.resolve_by),
    )
    found = [(at, what) for what, at in promised if at is not None]
    if not found:
        return None
    at, what = min(found)
    return Due(what=what, at=at, overdue=at < now)
