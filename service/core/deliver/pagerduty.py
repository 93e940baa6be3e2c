"""What is to be said of an alert -> an event of PagerDuty's Events API v2.

The alert's id is the `dedup_key`: an alert is one incident, however often it is told. An acknowledgement here
acknowledges there, an end or a handover resolves.
"""

from typing import Any

from service.core.deliver.said import Said
from service.core.records.deliveries import Delivery
from service.core.records.words import Severity, Tiding

# Of the reference of the Events API v2.
_SUMMARY = 1_024
_SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    Severity.INFO: "info",
}


def event(delivery: Delivery, one: Said, routing_key: str) -> dict[str, Any]:
    """Write the event; a test is one that resolves itself, and so wakes nobody."""
    named = {"routing_key": routing_key, "dedup_key": delivery.thread}
    if delivery.tiding is Tiding.ACKNOWLEDGED:
        return {**named, "event_action": "acknowledge"}
    if one.over:
        return {**named, "event_action": "resolve"}
    facts = {name.lower().replace(" ", "_"): value for name, value in one.facts}
    source = one.source or {}
    payload = {
        "summary": f"{one.news}: {one.headline}"[:_SUMMARY],
        "source": "feedback-router",
        "severity": _SEVERITIES[one.severity],
        "component": source.get("process"),
        "group": delivery.team,
        "class": source.get("category"),
        "timestamp": None if one.at is None else one.at.isoformat(),
        "custom_details": {**facts, "quotes": list(one.quotes), "idempotency_key": delivery.key},
    }
    found: dict[str, Any] = {
        **named,
        "event_action": "trigger",
        "client": "Feedback Router",
        "payload": {name: value for name, value in payload.items() if value is not None},
    }
    if one.link is not None:
        found |= {"client_url": one.link, "links": [{"href": one.link, "text": "Open in the console"}]}
    return found
