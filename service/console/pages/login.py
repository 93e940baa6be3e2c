"""Where somebody signs in."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from service.console.pages.leading import local
from service.console.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def read_login(request: Request, to: Annotated[str, Query(max_length=2_000)] = "/") -> HTMLResponse:
    return page(request, "login.html", {"to": local(to), "failed": False})
