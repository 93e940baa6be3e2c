"""What a team does to its alert. Refused with 409 is an act by who has not seen the alert's last notice."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Response
from msgspec.structs import replace

from service.api.asked import (
    ActBody,
    IdempotencyKey,
    NoteBody,
    OtherTeamBody,
    ResolveBody,
    SentAsJson,
    SnoozeBody,
    StepBody,
    Who,
    allowed,
)
from service.api.followed import FollowedShown, show_followed
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.routes.alerts import AlertId, found
from service.api.services import Given, Services
from service.api.shown import AlertShown, show_alert, show_claim
from service.core.access import Permission
from service.core.identity import fingerprint
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.pipeline.reassign import destination
from service.core.records.alerts import Alert
from service.ports import Answer, Keyed

router = APIRouter(tags=["alerts"], dependencies=[SentAsJson])
_PROBLEMS = {
    ActOutcome.STALE_REVISION: Kind.STALE_REVISION,
    ActOutcome.REVISION_AHEAD: Kind.REVISION_AHEAD,
    ActOutcome.ALREADY_RESOLVED: Kind.ALREADY_RESOLVED,
    ActOutcome.SUCCEEDED: Kind.ALREADY_RESOLVED,
    ActOutcome.NOT_A_REVIEW: Kind.NOT_A_REVIEW,
    ActOutcome.SAME_TEAM: Kind.SAME_TEAM,
    ActOutcome.CLAIMED_BY_OTHER: Kind.CLAIMED_BY_OTHER,
    ActOutcome.NOT_CLAIMED: Kind.NOT_CLAIMED,
    ActOutcome.NOT_SNOOZED: Kind.NOT_SNOOZED,
    ActOutcome.NOT_RESOLVED: Kind.NOT_RESOLVED,
    ActOutcome.BAD_TIME: Kind.BAD_TIME,
}


@router.post(
    "/v1/alerts/{alert_id}/ack",
    operation_id="acknowledgeAlert",
    summary="Take an alert in hand: it is not repeated for the time that the playbook says",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def acknowledge_alert(
    alert_id: AlertId, body: ActBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.ACK, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/resolve",
    operation_id="resolveAlert",
    summary="Close an alert, and say what it was; news that matters opens it again",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def resolve_alert(
    alert_id: AlertId, body: ResolveBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    await allowed(alert_id, body, services)
    return await carry_out(alert_id, Deed.RESOLVE, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/reassign",
    operation_id="reassignAlert",
    summary="Give an open alert to another team, with all that it holds; what follows under its key goes with it",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def reassign_alert(
    alert_id: AlertId, body: OtherTeamBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    await allowed(alert_id, body, services)
    return await carry_out(alert_id, Deed.REASSIGN, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/dispute",
    operation_id="disputeAlert",
    summary="Say that an alert is another team's, which hears of it; who settles that reassigns or acknowledges it",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def dispute_alert(
    alert_id: AlertId, body: OtherTeamBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    await allowed(alert_id, body, services)
    return await carry_out(alert_id, Deed.DISPUTE, body, services, idempotency_key, who)


@router.post(
    "/v1/reviews/{alert_id}/cause",
    operation_id="noteCause",
    summary="Note what was found to be the cause of an open review",
    response_model=FollowedShown,
    dependencies=[needs(Permission.LEAD)],
)
async def note_cause(
    alert_id: AlertId, body: StepBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.CAUSE, body, services, idempotency_key, who)


@router.post(
    "/v1/reviews/{alert_id}/action",
    operation_id="noteAction",
    summary="Note what was done about a review, and close it; the weeks after must show that it has helped",
    response_model=FollowedShown,
    dependencies=[needs(Permission.LEAD)],
)
async def note_action(
    alert_id: AlertId, body: StepBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.RESOLVE, body, services, idempotency_key, who)


async def carry_out(
    alert_id: AlertId,
    deed: Deed,
    body: ActBody | NoteBody,
    services: Services,
    key: str | None,
    who: str | None,
) -> Response:
    """Do one act, and answer with the alert after it.

    Raises:
        Problem: it was not done.
    """
    alert, rules = await found(alert_id, services), await services.rules()
    team = body.team if isinstance(body, OtherTeamBody) else None
    until = body.until if isinstance(body, SnoozeBody) else None
    text, to = _written(body), None if team is None else destination(alert, team)
    by, force = who or body.by, isinstance(body, ActBody) and body.force
    asked = Asked(alert_id=alert.alert_id, deed=deed, revision=body.revision, by=by, text=text, to=to)
    asked = replace(asked, until=until, force=force, doer=services.doer(by))
    said: list[object] = [one for one in (team, text, until) if one is not None]
    if isinstance(body, ResolveBody) and body.disposition is not None:
        other = None if body.duplicate_of is None else str(body.duplicate_of)
        asked = replace(asked, disposition=body.disposition, duplicate_of=other, team=body.team)
        said.append([body.disposition.value, other, body.team])
    if force:
        said.append("force")
    now = await services.now()
    attached = await services.desk.hidden([alert.alert_id] if isinstance(body, StepBody) else [], now)

    def answer(after: Alert) -> str:
        known = attached.get(after.alert_id)
        shown = show_alert(after, rules) if known is None else show_followed(after, rules, now, known)
        return shown.model_dump_json()

    request = fingerprint(orjson.dumps([alert.alert_id, deed.value, body.revision, by, *said]))
    keyed = None if key is None else Keyed(key=key, request=request)
    told = await services.act(asked, alert.alert_key, keyed, answer)
    match told:
        case Answer():
            if told.request != request:
                raise Problem(Kind.KEY_REUSED, "use another key for another request")
            headers = {"Idempotency-Replayed": "true"}
            return Response(told.body, told.status, headers=headers, media_type="application/json")
        case Acted(outcome=ActOutcome.DONE, alert=after) if after is not None:
            return Response(answer(after), HTTPStatus.OK, media_type="application/json")
        case Acted(outcome=ActOutcome.SUCCEEDED) if deed in (Deed.REOPEN, Deed.NOTE):
            raise Problem(Kind.SUCCEEDED)
        case Acted(outcome=ActOutcome.BAD_TIME):
            limit = rules.playbook.fatigue.silence_max
            raise Problem(Kind.BAD_TIME, f"/body/until is not within {limit.days} days from now")
        case Acted(outcome=outcome, alert=after):
            raise Problem(_PROBLEMS[outcome], more=None if after is None else _standing(outcome, after))


def _written(body: ActBody | NoteBody) -> str | None:
    match body:
        case NoteBody() | StepBody():
            return body.text
        case OtherTeamBody():
            return body.reason
        case _:
            return None


def _standing(outcome: ActOutcome, alert: Alert) -> dict[str, object]:
    """Say how the alert stands, by which who was refused may ask again."""
    claim = show_claim(alert.claim) if outcome is ActOutcome.CLAIMED_BY_OTHER else None
    return {"revision": alert.revision, **({} if claim is None else {"claim": claim.model_dump(mode="json")})}
