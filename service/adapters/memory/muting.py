"""The rows in memory -> what may hold notices back, and what a silence hides."""

from datetime import datetime

from service.adapters.memory.rows import Rows
from service.core.inhibit import source_of
from service.core.records.muting import Hidden, Muters, Silences
from service.core.records.words import Severity


def muters(rows: Rows) -> Muters:
    """Gather the silences that have not ended, the open reviews that were told, and what teams have spent."""
    sources = tuple(source_of(one) for one in rows.reviews_open.values() if one.revision > 0)
    silences = Silences(one for one in rows.silences.values() if one.ended_at is None)
    return Muters(silences=silences, sources=sources, spent=rows.spent)


def hidden(rows: Rows, silence_id: str, since: datetime) -> Hidden:
    """Count what a silence hides now: alerts, and their members; `lately` are those who were first heard of since."""
    alerts = [rows.alerts[name] for name in rows.held.get(silence_id, ())]
    names = {one.alert_id for one in alerts}
    members = [one for one in rows.members.values() if one.alert_id in names]
    lately = {one.customer for one in members if rows.contributions[one.key].began_at > since}
    ranks = [rank for one in alerts for rank, count in enumerate(one.severities) if count > 0]
    return Hidden(
        alerts=len(alerts),
        events=sum(one.events for one in alerts),
        customers=len({one.customer for one in members}),
        lately=len(lately),
        worst=tuple(Severity)[max(ranks, default=0)],
    )
