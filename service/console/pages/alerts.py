"""One alert: what it is and why, what happened to it, what it holds; and what its team does to it, by plain forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.api.asked import ActBody, NoteBody, OtherTeamBody, ResolveBody, SnoozeBody, StepBody, allowed
from service.api.followed import show_followed
from service.api.needs import denied, refusal
from service.api.problems import Kind, Problem
from service.api.routes.acts import carry_out
from service.api.routes.alerts import AlertId, draw_alert, explain_alert, found
from service.api.routes.causes import read_cause
from service.api.routes.explain import ExplainQuery, explained
from service.api.services import Given, Services
from service.api.shown import AlertShown, MemberShown, show_act, show_alert, show_member, show_notice
from service.api.shown.instances import InstanceKnownShown, show_known
from service.console.asking import NAME, NOBODY, Asker, By, kept_name
from service.console.forms import Fields, Form, read_as
from service.console.pages.leading import local
from service.console.pages.needing import pages
from service.console.rendering import page, piece
from service.console.views.conflict import Conflict, conflict
from service.console.views.due import due_of
from service.console.views.reasons import reasons
from service.console.views.timeline import timeline
from service.core.access import Denial, Permission
from service.core.explain import Why
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.muting import Hidden
from service.core.records.words import AlertState, Deed, Disposition
from service.ports import Desk

router = pages(verbatims=True)
acting = pages(Permission.ACT)
_MOST_NOTICES = 200
_MOST_ACTS = 200
_MOST_MEMBERS = 20
_MOST_INSTANCES = 5
_MOST_STEPS = 200
_MONTH = 30 * 86_400


@dataclass(frozen=True, slots=True)
class _Doing:
    """How a form is sent on: as which body of the JSON routes, with which fields besides revision, force and name."""

    deed: Deed
    body: type[ActBody | NoteBody]
    fields: tuple[str, ...] = ()
    needs: Permission = Permission.ACT


_DOING: Mapping[str, _Doing] = {
    "claim": _Doing(Deed.CLAIM, ActBody),
    "unclaim": _Doing(Deed.UNCLAIM, ActBody),
    "ack": _Doing(Deed.ACK, ActBody),
    "snooze": _Doing(Deed.SNOOZE, SnoozeBody, ("until",)),
    "unsnooze": _Doing(Deed.UNSNOOZE, ActBody),
    "note": _Doing(Deed.NOTE, NoteBody, ("text",)),
    "cause": _Doing(Deed.CAUSE, StepBody, ("text",), Permission.LEAD),
    "action": _Doing(Deed.RESOLVE, StepBody, ("text",), Permission.LEAD),
    "resolve": _Doing(Deed.RESOLVE, ResolveBody, ("disposition", "duplicate_of", "team")),
    "reopen": _Doing(Deed.REOPEN, ActBody),
    "reassign": _Doing(Deed.REASSIGN, OtherTeamBody, ("team", "reason")),
    "dispute": _Doing(Deed.DISPUTE, OtherTeamBody, ("team", "reason")),
}
_SNOOZES = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@router.get("/alerts/{alert_id}")
async def read_alert(
    request: Request, alert_id: AlertId, services: Given, by: By, done: str | None = None
) -> HTMLResponse:
    alert = await found(alert_id, services)
    return await _page(request, alert, services, by, done=done if done in _DOING else None)


@router.get("/alerts/{alert_id}/causes")
async def read_causes(request: Request, alert_id: AlertId, services: Given) -> HTMLResponse:
    alert, now = await found(alert_id, services), await services.now()
    told = {"cause": await read_cause(alert_id, services), "alert": show_alert(alert, await services.rules())}
    if request.headers.get("hx-request") == "true":
        return piece(request, "parts/causes.html", told, now)
    return page(request, "causes.html", told, now=now)


@acting.post("/alerts/{alert_id}/{deed}")
async def do(request: Request, alert_id: AlertId, deed: str, form: Form, services: Given, by: By) -> Response:
    alert, doing = await found(alert_id, services), _DOING.get(deed)
    if doing is None:
        raise Problem(Kind.NOT_FOUND)
    if not by.may(doing.needs):
        await denied(request, Denial.NOT_PERMITTED)
        raise refusal(Denial.NOT_PERMITTED)
    name = by.name or form.said("by") or NOBODY
    body = read_as(doing.body, _said(doing, form, name, await services.now()))
    try:
        await allowed(alert_id, body, services)
        await carry_out(alert_id, doing.deed, body, services, form.said("key"), by.name if by.is_named else None)
    except Problem as refused:
        if refused.kind.status != HTTPStatus.CONFLICT:
            raise
        return await _refused(request, alert_id, deed, form, refused.kind, by, services)
    to = local(form.said("to") or f"/alerts/{alert.alert_id}?{urlencode({'done': deed})}")
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    if not by.is_named and name != NOBODY:
        answer.set_cookie(NAME, kept_name(name), max_age=_MONTH, samesite="lax", httponly=True)
    return answer


def _said(doing: _Doing, form: Fields, name: str, now: datetime) -> dict[str, object]:
    """Return what a form says, as the body of the JSON route has it; a note is of no revision."""
    said: dict[str, object] = {one: form.said(one) for one in doing.fields}
    if doing.deed is Deed.SNOOZE:
        said["until"] = (now + _SNOOZES.get(form.said("length") or "", timedelta())).isoformat()
    if doing.deed is Deed.NOTE:
        return {**said, "by": name}
    revision = form.said("revision") or ""
    # What is no number breaks the contract as a number below 0 does.
    seen = int(revision) if revision.isdecimal() else -1
    return {**said, "by": name, "revision": seen, "force": form.said("force") is not None}


@router.get("/alerts/{alert_id}/picture")
async def read_picture(alert_id: AlertId, services: Given) -> Response:
    return await draw_alert(alert_id, services)


async def _refused(
    request: Request, alert_id: UUID, deed: str, form: Fields, kind: Kind, by: Asker, services: Services
) -> HTMLResponse:
    """Show the alert as it is by now, with what has changed since the form was made."""
    alert, rules = await found(alert_id, services), await services.rules()
    notices = await services.desk.notices(alert.alert_id, max(0, alert.revision - _MOST_NOTICES), _MOST_NOTICES)
    stood = conflict(kind, deed, form.pairs, show_alert(alert, rules), [show_notice(one) for one in notices])
    return await _page(request, alert, services, by, stood=stood, status=HTTPStatus.CONFLICT)


async def _page(
    request: Request,
    alert: Alert,
    services: Services,
    by: Asker,
    *,
    done: str | None = None,
    stood: Conflict | None = None,
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    rules, now, desk = await services.rules(), await services.now(), services.desk
    shown, alert_id = show_alert(alert, rules), alert.alert_id
    notices = await desk.notices(alert_id, max(0, alert.revision - _MOST_NOTICES), _MOST_NOTICES)
    acts = await desk.acts(alert_id, 0, _MOST_ACTS)
    members = [show_member(*one) for one in await desk.members(alert_id, None, _MOST_MEMBERS)]
    example = await _example(members, services)
    why = await explain_alert(UUID(alert_id), services)
    told: dict[str, Any] = {
        "alert": shown,
        "team": rules_team(rules, alert.team),
        "due": due_of(shown, now),
        "moments": timeline([show_notice(one) for one in notices], [show_act(one) for one in acts]),
        "members": members,
        "reasons": reasons(shown, why, example, rules.labels),
        "why": why,
        "instances": await _instances(shown.linked_instances, desk),
        "verbatims": by.may(Permission.READ_VERBATIMS, alert.team),
        "acting": by.may(Permission.ACT, alert.team),
        "deeds": _deeds(shown, by, now),
        "snoozes": tuple(_SNOOZES),
        "teams": [(str(one.id), str(one.name)) for one in rules.playbook.teams if str(one.id) != alert.team],
        "dispositions": tuple(Disposition),
        "review": show_followed(alert, rules, now, Hidden()).review if alert.kind.is_review else None,
        "pictured": bool(alert.evidence.get("course")),
        "done": done,
        "conflict": stood,
    }
    return page(request, "alert.html", told, now=now, status=status)


def rules_team(rules: Rules, team: str) -> str:
    """Return what a team is called; one that the playbook no longer has goes by its id."""
    return next((str(one.name) for one in rules.playbook.teams if str(one.id) == team), team)


def _deeds(alert: AlertShown, by: Asker, now: datetime) -> frozenset[str]:
    """Name what somebody can do to an alert as it stands."""
    if alert.state is AlertState.RESOLVED:
        possible = {"reopen", "note"}
    else:
        claimed = alert.claim is not None and now < alert.claim.until
        snoozed = alert.snooze is not None and now < alert.snooze.until
        possible = {"ack", "note", "resolve", "reassign", "dispute", "claim", "unsnooze" if snoozed else "snooze"}
        possible |= {"unclaim"} if claimed else set()
        possible |= {"cause", "action"} if alert.kind.is_review else set()
    return frozenset(one for one in possible if by.may(_DOING[one].needs))


async def _example(members: Sequence[MemberShown], services: Services) -> Why | None:
    """Explain the worst of what an alert holds, and of several the last."""
    kept = [one for one in members if one.decision is not None]
    if not kept:
        return None
    one = max(kept, key=lambda each: (each.severity.rank, str((each.decision or {})["occurred_at"]), each.event_id))
    known = await explained(one.source, one.event_id, ExplainQuery(), services)
    return None if known is None else known.why


async def _instances(ids: Sequence[str], desk: Desk) -> list[InstanceKnownShown]:
    found_now = [await desk.instance(one, steps=_MOST_STEPS, linked=1) for one in ids[:_MOST_INSTANCES]]
    return [show_known(one) for one in found_now if one is not None]
