"""Silences: what one would have hidden, making one, extending and lifting it, and what each hides or hid.

Refused is a silence that never ends, holds back everything, or could hold back nothing; a change by who has not seen
the silence as it is gets 409.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Path, Query, Response
from msgspec.structs import replace
from pydantic import BaseModel, Field

from service.api.asked import IdempotencyKey, SentAsJson
from service.api.asked_silences import ExtendBody, LiftBody, SilenceBody
from service.api.cursors import Cursor, CursorQuery
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import Shown
from service.api.silenced import PreviewShown, SilenceShown, show_preview, show_silence
from service.core.access import Permission
from service.core.identity import fingerprint
from service.core.pipeline.silencing import (
    MOST_SILENCES,
    AskedSilence,
    Extension,
    Lifting,
    Silenced,
    SilenceOutcome,
    Wished,
    decide_silence,
)
from service.core.playbook.matching import Unmet
from service.core.records.muting import LATELY, Silence
from service.core.silence import SilenceState
from service.ports import Answer, Keyed, Previewed, SilencePlace, SilencesWanted, silence_place

router = APIRouter(tags=["silences"], dependencies=[needs(Permission.LEAD, everywhere=True)])
SilenceId = Annotated[UUID, Path(examples=["0b9d1c9e-3f6a-4c1e-9d7e-6a3f1c2b4d5e"])]
_cursor = Cursor(SilencePlace)
_Name = Annotated[str, Field(max_length=200)]
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PROBLEMS = {
    SilenceOutcome.NOT_FOUND: Kind.NOT_FOUND,
    SilenceOutcome.STALE_REVISION: Kind.STALE_SILENCE,
    SilenceOutcome.ENDED: Kind.SILENCE_ENDED,
    SilenceOutcome.TOO_MANY: Kind.TOO_MANY_SILENCES,
}
_DETAILS = {
    SilenceOutcome.NOT_FOUND: "no such silence",
    SilenceOutcome.TOO_MANY: f"{MOST_SILENCES} have not ended; lift one",
    SilenceOutcome.MATCHES_EVERYTHING: "every alert matches; ask for less",
    SilenceOutcome.BEGINS_TOO_EARLY: "starts_at lies more than a minute in the past",
    SilenceOutcome.BEGINS_TOO_LATE: "starts_at is more than a year ahead",
    SilenceOutcome.ENDS_TOO_EARLY: "ends_at must be later than the start, and than the end that it had",
}


class SilencesShown(Shown):
    """One page, the latest made first; `next` is None on the last. `hidden` is as it was last counted."""

    silences: tuple[SilenceShown, ...]
    next: str | None


class SilencesQuery(CursorQuery):
    """A state may be given several times; `team`, `category` and `process` find silences that name these."""

    state: Annotated[tuple[SilenceState, ...], Field(max_length=10)] = ()
    by: _Name | None = None
    team: _Name | None = None
    category: _Name | None = None
    process: _Name | None = None


@router.get("/v1/silences", operation_id="listSilences", summary="List silences: active, planned and ended")
async def list_silences(query: Annotated[SilencesQuery, Query()], services: Given) -> SilencesShown:
    now = await services.now()
    asked = (("team", query.team), ("category", query.category), ("process", query.process))
    wanted = SilencesWanted(
        at=now,
        states=query.state,
        author=query.by,
        named={name: value for name, value in asked if value is not None},
    )
    page = await services.desk.silences(wanted, _cursor.read(query.cursor), query.limit)
    return SilencesShown(
        silences=tuple(show_silence(one, now) for one in page),
        next=_cursor.next(page, query.limit, silence_place),
    )


@router.post(
    "/v1/silences",
    operation_id="createSilence",
    summary="Hold back notices of alerts that match, until a time at the latest",
    status_code=HTTPStatus.CREATED,
    response_model=SilenceShown,
    dependencies=[SentAsJson],
)
async def create_silence(body: SilenceBody, services: Given, idempotency_key: IdempotencyKey = None) -> Response:
    now = await services.now()
    seen = await _seen(body, now, services)
    return await _do(_wished(body, seen), body, HTTPStatus.CREATED, services, idempotency_key)


@router.post(
    "/v1/silences/preview",
    operation_id="previewSilence",
    summary="Say what a silence would have hidden in the last 24 hours, without making it",
    dependencies=[SentAsJson],
)
async def preview_silence(body: SilenceBody, services: Given) -> PreviewShown:
    rules, now = await services.rules(), await services.now()
    decided = decide_silence(_wished(body, Previewed()), None, 0, now, rules)
    if decided.outcome is not SilenceOutcome.DONE:
        raise _problem(decided, rules.playbook.fatigue.silence_max)
    seen = await _seen(body, now, services)
    return show_preview(seen, decide_silence(_wished(body, seen), None, 0, now, rules).silence, now - LATELY, rules)


@router.get(
    "/v1/silences/{silence_id:uuid}",
    operation_id="readSilence",
    summary="Read a silence and what it hides",
)
async def read_silence(silence_id: SilenceId, services: Given) -> SilenceShown:
    now = await services.now()
    silence = await services.desk.silence(str(silence_id), now - LATELY)
    if silence is None:
        raise Problem(Kind.NOT_FOUND, _DETAILS[SilenceOutcome.NOT_FOUND])
    return show_silence(silence, now)


@router.post(
    "/v1/silences/{silence_id:uuid}/extend",
    operation_id="extendSilence",
    summary="Let a silence end later",
    response_model=SilenceShown,
    dependencies=[SentAsJson],
)
async def extend_silence(
    silence_id: SilenceId, body: ExtendBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    asked = Extension(silence_id=str(silence_id), revision=body.revision, by=body.by, ends_at=body.ends_at)
    return await _do(asked, body, HTTPStatus.OK, services, idempotency_key, str(silence_id), "extend")


@router.post(
    "/v1/silences/{silence_id:uuid}/lift",
    operation_id="liftSilence",
    summary="End a silence; teams are told at once of what it hid and is still open",
    response_model=SilenceShown,
    dependencies=[SentAsJson],
)
async def lift_silence(
    silence_id: SilenceId, body: LiftBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    asked = Lifting(silence_id=str(silence_id), revision=body.revision, by=body.by)
    return await _do(asked, body, HTTPStatus.OK, services, idempotency_key, str(silence_id), "lift")


async def _do(
    asked: AskedSilence,
    body: BaseModel,
    status: HTTPStatus,
    services: Services,
    key: str | None,
    *what: str,
) -> Response:
    rules, now = await services.rules(), await services.now()

    def answer(after: Silence) -> str:
        return show_silence(after, now).model_dump_json()

    request = fingerprint(orjson.dumps(["silence", *what, body.model_dump(mode="json")]))
    keyed = None if key is None else Keyed(key=key, request=request)
    asked = replace(asked, doer=services.doer(asked.by))
    told = await services.silence(asked, keyed, answer, status)
    match told:
        case Answer():
            if told.request != request:
                raise Problem(Kind.KEY_REUSED, "choose another key for another request")
            headers = {"Idempotency-Replayed": "true"}
            return Response(told.body, told.status, headers=headers, media_type="application/json")
        case Silenced(outcome=SilenceOutcome.DONE, silence=after) if after is not None:
            return Response(answer(after), status, media_type="application/json")
        case _:
            raise _problem(told, rules.playbook.fatigue.silence_max)


async def _seen(body: SilenceBody, now: datetime, services: Services) -> Previewed:
    return await services.desk.preview(_matchers(body), now - LATELY, including_critical=body.including_critical)


def _wished(body: SilenceBody, seen: Previewed) -> Wished:
    if (body.ends_at is None) == (body.duration is None):
        raise Problem(Kind.INVALID_SILENCE, "give either ends_at or duration: a silence must end")
    lasts = timedelta()
    if body.duration is not None:
        lasts = timedelta(seconds=int(body.duration[:-1]) * _SECONDS[body.duration[-1]])
    return Wished(
        silence_id=str(uuid4()),
        matchers=_matchers(body),
        by=body.by,
        reason=body.reason,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        lasts=lasts,
        including_critical=body.including_critical,
        growth=body.growth,
        breaks_at=body.breaks_at,
        baseline=seen.whole.customers,
        worst=seen.worst,
    )


def _matchers(body: SilenceBody) -> dict[str, tuple[str, ...]]:
    return {name: (value,) if isinstance(value, str) else tuple(value) for name, value in body.matchers.items()}


def _problem(told: Silenced, longest: timedelta) -> Problem:
    kind = _PROBLEMS.get(told.outcome, Kind.INVALID_SILENCE)
    if told.outcome is SilenceOutcome.MATCHES_NOTHING:
        errors = [_unmet(one) for one in told.unmet[:_MOST_UNMET]]
        count = len(told.unmet)
        return Problem(kind, f"{count} of what it asks for no alert can have", {"errors": errors})
    if told.outcome is SilenceOutcome.LASTS_TOO_LONG:
        days, rest = divmod(longest, timedelta(days=1))
        most = f"{days} d" if not rest else f"{longest / timedelta(hours=1):g} h"
        return Problem(kind, f"a silence lasts at most {most} (fatigue.silence_max)")
    more = {"revision": told.silence.revision} if told.silence is not None and kind is Kind.STALE_SILENCE else None
    return Problem(kind, _DETAILS.get(told.outcome), more)


_MOST_UNMET = 100


def _unmet(one: Unmet) -> dict[str, object]:
    """Say what was perhaps meant; what was sent is not repeated."""
    place = f"/body/matchers/{one.field}" if one.at is not None else "/body/matchers"
    meant = f"; did you mean {' or '.join(one.near)}?" if one.near else ""
    what = "nothing that an alert here has" if one.at is None else f"no {one.what} of the active playbook"
    return {"pointer": place, "code": "unknown", "detail": f"{what}{meant}", "near": list(one.near)}
