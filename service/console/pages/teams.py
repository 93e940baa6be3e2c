"""The front page with all teams, and the queue of one, which is told anew while it is looked at."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from service.api.cursors import Cursor, CursorQuery
from service.api.needs import Asker
from service.api.problems import Kind, Problem
from service.api.routes.teams import TeamName, list_teams
from service.api.services import Given, Services
from service.api.shown import show_alert
from service.console import live
from service.console.asking import Asker as Reader
from service.console.asking import By
from service.console.pages.needing import pages
from service.console.rendering import page, text
from service.console.views.queue import row_of, team_rows, told
from service.core.access import Permission
from service.core.records.words import AlertKind, AlertState, Severity
from service.ports import QueuePlace, Wanted, queue_place

router = pages()
_cursor = Cursor(QueuePlace)
_FIRST = 10
_EVENTS = "text/event-stream"
_Any = Literal[""]
_Name = Annotated[str, Query(max_length=200)]


class QueueAsked(CursorQuery):
    """What a queue is narrowed to; what is left blank lets everything through."""

    state: AlertState | Literal["all"] = AlertState.OPEN
    severity: Severity | _Any = ""
    kind: AlertKind | _Any = ""
    category: _Name = ""
    process: _Name = ""

    def wanted(self, team: str) -> Wanted:
        return Wanted(
            team=team,
            states=() if self.state == "all" else (self.state,),
            severities=() if self.severity == "" else (self.severity,),
            kinds=() if self.kind == "" else (self.kind,),
            categories=(self.category,) if self.category else (),
            processes=(self.process,) if self.process else (),
        )


@router.get("/")
async def read_teams(request: Request, services: Given, who: Asker, by: By) -> HTMLResponse:
    now = await services.now()
    rows = team_rows((await list_teams(who, services)).teams, by.teams)
    own = rows[0] if by.teams is not None and len(rows) == 1 else None
    first = None if own is None else await _page(own.team, QueueAsked(limit=_FIRST), services, acting=False)
    return page(request, "teams.html", {"teams": rows, "own": own, "queue": first}, now=now)


@router.get("/teams/{team}")
async def read_team(
    request: Request, team: TeamName, query: Annotated[QueueAsked, Query()], services: Given, by: By
) -> HTMLResponse:
    shown = await _page(team, query, services, acting=by.may(Permission.ACT, team))
    named = await _named(team, services, is_empty=not shown["rows"])
    rules = await services.rules()
    choices: dict[str, Any] = {
        "severities": tuple(reversed(Severity)),
        "kinds": tuple(AlertKind),
        "states": ("open", "resolved", "all"),
        "categories": sorted(rules.labels.items(), key=lambda one: one[1].casefold()),
        "processes": sorted(rules.processes.items(), key=lambda one: one[1].casefold()),
    }
    told_as = {"team": named, "asked": query, "choices": choices, "query": request.url.query}
    return page(request, "queue.html", {**shown, **told_as}, now=await services.now())


@router.get("/teams/{team}/live")
async def watch_team(
    request: Request, team: TeamName, query: Annotated[QueueAsked, Query()], services: Given, by: By
) -> StreamingResponse:
    async def look() -> str:
        shown = await _page(team, query, services, acting=by.may(Permission.ACT, team))
        return text(request, "parts/queue.html", shown, await services.now())

    changes = live.of_app(request).changes(team, _seen_alike(team, query, by), look, services.streams)
    # The first page is asked for here, so that what is out of reach is a problem and no stream that breaks off.
    first = await anext(changes)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(live.after(first, changes), media_type=_EVENTS, headers=headers)


def _seen_alike(team: str, query: QueueAsked, by: Reader) -> str:
    """Name what several people see alike, so that it is read and written once for all of them."""
    return f"{team}\n{query.model_dump_json()}\n{by.may(Permission.ACT, team)}"


async def _page(team: str, query: QueueAsked, services: Services, *, acting: bool) -> dict[str, Any]:
    rules, now = await services.rules(), await services.now()
    alerts = await services.desk.queue(query.wanted(team), _cursor.read(query.cursor), query.limit)
    more = len(alerts) == query.limit
    rows = tuple(row_of(show_alert(one, rules), now) for one in alerts)
    return {
        "team_id": team,
        "rows": rows,
        "told": told(rows, more=more),
        "acting": acting,
        "further": _further(query, _cursor.write(queue_place(alerts[-1]))) if more else None,
    }


async def _named(team: str, services: Services, *, is_empty: bool) -> str:
    """Return what the team is called; one that is nowhere is not found."""
    rules = await services.rules()
    known = {str(one.id): str(one.name) for one in rules.playbook.teams}
    if team not in known and is_empty and not await services.desk.queue(Wanted(team=team), None, 1):
        raise Problem(Kind.NOT_FOUND, "no such team")
    return known.get(team, team)


def _further(query: QueueAsked, cursor: str) -> str:
    """Write the query of the page after this one."""
    asked = query.model_dump(mode="json", exclude={"cursor"}, exclude_defaults=True)
    return urlencode({**asked, "cursor": cursor})
