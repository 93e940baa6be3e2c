"""The stylesheet, the scripts and the icon; and what a browser keeps for its reader: light or dark, and a name."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from service.api.problems import Kind, Problem
from service.console.asking import NAME, THEME, THEMES, kept_name
from service.console.forms import Form
from service.console.pages.leading import local
from service.console.pages.needing import pages
from service.console.served import FILES

router = APIRouter(include_in_schema=False)
keeping = pages(None)
_YEAR = 365 * 86_400


@router.get("/static/{name:path}")
async def read_static(name: str, v: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    file = FILES.get(name)
    if file is None:
        raise Problem(Kind.NOT_FOUND)
    kept = f"public, max-age={_YEAR}, immutable" if v == file.digest else "no-cache"
    return Response(file.body, media_type=file.media_type, headers={"Cache-Control": kept})


@keeping.post("/theme")
async def choose_theme(form: Form) -> Response:
    chosen = form.said("theme")
    answer = RedirectResponse(local(form.said("to")), HTTPStatus.SEE_OTHER)
    if chosen in THEMES:
        answer.set_cookie(THEME, chosen, max_age=_YEAR, samesite="lax", httponly=True)
    else:
        answer.delete_cookie(THEME)
    return answer


@keeping.post("/name")
async def choose_name(form: Form) -> Response:
    answer = RedirectResponse(local(form.said("to")), HTTPStatus.SEE_OTHER)
    if (name := form.said("by")) is not None:
        answer.set_cookie(NAME, kept_name(name), max_age=_YEAR, samesite="lax", httponly=True)
    return answer
