"""What went wrong -> an RFC 9457 problem document; none quotes what was sent, since it may be a customer's words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError, RefusedError, TooLargeError

MEDIA_TYPE = "application/problem+json"
_URN = "urn:feedback-router:problem:"
_LONGEST = 200
_MOST_FAULTS = 100
# A step of a place that may be repeated; other names that a client made up may be what a customer wrote.
_STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}|[0-9]{1,6}|\[key\]", re.ASCII)
# What every answer bears: nothing of ours is for a browser to guess at, keep, frame or run.
SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Kind(Enum):
    """The closed list of problems; `type` is the URN of the name."""

    UNREADABLE = (HTTPStatus.BAD_REQUEST, "The request can not be read")
    UNAUTHORISED = (HTTPStatus.UNAUTHORIZED, "A valid bearer token, API key or session is needed")
    BAD_SIGNATURE = (HTTPStatus.UNAUTHORIZED, "The signature of the source is missing or wrong")
    FOREIGN_ORIGIN = (HTTPStatus.FORBIDDEN, "Only this service's own pages may ask so")
    FORGED = (HTTPStatus.FORBIDDEN, "A change by a session needs its CSRF token")
    NO_ROLE = (HTTPStatus.FORBIDDEN, "The playbook gives none of this person's groups a role")
    NOT_PERMITTED = (HTTPStatus.FORBIDDEN, "The role, or the key, does not permit this")
    NOT_ALL_TEAMS = (HTTPStatus.FORBIDDEN, "This belongs to no team, and is for those who have all of them")
    NOT_FOUND = (HTTPStatus.NOT_FOUND, "There is no such thing here")
    WRONG_METHOD = (HTTPStatus.METHOD_NOT_ALLOWED, "This can not be done here")
    TOO_SLOW = (HTTPStatus.REQUEST_TIMEOUT, "The body took too long")
    STALE_REVISION = (HTTPStatus.CONFLICT, "The alert has been told of again since that revision")
    REVISION_AHEAD = (HTTPStatus.CONFLICT, "The alert has no such revision yet")
    ALREADY_RESOLVED = (HTTPStatus.CONFLICT, "The alert is resolved")
    NOT_A_REVIEW = (HTTPStatus.CONFLICT, "The alert is no review of volume")
    CLAIMED_BY_OTHER = (HTTPStatus.CONFLICT, "Somebody else has claimed the alert; with force it is done all the same")
    NOT_CLAIMED = (HTTPStatus.CONFLICT, "The alert is not claimed")
    NOT_SNOOZED = (HTTPStatus.CONFLICT, "The alert is not snoozed")
    NOT_RESOLVED = (HTTPStatus.CONFLICT, "The alert is open")
    SUCCEEDED = (HTTPStatus.CONFLICT, "A later alert, or the one that this became part of, has taken its place")
    SAME_TEAM = (HTTPStatus.CONFLICT, "The team has the alert already")
    NOT_JOINED = (HTTPStatus.CONFLICT, "The references are not joined")
    NOT_WHAT_HOLDS = (HTTPStatus.CONFLICT, "The event is not what holds of a feedback")
    STALE_SILENCE = (HTTPStatus.CONFLICT, "The silence has another revision by now")
    SILENCE_ENDED = (HTTPStatus.CONFLICT, "The silence has ended")
    TOO_MANY_SILENCES = (HTTPStatus.CONFLICT, "There are too many silences")
    NOT_DEAD = (HTTPStatus.CONFLICT, "The delivery is not dead, so that there is nothing to send again")
    TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large")
    LETTER_ERASED = (HTTPStatus.GONE, "What the dead letter held was erased")
    ORIGINAL_GONE = (HTTPStatus.GONE, "Kafka no longer has the original; publish it anew")
    HEAD_TOO_LARGE = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The address and the headers are larger than 32 KiB")
    WRONG_MEDIA_TYPE = (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of a type that is not read here")
    INVALID = (HTTPStatus.UNPROCESSABLE_ENTITY, "The request breaks its contract")
    UNKNOWN_TEAM = (HTTPStatus.UNPROCESSABLE_ENTITY, "The playbook has no such team")
    UNKNOWN_CATEGORY = (HTTPStatus.UNPROCESSABLE_ENTITY, "The playbook has no such category")
    BAD_PERIOD = (HTTPStatus.UNPROCESSABLE_ENTITY, "The period can not be answered for")
    BAD_DISPOSITION = (HTTPStatus.UNPROCESSABLE_ENTITY, "The disposition says what is not so")
    BAD_TIME = (HTTPStatus.UNPROCESSABLE_ENTITY, "An alert is put aside until a time to come, and not too far away")
    INVALID_SILENCE = (HTTPStatus.UNPROCESSABLE_ENTITY, "Such a silence is not made")
    INVALID_EVENTS = (HTTPStatus.UNPROCESSABLE_ENTITY, "No event was taken, since one or more break their contract")
    INVALID_EVENT = (HTTPStatus.UNPROCESSABLE_ENTITY, "The event breaks its contract")
    INVALID_PLAYBOOK = (HTTPStatus.UNPROCESSABLE_ENTITY, "The playbook has faults and was not activated")
    INVALID_MODEL = (HTTPStatus.UNPROCESSABLE_ENTITY, "The model can not be used and was not stored")
    TOO_MANY_FAILURES = (HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts failed; wait before the next one")
    KEY_REUSED = (HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key was used for another request")
    FAILED = (HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed")
    OUTCOME_UNKNOWN = (HTTPStatus.SERVICE_UNAVAILABLE, "Whether it was done is not known; ask again under the same key")
    CROWDED = (HTTPStatus.SERVICE_UNAVAILABLE, "Too many ask at once; ask again in a moment")
    OUT_OF_REACH = (HTTPStatus.SERVICE_UNAVAILABLE, "A service that is needed does not answer; ask again")
    NO_SECRET = (HTTPStatus.SERVICE_UNAVAILABLE, "The source's signature can not be checked: its secret is not set")

    @property
    def status(self) -> int:
        return self.value[0].value

    @property
    def title(self) -> str:
        return self.value[1]

    @property
    def urn(self) -> str:
        return _URN + self.name.lower().replace("_", "-")


# What a port could not do -> the problem that says so.
_OF_PORTS: Mapping[type[Exception], tuple[Kind, str | None]] = {
    OutcomeUnknownError: (Kind.OUTCOME_UNKNOWN, None),
    OutOfReachError: (Kind.OUT_OF_REACH, None),
    ConflictError: (Kind.OUT_OF_REACH, None),
    TooLargeError: (Kind.TOO_LARGE, "Kafka takes no record of this size"),
    RefusedError: (Kind.INVALID, "a value can not be held by the store"),
}


class ProblemShown(BaseModel):
    """RFC 9457. `errors` has one entry for each fault, where there are several to tell."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(pattern=f"^{_URN}[a-z-]+$")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str | None = None
    errors: list[dict[str, Any]] | None = None


class Problem(Exception):
    """Ends a request with a problem document; `more` are further members of it."""

    def __init__(self, kind: Kind, detail: str | None = None, more: Mapping[str, object] | None = None) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.detail = detail
        self.more = more or {}


def problem(kind: Kind, detail: str | None = None, more: Mapping[str, object] | None = None) -> dict[str, object]:
    """Write the document."""
    document: dict[str, object] = {"type": kind.urn, "title": kind.title, "status": kind.status}
    if detail is not None:
        document["detail"] = detail
    return document | dict(more or {})


def respond(
    kind: Kind,
    detail: str | None = None,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with the document."""
    return Response(
        orjson.dumps(problem(kind, detail, more)),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={**_headers(kind), **(headers or {})},
    )


PORT_ERRORS = tuple(_OF_PORTS)


def port_problem(error: Exception) -> Problem:
    """Return the problem that tells of what a port could not do."""
    return Problem(*_OF_PORTS[type(error)])


def faults(errors: Sequence[Mapping[str, Any]], under: Sequence[str] = ()) -> tuple[str, list[dict[str, str]]]:
    """Write pydantic's errors: how many there are, and of the first hundred the place and the kind; never the value."""
    count = len(errors)
    return f"{count} fault{'' if count == 1 else 's'}", [_fault(one, under) for one in errors[:_MOST_FAULTS]]


def install(app: FastAPI, routes: Sequence[APIRoute]) -> None:
    """Make every error of the app, which has these routes, a problem document."""

    @app.exception_handler(Problem)
    async def _(_request: Request, error: Problem) -> Response:
        return respond(error.kind, error.detail, error.more)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> Response:
        count, told = faults(error.errors())
        return respond(Kind.INVALID, count, {"errors": told})

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        match error.status_code:
            case HTTPStatus.NOT_FOUND:
                return respond(Kind.NOT_FOUND)
            case HTTPStatus.METHOD_NOT_ALLOWED:
                # The framework names the methods of the first route alone.
                return respond(Kind.WRONG_METHOD, headers={"Allow": ", ".join(_methods(request.url.path, routes))})
            case _:
                return respond(Kind.UNREADABLE, "the body is not JSON that can be parsed")

    async def of_ports(_request: Request, error: Exception) -> Response:
        return respond(*_OF_PORTS[type(error)])

    for one in _OF_PORTS:
        app.add_exception_handler(one, of_ports)

    @app.exception_handler(Exception)
    async def _(_request: Request, _error: Exception) -> Response:
        # This answer is made outside of what adds these headers to all others.
        return respond(Kind.FAILED, headers=SAFE_HEADERS)


def _fault(error: Mapping[str, Any], under: Sequence[str]) -> dict[str, str]:
    """Name the place, as a JSON pointer under the part of the request, and the kind of fault."""
    steps = (str(step) for step in (*under, *error["loc"]))
    pointer = "".join(f"/{step}" if _STEP.fullmatch(step) else "/?" for step in steps)
    return {"pointer": pointer[:_LONGEST], "code": str(error["type"]), "detail": str(error["msg"])[:_LONGEST]}


def _methods(path: str, routes: Iterable[APIRoute]) -> list[str]:
    return sorted(method for route in routes if route.path_regex.match(path) for method in route.methods or ())


def _headers(kind: Kind) -> dict[str, str]:
    match kind:
        case Kind.UNAUTHORISED:
            return {"WWW-Authenticate": "Bearer"}
        case Kind.OUT_OF_REACH | Kind.OUTCOME_UNKNOWN | Kind.CROWDED:
            return {"Retry-After": "1"}
        case _:
            return {}
