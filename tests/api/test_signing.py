"""Signing in by a key: a session that lasts its time, and that no page but our own can use."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.core.access import Denial
from service.core.access.keys import digest_of, key_text
from tests.api.people import KEY, SECRET
from tests.api.world import World, world_on
from tests.builders import START, survey
from tests.infrastructure.postgres import TestServers

COOKIE = "feedback-router"
OURS = {"Origin": "http://localhost"}
GIVEN = {"Authorization": ""}


async def sign_in(
    world: World, key: str = key_text(KEY.key_id, SECRET), to: str = "/", **headers: str
) -> httpx.Response:
    return await world.client.post("/login", data={"key": key, "to": to}, headers={**GIVEN, **OURS, **headers})


async def signed_in(world: World) -> dict[str, str]:
    """Sign in by a key of an agent of the drivers, and return the headers of a page of ours."""
    await world.keys.keep(KEY)
    assert (await sign_in(world)).status_code == 303
    return {**GIVEN, **OURS, "X-CSRF-Token": (await me(world))["csrf"]}


async def me(world: World) -> dict[str, Any]:
    body: dict[str, Any] = (await world.get("/v1/me", headers=GIVEN)).json()
    return body


async def ack(world: World, headers: dict[str, str], **more: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
    alert = (await world.get("/v1/teams/drivers/queue", headers=GIVEN)).json()["alerts"][0]
    path = f"/v1/alerts/{alert['alert_id']}/ack"
    if not more:
        more = {"json": {"revision": alert["revision"]}}
    return await world.client.post(path, headers=headers, **more)


async def late_parcel(world: World) -> None:
    await world.push(timedelta(minutes=1), survey("r1", 0, "late, awful", customer="anna"))
    await world.wait(timedelta(minutes=10))


async def test_a_key_opens_a_session_and_leads_on(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    answer = await sign_in(small_world, to="/teams/drivers?state=open")
    assert (answer.status_code, answer.headers["location"]) == (303, "/teams/drivers?state=open")
    parts = answer.headers["set-cookie"].split("; ")
    assert {*parts[1:]} == {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=lax"}
    told = await me(small_world)
    assert (len(told.pop("csrf")), told) == (
        43,
        {"name": "ana", "role": "agent", "teams": ["drivers"], "permissions": ["read", "read_verbatims", "act"]},
    )


async def test_outside_this_machine_the_cookie_is_for_encrypted_connections_of_this_host(small_world: World) -> None:
    entrance = small_world.app.state.services.entrance
    entrance.secure, entrance.cookie = True, "__Host-feedback-router"
    await small_world.keys.keep(KEY)
    answer = await sign_in(small_world)
    assert answer.headers["set-cookie"].startswith("__Host-feedback-router=")
    assert {"Secure", "Path=/", "HttpOnly"} <= {*answer.headers["set-cookie"].split("; ")}


@pytest.mark.parametrize("to", ["https://example.org", "//example.org", "/\\example.org", "/a\nb", "", "javascript:1"])
async def test_nobody_is_led_to_another_site(small_world: World, to: str) -> None:
    await small_world.keys.keep(KEY)
    assert (await sign_in(small_world, to=to)).headers["location"] == "/"


async def test_a_wrong_key_opens_nothing_and_is_not_said_again(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    answers = [
        await sign_in(small_world, key=one)
        for one in (key_text(KEY.key_id, "w" * 43), key_text("nobodys000", SECRET), "<script>alert(1)</script>")
    ]
    assert [(one.status_code, one.text) for one in answers] == [(401, answers[0].text)] * 3
    assert 'role="alert"' in answers[0].text
    assert "set-cookie" not in answers[0].headers


async def test_the_operators_token_opens_no_session(small_world: World) -> None:
    token = small_world.client.headers["authorization"].removeprefix("Bearer ")
    assert (await sign_in(small_world, key=token)).status_code == 401


async def test_who_fails_too_often_is_told_to_wait(small_world: World) -> None:
    failed = [(await sign_in(small_world, key="wrong")).status_code for _ in range(20)]
    answer = await sign_in(small_world, key="wrong")
    assert (set(failed), answer.status_code, answer.headers["retry-after"]) == ({401}, 429, "60")
    small_world.seconds += 60
    assert (await sign_in(small_world, key="wrong")).status_code == 401


async def test_a_form_of_another_site_signs_nobody_in(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    for origin in ("https://example.org", "null", "http://localhost.example.org"):
        answer = await sign_in(small_world, Origin=origin)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:feedback-router:problem:foreign-origin")
    assert (await sign_in(small_world, **{"Sec-Fetch-Site": "same-origin"})).status_code == 303


async def test_a_change_needs_the_sessions_csrf_token(small_world: World) -> None:
    await late_parcel(small_world)
    headers = await signed_in(small_world)
    without = {name: value for name, value in headers.items() if name != "X-CSRF-Token"}
    refused = [await ack(small_world, one) for one in (without, headers | {"X-CSRF-Token": "c" * 43})]
    assert [(one.status_code, one.json()["type"]) for one in refused] == [
        (403, "urn:feedback-router:problem:forged")
    ] * 2
    assert {one.denial for one in small_world.noted.denials} == {Denial.FORGED}
    assert (await ack(small_world, headers)).status_code == 200


async def test_the_token_may_be_a_field_of_a_form(small_world: World) -> None:
    headers = await signed_in(small_world)
    csrf = headers.pop("X-CSRF-Token")
    left = [
        (await small_world.client.post("/logout", data={"csrf": one}, headers=headers)).status_code
        for one in ("", csrf)
    ]
    assert left == [403, 303]


async def test_a_change_from_another_origin_is_refused_whatever_it_knows(small_world: World) -> None:
    await late_parcel(small_world)
    headers = await signed_in(small_world)
    foreign: list[dict[str, str]] = [{"Origin": "https://example.org"}, {"Origin": "null"}]
    statuses = [(await ack(small_world, headers | one)).status_code for one in foreign]
    del headers["Origin"]
    statuses.append((await ack(small_world, headers | {"Sec-Fetch-Site": "cross-site"})).status_code)
    assert (statuses, (await ack(small_world, headers)).status_code) == ([403, 403, 403], 200)


async def test_a_bearer_needs_no_csrf_token_since_no_browser_sends_it_by_itself(small_world: World) -> None:
    await late_parcel(small_world)
    await signed_in(small_world)
    answer = await ack(small_world, {"Authorization": f"Bearer {key_text(KEY.key_id, SECRET)}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("steps", "status"),
    [([59], 200), ([60], 401), ([50] * 14, 200), ([50] * 14 + [20], 401)],
    ids=["used within the hour", "left for an hour", "used all day", "twelve hours old"],
)
async def test_a_session_ends_after_an_hour_unused_and_after_twelve(
    small_world: World, steps: list[int], status: int
) -> None:
    await signed_in(small_world)
    answer = None
    for minutes in steps:
        small_world.at += timedelta(minutes=minutes)
        small_world.seconds += 60 * minutes
        answer = await small_world.get("/v1/teams", headers=GIVEN)
    assert answer is not None
    assert answer.status_code == status


async def test_a_session_ends_when_its_user_leaves(small_world: World) -> None:
    headers = await signed_in(small_world)
    shown = small_world.client.cookies[COOKIE]
    answer = await small_world.client.post("/logout", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert COOKIE not in small_world.client.cookies
    again = await small_world.get("/v1/teams", headers=GIVEN | {"Cookie": f"{COOKIE}={shown}"})
    assert again.status_code == 401


async def test_a_session_ends_with_its_key_within_five_seconds(small_world: World) -> None:
    await signed_in(small_world)
    await small_world.keys.revoke(KEY.key_id, START)
    small_world.seconds += 5
    assert (await small_world.get("/v1/teams", headers=GIVEN)).status_code == 401


async def test_who_signs_in_again_has_a_session_of_another_name(small_world: World) -> None:
    headers = await signed_in(small_world)
    before = small_world.client.cookies[COOKIE]
    form = {"key": key_text(KEY.key_id, SECRET), "csrf": headers["X-CSRF-Token"]}
    assert (await small_world.client.post("/login", data=form, headers=GIVEN | OURS)).status_code == 303
    assert small_world.client.cookies[COOKIE] != before
    old = await small_world.sessions.session(digest_of(before))
    assert old is not None
    assert old.ended_at == START


@pytest.mark.parametrize("cookie", ["", "nobodys", f"{COOKIE}=x", f"{COOKIE}=", f'{COOKIE}="\x01"', f"{COOKIE}=x;;,="])
async def test_a_cookie_of_no_session_lets_nobody_in(small_world: World, cookie: str) -> None:
    answer = await small_world.get("/v1/teams", headers=GIVEN | {"Cookie": cookie})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_browser_that_nobody_knows_is_led_to_the_page(small_world: World) -> None:
    answer = await small_world.get("/teams/drivers", headers=GIVEN | {"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=/teams/drivers")
    page = await small_world.get("/login?to=/teams/drivers", headers=GIVEN)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<input type="hidden" name="to" value="/teams/drivers">' in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "organisation" not in page.text


async def test_the_api_leads_nowhere_whoever_asks(small_world: World) -> None:
    answer = await small_world.get("/v1/teams", headers=GIVEN | {"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_where_nobody_has_to_show_anything_a_session_counts_all_the_same(postgres_servers: TestServers) -> None:
    async with world_on("memory", postgres_servers, token=None) as world:
        assert (await me(world))["name"] == "local"
        await signed_in(world)
        assert (await me(world))["name"] == "ana"
        world.at += timedelta(hours=12)
        world.seconds += 60
        assert (await me(world))["name"] == "local"


async def test_what_is_kept_of_a_session_opens_none(small_world: World) -> None:
    await signed_in(small_world)
    shown = small_world.client.cookies[COOKIE]
    kept = await small_world.sessions.session(digest_of(shown))
    assert kept is not None
    assert shown not in repr(kept)
    assert replace(kept, digest="", csrf="").key_id == KEY.key_id
