"""One act on many alerts -> what came of it for each: every alert has a transaction and an outcome of its own."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Response
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError, model_validator

from service.api.asked import (
    ActBody,
    IdempotencyKey,
    NoteBody,
    OtherTeamBody,
    ResolveBody,
    RevisionSeen,
    SentAsJson,
    SignedBody,
    SnoozeBody,
    Who,
    allowed,
)
from service.api.needs import needs
from service.api.problems import PORT_ERRORS, Kind, Problem, ProblemShown, faults, port_problem, problem
from service.api.routes.acts import carry_out
from service.api.services import Given
from service.api.shown import AlertShown, Shown
from service.core.access import Permission
from service.core.records.words import Deed, Disposition
from service.ports import OutOfReachError

router = APIRouter(tags=["alerts"], dependencies=[SentAsJson])
MOST_ALERTS = 100
# What each act takes beside a name; a cause is found of one review at a time.
_BODIES: Mapping[Deed, type[ActBody | NoteBody]] = {
    Deed.CLAIM: ActBody,
    Deed.UNCLAIM: ActBody,
    Deed.ACK: ActBody,
    Deed.SNOOZE: SnoozeBody,
    Deed.UNSNOOZE: ActBody,
    Deed.NOTE: NoteBody,
    Deed.RESOLVE: ResolveBody,
    Deed.REOPEN: ActBody,
    Deed.REASSIGN: OtherTeamBody,
    Deed.DISPUTE: OtherTeamBody,
}


class Picked(SignedBody):
    """One alert, and the revision of the last notice seen of it; a note may leave that out."""

    alert_id: Annotated[UUID, Field(strict=False)]
    revision: RevisionSeen | None = None


class BatchBody(SignedBody):
    """`act` is the last part of the path of a single one, whose other fields are given here for all alerts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "act": "ack",
                    "by": "ana",
                    "alerts": [{"alert_id": "7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11", "revision": 1}],
                }
            ]
        }
    )

    act: Annotated[Deed, Field(strict=False)]
    alerts: Annotated[list[Picked], Field(min_length=1, max_length=MOST_ALERTS)]
    force: bool = False
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None
    text: str | None = None
    team: str | None = None
    reason: str | None = None
    disposition: Annotated[Disposition | None, Field(strict=False)] = None
    duplicate_of: Annotated[UUID | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _names_each_once(self) -> "BatchBody":
        if len({one.alert_id for one in self.alerts}) < len(self.alerts):
            raise ValueError("an alert is named twice")
        return self


class OutcomeShown(Shown):
    """What came of one alert: the status that a single act would have had, with the alert or the problem."""

    alert_id: str
    status: int
    replayed: bool
    alert: AlertShown | None
    problem: ProblemShown | None


class BatchShown(Shown):
    """In the order in which the alerts were named."""

    outcomes: tuple[OutcomeShown, ...]


@router.post(
    "/v1/alerts/batch",
    operation_id="actOnAlerts",
    summary="Do one thing to up to a hundred alerts, each for itself",
    response_model=BatchShown,
    dependencies=[needs(Permission.ACT)],
)
async def act_on_alerts(body: BatchBody, services: Given, who: Who, idempotency_key: IdempotencyKey = None) -> Response:
    outcomes, gone = [], False
    for picked, single in _singles(body):
        key = None if idempotency_key is None else f"{idempotency_key}:{picked.alert_id}"
        try:
            if gone:
                raise OutOfReachError("not tried, since the store did not answer for an alert before it")
            await allowed(picked.alert_id, single, services)
            told = await carry_out(picked.alert_id, body.act, single, services, key, who)
            replayed = "Idempotency-Replayed" in told.headers
            outcome: dict[str, Any] = {"status": told.status_code, "replayed": replayed, "problem": None}
            outcome["alert"] = orjson.Fragment(bytes(told.body))
        except Problem as refused:
            outcome = _refused(refused)
        except PORT_ERRORS as trouble:
            gone = gone or isinstance(trouble, OutOfReachError)
            outcome = _refused(port_problem(trouble))
        outcomes.append({"alert_id": str(picked.alert_id), **outcome})
    return Response(orjson.dumps({"outcomes": outcomes}), HTTPStatus.OK, media_type="application/json")


def _singles(body: BatchBody) -> Sequence[tuple[Picked, ActBody | NoteBody]]:
    """Give each alert the body that an act on it alone would have."""
    model = _BODIES.get(body.act)
    if model is None:
        raise Problem(Kind.INVALID, f"{body.act.value} is no act on several alerts")
    given = body.model_dump(exclude={"act", "alerts"}, exclude_unset=True)
    found = []
    for place, picked in enumerate(body.alerts):
        seen = {} if picked.revision is None else {"revision": picked.revision}
        try:
            found.append((picked, model.model_validate({**given, **seen})))
        except ValidationError as wrong:
            under = ("body", "alerts", str(place)) if "revision" not in seen and model is not NoteBody else ("body",)
            count, told = faults(wrong.errors(), under)
            raise Problem(Kind.INVALID, count, {"errors": told}) from None
    return found


def _refused(refused: Problem) -> dict[str, Any]:
    told = problem(refused.kind, refused.detail, refused.more)
    return {"status": refused.kind.status, "replayed": False, "alert": None, "problem": told}
