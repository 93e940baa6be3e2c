"""Reviews that are open, or acted on and not proved yet: what was found, how far people are, the weeks behind it."""

from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from service.api.routes.leads import AgendaQuery, read_agenda
from service.api.services import Given
from service.console.asking import By
from service.console.pages.needing import pages
from service.console.rendering import page
from service.core.access import Permission
from service.core.records.words import ReviewState

router = pages()
_MOST = 100


class ReviewsAsked(BaseModel):
    """What is left blank lets every review through."""

    model_config = ConfigDict(extra="forbid")

    team: Annotated[str, Query(max_length=63)] = ""
    state: ReviewState | Literal[""] = ""
    overdue: bool = False


@router.get("/reviews")
async def read_reviews(
    request: Request, query: Annotated[ReviewsAsked, Query()], services: Given, by: By
) -> HTMLResponse:
    asked = AgendaQuery(limit=_MOST, team=query.team or None, state=query.state or None, overdue=query.overdue)
    agenda, rules = await read_agenda(asked, services), await services.rules()
    shown = {
        "asked": query,
        "reviews": agenda.reviews,
        "left_off": agenda.left_off,
        "states": (ReviewState.OPEN, ReviewState.OWNED, ReviewState.CAUSE_FOUND, ReviewState.ACTED_ON),
        "teams": [(str(one.id), str(one.name)) for one in rules.playbook.teams if by.may(Permission.READ, str(one.id))],
    }
    return page(request, "reviews.html", shown, now=await services.now())
