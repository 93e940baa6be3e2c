"""Alerts that no event has led to, and what was done to them -> kept in a store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service.core.records.alerts import Alert, Gate
from service.core.records.facts import Facts
from service.core.records.handling import Act
from service.core.records.words import AlertKind, Severity
from service.ports import Saving
from tests.builders import START
from tests.ports.conftest import Rig


def kept_alert(name: str, severity: Severity, last_seen: datetime, **more: Any) -> Alert:  # noqa: ANN401 - fields of Alert
    given: dict[str, Any] = {
        "alert_id": name,
        "alert_key": f"key of {name}",
        "episode": 1,
        "kind": AlertKind.EVENT,
        "team": "desk",
        "route": "root",
        "process": "shipping",
        "category": "delivery",
        "opened_at": START,
        "first_seen": START,
        "last_seen": last_seen,
        "events": 1,
        "customers": 1,
        "severities": tuple(int(one is severity) for one in Severity),
    }
    return Alert(**(given | more))


async def keep(rig: Rig, *alerts: Alert, acts: Sequence[Act] = ()) -> None:
    facts = Facts()
    facts.acts += acts
    for alert in alerts:
        facts.gates.put(alert.alert_key, Gate(alert_key=alert.alert_key, alert_id=alert.alert_id, episodes=1))
        facts.alerts.put(alert.alert_id, alert)
    async with rig.store.transaction() as transaction:
        await transaction.load_alerts(Facts(), [alert.alert_key for alert in alerts])
        await transaction.save(Saving(facts=facts, digest="d", now=START))
