"""Services -> the FastAPI app, with every path, error and header that outside users rely on."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from service import __version__
from service.api import problems
from service.api.description import describe
from service.api.guard import OPEN, OPEN_FILES, Guard
from service.api.needs import needs_of
from service.api.routes import (
    acts,
    alerts,
    audit,
    batch,
    causes,
    channels,
    corrections,
    erasures,
    explain,
    handling,
    identities,
    instances,
    intake,
    leads,
    models,
    platform,
    playbooks,
    rules,
    scorecards,
    signing,
    silences,
    streams,
    teams,
    timeline,
)
from service.api.services import Services
from service.api.streaming import Hub

_TAGS = [
    {"name": "intake", "description": "Producers: events in. 202 once Kafka has them."},
    {"name": "teams", "description": "Operating teams: who they are and what waits for them."},
    {
        "name": "alerts",
        "description": "One alert: what it holds, what was said of it, why; and what a team does to it.",
    },
    {"name": "silences", "description": "What is held back on purpose: previewed, made, extended, lifted."},
    {"name": "explain", "description": "Why an event was decided as it was."},
    {"name": "corrections", "description": "What people say that feedback is about, and what that says of the rules."},
    {
        "name": "leads",
        "description": "Reviews of volume, records that no decision could be made of, and how noisy each rule is.",
    },
    {"name": "channels", "description": "Where teams are told outside of their queues, and what did not get there."},
    {"name": "scorecards", "description": "CX operations: what customers' scores come to, with how sure that is."},
    {"name": "identities", "description": "Whose references are one customer's; joins are taken apart here."},
    {"name": "erasures", "description": "Who asked to be forgotten: how each request stands. Nobody is named."},
    {"name": "processes", "description": "Process instances: how they went, and what was said about them."},
    {
        "name": "playbook",
        "description": "The rules that decide, and the models that they name: read, checked, activated.",
    },
    {"name": "access", "description": "Who asks, and what they may do."},
    {"name": "audit", "description": "Who did what to what: entries that are only ever added, each with a hash."},
    {"name": "platform", "description": "Alive, ready, figures. These three need nobody to be known."},
]


def create_api(services: Services, pages: Sequence[APIRouter] = ()) -> FastAPI:
    """Build the app, with pages for people where there are any.

    It opens and closes nothing: who made the services ends them.

    Raises:
        ValueError: a route does not say what it needs.
    """
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
    app.state.hub = Hub(services)
    routers = [
        one.router
        for one in (
            intake,
            teams,
            streams,
            alerts,
            timeline,
            acts,
            handling,
            batch,
            silences,
            explain,
            corrections,
            erasures,
            leads,
            rules,
            scorecards,
            causes,
            instances,
            identities,
            channels,
            playbooks,
            models,
            signing,
            audit,
            platform,
        )
    ]
    routers += pages
    for router in routers:
        app.include_router(router)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    if undeclared := [route.path for route in routes if needs_of(route) is None and not _is_open(route.path)]:
        raise ValueError(f"these routes do not say what they need: {', '.join(undeclared)}")
    problems.install(app, routes)
    app.add_middleware(Guard, entrance=services.entrance, noting=services.noting)
    app.openapi = lambda: describe(app, routes)  # type: ignore[method-assign]  # How FastAPI documents that a schema is changed.
    return app


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith(OPEN_FILES)
