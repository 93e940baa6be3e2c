"""Signing in at the organisation's provider, as a browser does it: there, back, and in by what the playbook grants."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from service.adapters.openid import Client, OpenIdProvider
from service.core.access import Denial
from service.core.access.keys import digest_of
from service.core.playbook.digest import canonical_text
from tests.api.provider import CLIENT_ID, CLIENT_SECRET, TestProvider, provider_running
from tests.api.world import World, world_on
from tests.builders import make_playbook
from tests.infrastructure.postgres import TestServers

ACCESS = [
    {"group": "drivers", "role": "agent", "teams": ["drivers"]},
    {"group": "legal", "role": "agent", "teams": ["legal"]},
    {"group": "board", "role": "viewer", "teams": "all"},
]
GIVEN = {"Authorization": ""}
ATTEMPT = "feedback-router-attempt"


@pytest.fixture
async def provider() -> AsyncIterator[TestProvider]:
    async with provider_running() as one:
        yield one


@pytest.fixture
async def asked(provider: TestProvider, postgres_servers: TestServers) -> AsyncIterator[World]:
    """A world whose people sign in at the provider."""
    client = Client(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri="http://localhost/login/callback",
        role_claim="groups",
    )
    async with (
        httpx.AsyncClient() as http,
        world_on("memory", postgres_servers, make_playbook(access=ACCESS)) as world,
    ):
        state = world.app.state
        state.services = replace(state.services, provider=OpenIdProvider(client, http))
        yield world


async def begun(world: World, to: str = "/teams/drivers") -> str:
    """Begin at our page, and return the address at the provider."""
    answer = await world.get(f"/login?via=provider&to={to}", headers=GIVEN)
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def back(world: World, query: str, **headers: str) -> httpx.Response:
    return await world.get(f"/login/callback?{query}", headers={**GIVEN, **headers})


async def me(world: World) -> tuple[int, object]:
    answer = await world.get("/v1/me", headers=GIVEN)
    told = answer.json()
    return answer.status_code, (told["name"], told["role"], told["teams"]) if answer.is_success else told["type"]


async def test_a_person_signs_in_and_is_led_on(asked: World, provider: TestProvider) -> None:
    page = await asked.get("/login", headers=GIVEN)
    assert "Sign in with your organisation" in page.text
    answer = await back(asked, provider.signs_in(await begun(asked)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/teams/drivers")
    assert ATTEMPT not in asked.client.cookies
    assert await me(asked) == (200, ("zoe", "agent", ["drivers"]))
    kept = await asked.sessions.session(digest_of(asked.client.cookies["feedback-router"]))
    assert kept is not None
    assert (kept.subject, kept.groups, kept.key_id) == ("oidc:7", ("drivers",), None)


async def test_the_browser_itself_may_be_sent_there_and_back(asked: World, provider: TestProvider) -> None:
    async with httpx.AsyncClient() as browser:
        there = await browser.get(await begun(asked))
    assert there.headers["location"].startswith("http://localhost/login/callback?")
    answer = await back(asked, there.headers["location"].partition("?")[2])
    assert answer.status_code == 303


async def test_the_attempt_is_known_to_the_browser_alone_and_counts_ten_minutes(
    asked: World, provider: TestProvider
) -> None:
    answer = await asked.get("/login?via=provider", headers=GIVEN)
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= {*answer.headers["set-cookie"].split("; ")}
    query = provider.signs_in(answer.headers["location"])
    asked.at = timedelta(minutes=10)
    late = await back(asked, query)
    asked.at = timedelta()
    asked.client.cookies.clear()
    elsewhere = await back(asked, query)
    assert (late.status_code, elsewhere.status_code, "set-cookie" in elsewhere.headers) == (401, 401, False)


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=x", "code=x&state=x", "code=x&state=%00", "error=access_denied"]
)
async def test_who_comes_back_with_anything_else_is_not_let_in(asked: World, query: str) -> None:
    await begun(asked)
    answer = await back(asked, query)
    assert (answer.status_code, 'role="alert"' in answer.text, await me(asked)) == (
        401,
        True,
        (401, "urn:feedback-router:problem:unauthorised"),
    )
    assert asked.noted.denials[0].denial is Denial.NOT_VOUCHED_FOR


@pytest.mark.parametrize("spoilt", ["x", "e30.x", ".", "A" * 3_000, "W10=.0"])
async def test_a_spoilt_attempt_is_none(asked: World, provider: TestProvider, spoilt: str) -> None:
    query = provider.signs_in(await begun(asked))
    asked.client.cookies.clear()
    assert (await back(asked, query, Cookie=f"{ATTEMPT}={spoilt}")).status_code == 401


async def test_what_the_provider_does_not_prove_opens_nothing(asked: World, provider: TestProvider) -> None:
    provider.claims = {"aud": "another"}
    answer = await back(asked, provider.signs_in(await begun(asked)))
    assert (answer.status_code, "feedback-router" in asked.client.cookies) == (401, False)


async def test_a_person_without_a_role_is_told_so(asked: World, provider: TestProvider) -> None:
    provider.claims = {"groups": ["everybody"]}
    answer = await back(asked, provider.signs_in(await begun(asked)))
    assert (answer.status_code, "none of your groups has a role" in answer.text) == (403, True)
    assert [one.denial for one in asked.noted.denials] == [Denial.NO_ROLE]


async def test_several_groups_of_one_role_add_up(asked: World, provider: TestProvider) -> None:
    provider.claims = {"groups": ["board", "legal", "drivers"]}
    await back(asked, provider.signs_in(await begun(asked)))
    assert await me(asked) == (200, ("zoe", "agent", ["drivers", "legal"]))


async def test_what_the_playbook_takes_back_is_gone_within_five_seconds(asked: World, provider: TestProvider) -> None:
    await back(asked, provider.signs_in(await begun(asked)))
    mended = make_playbook(access=ACCESS[1:])
    answer = await asked.client.put("/v1/playbook", json={"documents": {"playbook.yaml": canonical_text(mended)}})
    assert answer.status_code == 200, answer.text
    asked.seconds += 5
    assert await me(asked) == (403, "urn:feedback-router:problem:no-role")


async def test_a_provider_that_is_down_is_told_of(asked: World, provider: TestProvider) -> None:
    provider.is_down = True
    answer = await asked.get("/login?via=provider", headers=GIVEN)
    assert (answer.status_code, answer.headers["retry-after"], "does not answer" in answer.text) == (503, "1", True)


async def test_who_fails_too_often_waits_here_too(asked: World) -> None:
    statuses = {(await back(asked, "code=x&state=x")).status_code for _ in range(20)}
    answer = await back(asked, "code=x&state=x")
    assert (statuses, answer.status_code, answer.headers["retry-after"]) == ({401}, 429, "60")


async def test_without_a_provider_nobody_is_sent_anywhere(small_world: World) -> None:
    answer = await small_world.get("/login?via=provider", headers=GIVEN)
    assert (answer.status_code, "organisation" in answer.text) == (200, False)
    assert (await small_world.get("/login/callback?code=x&state=y", headers=GIVEN)).status_code == 401
