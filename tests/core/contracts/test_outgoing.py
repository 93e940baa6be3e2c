"""What goes out is a CloudEvent that any consumer's library can read, under the key that was promised."""

from datetime import UTC, datetime

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat

from service.core.contracts.classified import Classified, ClassifiedLink
from service.core.contracts.dead_letter import DeadLetter
from service.core.contracts.digest import Digest, DigestTotals
from service.core.contracts.notice import Counts, Instances, Notice
from service.core.contracts.outgoing import CONTENT_TYPE, encode, key_of, type_of
from service.core.contracts.review import Cell, Review, ReviewChange, Window
from service.core.records.words import (
    AlertKind,
    CategoryMethod,
    DigestReason,
    FeedbackKind,
    Level,
    LinkMethod,
    LinkReason,
    LinkStatus,
    NoticeReason,
    Reason,
    Severity,
    Stage,
    Verdict,
)

NOW = datetime(2026, 5, 4, 9, 13, 31, tzinfo=UTC)
NOTICE = Notice(
    idempotency_key="a-1:1",
    alert_id="a-1",
    revision=1,
    reason=NoticeReason.OPENED,
    team="refunds",
    severity=Severity.HIGH,
    kind=AlertKind.EVENT,
    category="billing.refund",
    title="Refunds late",
    counts=Counts(events=3, customers=2),
    instances=Instances(total=0),
    first_seen=NOW,
    last_seen=NOW,
    playbook="p",
)
DIGEST = Digest(
    idempotency_key="d-1",
    digest_id="d-1",
    team="refunds",
    at=NOW,
    reason=DigestReason.DAILY,
    totals=DigestTotals(alerts=0, over=0, events=0, customers=0, severities={}),
    groups=(),
    text="No alerts.\n",
    playbook="p",
)
CLASSIFIED = Classified(
    idempotency_key="c-1",
    event_id="e-1",
    source="/s",
    subject="response/r",
    revision=2,
    occurred_at=NOW,
    kind=FeedbackKind.SURVEY,
    category="unmapped",
    category_confidence=0,
    category_method=CategoryMethod.NONE,
    negative=False,
    severity=Severity.INFO,
    severity_score=0,
    link=ClassifiedLink(status=LinkStatus.NONE, method=LinkMethod.NO_KEY, reason=LinkReason.NO_KEY),
    verdict=Verdict.QUIET,
    reason=Reason.NOT_NEGATIVE,
    playbook="p",
)
DEAD_LETTER = DeadLetter(
    idempotency_key="t:0:1",
    reason="tombstone",
    stage=Stage.INTAKE,
    topic="t",
    partition=0,
    offset=1,
    received_at=NOW,
)


def _review(level: Level, change: ReviewChange) -> Review:
    return Review(
        idempotency_key="a-1:r",
        alert_id="a-1",
        change=change,
        level=level,
        team="refunds",
        cell=Cell(process="order-to-cash", category="billing.refund"),
        window=Window(start=NOW.date(), end=NOW.date()),
        x=9,
        expected=2.4,
        customers=9,
        method="slow",
        at=NOW,
        playbook="p",
    )


def test_a_notice_is_read_by_the_reference_implementation_as_it_was_meant() -> None:
    message = KafkaMessage(
        headers=dict([CONTENT_TYPE]), key=None, value=encode(NOTICE, source="/feedback-router", at=NOW)
    )
    event = from_kafka(message, JSONFormat())
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": "a-1:1",
        "source": "/feedback-router",
        "type": "feedback.notice.v1",
        "subject": "alert/a-1",
        "time": NOW,
        "datacontenttype": "application/json",
    }
    assert event.get_data() == {
        "idempotency_key": "a-1:1",
        "alert_id": "a-1",
        "revision": 1,
        "reason": "opened",
        "team": "refunds",
        "severity": "high",
        "kind": "event",
        "level": None,
        "category": "billing.refund",
        "process": None,
        "region": None,
        "title": "Refunds late",
        "counts": {"events": 3, "customers": 2},
        "excerpts": [],
        "instances": {"total": 0, "ids": []},
        "sla": {"acknowledge_by": None, "contact_by": None, "resolve_by": None},
        "overdue": None,
        "first_seen": "2026-05-04T09:13:31Z",
        "last_seen": "2026-05-04T09:13:31Z",
        "held": None,
        "digest_id": None,
        "playbook": "p",
        "links": {"console": None, "api": None},
    }


def test_each_record_has_the_key_that_keeps_what_belongs_together_in_one_partition() -> None:
    review = _review(Level.LOCAL_ADJUSTMENT, ReviewChange.OPENED)
    keys = [key_of(record) for record in (NOTICE, DIGEST, CLASSIFIED, review, DEAD_LETTER)]
    assert keys == ["a-1", "refunds", "/s\ne-1", "order-to-cash", None]


def test_a_digest_names_itself_as_subject_and_is_known_by_its_id() -> None:
    event = from_kafka(
        KafkaMessage(headers=dict([CONTENT_TYPE]), key=None, value=encode(DIGEST, source="/feedback-router", at=NOW)),
        JSONFormat(),
    )
    named = {name: event.get_attributes()[name] for name in ("id", "type", "subject")}
    assert named == {"id": "d-1", "type": "feedback.digest.v1", "subject": "digest/d-1"}


def test_each_level_and_change_of_a_review_has_its_own_type() -> None:
    types = [type_of(_review(level, change)) for level in Level for change in ReviewChange]
    assert types == [
        "review.local.opened.v1",
        "review.local.closed.v1",
        "review.formal.opened.v1",
        "review.formal.closed.v1",
    ]
