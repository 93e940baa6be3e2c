"""Which topic carries which messages under which key; `asyncapi.yaml` is written from this."""

from dataclasses import dataclass

from service.core.contracts.event_type import IncomingType, OutgoingType


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One topic by its default name; `key` says what the record key holds."""

    name: str
    topic: str
    key: str
    about: str
    messages: tuple[IncomingType, ...] | tuple[OutgoingType, ...]


RELAY_MARKERS = "feedback.relay-markers"

INCOMING = (
    Channel(
        name="surveys",
        topic="feedback.surveys",
        key="customer",
        about="Responses of survey tools.",
        messages=(IncomingType.SURVEY_RESPONSE,),
    ),
    Channel(
        name="tickets",
        topic="feedback.tickets",
        key="ticket",
        about="Changes of tickets, each with what the source knows of the ticket by then.",
        messages=(
            IncomingType.TICKET_CREATED,
            IncomingType.TICKET_UPDATED,
            IncomingType.TICKET_COMMENT,
            IncomingType.TICKET_STATUS,
            IncomingType.TICKET_CSAT,
            IncomingType.TICKET_REOPENED,
            IncomingType.TICKET_MERGED,
            IncomingType.TICKET_DELETED,
        ),
    ),
    Channel(
        name="employee",
        topic="feedback.employee",
        key="team",
        about="What those who work in the process say of it.",
        messages=(IncomingType.EMPLOYEE,),
    ),
    Channel(
        name="process",
        topic="process.events",
        key="instance",
        about="Steps of process instances, and downtime.",
        messages=(IncomingType.PROCESS_INSTANCE, IncomingType.PROCESS_DOWNTIME),
    ),
    Channel(
        name="erasures",
        topic="privacy.erasures",
        key="customer",
        about="Customers who ask to be forgotten.",
        messages=(IncomingType.ERASURE,),
    ),
)

OUTGOING = (
    Channel(
        name="queue",
        topic="queue.{team}",
        key="alert_id; team for a digest",
        about="The queue of one team: what it needs to hear, each notice and each digest once.",
        messages=(OutgoingType.NOTICE, OutgoingType.DIGEST),
    ),
    Channel(
        name="classified",
        topic="feedback.classified",
        key="source, newline, id",
        about="What was decided about each feedback, without its text.",
        messages=(OutgoingType.CLASSIFIED,),
    ),
    Channel(
        name="reviews",
        topic="feedback.reviews",
        key="process",
        about="Volumes of feedback that call for a local adjustment or a formal review.",
        messages=(
            OutgoingType.REVIEW_LOCAL_OPENED,
            OutgoingType.REVIEW_LOCAL_CLOSED,
            OutgoingType.REVIEW_FORMAL_OPENED,
            OutgoingType.REVIEW_FORMAL_CLOSED,
        ),
    ),
    Channel(
        name="deadletter",
        topic="feedback.deadletter",
        key="the original record's key where that names no customer, else its topic and partition",
        about="Records that no decision could be made of, with the reason.",
        messages=(OutgoingType.DEAD_LETTER,),
    ),
    Channel(
        name="receipts",
        topic="privacy.receipts",
        key="keyed hash of the customer's reference",
        about="Customers who were forgotten, each with what went; no reference but the request's id.",
        messages=(OutgoingType.RECEIPT,),
    ),
    Channel(
        name="outcomes",
        topic="feedback.outcomes",
        key="source, newline, subject",
        about="What became of feedback, for the tool that it came from; a playbook may name other topics for some.",
        messages=(OutgoingType.OUTCOME,),
    ),
    Channel(
        name="answered",
        topic="feedback.answered",
        key="source, newline, subject",
        about="What came of what employees said, once for each time that it was settled.",
        messages=(OutgoingType.ANSWERED,),
    ),
)
