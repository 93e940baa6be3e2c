"""What a team does to its alert. Refused with 409 is an act by who has not seen the alert's last notice."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from service.api.followed import FollowedShown, show_followed
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.routes.alerts import AlertId, found
from service.api.services import Given, Services, media_type
from service.api.shown import AlertShown, show_alert
from service.core.access import Permission
from service.core.identity import fingerprint
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.pipeline.reassign import destination
from service.core.records.alerts import Alert
from service.core.records.words import Disposition
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
    ActOutcome.SAME_TEAM: Kind.SAME_TEAM,
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


class ResolveBody(ActBody):
    """`disposition` says what the alert turned out to be: it counts towards the noise of the rule that raised it.

    A duplicate may name the alert that it repeats, what was another team's that team.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "disposition": "noise"}]})

    disposition: Annotated[Disposition | None, Field(strict=False)] = None
    duplicate_of: Annotated[UUID | None, Field(strict=False)] = None
    team: Annotated[str, Field(max_length=63)] | None = None


class StepBody(ActBody):
    """`text` is read by the team; what looks like a name to reach somebody by is redacted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "text": "New carrier."}]})

    text: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]


class OtherTeamBody(ActBody):
    """`team` is one of the playbook's. `reason` is kept with the alert, redacted as the text of a review is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "team": "payments"}]})

    team: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]
        | None
    ) = None


@router.post(
    "/v1/alerts/{alert_id}/ack",
    operation_id="acknowledgeAlert",
    summary="Take an alert in hand: it is not repeated for the time that the playbook says",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def acknowledge_alert(
    alert_id: AlertId, body: ActBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.ACK, body, services, idempotency_key)


@router.post(
    "/v1/alerts/{alert_id}/resolve",
    operation_id="resolveAlert",
    summary="Close an alert, and say what it was; news that matters opens it again",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def resolve_alert(
    alert_id: AlertId, body: ResolveBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    await _named(alert_id, body, services)
    return await _act(alert_id, Deed.RESOLVE, body, services, idempotency_key)


@router.post(
    "/v1/alerts/{alert_id}/reassign",
    operation_id="reassignAlert",
    summary="Give an open alert to another team, with all that it holds; what follows under its key goes with it",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def reassign_alert(
    alert_id: AlertId, body: OtherTeamBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    await _known(body.team, services)
    return await _act(alert_id, Deed.REASSIGN, body, services, idempotency_key, body.reason, body.team)


@router.post(
    "/v1/alerts/{alert_id}/dispute",
    operation_id="disputeAlert",
    summary="Say that an alert is another team's, which hears of it; who settles that reassigns or acknowledges it",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def dispute_alert(
    alert_id: AlertId, body: OtherTeamBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    await _known(body.team, services)
    return await _act(alert_id, Deed.DISPUTE, body, services, idempotency_key, body.reason, body.team)


@router.post(
    "/v1/reviews/{alert_id}/cause",
    operation_id="noteCause",
    summary="Note what was found to be the cause of an open review",
    response_model=FollowedShown,
    dependencies=[needs(Permission.LEAD)],
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
    dependencies=[needs(Permission.LEAD)],
)
async def note_action(
    alert_id: AlertId, body: StepBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    return await _act(alert_id, Deed.RESOLVE, body, services, idempotency_key, body.text)


async def _known(team: str, services: Services) -> None:
    rules = await services.rules()
    if all(team != str(one.id) for one in rules.playbook.teams):
        raise Problem(Kind.UNKNOWN_TEAM, "/body/team names none of the active playbook's")


async def _named(alert_id: UUID, body: ResolveBody, services: Services) -> None:
    """Refuse a disposition that names what does not go with it, what is not there, or the alert itself."""
    if body.duplicate_of is not None:
        if body.disposition is not Disposition.DUPLICATE:
            raise Problem(Kind.BAD_DISPOSITION, "duplicate_of goes with the disposition duplicate")
        if body.duplicate_of == alert_id or await services.desk.alert(str(body.duplicate_of)) is None:
            raise Problem(Kind.BAD_DISPOSITION, "duplicate_of: no other alert has this id")
    if body.team is not None:
        if body.disposition is not Disposition.WRONG_TEAM:
            raise Problem(Kind.BAD_DISPOSITION, "team goes with the disposition wrong_team")
        if body.team not in {team.id for team in (await services.rules()).playbook.teams}:
            raise Problem(Kind.BAD_DISPOSITION, "team: the playbook has no such team")


async def _act(
    alert_id: AlertId,
    deed: Deed,
    body: ActBody,
    services: Services,
    key: str | None,
    text: str | None = None,
    team: str | None = None,
) -> Response:
    alert, rules = await found(alert_id, services), await services.rules()
    to = None if team is None else destination(alert, team)
    asked = Asked(alert_id=alert.alert_id, deed=deed, revision=body.revision, by=body.by, text=text, to=to)
    said: list[object] = [one for one in (team, text) if one is not None]
    if isinstance(body, ResolveBody) and body.disposition is not None:
        other = None if body.duplicate_of is None else str(body.duplicate_of)
        asked = replace(asked, disposition=body.disposition, duplicate_of=other, team=body.team)
        said.append([body.disposition.value, other, body.team])
    now = await services.now()
    attached = await services.desk.hidden([alert.alert_id] if isinstance(body, StepBody) else [], now)

    def answer(after: Alert) -> str:
        known = attached.get(after.alert_id)
        shown = show_alert(after, rules) if known is None else show_followed(after, rules, now, known)
        return shown.model_dump_json()

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
