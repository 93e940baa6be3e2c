"""Records that no decision could be made of: which there are, what one of them holds, redacted, and trying it again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from service.api.routes.leads import (
    LetterNumber,
    LettersQuery,
    list_dead_letters,
    read_dead_letter,
    requeue_dead_letter,
)
from service.api.services import Given
from service.console.asking import By
from service.console.pages.needing import pages
from service.console.rendering import page
from service.core.access import Permission

router = pages(Permission.LEAD, everywhere=True, verbatims=True)
operating = pages(Permission.OPERATE, everywhere=True)


@router.get("/dead-letters")
async def read_letters(request: Request, query: Annotated[LettersQuery, Query()], services: Given) -> HTMLResponse:
    shown = {"letters": await list_dead_letters(query, services), "asked": query}
    return page(request, "dead_letters.html", shown, now=await services.now())


@router.get("/dead-letters/{number}")
async def read_letter(request: Request, number: LetterNumber, services: Given, by: By, done: str = "") -> HTMLResponse:
    shown = {
        "letter": await read_dead_letter(number, services),
        "operating": by.may(Permission.OPERATE, everywhere=True),
        "done": done == "requeued",
    }
    return page(request, "dead_letter.html", shown, now=await services.now())


@operating.post("/dead-letters/{number}/requeue")
async def requeue(number: LetterNumber, services: Given) -> RedirectResponse:
    await requeue_dead_letter(number, services)
    return RedirectResponse(f"/dead-letters/{number}?done=requeued", HTTPStatus.SEE_OTHER)
