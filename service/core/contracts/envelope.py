"""CloudEvents 1.0 attributes and, per incoming type, the whole event; one discriminated union reads both at once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, TypeAdapter

from service.core.contracts.employee import EmployeeFeedback
from service.core.contracts.event_type import IncomingType
from service.core.contracts.privacy import Erasure
from service.core.contracts.process import ProcessDowntime, ProcessInstance
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import MergedTicket, Ticket, TicketWithComment, TicketWithCsat, TicketWithStatus
from service.core.contracts.values import Attribute, Contract, EventId, EventSource, Instant, SpecVersion

Payload = SurveyResponse | Ticket | EmployeeFeedback | ProcessInstance | ProcessDowntime | Erasure

TypeT = TypeVar("TypeT", bound=str)
PayloadT = TypeVar("PayloadT", bound=Payload)


class Attributes(Contract):
    """The context attributes that are used here; unknown extensions are ignored.

    `data_base64` is declared so that its presence is a fault of its own: every payload here is a JSON object.
    """

    specversion: SpecVersion
    id: EventId
    source: EventSource
    subject: Attribute | None = None
    time: Instant | None = None
    datacontenttype: Attribute | None = None
    dataschema: Attribute | None = None
    partitionkey: Attribute | None = None
    tenantid: Attribute | None = None
    data_base64: None = None


class TypedAttributes(Attributes):
    """The attributes alone, of whatever type: what binary mode holds in its headers."""

    type: Attribute


class Envelope(Attributes, Generic[TypeT, PayloadT]):
    """A whole event in structured mode."""

    type: TypeT
    data: PayloadT


_Survey = Envelope[Literal[IncomingType.SURVEY_RESPONSE], SurveyResponse]
_TicketCreated = Envelope[Literal[IncomingType.TICKET_CREATED], Ticket]
_TicketUpdated = Envelope[Literal[IncomingType.TICKET_UPDATED], Ticket]
_TicketComment = Envelope[Literal[IncomingType.TICKET_COMMENT], TicketWithComment]
_TicketStatus = Envelope[Literal[IncomingType.TICKET_STATUS], TicketWithStatus]
_TicketCsat = Envelope[Literal[IncomingType.TICKET_CSAT], TicketWithCsat]
_TicketReopened = Envelope[Literal[IncomingType.TICKET_REOPENED], Ticket]
_TicketMerged = Envelope[Literal[IncomingType.TICKET_MERGED], MergedTicket]
_TicketDeleted = Envelope[Literal[IncomingType.TICKET_DELETED], Ticket]
_Employee = Envelope[Literal[IncomingType.EMPLOYEE], EmployeeFeedback]
_Instance = Envelope[Literal[IncomingType.PROCESS_INSTANCE], ProcessInstance]
_Downtime = Envelope[Literal[IncomingType.PROCESS_DOWNTIME], ProcessDowntime]
_Erasure = Envelope[Literal[IncomingType.ERASURE], Erasure]

AnyEnvelope = (
    _Survey
    | _TicketCreated
    | _TicketUpdated
    | _TicketComment
    | _TicketStatus
    | _TicketCsat
    | _TicketReopened
    | _TicketMerged
    | _TicketDeleted
    | _Employee
    | _Instance
    | _Downtime
    | _Erasure
)

STRUCTURED: TypeAdapter[AnyEnvelope] = TypeAdapter(Annotated[AnyEnvelope, Field(discriminator="type")])

ENVELOPES: Mapping[IncomingType, type[AnyEnvelope]] = MappingProxyType(
    {
        IncomingType.SURVEY_RESPONSE: _Survey,
        IncomingType.TICKET_CREATED: _TicketCreated,
        IncomingType.TICKET_UPDATED: _TicketUpdated,
        IncomingType.TICKET_COMMENT: _TicketComment,
        IncomingType.TICKET_STATUS: _TicketStatus,
        IncomingType.TICKET_CSAT: _TicketCsat,
        IncomingType.TICKET_REOPENED: _TicketReopened,
        IncomingType.TICKET_MERGED: _TicketMerged,
        IncomingType.TICKET_DELETED: _TicketDeleted,
        IncomingType.EMPLOYEE: _Employee,
        IncomingType.PROCESS_INSTANCE: _Instance,
        IncomingType.PROCESS_DOWNTIME: _Downtime,
        IncomingType.ERASURE: _Erasure,
    }
)

PAYLOADS: Mapping[IncomingType, type[Payload]] = MappingProxyType(
    {
        IncomingType.SURVEY_RESPONSE: SurveyResponse,
        IncomingType.TICKET_CREATED: Ticket,
        IncomingType.TICKET_UPDATED: Ticket,
        IncomingType.TICKET_COMMENT: TicketWithComment,
        IncomingType.TICKET_STATUS: TicketWithStatus,
        IncomingType.TICKET_CSAT: TicketWithCsat,
        IncomingType.TICKET_REOPENED: Ticket,
        IncomingType.TICKET_MERGED: MergedTicket,
        IncomingType.TICKET_DELETED: Ticket,
        IncomingType.EMPLOYEE: EmployeeFeedback,
        IncomingType.PROCESS_INSTANCE: ProcessInstance,
        IncomingType.PROCESS_DOWNTIME: ProcessDowntime,
        IncomingType.ERASURE: Erasure,
    }
)
