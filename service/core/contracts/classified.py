"""`feedback.classified.v1`: what was decided about one feedback, without its text."""

from typing import Annotated

from pydantic import Field

from service.core.contracts.values import Attribute, Count, EventId, EventSource, Instant, Label, Outgoing, Ref, Share
from service.core.records.words import (
    CategoryMethod,
    FeedbackKind,
    Flag,
    LinkMethod,
    LinkReason,
    LinkStatus,
    Reason,
    SentimentSource,
    Severity,
    Verdict,
)


class ClassifiedLink(Outgoing):
    """`candidates` is filled when several instances fit equally well: none of them is chosen then."""

    status: LinkStatus
    method: LinkMethod
    reason: LinkReason
    instance_id: Ref | None = None
    confidence: Share = 0.0
    candidates: tuple[Ref, ...] = ()


class Classified(Outgoing):
    """The highest `revision` for (source, event_id) holds: a later state or a late link sends the record again.

    `category` is a taxonomy id or `unmapped`, `stage` and `outcome` are ids of the other axes; `severity_score` runs
    from 0 to 100, `sentiment` from -1 to 1;
    `sentiment_source` says whether the playbook's words, a lexicon or a trained model heard it. `model` is the
    digest of the classifier that was in force, whether or not it decided.
    """

    idempotency_key: EventId
    event_id: EventId
    source: EventSource
    subject: Attribute
    revision: Count
    occurred_at: Instant
    kind: FeedbackKind
    channel: Label | None = None
    language: Label | None = None
    category: Ref
    category_confidence: Share
    category_method: CategoryMethod
    categories: Annotated[tuple[Ref, ...], Field(max_length=3)] = ()
    model: Ref | None = None
    stage: Ref | None = None
    outcome: Ref | None = None
    sentiment: Annotated[float, Field(ge=-1, le=1)] | None = None
    sentiment_source: SentimentSource | None = None
    negative: bool
    severity: Severity
    severity_score: Annotated[float, Field(ge=0, le=100)]
    flags: tuple[Flag, ...] = ()
    process: Ref | None = None
    link: ClassifiedLink
    team: Ref | None = None
    route: Label | None = None
    alert_id: Ref | None = None
    verdict: Verdict
    reason: Reason
    playbook: Ref
