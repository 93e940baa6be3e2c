"""Services -> the FastAPI app, with every path, error and header that outside users rely on."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service import __version__
from service.api import problems
from service.api.guard import Guard
from service.api.routes import acts, alerts, explain, intake, leads, platform, playbooks, teams
from service.api.services import Services

_TAGS = [
    {"name": "intake", "description": "Producers: events in. 202 once Kafka has them."},
    {"name": "teams", "description": "Operating teams: who they are and what waits for them."},
    {
        "name": "alerts",
        "description": "One alert: what it holds, what was said of it, why; and what a team does to it.",
    },
    {"name": "explain", "description": "Why an event was decided as it was."},
    {"name": "leads", "description": "Reviews of volume, and records that no decision could be made of."},
    {"name": "playbook", "description": "The rules that decide: read, checked, activated."},
    {"name": "platform", "description": "Alive, ready, figures. These three need no token."},
]
_ERROR = {"description": "A problem document (RFC 9457).", "content": {}}
_PROBLEM_REF = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def create_api(services: Services) -> FastAPI:
    """Build the app. It opens and closes nothing: who made the services ends them."""
    app = FastAPI(
        title="Feedback Router",
        version=__version__,
        summary="Customer feedback in, one explained decision per event out.",
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    for routes in (intake, teams, alerts, acts, explain, leads, playbooks):
        app.include_router(routes.router, responses={401: _ERROR, 422: _ERROR, 503: _ERROR})
    app.include_router(platform.router)
    problems.install(app)
    app.add_middleware(Guard, token=services.token)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # How FastAPI documents that a schema is changed.
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe every error as a problem document, and the token."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=app.openapi_tags
        )
        schema["paths"][explain.DESCRIBED_PATH] = schema["paths"].pop(explain.ROUTED_PATH)
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                _describe(path, operation)
        components = schema["components"]
        components["schemas"].pop("HTTPValidationError", None)
        components["schemas"].pop("ValidationError", None)
        components["schemas"]["Problem"] = problems.ProblemShown.model_json_schema()
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        app.openapi_schema = schema
    return app.openapi_schema


def _describe(path: str, operation: dict[str, Any]) -> None:
    is_open = operation["tags"] == ["platform"]
    if not is_open:
        operation["security"] = [{"token": []}]
        responses = operation["responses"]
        if "{" in path:
            responses.setdefault("404", dict(_ERROR))
        if operation["tags"] == ["alerts"] and "requestBody" in operation:
            responses.setdefault("409", dict(_ERROR))
        if "requestBody" in operation:
            responses.setdefault("413", dict(_ERROR))
        for status, response in responses.items():
            if int(status) >= 400:  # noqa: PLR2004 (where errors begin)
                response["content"] = _PROBLEM_REF
