"""`feedback.outcome.v1` and `feedback.answered.v1`: what became of a feedback, for its tool and for who works there."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from service.core.contracts.values import Attribute, EventId, EventSource, Instant, Label, Outgoing, Ref
from service.core.records.words import AlertKind, Disposition

_Words = Annotated[str, StringConstraints(max_length=500)]


class OutcomeState(StrEnum):
    """Whether the alert to which the feedback led is resolved, or open again since."""

    RESOLVED = "resolved"
    REOPENED = "reopened"


class Outcome(Outgoing):
    """The highest `revision` for (source, subject, alert_id) holds: what is reopened takes an outcome back.

    `event_id` is what the tool sent last of the subject by then. `action` is what people of the team wrote that they
    did, redacted, where they did; `resolved_at` and `disposition` are None where it is open again.
    """

    idempotency_key: EventId
    source: EventSource
    subject: Attribute
    event_id: EventId
    alert_id: Ref
    revision: Annotated[int, Field(ge=1)]
    state: OutcomeState
    disposition: Disposition | None = None
    resolved_at: Instant | None = None
    kind: AlertKind
    team: Ref
    category: Ref
    process: Ref
    action: _Words | None = None
    playbook: Ref


class Answered(Outgoing):
    """One message for each employee's feedback and each time that its alert was resolved; `text` says it in words."""

    idempotency_key: EventId
    source: EventSource
    subject: Attribute
    event_id: EventId
    alert_id: Ref
    disposition: Disposition
    resolved_at: Instant
    team: Ref
    category: Ref
    process: Ref
    title: Label
    text: _Words
    action: _Words | None = None
    playbook: Ref
