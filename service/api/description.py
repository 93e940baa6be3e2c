"""The app's routes -> the OpenAPI document: every answer that can come is told, and every error is a problem."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from service.api import problems
from service.api.event_paths import described
from service.api.needs import Needs, needs_of
from service.core.contracts.envelope import STRUCTURED

_REFS = "#/components/schemas/"
_WITH_A_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_WITH_A_TOKEN = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ALWAYS = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HTTPStatus.INTERNAL_SERVER_ERROR)


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> dict[str, Any]:
    """Write the document of an app, which has these routes, once, and return it."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app, {str(one.operation_id): needs_of(one) for one in routes})
    return app.openapi_schema


def _document(app: FastAPI, needed: Mapping[str, Needs | None]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=app.openapi_tags
    )
    paths, components = {described(path): one for path, one in document["paths"].items()}, document["components"]
    document["paths"] = paths
    for path, operations in paths.items():
        for operation in operations.values():
            _describe(path, operation)
            _permit(operation, needed.get(operation["operationId"]))
    schemas = components["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = problems.ProblemShown.model_json_schema()
    components["schemas"] = _event_schemas() | schemas
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "The operator's token, or an API key."},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-feedback-router"},
    }
    return document


def _describe(path: str, operation: dict[str, Any]) -> None:
    is_open = operation["tags"] == ["platform"]
    if not is_open:
        operation["security"] = [{"token": []}, {"session": []}]
    responses = operation["responses"]
    for status in _errors(path, operation):
        responses.setdefault(str(status.value), {})
    for status, response in responses.items():
        # That the service is not well is no error of asking how it is.
        is_problem = int(status) >= HTTPStatus.BAD_REQUEST and not (is_open and "content" in response)
        if is_problem:
            phrase = HTTPStatus(int(status)).phrase
            response["description"] = f"{phrase}: a problem document (RFC 9457)."
            response["content"] = {problems.MEDIA_TYPE: {"schema": {"$ref": f"{_REFS}Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))


def _permit(operation: dict[str, Any], needed: Needs | None) -> None:
    """Say what an operation needs: which permission, and whether of all teams."""
    if needed is not None:
        operation["x-permission"] = "any" if needed.permission is None else needed.permission.value
        operation["x-all-teams"] = needed.everywhere


def _errors(path: str, operation: dict[str, Any]) -> Iterator[HTTPStatus]:
    yield from _ALWAYS
    if operation["tags"] == ["platform"]:
        return
    yield from _WITH_A_TOKEN
    if "{" in path:
        yield HTTPStatus.NOT_FOUND
        if operation["tags"] == ["corrections"] or path.endswith("/retry"):
            yield HTTPStatus.CONFLICT
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        yield HTTPStatus.BAD_REQUEST
    if "requestBody" in operation:
        yield from _WITH_A_BODY
        if operation["tags"] in (["alerts"], ["silences"]):
            yield HTTPStatus.CONFLICT


def _event_schemas() -> dict[str, Any]:
    """Return the schema of every event that may come in by its type, of any of them as `Event`, and their parts."""
    schema = STRUCTURED.json_schema(ref_template=_REFS + "{model}")
    names = {ref.removeprefix(_REFS): kind for kind, ref in schema["discriminator"]["mapping"].items()}
    text = orjson.dumps(schema).decode()
    for name, kind in names.items():
        text = text.replace(f'"{_REFS}{name}"', f'"{_REFS}{kind}"')
    schema = orjson.loads(text)
    parts = {names.get(name, name): part for name, part in schema.pop("$defs").items()}
    return {**parts, "Event": schema}
