"""What a transaction decided -> the Kafka records that tell of it, as bytes.

The classified record is written by hand, since there is one for each feedback; a test holds it to its contract.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

import orjson

from service.core.contracts.dead_letter import DeadLetter
from service.core.contracts.notice import Counts, HeldBack, Instances, Links, Overdue, Sla
from service.core.contracts.notice import Notice as NoticeRecord
from service.core.contracts.outgoing import encode
from service.core.contracts.receipt import Receipt
from service.core.contracts.review import Cell, Review, ReviewChange, Window
from service.core.describe import held_back, instant
from service.core.identity import fingerprint, idempotency_key
from service.core.records.alerts import Alert, Notice
from service.core.records.erasing import Erasure
from service.core.records.facts import DigestRow, FeedbackRow, ReviewRow, measure_of
from service.core.records.words import AlertState, Level

SOURCE = "/feedback-router"
CLASSIFIED_TOPIC = "feedback.classified"
REVIEWS_TOPIC = "feedback.reviews"
DEAD_LETTER_TOPIC = "feedback.deadletter"
RECEIPTS_TOPIC = "privacy.receipts"
_CLASSIFIED = (
    "event_id", "source", "subject", "occurred_at", "kind", "channel", "language", "category", "category_confidence",
    "category_method", "categories", "sentiment", "negative", "severity", "severity_score", "flags",
    "process", "link", "team", "route", "alert_id", "verdict", "reason",
)  # fmt: skip
_SAID_SINCE = ("model", "stage", "outcome", "sentiment_source")
_SAID = itemgetter(*_CLASSIFIED)
_CHANGES = {"opened": ReviewChange.OPENED, "raised": ReviewChange.OPENED, "closed": ReviewChange.CLOSED}


def queue_topic(team: str) -> str:
    """Name the topic that a team reads."""
    return f"queue.{team}"


def notice_record(notice: Notice, digest: str) -> bytes:
    """Write the message of `queue.<team>`."""
    alert, held = notice.alert, held_back(notice.held, notice.alert)
    record = NoticeRecord(
        idempotency_key=idempotency_key(alert.alert_id, notice.revision),
        alert_id=alert.alert_id,
        revision=notice.revision,
        reason=notice.reason,
        team=notice.team,
        severity=alert.severity,
        kind=alert.kind,
        level=alert.level,
        category=alert.category,
        process=alert.process,
        region=alert.region,
        title=notice.title,
        counts=Counts(events=alert.events, customers=alert.customers),
        excerpts=tuple(one.text for one in alert.excerpts),
        instances=Instances(total=alert.instances, ids=alert.linked),
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
        held=None if held is None else HeldBack.model_validate(held),
        digest_id=notice.digest_id,
        playbook=digest,
        sla=sla(alert),
        overdue=None
        if notice.rung is None
        else Overdue(what=notice.rung.kind, level=notice.rung.level, since=notice.rung.since),
        links=Links(console=f"/alerts/{alert.alert_id}", api=f"/v1/alerts/{alert.alert_id}"),
    )
    return encode(record, source=SOURCE, at=notice.at)


def digest_message(row: DigestRow) -> bytes:
    """Write the message of `queue.<team>` that several notices are read in."""
    return encode(row.record, source=SOURCE, at=row.at)


def sla(alert: Alert) -> Sla:
    """Say what is due of an open alert; once somebody has taken it, only its end is."""
    if alert.state is AlertState.RESOLVED:
        return Sla()
    owner = None if alert.follow_up is None else alert.follow_up.owner
    if owner is not None:
        return Sla(acknowledge_by=owner.due_at if owner.taken_at is None else None)
    due = alert.escalation
    if due is None:
        return Sla()
    return Sla(acknowledge_by=due.acknowledge_by if alert.acked_by is None else None, resolve_by=due.resolve_by)


def classified_records(rows: Iterable[FeedbackRow], at: datetime, digest: str) -> list[tuple[bytes, bytes]]:
    """Write key and value of each record of `feedback.classified`; its revision is the version of the row."""
    time = instant(at)
    return [_classified_record(row, time, digest) for row in rows]


def _classified_record(row: FeedbackRow, time: str | None, digest: str) -> tuple[bytes, bytes]:
    document = row.document
    name = f"{row.source}\n{row.event_id}"
    body = dict(zip(_CLASSIFIED, _SAID(document), strict=True))
    # A row of an earlier release knows neither model nor source of its sentiment.
    for field in _SAID_SINCE:
        body[field] = document.get(field)
    body["revision"] = row.version
    body["playbook"] = digest
    body["idempotency_key"] = key = _classified_key(name, row.version)
    envelope = {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "type": "feedback.classified.v1",
        "subject": document["subject"],
        "time": time,
        "datacontenttype": "application/json",
        "data": body,
    }
    return name.encode(), orjson.dumps(envelope)


def review_records(rows: Iterable[ReviewRow], at: datetime, digest: str) -> Iterator[tuple[str, bytes, bytes]]:
    """Write (alert id, key, value) for each cell whose review was opened, raised or closed."""
    for row in rows:
        document = row.document
        change = _CHANGES.get(document["transition"])
        if change is None or row.alert_id is None:
            continue
        cell = Cell.model_validate(document["cell"])
        level = Level(document["level"] or document["episode_level"])
        start, last = (date.fromisoformat(day) for day in document["window"])
        record = Review(
            idempotency_key=f"{row.alert_id}:{_window_name(document)}:{change.value}",
            alert_id=row.alert_id,
            change=change,
            level=level,
            team=document["team"],
            measure=measure_of(document),
            cell=cell,
            window=Window(start=start, end=last + timedelta(days=1)),
            x=document["x"],
            expected=document["expected"],
            p=document["p"],
            ratio=document["ratio"],
            customers=document["customers"],
            method=document["method"],
            flags=tuple(document["flags"]),
            at=at,
            playbook=digest,
        )
        yield row.alert_id, cell.process.encode(), encode(record, source=SOURCE, at=at)


def _window_name(document: Mapping[str, Any]) -> str:
    """A window of hours ends at an instant, one of days with a day."""
    hours = document.get("hours")
    return str(hours[1] if hours else document["window_end"])


def dead_letter_record(letter: DeadLetter, at: datetime) -> bytes:
    """Write a record of `feedback.deadletter`."""
    return encode(letter, source=SOURCE, at=at)


def receipt_record(erasure: Erasure) -> tuple[bytes, bytes]:
    """Write key and value of a record of `privacy.receipts`, for an erasure that is done."""
    at = erasure.done_at or erasure.asked_at
    record = Receipt(
        idempotency_key=erasure.erasure_id,
        request_id=erasure.request_id,
        customer_hash=erasure.customer_hash,
        erased=erasure.counts,
        include_joined=erasure.include_joined,
        joined=erasure.joined,
        asked_at=erasure.asked_at,
        erased_at=at,
    )
    return erasure.customer_hash.encode(), encode(record, source=SOURCE, at=at)


def _classified_key(name: str, revision: int) -> str:
    return f"{fingerprint(name.encode())[:32]}:{revision}"
