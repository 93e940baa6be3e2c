"""Signing in and out: by an API key, or at the organisation's identity provider; and who one is.

A browser gets a session, of which its cookie holds the name alone. Only what is wrong is told, never whether an id or a
secret was: both are wrong alike.
"""

import hmac
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from service.api.attempts import LASTS as ATTEMPT_LASTS
from service.api.attempts import begin, own_path, read, write
from service.api.entrance import Entrance
from service.api.failures import MOST_OF_ADDRESS, site
from service.api.guard import CALLBACK, LOGIN, address_of
from service.api.needs import Asker, denied, needs
from service.api.pages import login_page
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import Shown
from service.core.access import Denial, Permission, Principal, Role
from service.core.access.groups import person
from service.core.access.sessions import LASTS
from service.core.playbook.access import grants_of
from service.ports import NotVouchedError, OutOfReachError

router = APIRouter(tags=["access"])
_LONGEST = 2_000
_Short = Annotated[str | None, Query(max_length=_LONGEST)]
_WHY = {
    Denial.WRONG_KEY: "This is no key that can be used here.",
    Denial.KEY_ENDED: "This key has ended.",
    Denial.TOO_MANY_FAILURES: "Too many attempts failed. Wait a minute before the next one.",
    Denial.NOT_VOUCHED_FOR: "Your organisation did not confirm who you are. Try again.",
    Denial.NO_ROLE: "You are known, but none of your groups has a role here. Ask whoever keeps the playbook.",
}


_STATUSES = {Denial.TOO_MANY_FAILURES: HTTPStatus.TOO_MANY_REQUESTS, Denial.NO_ROLE: HTTPStatus.FORBIDDEN}


class MeShown(Shown):
    """Who asks: `teams` null are all of them. `csrf` is what a change by this session must send as X-CSRF-Token."""

    name: str
    role: Role
    teams: tuple[str, ...] | None
    permissions: tuple[Permission, ...]
    csrf: str | None


@router.get("/v1/me", operation_id="readMe", summary="Read who asks, and what they may do", dependencies=[needs(None)])
async def read_me(request: Request, asker: Asker) -> MeShown:
    return MeShown(
        name=asker.name,
        role=asker.role,
        teams=None if asker.teams is None else tuple(sorted(asker.teams)),
        permissions=tuple(one for one in Permission if asker.may(one)),
        csrf=request.state.csrf,
    )


@router.get(LOGIN, include_in_schema=False)
async def show_login(services: Given, to: _Short = None, via: _Short = None) -> Response:
    """Ask for a key, or send the browser to the provider."""
    provider, entrance = services.provider, services.entrance
    if via != "provider" or provider is None:
        return _page(services, to)
    begun = begin(own_path(to))
    try:
        answer = RedirectResponse(await provider.address(begun.attempt), HTTPStatus.SEE_OTHER)
    except OutOfReachError:
        return _away(services, to)
    text = write(begun, entrance.attempt_key, entrance.now())
    _set(answer, entrance, entrance.attempt_cookie, text, int(ATTEMPT_LASTS.total_seconds()))
    return answer


@router.post(LOGIN, include_in_schema=False)
async def sign_in(request: Request, services: Given) -> Response:
    """Open a session for who shows a key."""
    try:
        form = parse_qs((await request.body()).decode("latin-1"), max_num_fields=10)
    except ValueError:
        raise Problem(Kind.UNREADABLE, "the body is no form of the page") from None
    shown, to = form.get("key", [""])[0].strip(), form.get("to", ["/"])[0]
    entry = await services.entrance.by_key(shown, address_of(request.scope))
    if entry.principal is None:
        return await _refused(request, services, entry.refused or Denial.WRONG_KEY, to, entry.wait)
    who = entry.principal
    return await _enter(request, services, who, key_id=who.subject.removeprefix("key:"), to=to)


@router.get(CALLBACK, include_in_schema=False)
async def come_back(request: Request, services: Given, code: _Short = None, state: _Short = None) -> Response:
    """Open a session for whom the provider vouches for."""
    entrance, provider, place = services.entrance, services.provider, site(address_of(request.scope))
    wait = entrance.failures.wait(place, MOST_OF_ADDRESS)
    if wait:
        return await _refused(request, services, Denial.TOO_MANY_FAILURES, "/", wait)
    held = request.cookies.get(entrance.attempt_cookie, "")
    begun = read(held, entrance.attempt_key, entrance.now())
    known = begun is not None and hmac.compare_digest(begun.attempt.state.encode(), (state or "").encode())
    if provider is None or begun is None or not known or code is None:
        entrance.failures.count(place)
        return await _refused(request, services, Denial.NOT_VOUCHED_FOR, "/")
    try:
        vouched = await provider.vouched(code, begun.attempt)
    except NotVouchedError:
        entrance.failures.count(place)
        return await _refused(request, services, Denial.NOT_VOUCHED_FOR, begun.to)
    except OutOfReachError:
        return _away(services, begun.to)
    grants = grants_of((await services.rules()).playbook.access)
    who = person(vouched.name, f"oidc:{vouched.subject}", vouched.groups, grants)
    if isinstance(who, Denial):
        return await _refused(request, services, who, begun.to)
    # Of the groups only those are kept that the playbook says something of.
    groups = sorted({one.group for one in grants} & set(vouched.groups))
    answer = await _enter(request, services, who, groups=groups, to=begun.to)
    _drop(answer, entrance, entrance.attempt_cookie)
    return answer


@router.post("/logout", include_in_schema=False, dependencies=[needs(None)])
async def sign_out(request: Request, services: Given) -> Response:
    """End the session."""
    if request.state.session is not None:
        await services.entrance.leave(request.state.session)
    answer = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
    _drop(answer, services.entrance, services.entrance.cookie)
    return answer


async def _enter(
    request: Request,
    services: Services,
    who: Principal,
    *,
    to: str,
    key_id: str | None = None,
    groups: Sequence[str] = (),
) -> Response:
    """Open a session of a new name, whatever the browser had before, and go where they wanted to."""
    entrance = services.entrance
    if request.state.session is not None:
        await entrance.leave(request.state.session)
    shown = await entrance.enter(who.name, who.subject, key_id=key_id, groups=groups)
    answer = RedirectResponse(own_path(to), HTTPStatus.SEE_OTHER)
    _set(answer, entrance, entrance.cookie, shown, int(LASTS.total_seconds()))
    return answer


async def _refused(request: Request, services: Services, denial: Denial, to: str, wait: int = 0) -> Response:
    await denied(request, denial)
    status = _STATUSES.get(denial, HTTPStatus.UNAUTHORIZED)
    return _page(services, to, said=_WHY[denial], status=status, wait=wait)


def _page(
    services: Services, to: str | None, *, said: str | None = None, status: HTTPStatus = HTTPStatus.OK, wait: int = 0
) -> Response:
    has_provider = services.provider is not None
    return login_page(own_path(to), has_provider=has_provider, said=said, status=status, wait=wait)


def _away(services: Services, to: str | None) -> Response:
    said = "Your organisation's sign-in does not answer. Try again in a moment."
    return _page(services, to, said=said, status=HTTPStatus.SERVICE_UNAVAILABLE, wait=1)


def _set(answer: Response, entrance: Entrance, name: str, value: str, seconds: int) -> None:
    # Lax, since the provider's page leads back here, and that is another site.
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=entrance.secure, httponly=True, samesite="lax")


def _drop(answer: Response, entrance: Entrance, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=entrance.secure, httponly=True, samesite="lax")
