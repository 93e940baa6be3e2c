"""The books: everything that was ever consumed, and what became of it."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from service.api.services import Given
from service.console.pages.needing import pages
from service.console.rendering import page
from service.console.views.books import ledger

router = pages(everywhere=True)


@router.get("/books")
async def read_books(request: Request, services: Given) -> HTMLResponse:
    rules = await services.rules()
    names = {str(one.id): str(one.name) for one in rules.playbook.teams}
    shown = ledger(await services.books(), names)
    return page(request, "books.html", {"books": shown}, now=await services.now())
