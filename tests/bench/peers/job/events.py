"""The bytes of a CloudEvent in structured JSON -> a typed survey response or ticket; pydantic refuses all else."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

Ref = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Text = Annotated[str, StringConstraints(max_length=65_536)]


class _Contract(BaseModel):
    model_config = ConfigDict(frozen=True)


class Metric(_Contract):
    kind: Literal["nps", "csat", "ces", "stars"]
    raw: float
    scale_min: float
    scale_max: float
    orientation: Literal["higher_better", "lower_better"] = "higher_better"


class Verbatim(_Contract):
    text: Text
    language: Ref | None = None


class Customer(_Contract):
    ref: Ref
    region: Ref | None = None
    tier: Ref | None = None


class Correlation(_Contract):
    process: Ref
    business_key: Ref | None = None


class Survey(_Contract):
    response_id: Ref
    metrics: Annotated[list[Metric], Field(min_length=1, max_length=16)]
    customer: Customer
    channel: Ref | None = None
    correlation: Correlation
    verbatims: Annotated[list[Verbatim], Field(max_length=16)] = []


class Ticket(_Contract):
    ticket_id: Ref
    status: Literal["new", "open", "pending", "hold", "solved", "closed"]
    subject: Ref
    body: Text
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    channel: Ref | None = None
    language: Ref | None = None
    created_at: AwareDatetime | None = None
    customer: Customer
    correlation: Correlation


class _Envelope(_Contract):
    specversion: Literal["1.0"]
    id: Ref
    source: Ref
    subject: Ref | None = None
    time: AwareDatetime


class SurveyEvent(_Envelope):
    type: Literal["feedback.survey.response.v1"]
    data: Survey


class TicketEvent(_Envelope):
    type: Literal["feedback.ticket.created.v1"]
    data: Ticket


EVENT: TypeAdapter[SurveyEvent | TicketEvent] = TypeAdapter(
    Annotated[SurveyEvent | TicketEvent, Field(discriminator="type")]
)
