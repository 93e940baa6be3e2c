"""A template and what it shows -> an HTML answer under a policy that lets in nothing but our own files.

Names that a template misspells end it, and everything is escaped.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service import __version__
from service.console import served
from service.console.asking import Asker, asker
from service.console.icons import icon
from service.console.views import times, wording
from service.core.access import Permission

# Browsers name no origin for a form under the API's own policy, and the guard would take it for another site's.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
}
# Address, words, what one needs to be let in, and whether one has to have all teams.
_NAVIGATION = (
    ("/", "Teams", Permission.READ, False),
    ("/reviews", "Reviews", Permission.READ, False),
    ("/scorecards", "Scorecards", Permission.LEAD, True),
    ("/books", "Books", Permission.READ, True),
    ("/silences", "Silences", Permission.LEAD, True),
    ("/playbook", "Playbook", Permission.READ, False),
    ("/dead-letters", "Dead letters", Permission.LEAD, True),
    ("/ask", "Ask why", Permission.READ, False),
)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "icon": icon,
    "address": served.address,
    "new_key": lambda: str(uuid.uuid4()),
    "version": __version__,
    "Permission": Permission,
}
_templates.filters |= {
    "ago": times.ago,
    "exact": times.exact,
    "instant": times.instant,
    "lasting": times.lasting,
    "words": wording.words,
    "sentence": wording.sentence,
    "count": wording.count,
    "percent": wording.percent,
    "named": wording.named,
}


def page(
    request: Request,
    template: str,
    shown: Mapping[str, Any],
    *,
    now: datetime | None = None,
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    """Render a whole page."""
    return HTMLResponse(_rendered(request, template, shown, now), status_code=status, headers=_HEADERS)


def piece(request: Request, template: str, shown: Mapping[str, Any], now: datetime) -> HTMLResponse:
    """Render a part that takes the place of another part of a page."""
    return HTMLResponse(_rendered(request, template, shown, now), headers=_HEADERS)


def text(request: Request, template: str, shown: Mapping[str, Any], now: datetime) -> str:
    """Render a part without answering by it."""
    return _rendered(request, template, shown, now)


def _rendered(request: Request, template: str, shown: Mapping[str, Any], now: datetime | None) -> str:
    by = asker(request)
    return _templates.get_template(template).render(
        **shown, asker=by, now=now, path=request.url.path, navigation=_navigation(request, by), live=served.LIVE
    )


def _navigation(request: Request, by: Asker) -> list[dict[str, Any]]:
    path = request.url.path
    return [
        {
            "href": href,
            "words": said,
            "current": path == href or (href != "/" and path.startswith(href)) or (href == "/" and _of_teams(path)),
        }
        for href, said, needs, everywhere in _NAVIGATION
        if by.may(needs, everywhere=everywhere)
    ]


def _of_teams(path: str) -> bool:
    return path.startswith(("/teams/", "/alerts/"))
