"""A request -> the same request, known and bounded, or a problem document; and safe headers on whatever is answered.

Refused before any route sees it: who is not known, a body above its limit, one that takes too long or is compressed,
a change by a cookie that does not come from our own pages, and, where nobody has to show anything, a page of another
site that a browser on this machine was lured to. A body is read whole, so that a route gets either all of it or
nothing; where it is left unread, the connection ends with the answer, or its sender could keep it busy with the rest.
Intake is let through unknown, since a tool's signature may stand for a key: the route decides.
"""

import hmac
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.bodies import INTAKE, MODELS, replayed, whole_body
from service.api.entrance import Entrance, Entry
from service.api.noting import Noting
from service.api.problems import SAFE_HEADERS, Kind, Problem, respond
from service.api.rooms import Room
from service.core.access import Denial
from service.ports import Denied, OutOfReachError

HEAD_BYTES = 32_768
# How many bodies are held at once. Whoever has shown no token yet can take no room from those who have.
MOST_BODIES = 24
MOST_UNKNOWN_BODIES = 8
LOGIN = "/login"
CALLBACK = "/login/callback"
# What needs nobody to be known: how the service is, the way in, and what its page is drawn with.
OPEN = frozenset({"/livez", "/readyz", "/metrics", LOGIN, CALLBACK})
OPEN_FILES = "/static/"
_API = "/v1/"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORM = "application/x-www-form-urlencoded"
_NOBODY = Entry(refused=Denial.NOT_SIGNED_IN)


class Guard:
    """ASGI middleware; it leaves `principal`, `csrf` and `session` in the request's state."""

    def __init__(self, app: ASGIApp, entrance: Entrance, noting: Noting) -> None:
        self._app = app
        self._entrance = entrance
        self._noting = noting
        self._rooms = {True: Room(MOST_BODIES), False: Room(MOST_UNKNOWN_BODIES)}
        self._model_room = Room(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = "content-length" in headers or "transfer-encoding" in headers
        try:
            answer = await self._refusal(scope, headers)
        except OutOfReachError:
            answer = respond(Kind.OUT_OF_REACH)
        if answer is None and scope["method"] in _BODILESS:
            await self._app(scope, receive, _safely(send, closing=announced))
            return
        if answer is None:
            answer = await self._with_body(scope, headers, receive, send)
        if answer is not None:
            await answer(scope, receive, _safely(send, closing=announced))

    async def _with_body(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> Response | None:
        """Let the app answer a body that is whole, or return why it may not."""
        path, state = scope["path"], scope["state"]
        try:
            with (self._model_room if path == MODELS else self._rooms[state["principal"] is not None]).taken():
                body = await whole_body(path, headers, receive)
                if isinstance(body, Response):
                    return body
                if state["csrf"] is not None and not _is_ours(state["csrf"], headers, body):
                    return await self._denied(scope, Denial.FORGED)
                await self._app(scope, replayed(body, receive), _safely(send, closing=False))
        except Problem as refused:
            return respond(refused.kind, refused.detail)
        return None

    async def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if _size(scope) > HEAD_BYTES:
            return respond(Kind.HEAD_TOO_LARGE)
        path, method = scope["path"], scope["method"]
        is_platform = path in OPEN and not path.startswith(LOGIN)
        passes = path in OPEN or path.startswith(OPEN_FILES) or (path.startswith(INTAKE) and method == "POST")
        entry = _NOBODY if is_platform else await self._entrance.admit(headers, address_of(scope))
        state = scope.setdefault("state", {})
        state.update(principal=entry.principal, csrf=entry.csrf, session=entry.session)
        if is_platform:
            return None
        if self._entrance.is_open and not _is_local(scope, headers):
            return await self._denied(scope, Denial.FOREIGN_ORIGIN)
        by_browser = method not in _BODILESS and (entry.csrf is not None or path == LOGIN)
        if by_browser and not _comes_from(headers, self._entrance.host):
            return await self._denied(scope, Denial.FOREIGN_ORIGIN)
        if entry.refused is None or passes:
            return None
        if method == "GET" and not path.startswith(_API) and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"{LOGIN}?to={quote(path)}", 303)
        return await self._denied(scope, entry.refused, entry.wait)

    async def _denied(self, scope: Scope, denial: Denial, wait: int = 0) -> Response:
        who = scope["state"]["principal"]
        # No route has been found yet, and what was asked for may hold anything.
        await self._noting.denied(Denied(denial=denial, who=who, method=scope["method"], path="?"))
        return respond(KINDS[denial], headers={"Retry-After": str(wait)} if wait else None)


KINDS = {
    Denial.NOT_SIGNED_IN: Kind.UNAUTHORISED,
    Denial.WRONG_KEY: Kind.UNAUTHORISED,
    Denial.KEY_ENDED: Kind.UNAUTHORISED,
    Denial.SESSION_ENDED: Kind.UNAUTHORISED,
    Denial.TOO_MANY_FAILURES: Kind.TOO_MANY_FAILURES,
    Denial.FOREIGN_ORIGIN: Kind.FOREIGN_ORIGIN,
    Denial.FORGED: Kind.FORGED,
    Denial.NO_ROLE: Kind.NO_ROLE,
    Denial.NOT_PERMITTED: Kind.NOT_PERMITTED,
    Denial.NOT_ALL_TEAMS: Kind.NOT_ALL_TEAMS,
}


def address_of(scope: Scope) -> str:
    """Return the address that a request came from, as the server knows it."""
    client = scope.get("client")
    return "?" if client is None else str(client[0])


def _size(scope: Scope) -> int:
    address = len(scope.get("raw_path", b"")) + len(scope["query_string"])
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


def _is_ours(csrf: str, headers: Headers, body: bytes) -> bool:
    """Tell whether a change that a cookie lets in was asked for by a page that knows its session's secret."""
    given = headers.get("x-csrf-token")
    if given is None and headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        given = next(iter(parse_qs(body.decode("latin-1")).get("csrf", ())), None)
    return given is not None and hmac.compare_digest(given.encode(), csrf.encode())


def _comes_from(headers: Headers, public: str | None) -> bool:
    """Tell whether a browser says that a page of our own sends this, where it says anything."""
    origin = headers.get("origin")
    if origin is not None:
        host = _host(origin)
        return host is not None and host in (headers.get("host"), public)
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Tell a request of this machine from one that a foreign page, or a name bound anew, makes a browser send."""
    if _name(f"//{headers.get('host', '')}") not in _LOOPBACK:
        return False
    origin = headers.get("origin")
    return scope["method"] in _BODILESS or origin is None or _host(origin) == headers.get("host", "")


def _host(origin: str) -> str | None:
    """Return host and port of an origin; None where it names none, as `null` does."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _safely(send: Send, *, closing: bool) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                # Under no-referrer a browser names no origin with a form, and a form of ours must name ours.
                headers.setdefault("Referrer-Policy", "same-origin")
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            if closing:
                headers["Connection"] = "close"
        await send(message)

    return sent
