"""The payload of a delivery -> what a person is to read of it, the same for every channel."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from msgspec import Struct

from service.core.contracts.digest import Digest
from service.core.contracts.notice import Notice
from service.core.records.deliveries import Delivery
from service.core.records.words import NoticeReason, RungKind, Severity, Tiding

_NEWS = {
    NoticeReason.OPENED: "New alert",
    NoticeReason.SEVERITY_INCREASED: "More severe now",
    NoticeReason.CUSTOMERS_DOUBLED: "Twice as many customers",
    NoticeReason.REPEAT: "Still open",
    NoticeReason.UNMUTED: "Was held back until now",
    NoticeReason.ESCALATED: "Overdue",
    NoticeReason.REOPENED: "Open again",
    NoticeReason.RESOLVED: "Over",
    NoticeReason.WITHDRAWN: "Taken back",
    NoticeReason.OWNER_CHANGED: "Handed over to this team",
    NoticeReason.FLAPPING: "Comes and goes",
    NoticeReason.DIGEST: "From long ago",
}
_DUE = {
    RungKind.ACKNOWLEDGE: "nobody has acknowledged it",
    RungKind.RESOLVE: "it is not resolved",
    RungKind.STEP: "nobody has acknowledged it",
    RungKind.DISPUTE: "nobody says whose it is",
}


class Said(Struct, frozen=True, kw_only=True):
    """`subject` is the same for all that is said of one thing; `interrupts` asks somebody to look up.

    `over` says that nothing is to be done, `alert_id` is None for what is about several alerts or none.
    """

    subject: str
    headline: str
    news: str
    severity: Severity
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[str, ...] = ()
    text: str = ""
    link: str | None = None
    over: bool = False
    interrupts: bool = True
    alert_id: str | None = None
    at: datetime | None = None
    source: Mapping[str, Any] | None = None


def said(delivery: Delivery, public_url: str | None) -> Said:
    """Read what a delivery tells. `public_url` is where people find the service, without a slash at its end."""
    match delivery.tiding:
        case Tiding.NOTICE | Tiding.HANDED_OVER:
            return _of_notice(delivery, public_url)
        case Tiding.DIGEST:
            return _of_digest(delivery, public_url)
        case Tiding.ACKNOWLEDGED | Tiding.TEST:
            return Said(
                subject="Test of a channel",
                headline="This is a test",
                news=f"The channel {delivery.channel} gets here. Nothing has to be done.",
                severity=Severity.INFO,
                over=True,
                link=public_url,
            )


def event_of(delivery: Delivery, public_url: str | None) -> bytes:
    """Write the CloudEvent for programs: that of the queue, with the link that people follow."""
    event = orjson.loads(delivery.payload or "{}")
    if delivery.tiding is Tiding.TEST:
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": delivery.key,
                "source": "/feedback-router",
                "type": "feedback.channel_test.v1",
                "subject": f"channel/{delivery.channel}",
                "time": _rfc3339(delivery.not_before),
                "datacontenttype": "application/json",
                "data": {"idempotency_key": delivery.key, "channel": delivery.channel},
            }
        )
    link = _link(delivery, public_url)
    if link is not None and delivery.tiding is Tiding.NOTICE:
        event["data"]["links"] = {**event["data"].get("links", {}), "console": link}
    return orjson.dumps(event)


def _of_notice(delivery: Delivery, public_url: str | None) -> Said:
    event = orjson.loads(delivery.payload or "{}")
    one = Notice.model_validate(event["data"])
    news = _NEWS[one.reason]
    if one.overdue is not None:
        news = f"{news}: {_DUE[one.overdue.what]}, which was due {_when(one.overdue.since)}"
    if delivery.tiding is Tiding.HANDED_OVER:
        news = f"Handed over to {one.team}"
    return Said(
        subject=" · ".join(line(part) for part in (one.category, one.process) if part) + f" [{one.alert_id[:8]}]",
        headline=line(one.title),
        news=news,
        severity=one.severity,
        facts=_facts(one),
        quotes=tuple(line(quote) for quote in one.excerpts),
        link=_link(delivery, public_url),
        over=delivery.tiding is Tiding.HANDED_OVER or one.reason in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN),
        interrupts=delivery.tiding is Tiding.NOTICE and one.reason.interrupts and one.reason is not NoticeReason.REPEAT,
        alert_id=one.alert_id,
        at=datetime.fromisoformat(event["time"]),
        source={"category": one.category, "process": one.process, "region": one.region, "kind": one.kind.value},
    )


def _of_digest(delivery: Delivery, public_url: str | None) -> Said:
    event = orjson.loads(delivery.payload or "{}")
    one = Digest.model_validate(event["data"])
    worst = max(one.totals.severities, key=lambda severity: severity.rank, default=Severity.INFO)
    return Said(
        subject=f"Digest of {one.team} for {one.at.astimezone(UTC):%Y-%m-%d}",
        headline=f"{one.totals.alerts} alerts in one",
        news=f"Digest: {one.reason.value.replace('_', ' ')}",
        severity=worst,
        text=one.text,
        link=_link(delivery, public_url),
        interrupts=False,
        at=one.at,
    )


def _facts(one: Notice) -> tuple[tuple[str, str], ...]:
    due = one.sla.acknowledge_by or one.sla.resolve_by
    found = (
        ("Severity", one.severity.value),
        ("Team", one.team),
        ("Category", one.category),
        ("Process", one.process),
        ("Region", one.region),
        ("Customers", str(one.counts.customers)),
        ("Events", str(one.counts.events)),
        ("Process instances", str(one.instances.total) if one.instances.total else None),
        ("First seen", _when(one.first_seen)),
        ("Last seen", _when(one.last_seen)),
        ("Due", None if due is None else _when(due)),
        ("Held back", None if one.held is None else f"{one.held.why.value}, since {_when(one.held.since)}"),
    )
    return tuple((name, line(value)) for name, value in found if value)


def _link(delivery: Delivery, public_url: str | None) -> str | None:
    if public_url is None:
        return None
    if delivery.tiding is Tiding.DIGEST:
        return f"{public_url}/teams/{delivery.team}"
    return f"{public_url}/alerts/{delivery.thread}"


def line(words: str) -> str:
    """Put words on one line without control characters: a customer's line breaks must not look like ours."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
