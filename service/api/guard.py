"""A request -> the same request, known and bounded, or a problem document; and safe headers on whatever is answered.

Refused before any route sees it: who bears no valid token, a body above 1 MiB or one that takes too long, and, where no
token is set, a page of another site that a browser on this machine was lured to. A body is read whole, so that a route
gets either all of it or nothing. Intake is let through without a token, since a tool's signature may stand for one: the
route decides, by `is_known`.
"""

import asyncio
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import SAFE_HEADERS, Kind, respond

LIMIT_BYTES = 1_048_576
_BODY_SECONDS = 30.0
_OPEN = frozenset({"/livez", "/readyz", "/metrics"})
_INTAKE = "/v1/intake/"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """ASGI middleware. `token` None admits whoever asks for a loopback name."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _safely(send)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, sender)
            return
        if scope["method"] in _BODILESS:
            await self._app(scope, receive, sender)
            return
        body = await _body(headers, receive)
        if isinstance(body, Response):
            await body(scope, receive, sender)
            return
        await self._app(scope, _replay(body, receive), sender)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        known = self._token is None or _bears(headers, self._token)
        scope.setdefault("state", {})["is_known"] = known
        if scope["path"] in _OPEN:
            return None
        if self._token is None and not _is_local(scope, headers):
            return respond(Kind.FOREIGN_ORIGIN)
        if known or (scope["path"].startswith(_INTAKE) and scope["method"] == "POST"):
            return None
        return respond(Kind.UNAUTHORISED)


def _bears(headers: Headers, token: bytes) -> bool:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    is_same = hmac.compare_digest(given.strip().encode("latin-1"), token)
    return scheme.lower() == "bearer" and is_same


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Tell a request of this machine from one that a foreign page, or a name bound anew, makes a browser send."""
    host = headers.get("host", "")
    if _name(f"//{host}") not in _LOOPBACK:
        return False
    origin = headers.get("origin")
    if scope["method"] in _BODILESS or origin is None:
        return True
    return urlsplit(origin).netloc == host


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


async def _body(headers: Headers, receive: Receive) -> bytes | Response:
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > LIMIT_BYTES:
        return respond(Kind.TOO_LARGE, headers={"Connection": "close"})
    whole = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return respond(Kind.UNREADABLE)
                whole += message.get("body", b"")
                if len(whole) > LIMIT_BYTES:
                    return respond(Kind.TOO_LARGE, headers={"Connection": "close"})
                if not message.get("more_body", False):
                    return bytes(whole)
    except TimeoutError:
        return respond(Kind.TOO_SLOW, headers={"Connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body as one message, then whatever the server says next: that the client is gone."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _safely(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
