"""The rows in memory -> what may hold notices back, and what a silence hides."""

from datetime import datetime

from service.adapters.memory.rows import Rows
from service.core.inhibit import source_of
from service.core.records.alerts import Alert
from service.core.records.muting import Hidden, Muters
from service.core.records.words import AlertKind, Severity


def muters(rows: Rows) -> Muters:
    """Gather the silences that have not ended, the open reviews that were told, and what teams have spent."""
    sources = tuple(source_of(one) for one in rows.reviews_open.values() if one.revision > 0)
    return Muters(silences=rows.in_force, sources=sources, spent=rows.spent)


def hidden(rows: Rows, silence_id: str, since: datetime) -> Hidden:
    """Count what a review or silence hides now; `lately` are those who were first heard of since an instant.

    Cases and customers at risk have no members; of a review nobody is counted.
    """
    alerts = [rows.alerts[name] for name in rows.held.get(silence_id, ())]
    names = {one.alert_id for one in alerts}
    members = [one for one in rows.members.values() if one.alert_id in names]
    people = [(one.customer, rows.contributions[one.key].began_at) for one in members]
    people += [(who_of(one), one.last_seen) for one in alerts if _is_alone(one) and one.customers > 0]
    ranks = [rank for one in alerts for rank, count in enumerate(one.severities) if count > 0]
    return Hidden(
        alerts=len(alerts),
        events=sum(one.events for one in alerts if is_counted(one)),
        customers=len({who for who, _ in people}),
        lately=len({who for who, at in people if at > since}),
        worst=tuple(Severity)[max(ranks, default=0)],
    )


def is_counted(alert: Alert) -> bool:
    """Tell whether the events of an alert are single ones, and no figure of a review."""
    return alert.kind is AlertKind.EVENT or _is_alone(alert)


def who_of(alert: Alert) -> str:
    """Name the one customer of an alert without members, or the alert where the customer is not known."""
    return alert.fields.get("customer", alert.alert_id)


def _is_alone(alert: Alert) -> bool:
    return alert.kind in (AlertKind.LATE_CASE, AlertKind.AT_RISK)
