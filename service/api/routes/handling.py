"""Who works on an alert, until when it is put aside, what people note of it, and whether it is open again."""

from fastapi import APIRouter, Response

from service.api.asked import ActBody, IdempotencyKey, NoteBody, SentAsJson, SnoozeBody, Who
from service.api.needs import needs
from service.api.routes.acts import carry_out
from service.api.routes.alerts import AlertId
from service.api.services import Given
from service.api.shown import AlertShown
from service.core.access import Permission
from service.core.records.words import Deed

router = APIRouter(tags=["alerts"], dependencies=[SentAsJson])


@router.post(
    "/v1/alerts/{alert_id}/claim",
    operation_id="claimAlert",
    summary="Say that you work on an alert: others are kept from it for the time of a lease, which this renews",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def claim_alert(
    alert_id: AlertId, body: ActBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.CLAIM, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/unclaim",
    operation_id="unclaimAlert",
    summary="Let go of an alert before the lease ends",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def unclaim_alert(
    alert_id: AlertId, body: ActBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.UNCLAIM, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/snooze",
    operation_id="snoozeAlert",
    summary="Put an alert aside: nothing but critical news is told of it before it comes back",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def snooze_alert(
    alert_id: AlertId, body: SnoozeBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.SNOOZE, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/unsnooze",
    operation_id="unsnoozeAlert",
    summary="Take up an alert before its time; what came meanwhile is told at once",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def unsnooze_alert(
    alert_id: AlertId, body: ActBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.UNSNOOZE, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/note",
    operation_id="noteOnAlert",
    summary="Write something down about an alert, open or not; it stands in its timeline",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def note_on_alert(
    alert_id: AlertId, body: NoteBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.NOTE, body, services, idempotency_key, who)


@router.post(
    "/v1/alerts/{alert_id}/reopen",
    operation_id="reopenAlert",
    summary="Open a resolved alert again, if no later one has taken its place",
    response_model=AlertShown,
    dependencies=[needs(Permission.ACT)],
)
async def reopen_alert(
    alert_id: AlertId, body: ActBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None
) -> Response:
    return await carry_out(alert_id, Deed.REOPEN, body, services, idempotency_key, who)
