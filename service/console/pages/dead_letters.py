"""Records that no decision could be made of: which there are, and what one of them holds, redacted."""

from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse

from service.api.routes.leads import LettersQuery, list_dead_letters, read_dead_letter
from service.api.services import Given
from service.console.pages.needing import pages
from service.console.rendering import page
from service.core.access import Permission

router = pages(Permission.LEAD, everywhere=True, verbatims=True)


@router.get("/dead-letters")
async def read_letters(request: Request, query: Annotated[LettersQuery, Query()], services: Given) -> HTMLResponse:
    shown = {"letters": await list_dead_letters(query, services), "asked": query}
    return page(request, "dead_letters.html", shown, now=await services.now())


@router.get("/dead-letters/{number}")
async def read_letter(
    request: Request, number: Annotated[int, Path(ge=1, le=2**63 - 1)], services: Given
) -> HTMLResponse:
    shown = {"letter": await read_dead_letter(number, services)}
    return page(request, "dead_letter.html", shown, now=await services.now())
