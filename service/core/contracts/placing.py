"""An event that keeps its contract -> the topic and key under which it travels, and its text in structured mode."""

from typing import assert_never

from pydantic_core import to_json

from service.core.contracts.catalogue import INCOMING
from service.core.contracts.cloudevent import Event
from service.core.contracts.employee import EmployeeFeedback
from service.core.contracts.event_type import IncomingType
from service.core.contracts.parties import Customer, customer_of
from service.core.contracts.privacy import Erasure
from service.core.contracts.process import ProcessDowntime, ProcessInstance
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import Ticket

STRUCTURED_JSON = "application/cloudevents+json"
_TOPICS = {kind: channel.topic for channel in INCOMING for kind in channel.messages}


def topic_of(kind: IncomingType) -> str:
    """Return the topic that carries events of a type, by its default name."""
    return _TOPICS[kind]


def key_of(event: Event) -> bytes | None:
    """Return the record key that keeps an event in order with its like; None where it names nothing of the kind.

    The event's own `partitionkey` comes first; then the customer of a response, the ticket, the team, the instance.
    """
    key = event.partition_key or _key_of(event)
    return None if key is None else key.encode()


def structured(event: Event) -> bytes:
    """Write an event as one JSON text, which reads back as the same event."""
    envelope = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time,
        "datacontenttype": "application/json",
        "dataschema": event.dataschema,
        "partitionkey": event.partition_key,
        "tenantid": event.tenant_id,
        "data": event.data.model_dump(mode="json", exclude_none=True),
    }
    return to_json({name: value for name, value in envelope.items() if value is not None})


def _key_of(event: Event) -> str | None:
    match event.data:
        case SurveyResponse(customer=customer):
            return _ref(customer)
        case Ticket(ticket_id=ticket):
            return ticket
        case EmployeeFeedback(team=team):
            return team
        case ProcessInstance(instance=instance):
            return instance
        case ProcessDowntime():
            return None
        case Erasure(customer=party):
            return _ref(customer_of(party))
        case _:
            assert_never(event.data)


def _ref(customer: Customer | None) -> str | None:
    return None if customer is None else customer.ref
