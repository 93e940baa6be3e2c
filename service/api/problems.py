"""What went wrong -> an RFC 9457 problem document; none quotes what was sent, since it may be a customer's words."""

from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from service.ports import OutcomeUnknownError, OutOfReachError, RefusedError

MEDIA_TYPE = "application/problem+json"
_URN = "urn:feedback-router:problem:"
_LONGEST = 200
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
    UNAUTHORISED = (HTTPStatus.UNAUTHORIZED, "A valid bearer token is needed")
    BAD_SIGNATURE = (HTTPStatus.UNAUTHORIZED, "The signature of the source is missing or wrong")
    FOREIGN_ORIGIN = (HTTPStatus.FORBIDDEN, "Without a token only this machine's own pages may ask")
    NOT_FOUND = (HTTPStatus.NOT_FOUND, "There is no such thing here")
    WRONG_METHOD = (HTTPStatus.METHOD_NOT_ALLOWED, "This can not be done here")
    TOO_SLOW = (HTTPStatus.REQUEST_TIMEOUT, "The body took too long")
    STALE_REVISION = (HTTPStatus.CONFLICT, "The alert has been told of again since that revision")
    REVISION_AHEAD = (HTTPStatus.CONFLICT, "The alert has no such revision yet")
    ALREADY_RESOLVED = (HTTPStatus.CONFLICT, "The alert is resolved")
    TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 1 MiB")
    WRONG_MEDIA_TYPE = (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of a type that is not read here")
    INVALID = (HTTPStatus.UNPROCESSABLE_ENTITY, "The request breaks its contract")
    INVALID_EVENTS = (HTTPStatus.UNPROCESSABLE_ENTITY, "No event was taken, since one or more break their contract")
    INVALID_EVENT = (HTTPStatus.UNPROCESSABLE_ENTITY, "The event breaks its contract")
    INVALID_PLAYBOOK = (HTTPStatus.UNPROCESSABLE_ENTITY, "The playbook has faults and was not activated")
    KEY_REUSED = (HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key was used for another request")
    FAILED = (HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed")
    OUTCOME_UNKNOWN = (HTTPStatus.SERVICE_UNAVAILABLE, "Whether it was done is not known; ask again under the same key")
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


class ProblemShown(BaseModel):
    """RFC 9457. `errors` has one entry for each fault, where there are several to tell."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
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


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""

    @app.exception_handler(Problem)
    async def _(_request: Request, error: Problem) -> Response:
        return respond(error.kind, error.detail, error.more)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> Response:
        return respond(Kind.INVALID, more={"errors": [_fault(one) for one in error.errors()]})

    @app.exception_handler(HTTPException)
    async def _(_request: Request, error: HTTPException) -> Response:
        kinds = {404: Kind.NOT_FOUND, 405: Kind.WRONG_METHOD}
        kind = kinds.get(error.status_code, Kind.UNREADABLE)
        return respond(kind, headers=error.headers)

    @app.exception_handler(OutcomeUnknownError)
    async def _(_request: Request, _error: OutcomeUnknownError) -> Response:
        return respond(Kind.OUTCOME_UNKNOWN)

    @app.exception_handler(OutOfReachError)
    async def _(_request: Request, _error: OutOfReachError) -> Response:
        return respond(Kind.OUT_OF_REACH)

    @app.exception_handler(RefusedError)
    async def _(_request: Request, _error: RefusedError) -> Response:
        return respond(Kind.INVALID, "a value can not be held by the store")

    @app.exception_handler(Exception)
    async def _(_request: Request, _error: Exception) -> Response:
        # This answer is made outside of what adds these headers to all others.
        return respond(Kind.FAILED, headers=SAFE_HEADERS)


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    """Name the place, as a JSON pointer under the part of the request, and the kind of fault; never the value."""
    place: Sequence[object] = error["loc"]
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in place)
    return {"pointer": pointer[:_LONGEST], "code": str(error["type"]), "detail": str(error["msg"])[:_LONGEST]}


def _headers(kind: Kind) -> dict[str, str]:
    match kind:
        case Kind.UNAUTHORISED:
            return {"WWW-Authenticate": "Bearer"}
        case Kind.OUT_OF_REACH | Kind.OUTCOME_UNKNOWN:
            return {"Retry-After": "1"}
        case _:
            return {}
