"""Events in: CloudEvents, or a tool's own payload -> Kafka.

An answer of 202 says that Kafka has all that was sent, and that it reads. Of CloudEvents, one that breaks its contract
refuses the whole body, so that a producer can mend it and send everything again: an event that is already there is a
duplicate. A tool can mend nothing. Its payload goes to the topic that its source names as it was sent, if any record in
it reads; what does not becomes a dead letter with its reason. Where the source names no topic there is nobody to read
the payload later: its records are mapped here and go to the topics of their types, again all or none, and without what
no CloudEvent of ours can hold: the source's `attributes`, its `instance` and its flags.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request

from service.api.needs import needs
from service.api.problems import Kind, Problem, problem
from service.api.services import Given, Services, media_type
from service.api.shown import Shown
from service.core.access import Permission
from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.faults import Fault
from service.core.contracts.placing import STRUCTURED_JSON, key_of, structured, topic_of
from service.core.contracts.screen import screen
from service.core.mapping import CompiledSource, Mapped, SignatureCheck, map_record, signature_valid

router = APIRouter(tags=["intake"])
MOST_EVENTS = 500
_BATCH_JSON = "application/cloudevents-batch+json"
_HEADERS = (("content-type", STRUCTURED_JSON.encode()),)
_EXAMPLE = {
    "specversion": "1.0",
    "id": "r-1001",
    "source": "/typeform/acme/lT4Z3j",
    "type": "feedback.survey.response.v1",
    "time": "2026-05-04T09:12:31Z",
    "data": {
        "response_id": "a3a12ec6",
        "metrics": [{"kind": "ces", "raw": 2, "scale_min": 1, "scale_max": 7, "orientation": "higher_better"}],
        "verbatims": [{"text": "Third time I call about the same refund.", "language": "en"}],
        "customer": {"ref": "c-77", "tier": "gold"},
        "correlation": {"process": "order-to-cash", "business_key": "SO-5531"},
    },
}


class TakenShown(Shown):
    """One event that Kafka has; /v1/events/{source}/{id}/explain says what becomes of it."""

    source: str
    id: str
    topic: str


class AcceptedShown(Shown):
    """`refused` lists the records of a tool's payload that will be dead letters, each as a problem document."""

    accepted: int
    events: tuple[TakenShown, ...]
    refused: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One record for Kafka."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


def _body(*kinds: tuple[str, dict[str, Any], object]) -> dict[str, Any]:
    content = {kind: {"schema": schema, "example": example} for kind, schema, example in kinds}
    return {"requestBody": {"required": True, "content": content}}


_ONE = {"$ref": "#/components/schemas/Event"}
_SEVERAL = {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MOST_EVENTS}


@router.post(
    "/v1/events",
    status_code=202,
    operation_id="publishEvents",
    summary="Publish one CloudEvent, or a batch of up to 500",
    description="The events keep the schemas in `schemas/`. All are taken or none; `errors` has one for each event "
    "that breaks its contract, with its index in the batch.",
    openapi_extra=_body(
        (STRUCTURED_JSON, _ONE, _EXAMPLE),
        (_BATCH_JSON, _SEVERAL, [_EXAMPLE]),
        ("application/json", {"oneOf": [_ONE, _SEVERAL]}, _EXAMPLE),
    ),
    dependencies=[needs(Permission.PUBLISH)],
)
async def publish_events(request: Request, services: Given) -> AcceptedShown:
    records, taken = _read(_values(media_type(request.headers), await request.body()))
    await _send(records, services)
    return AcceptedShown(accepted=len(taken), events=tuple(taken))


@router.post(
    "/v1/intake/{source}",
    status_code=202,
    operation_id="takePayload",
    summary="Take a tool's own payload, as the tool sends it",
    description="The playbook's source of this name says how to read it, and how it is signed. A valid signature "
    "stands for a token or key; a source without one needs one that may publish.",
    openapi_extra=_body(
        ("application/json", {}, {"event_id": "01HW", "form_response": {}}),
        ("application/x-www-form-urlencoded", {"type": "string"}, "MSG=%7B%7D"),
    ),
    dependencies=[needs(Permission.PUBLISH, or_signed=True)],
)
async def take_payload(
    source: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$", examples=["typeform"])],
    request: Request,
    services: Given,
) -> AcceptedShown:
    body = await request.body()
    compiled = _admitted((await services.rules()).sources.get(source), body, request, services)
    found = map_record(compiled, body, datetime.now(UTC))
    refused = tuple(_refusal(at, one) for at, one in enumerate(found) if isinstance(one, Fault))
    mapped = [one for one in found if isinstance(one, Mapped)]
    topic = compiled.source.topic
    if len(refused) == len(found) or (refused and topic is None):
        raise Problem(Kind.INVALID_EVENTS, f"{len(refused)} of {len(found)}", {"errors": refused})
    if topic is None:
        await _send([_of_event(one.event, structured(one.event)) for one in mapped], services)
    else:
        keys = {one.key for one in mapped}
        key = keys.pop() if len(keys) == 1 else None
        await _send([_Record(topic=topic, key=None if key is None else key.encode(), value=body)], services)
    return AcceptedShown(
        accepted=len(found) - len(refused),
        events=tuple(_taken(one.event, topic or topic_of(one.event.type)) for one in mapped),
        refused=refused,
    )


def _read(values: Sequence[bytes]) -> tuple[list[_Record], list[TakenShown]]:
    """Read events one by one: what each says is not kept while Kafka is waited for, since it is many times the body.

    Raises:
        Problem: some break their contract.
    """
    records, taken, faults = [], [], []
    for at, value in enumerate(values):
        event = decode(value)
        if isinstance(event, Fault):
            faults.append(_refusal(at, event))
            continue
        records.append(_of_event(event, value))
        taken.append(_taken(event, topic_of(event.type)))
    if faults:
        raise Problem(Kind.INVALID_EVENTS, f"{len(faults)} of {len(values)}", {"errors": faults})
    return records, taken


def _values(kind: str, body: bytes) -> list[bytes]:
    """Part the body into one JSON text for each event."""
    if kind not in (STRUCTURED_JSON, _BATCH_JSON, "application/json"):
        raise Problem(Kind.WRONG_MEDIA_TYPE, f"send {STRUCTURED_JSON} or {_BATCH_JSON}")
    if kind == STRUCTURED_JSON or (kind == "application/json" and not body.lstrip().startswith(b"[")):
        return [body]
    fault = screen(body)
    if fault is not None:
        raise Problem(Kind.UNREADABLE, fault.detail, {"reason": fault.reason.value})
    try:
        events = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(Kind.UNREADABLE, "the body is not JSON") from None
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        raise Problem(Kind.UNREADABLE, f"a batch is an array of 1 to {MOST_EVENTS} events")
    return [orjson.dumps(event) for event in events]


def _admitted(source: CompiledSource | None, body: bytes, request: Request, services: Services) -> CompiledSource:
    """Return the source whose signature is right, or that has none and whose sender may publish.

    Raises:
        Problem: neither is; or there is no such source, which only who is known learns.
    """
    is_known = request.state.principal is not None
    spec = source.source.signature if source is not None else None
    if not is_known and spec is None:
        raise Problem(Kind.UNAUTHORISED)
    if source is None:
        raise Problem(Kind.NOT_FOUND, "the active playbook has no such source")
    if spec is not None:
        secret = services.secret_of(spec.secret_env)
        if not secret:
            raise Problem(Kind.NO_SECRET if is_known else Kind.UNAUTHORISED)
        check = signature_valid(spec, secret=secret.encode(), body=body, headers=request.headers)
        if check is not SignatureCheck.VALID:
            raise Problem(Kind.BAD_SIGNATURE, check.value)
    return source


def _of_event(event: Event, value: bytes) -> _Record:
    return _Record(topic=topic_of(event.type), key=key_of(event), value=value, headers=_HEADERS)


async def _send(records: Sequence[_Record], services: Services) -> None:
    """Hand all over in order, then wait until Kafka has each; a failure is told once nothing is under way any more."""
    sent = (services.sender.send(one.topic, one.key, one.value, one.headers) for one in records)
    for outcome in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def _taken(event: Event, topic: str) -> TakenShown:
    return TakenShown(source=event.source, id=event.id, topic=topic)


def _refusal(index: int, fault: Fault) -> dict[str, Any]:
    where = {"index": index, "stage": fault.stage.value, "reason": fault.reason.value}
    return problem(Kind.INVALID_EVENT, fault.detail, where)
