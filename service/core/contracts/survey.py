"""`feedback.survey.response.v1`: one state of one response to one survey."""

from enum import StrEnum

from service.core.contracts.answers import Choices, Metrics, Verbatims
from service.core.contracts.parties import Consent, Correlation, Customer
from service.core.contracts.values import Contract, Count, Instant, Label, Labels, Ref


class ResponseState(StrEnum):
    PARTIAL = "partial"
    COMPLETE = "complete"
    UPDATED = "updated"
    DISQUALIFIED = "disqualified"
    DELETED = "deleted"


class SurveyKind(StrEnum):
    """A relationship survey is about the company as a whole and is never linked to a process instance."""

    TRANSACTIONAL = "transactional"
    RELATIONSHIP = "relationship"
    PULSE = "pulse"
    EMPLOYEE = "employee"


class SurveyResponse(Contract):
    """`response_id` stays the same over revisions; windows go by `submitted_at`."""

    response_id: Ref
    survey_id: Ref | None = None
    survey_name: Label | None = None
    revision: Count | None = None
    is_final: bool | None = None
    state: ResponseState = ResponseState.COMPLETE
    submitted_at: Instant | None = None
    invited_at: Instant | None = None
    received_at: Instant | None = None
    survey_kind: SurveyKind = SurveyKind.TRANSACTIONAL
    metrics: Metrics = ()
    verbatims: Verbatims = ()
    choices: Choices = ()
    source_labels: Labels = ()
    customer: Customer | None = None
    correlation: Correlation | None = None
    channel: Label | None = None
    device: Label | None = None
    country: Label | None = None
    consent: Consent | None = None
