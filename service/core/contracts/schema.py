"""The contracts -> JSON Schema 2020-12 per type, and the AsyncAPI 3.0 document that lists them: plain JSON values."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from service.core.contracts.catalogue import INCOMING, OUTGOING, RELAY_MARKERS, Channel
from service.core.contracts.classified import Classified
from service.core.contracts.dead_letter import DeadLetter
from service.core.contracts.digest import Digest
from service.core.contracts.envelope import ENVELOPES
from service.core.contracts.event_type import OutgoingType
from service.core.contracts.marker import RelayMarker
from service.core.contracts.notice import Notice
from service.core.contracts.outcome import Answered, Outcome
from service.core.contracts.outgoing import OutgoingEnvelope
from service.core.contracts.receipt import Receipt
from service.core.contracts.review import Review

MARKER = "feedback.relay-marker"

_DIALECT = GenerateJsonSchema.schema_dialect
RECORDS: Mapping[str, type[BaseModel]] = {
    OutgoingType.NOTICE: OutgoingEnvelope[Literal[OutgoingType.NOTICE], Notice],
    OutgoingType.DIGEST: OutgoingEnvelope[Literal[OutgoingType.DIGEST], Digest],
    OutgoingType.CLASSIFIED: OutgoingEnvelope[Literal[OutgoingType.CLASSIFIED], Classified],
    OutgoingType.REVIEW_LOCAL_OPENED: OutgoingEnvelope[Literal[OutgoingType.REVIEW_LOCAL_OPENED], Review],
    OutgoingType.REVIEW_LOCAL_CLOSED: OutgoingEnvelope[Literal[OutgoingType.REVIEW_LOCAL_CLOSED], Review],
    OutgoingType.REVIEW_FORMAL_OPENED: OutgoingEnvelope[Literal[OutgoingType.REVIEW_FORMAL_OPENED], Review],
    OutgoingType.REVIEW_FORMAL_CLOSED: OutgoingEnvelope[Literal[OutgoingType.REVIEW_FORMAL_CLOSED], Review],
    OutgoingType.DEAD_LETTER: OutgoingEnvelope[Literal[OutgoingType.DEAD_LETTER], DeadLetter],
    OutgoingType.RECEIPT: OutgoingEnvelope[Literal[OutgoingType.RECEIPT], Receipt],
    OutgoingType.OUTCOME: OutgoingEnvelope[Literal[OutgoingType.OUTCOME], Outcome],
    OutgoingType.ANSWERED: OutgoingEnvelope[Literal[OutgoingType.ANSWERED], Answered],
    MARKER: RelayMarker,
}


def schemas() -> dict[str, dict[str, JsonValue]]:
    """Return the schema of each whole event by its type. Unknown fields are allowed: adding one is no new version."""
    incoming = {kind.value: _schema(kind, model, "validation") for kind, model in ENVELOPES.items()}
    return incoming | {str(kind): _schema(kind, model, "serialization") for kind, model in RECORDS.items()}


def asyncapi(version: str) -> dict[str, JsonValue]:
    """Describe every topic from the service's side: it receives what comes in and sends what goes out."""
    markers: JsonValue = {
        "address": RELAY_MARKERS,
        "description": "Internal and compacted: how far each shard of the outbox has been published.",
        "messages": {MARKER: {"$ref": f"#/components/messages/{MARKER}"}},
        "bindings": {"kafka": {"topicConfiguration": {"cleanup.policy": ["compact"]}}},
    }
    channels: dict[str, JsonValue] = {one.name: _channel(one) for one in (*INCOMING, *OUTGOING)}
    operations: dict[str, JsonValue] = {
        **{f"receive-{one.name}": _operation("receive", one) for one in INCOMING},
        **{f"send-{one.name}": _operation("send", one) for one in OUTGOING},
    }
    messages: dict[str, JsonValue] = {
        str(kind): _message(str(kind), one.key) for one in (*INCOMING, *OUTGOING) for kind in one.messages
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Feedback Router",
            "version": version,
            "description": "CloudEvents 1.0 over Kafka; events in may come in structured or in binary mode.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {**channels, "relay-markers": markers},
        "operations": operations,
        "components": {"messages": {**messages, MARKER: _message(MARKER, "shard", "application/json")}},
    }


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that only repeat a field's name."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False


def _schema(kind: str, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, JsonValue]:
    schema = model.model_json_schema(mode=mode, schema_generator=_Untitled)
    return {"$schema": _DIALECT, "$id": f"urn:feedback-router:{kind}", **schema, "title": str(kind)}


def _channel(channel: Channel) -> JsonValue:
    described: dict[str, JsonValue] = {
        "address": channel.topic,
        "description": channel.about,
        "messages": {str(kind): {"$ref": f"#/components/messages/{kind}"} for kind in channel.messages},
    }
    if "{team}" in channel.topic:
        described["parameters"] = {"team": {"description": "A team's id in the playbook."}}
    return described


def _operation(action: str, channel: Channel) -> JsonValue:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "messages": [{"$ref": f"#/channels/{channel.name}/messages/{kind}"} for kind in channel.messages],
    }


def _message(kind: str, key: str, content_type: str = "application/cloudevents+json") -> JsonValue:
    return {
        "name": kind,
        "contentType": content_type,
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{kind}.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": key}}},
    }
