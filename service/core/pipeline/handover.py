"""An open alert and the time -> who answers for it once its team no longer does, by the dates of the playbook.

An alert is judged by what it says of itself: category, process and region. A date concerns it only if its route asks
for the owner, its team has it by an entry that ends, and no person has given it to anybody.
"""

from datetime import datetime

from msgspec.structs import replace

from service.core.pipeline.rules import Rules
from service.core.playbook.ownership import Ownership
from service.core.records.alerts import Alert
from service.core.records.renamed import current
from service.core.records.words import AlertKind, AlertState


def heir(alert: Alert, now: datetime, rules: Rules) -> str | None:
    """Name the team that has to have an open alert by now; None where its team may keep it.

    Nobody, or several, means the arbitration team, as it does for an event.
    """
    if not _may_be_handed(alert, rules):
        return None
    mine = [one for team, one in rules.dates.entries if team == alert.team and _concerns(one, alert, rules)]
    if not mine or any(one.until is None or now < one.until for one in mine):
        return None
    found = {team for team, one in rules.dates.entries if one.holds(now) and _concerns(one, alert, rules)}
    team = found.pop() if len(found) == 1 else str(rules.playbook.routes.arbitration)
    return None if team == alert.team else team


def handover_at(alert: Alert, now: datetime, rules: Rules) -> datetime | None:
    """Say when to ask for the heir of an open alert: at once if there is one, else when its team's time ends."""
    if not _may_be_handed(alert, rules):
        return None
    if heir(alert, now, rules) is not None:
        return now
    mine = (one for team, one in rules.dates.entries if team == alert.team and _concerns(one, alert, rules))
    return min((one.until for one in mine if one.until is not None and one.until > now), default=None)


def dated(alert: Alert, now: datetime, rules: Rules) -> Alert:
    """Note on an alert that changed at `now` when to ask for its heir."""
    at = handover_at(alert, now, rules)
    return alert if at == alert.handover_at else replace(alert, handover_at=at)


def before_handover(alert: Alert, until: datetime) -> datetime:
    """Say until when an alert's timers are for the team that has it: what comes after that comes after a hand-over."""
    if alert.state is not AlertState.OPEN or alert.handover_at is None:
        return until
    return min(until, alert.handover_at)


def _may_be_handed(alert: Alert, rules: Rules) -> bool:
    if not rules.dates.routes or alert.kind is not AlertKind.EVENT or alert.state is not AlertState.OPEN:
        return False
    return alert.route in rules.dates.routes and (alert.assigned is None or alert.assigned.by is None)


def _concerns(one: Ownership, alert: Alert, rules: Rules) -> bool:
    said = {"category": current(alert.category, rules.renamed), "process": alert.process, "region": alert.region or ""}
    return all(said.get(name) in values for name, values in one.match.items())
