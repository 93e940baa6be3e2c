"""What each route needs -> a dependency that lets in who has it, and that the OpenAPI document and a test can read.

A route with `{team}` in its path is for those who see that team: to others the team is one that there is not. What is
done `everywhere` belongs to no team, and is for those who have all of them.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from service.api.guard import KINDS, address_of
from service.api.problems import Kind, Problem
from service.core.access import Denial, Permission, Principal, decide
from service.ports import Denied, Look, OutOfReachError


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a route asks of who asks; `permission` None of anybody who is known.

    `or_signed` lets in who is not known, where the route itself looks at a signature. `verbatims` says that the answer
    may hold what customers wrote, so that it is noted who looked.
    """

    permission: Permission | None
    everywhere: bool = False
    or_signed: bool = False
    verbatims: bool = False

    async def __call__(self, request: Request) -> Principal | None:
        """Let somebody in, and return who it is.

        Raises:
            Problem: they may not.
        """
        who: Principal | None = request.state.principal
        denial = decide(who, self.permission, request.path_params.get("team"), everywhere=self.everywhere)
        if who is None and self.or_signed:
            return None
        if denial is not None:
            await denied(request, denial)
            raise refusal(denial)
        if self.verbatims and who is not None and who.may(Permission.READ_VERBATIMS):
            await request.app.state.services.noting.looked(Look(who=who, path=_path(request), names=_names(request)))
        return who


def needs(
    permission: Permission | None, *, everywhere: bool = False, or_signed: bool = False, verbatims: bool = False
) -> Any:  # noqa: ANN401 - what FastAPI's own Depends returns
    """Declare what a route needs; it goes into the route's `dependencies`."""
    return Depends(Needs(permission=permission, everywhere=everywhere, or_signed=or_signed, verbatims=verbatims))


async def still_let_in(request: Request) -> bool:
    """Tell whether who was let into a request that lasts would be let in now: keys are revoked, sessions end."""
    entrance = request.app.state.services.entrance
    try:
        entry = await entrance.admit(request.headers, address_of(request.scope))
    except OutOfReachError:
        # Nothing is read meanwhile that could be kept from anybody.
        return True
    needed = needs_of(request.scope["route"])
    if needed is None:
        return False
    team = request.path_params.get("team")
    return decide(entry.principal, needed.permission, team, everywhere=needed.everywhere) is None


def needs_of(route: APIRoute) -> Needs | None:
    """Return what a route declares."""
    return next((one.dependency for one in route.dependencies if isinstance(one.dependency, Needs)), None)


async def denied(request: Request, denial: Denial) -> None:
    """Note that somebody was refused."""
    who: Principal | None = request.state.principal
    one = Denied(denial=denial, who=who, method=request.method, path=_path(request), names=_names(request))
    await request.app.state.services.noting.denied(one)


def refusal(denial: Denial) -> Problem:
    """Return the problem that says so; what another team has is not there."""
    if denial is Denial.OTHER_TEAM:
        return Problem(Kind.NOT_FOUND, "no such team")
    return Problem(KINDS[denial])


def _asker(request: Request) -> Principal:
    who: Principal | None = request.state.principal
    if who is None:
        raise Problem(Kind.UNAUTHORISED)
    return who


# Who asks, for a route that needs somebody to be known.
Asker = Annotated[Principal, Depends(_asker)]


def _path(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "?"))


def _names(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in request.path_params.items()))
