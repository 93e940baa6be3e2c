"""A request -> the same request, known and bounded, or a problem document; and safe headers on whatever is answered.

Refused before any route sees it: who bears no valid token, a body above its limit, one that takes too long or is
compressed, and, where no token is set, a page of another site that a browser on this machine was lured to. A body is
read whole, so that a route gets either all of it or nothing; where it is left unread, the connection ends with the
answer, or its sender could keep it busy with the rest. Intake is let through without a token, since a tool's signature
may stand for one: the route decides, by `is_known`.
"""

import asyncio
import hmac
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import SAFE_HEADERS, Kind, Problem, respond
from service.api.rooms import Room
from service.ports import MOST_BYTES

LIMIT_BYTES = 1_048_576
# Of a body that is not for events or a playbook: pydantic takes a second over the faults that fit into a mebibyte.
SMALL_BYTES = 16_384
HEAD_BYTES = 32_768
# How many bodies are held at once. Whoever has shown no token yet can take no room from those who have.
MOST_BODIES = 24
MOST_UNKNOWN_BODIES = 8
_BODY_SECONDS = 10.0
# A model is a hundred times as large as anything else, so one at a time is held, and given a minute.
_MODELS = "/v1/models"
_MODEL_SECONDS = 60.0
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_OPEN = frozenset({"/livez", "/readyz", "/metrics"})
_INTAKE = "/v1/intake/"
_LARGE = ("/v1/events", _INTAKE, "/v1/playbook")
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """ASGI middleware. `token` None admits whoever asks for a loopback name."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._rooms = {True: Room(MOST_BODIES), False: Room(MOST_UNKNOWN_BODIES)}
        self._model_room = Room(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = "content-length" in headers or "transfer-encoding" in headers
        answer = self._refusal(scope, headers)
        if answer is None and scope["method"] in _BODILESS:
            await self._app(scope, receive, _safely(send, closing=announced))
            return
        if answer is None:
            answer = await self._with_body(scope, headers, receive, send)
        if answer is not None:
            await answer(scope, receive, _safely(send, closing=announced))

    async def _with_body(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> Response | None:
        """Let the app answer a body that is whole, or return why it may not."""
        try:
            is_model = scope["path"] == _MODELS
            with (self._model_room if is_model else self._rooms[scope["state"]["is_known"]]).taken():
                body = await _body(
                    headers, receive, _limit(scope["path"]), _MODEL_SECONDS if is_model else _BODY_SECONDS
                )
                if isinstance(body, Response):
                    return body
                await self._app(scope, _replay(body, receive), _safely(send, closing=False))
        except Problem as refused:
            return respond(refused.kind, refused.detail)
        return None

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if _size(scope) > HEAD_BYTES:
            return respond(Kind.HEAD_TOO_LARGE)
        known = self._token is None or _bears(headers, self._token)
        scope.setdefault("state", {})["is_known"] = known
        if scope["path"] in _OPEN:
            return None
        if self._token is None and not _is_local(scope, headers):
            return respond(Kind.FOREIGN_ORIGIN)
        if known or (scope["path"].startswith(_INTAKE) and scope["method"] == "POST"):
            return None
        return respond(Kind.UNAUTHORISED)


def _size(scope: Scope) -> int:
    address = len(scope.get("raw_path", b"")) + len(scope["query_string"])
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


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


def _limit(path: str) -> int:
    if path == _MODELS:
        return MOST_BYTES
    return LIMIT_BYTES if path.startswith(_LARGE) else SMALL_BYTES


async def _body(headers: Headers, receive: Receive, limit: int, seconds: float) -> bytes | Response:
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return respond(
            Kind.WRONG_MEDIA_TYPE, "send it without Content-Encoding", headers={"Accept-Encoding": "identity"}
        )
    announced = headers.get("content-length")
    if announced is not None and not _LENGTH.fullmatch(announced):
        return respond(Kind.UNREADABLE, "Content-Length is not a number")
    if announced is not None and int(announced) > limit:
        return respond(Kind.TOO_LARGE, f"at most {limit} bytes are read here")
    whole = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return respond(Kind.UNREADABLE)
                whole += message.get("body", b"")
                if len(whole) > limit:
                    return respond(Kind.TOO_LARGE, f"at most {limit} bytes are read here")
                if not message.get("more_body", False):
                    return bytes(whole)
    except TimeoutError:
        return respond(Kind.TOO_SLOW)


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


def _safely(send: Send, *, closing: bool) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            if closing:
                headers["Connection"] = "close"
        await send(message)

    return sent
