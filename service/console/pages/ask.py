"""Any event by its source and id -> what was decided about it, why, and what would have had to differ."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from service.api.problems import Kind, Problem
from service.api.routes.explain import ExplainQuery, explained
from service.api.services import Given
from service.console.pages.needing import pages
from service.console.rendering import page

router = pages(verbatims=True)
_LONGEST = 700
_FOUND, _MISSING = 200, 404


class EventAsked(BaseModel):
    """The two names of an event, which may hold slashes."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Query(max_length=_LONGEST)] = ""
    event_id: Annotated[str, Query(max_length=_LONGEST)] = ""


@router.get("/ask")
async def ask(request: Request, query: Annotated[EventAsked, Query()], services: Given) -> HTMLResponse:
    source, event_id = query.source.strip(), query.event_id.strip()
    known, asked = None, bool(source and event_id)
    if asked:
        if not (source + event_id).isprintable():
            raise Problem(Kind.UNREADABLE)
        known = await explained(source, event_id, ExplainQuery(), services)
    status = _MISSING if asked and known is None else _FOUND
    shown = {"asked": query, "known": known, "missing": status == _MISSING}
    return page(request, "ask.html", shown, now=await services.now(), status=status)
