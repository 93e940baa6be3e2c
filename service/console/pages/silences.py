"""Silences: which hold something back, what a new one would have hidden, and making, extending and lifting one."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict

from service.api.asked_silences import ExtendBody, LiftBody, SilenceBody
from service.api.problems import Problem
from service.api.routes.silences import (
    SilenceId,
    SilencesQuery,
    create_silence,
    extend_silence,
    lift_silence,
    list_silences,
    preview_silence,
    read_silence,
)
from service.api.services import Given, Services
from service.api.silenced import PreviewShown
from service.console.asking import NOBODY, Asker, By
from service.console.forms import Fields, Form, read_as
from service.console.pages.needing import pages
from service.console.rendering import page
from service.core.access import Permission
from service.core.records.words import Severity
from service.core.silence import SilenceState

router = pages(Permission.LEAD, everywhere=True)
_FIELDS = ("team", "category", "process", "severity")
_LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}


class SilencesAsked(BaseModel):
    """`ended` shows what has ended as well."""

    model_config = ConfigDict(extra="forbid")

    ended: bool = False
    cursor: Annotated[str | None, Query(max_length=2_000)] = None
    done: str = ""


@router.get("/silences")
async def read_silences(
    request: Request, query: Annotated[SilencesAsked, Query()], services: Given, by: By
) -> HTMLResponse:
    return await _page(request, services, by, query)


@router.post("/silences/preview")
async def preview(request: Request, form: Form, services: Given, by: By) -> HTMLResponse:
    try:
        seen = await preview_silence(_body(form, by), services)
    except Problem as refused:
        return await _page(request, services, by, SilencesAsked(), entered=form, refused=refused)
    return await _page(request, services, by, SilencesAsked(), entered=form, seen=seen)


@router.post("/silences")
async def create(request: Request, form: Form, services: Given, by: By) -> Response:
    try:
        await create_silence(_body(form, by), services, form.said("key"))
    except Problem as refused:
        return await _page(request, services, by, SilencesAsked(), entered=form, refused=refused)
    return _back("made")


@router.post("/silences/{silence_id:uuid}/extend")
async def extend(request: Request, silence_id: SilenceId, form: Form, services: Given, by: By) -> Response:
    now = await read_silence(silence_id, services)
    further = _LENGTHS.get(form.said("further") or "", timedelta())
    body = read_as(ExtendBody, {**_seen(form, by), "ends_at": (now.ends_at + further).isoformat()})
    try:
        await extend_silence(silence_id, body, services, form.said("key"))
    except Problem as refused:
        return await _page(request, services, by, SilencesAsked(), refused=refused)
    return _back("extended")


@router.post("/silences/{silence_id:uuid}/lift")
async def lift(request: Request, silence_id: SilenceId, form: Form, services: Given, by: By) -> Response:
    try:
        await lift_silence(silence_id, read_as(LiftBody, _seen(form, by)), services, form.said("key"))
    except Problem as refused:
        return await _page(request, services, by, SilencesAsked(), refused=refused)
    return _back("lifted")


async def _page(
    request: Request,
    services: Services,
    by: Asker,
    query: SilencesAsked,
    *,
    entered: Fields | None = None,
    seen: PreviewShown | None = None,
    refused: Problem | None = None,
) -> HTMLResponse:
    rules = await services.rules()
    states = tuple(SilenceState) if query.ended else (SilenceState.ACTIVE, SilenceState.SCHEDULED)
    asked = SilencesQuery(state=states, cursor=query.cursor)
    sent = entered or Fields()
    shown: dict[str, Any] = {
        "silences": await list_silences(asked, services),
        "asked": query,
        "entered": {
            name: sent.said(name) or "" for name in (*_FIELDS, "reason", "duration", "by", "including_critical")
        },
        "seen": seen,
        "refused": refused,
        "leading": by.may(Permission.LEAD),
        "choices": {
            "team": [
                (str(one.id), str(one.name)) for one in rules.playbook.teams if by.may(Permission.READ, str(one.id))
            ],
            "category": sorted(rules.labels.items(), key=lambda one: one[1].casefold()),
            "process": sorted(rules.processes.items(), key=lambda one: one[1].casefold()),
            "severity": [(one.value, one.value.capitalize()) for one in reversed(Severity)],
        },
    }
    status = HTTPStatus.OK if refused is None else refused.kind.status
    return page(request, "silences.html", shown, now=await services.now(), status=status)


def _body(form: Fields, by: Asker) -> SilenceBody:
    """Make a silence of a form.

    Raises:
        Problem: it breaks the contract, such as by asking for nothing.
    """
    matchers = {name: form.all(name) for name in _FIELDS if form.all(name)}
    said = {
        "matchers": matchers,
        "reason": form.said("reason"),
        "by": _name(form, by),
        "duration": form.said("duration"),
    }
    return read_as(SilenceBody, {**said, "including_critical": form.said("including_critical") is not None})


def _seen(form: Fields, by: Asker) -> dict[str, object]:
    revision = form.said("revision") or ""
    return {"revision": int(revision) if revision.isdecimal() else -1, "by": _name(form, by)}


def _name(form: Fields, by: Asker) -> str:
    return by.name or form.said("by") or NOBODY


def _back(done: str) -> RedirectResponse:
    return RedirectResponse(f"/silences?done={done}", HTTPStatus.SEE_OTHER)
