"""A problem that a browser meets at a page -> a page that says what is wrong and what to do; programs get it as it is.

Whatever answers, the routes, the guard before them or the framework, is seen here, since this wraps them all.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import MEDIA_TYPE
from service.console.rendering import page

_MOST_BYTES = 65_536
_OF_PROGRAMS = ("/v1/", "/livez", "/readyz", "/metrics", "/openapi.json")
# What somebody can do about it, by status.
_ADVICE: Mapping[int, str] = {
    401: "Sign in and come back to this page.",
    403: "Your role does not let you do this. Somebody with more rights can, or can give them to you.",
    404: "The address may be mistyped, or what it named may have outlived its days.",
    408: "The connection was too slow. Go back and send the form again.",
    409: "Somebody was faster. Go back, load the page again and look at what has changed.",
    413: "Send less at once.",
    422: "Go back and look at what you entered.",
    500: "Nothing was done. The service has written down what happened.",
    503: "Nothing is lost. Wait a moment and load the page again.",
}


class PagesOfProblems:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_OF_PROGRAMS) or not _reads_html(scope):
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = bytearray()

        async def turned(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_problem(message):
                held = message
            elif held is None:
                await send(message)
            else:
                body.extend(message.get("body", b"")[: _MOST_BYTES - len(body)])
                if not message.get("more_body", False):
                    await _as_page(scope, held, bytes(body), receive, send)

        await self._app(scope, receive, turned)


def _reads_html(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


async def _as_page(scope: Scope, start: Message, body: bytes, receive: Receive, send: Send) -> None:
    told: dict[str, Any] = orjson.loads(body)
    shown = {
        "title": told["title"],
        "detail": told.get("detail"),
        "errors": told.get("errors") or (),
        "status": told["status"],
        "advice": _ADVICE.get(told["status"], "Go back and try again."),
    }
    answer = page(Request(scope), "problem.html", shown, status=start["status"])
    for name, value in Headers(raw=start["headers"]).items():
        if name not in ("content-type", "content-length"):
            answer.headers.setdefault(name, value)
    await answer(scope, receive, send)
