"""What a team does to its alert. Refused with 409 is an act by who has not seen the alert's last notice."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from service.api.followed import FollowedShown, show_followed
from service.api.problems import Kind, Problem
from service.api.routes.alerts import AlertId, found
from service.api.services import Given, Services, media_type
from service.api.shown import AlertShown, show_alert
from service.core.identity import fingerprint
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.records.alerts import Alert
from service.ports import Answer, Keyed


def _sent_as_json(request: Request) -> None:
    if media_type(request.headers) != "application/json":
        raise Problem(Kind.WRONG_MEDIA_TYPE, "send application/json")


SentAsJson = Depends(_sent_as_json)
router = APIRouter(tags=["alerts"], dependencies=[SentAsJson])
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Names this request: within 24 h, a repetition gets the first one's answer and does nothing.",
    ),
]
_PROBLEMS = {
    ActOutcome.STALE_REVISION: Kind.STALE_REVISION,
    ActOutcome.REVISION_AHEAD: Kind.REVISION_AHEAD,
    ActOutcome.ALREADY_RESOLVED: Kind.ALREADY_RESOLVED,
    ActOutcome.SUCCEEDED: Kind.ALREADY_RESOLVED,
    ActOutcome.NOT_A_REVIEW: Kind.NOT_A_REVIEW,
}


def _whole(given: object) -> object:
    """Take 7.0 for 7, as JSON Schema does, and as programs write it whose numbers are all floats."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


RevisionSeen = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_whole)]
TeamReads = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,100}$")]


class ActBody(BaseModel):
    """`revision` is that of the last notice seen, `by` a name that the team will read."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"revision": 1, "by": "ana"}]}
    )

    revision: RevisionSeen
    by: TeamReads = "api"


class StepBody(ActBody):
    """`text` is read by the team; what looks like a name to reach somebody by is redacted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "text": "New carrier."}]})

    text: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]


@router.post(
    "/v1/alerts/{alert_id}/ack",
    operation_id="acknowledgeAlert",
    summary="Take an alert in hand: it is not repeated for the time that the playbook says",
    response_model=AlertShown,
)
async def acknowledge_alert(
    alert_id: AlertId, body: ActBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.ACK, body, services, idempotency_key)


@router.post(
    "/v1/alerts/{alert_id}/resolve",
    operation_id="resolveAlert",
    summary="Close an alert; news that matters opens it again",
    response_model=AlertShown,
)
async def resolve_alert(
    alert_id: AlertId, body: ActBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.RESOLVE, body, services, idempotency_key)


@router.post(
    "/v1/reviews/{alert_id}/cause",
    operation_id="noteCause",
    summary="Note what was found to be the cause of an open review",
    response_model=FollowedShown,
)
async def note_cause(
    alert_id: AlertId, body: StepBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.CAUSE, body, services, idempotency_key, body.text)


@router.post(
    "/v1/reviews/{alert_id}/action",
    operation_id="noteAction",
    summary="Note what was done about a review, and close it; the weeks after must show that it has helped",
    response_model=FollowedShown,
)
async def note_action(
    alert_id: AlertId, body: StepBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.RESOLVE, body, services, idempotency_key, body.text)


async def _act(
    alert_id: AlertId, deed: Deed, body: ActBody, services: Services, key: str | None, text: str | None = None
) -> Response:
    alert, rules = await found(alert_id, services), await services.rules()
    asked = Asked(alert_id=alert.alert_id, deed=deed, revision=body.revision, by=body.by, text=text)
    now = await services.now()
    attached = await services.desk.hidden([alert.alert_id] if text is not None else [], now)

    def answer(after: Alert) -> str:
        known = attached.get(after.alert_id)
        shown = show_alert(after, rules) if known is None else show_followed(after, rules, now, known)
        return shown.model_dump_json()

    said = [] if text is None else [text]
    request = fingerprint(orjson.dumps([alert.alert_id, deed.value, body.revision, body.by, *said]))
    keyed = None if key is None else Keyed(key=key, request=request)
    told = await services.act(asked, alert.alert_key, keyed, answer)
    match told:
        case Answer():
            if told.request != request:
                raise Problem(Kind.KEY_REUSED)
            headers = {"Idempotency-Replayed": "true"}
            return Response(told.body, told.status, headers=headers, media_type="application/json")
        case Acted(outcome=ActOutcome.DONE, alert=after) if after is not None:
            return Response(answer(after), HTTPStatus.OK, media_type="application/json")
        case Acted(outcome=outcome, alert=after):
            raise Problem(_PROBLEMS[outcome], more=None if after is None else {"revision": after.revision})
