import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from service.api import bodies
from service.api.guard import MOST_BODIES, MOST_UNKNOWN_BODIES
from tests.api.world import TOKEN, World, world_on
from tests.infrastructure.postgres import TestServers

MEBIBYTE = 1_048_576
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/s",
    "type": "feedback.survey.response.v1",
    "time": "2026-05-04T09:00:00Z",
    "data": {"response_id": "r"},
}


@pytest.fixture
async def open_world(postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on("memory", postgres_servers, token=None) as one:
        yield one


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe9"]
)
async def test_without_the_right_token_there_is_no_answer(small_world: World, given: str) -> None:
    headers = [(b"Authorization", given.encode("latin-1"))]
    answer = await small_world.get("/v1/teams", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/teams", "/openapi.json", "/nowhere", "/v1/intake/raw", "/livez/", "//livez"])
async def test_whatever_is_not_open_asks_for_the_token(small_world: World, path: str) -> None:
    assert (await small_world.get(path, headers={"Authorization": ""})).status_code == 401


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_the_platform_needs_no_token(small_world: World, path: str) -> None:
    assert (await small_world.get(path, headers={"Authorization": ""})).status_code == 200


async def test_the_scheme_is_read_in_any_case(small_world: World) -> None:
    assert (await small_world.get("/v1/teams", headers={"Authorization": f"bEARER {TOKEN}"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/v1/teams", 405), ("GET", "/v1/teams/", 404), ("GET", "/docs", 404)],
)
async def test_what_is_not_there_is_a_problem_document(small_world: World, method: str, path: str, status: int) -> None:
    answer = await small_world.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["status"]) == (
        status,
        "application/problem+json",
        status,
    )


@pytest.mark.parametrize("path", ["/v1/events", "/v1/intake/raw", "/v1/playbook", "/nowhere"])
async def test_a_body_above_a_mebibyte_is_refused(small_world: World, path: str) -> None:
    body = b" " * (MEBIBYTE + 1)
    method = "PUT" if path == "/v1/playbook" else "POST"
    assert (await small_world.client.request(method, path, content=body)).status_code == 413


async def test_a_body_of_no_announced_length_is_counted_as_it_comes(small_world: World) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65_536

    answer = await small_world.client.post("/v1/events", content=pieces())
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:feedback-router:problem:too-large")


async def test_a_body_that_is_not_for_events_may_have_16_kib(small_world: World) -> None:
    path = "/v1/alerts/7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11/ack"
    body = b'{"revision": 0}'.ljust(16_384)
    headers = {"Content-Type": "application/json"}
    read = await small_world.client.post(path, content=body, headers=headers)
    refused = await small_world.client.post(path, content=body + b" ", headers=headers)
    assert (read.status_code, refused.status_code, refused.json()["detail"]) == (
        404,
        413,
        "at most 16384 bytes are read here",
    )


async def test_a_body_of_a_mebibyte_is_read(small_world: World) -> None:
    answer = await small_world.client.post("/v1/events", content=b" " * MEBIBYTE, headers={"Content-Type": "a/b"})
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/v1/teams", "/nowhere", "/metrics", "/v1/teams/Nobody/queue"])
async def test_every_answer_bears_safe_headers(small_world: World, path: str) -> None:
    headers = (await small_world.get(path)).headers
    assert (headers["x-content-type-options"], headers["cache-control"], headers["referrer-policy"]) == (
        "nosniff",
        "no-store",
        "no-referrer",
    )
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_without_a_token_this_machine_may_ask(open_world: World) -> None:
    for name in ("localhost", "127.0.0.1:8080", "[::1]:8080"):
        assert (await open_world.get("/v1/teams", headers={"Host": name})).status_code == 200


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "[::2", ""])
async def test_without_a_token_a_name_bound_to_this_machine_may_not(open_world: World, host: str) -> None:
    answer = await open_world.get("/v1/teams", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:feedback-router:problem:foreign-origin")


@pytest.mark.parametrize(("origin", "status"), [("http://localhost", 202), ("https://example.org", 403), ("null", 403)])
async def test_without_a_token_a_foreign_page_can_not_write(open_world: World, origin: str, status: int) -> None:
    answer = await open_world.client.post("/v1/events", json=EVENT, headers={"Origin": origin})
    assert answer.status_code == status


async def test_a_failure_of_ours_says_nothing_of_its_cause(small_world: World) -> None:
    small_world.sent.away = RuntimeError("what a customer wrote")
    answer = await small_world.client.post("/v1/events", json=EVENT)
    assert (answer.status_code, answer.json(), answer.headers["x-content-type-options"]) == (
        500,
        {"type": "urn:feedback-router:problem:failed", "title": "The service failed", "status": 500},
        "nosniff",
    )


async def test_a_head_request_is_not_a_way_around_the_token(small_world: World) -> None:
    answer: httpx.Response = await small_world.client.head("/v1/teams", headers={"Authorization": ""})
    assert answer.status_code == 401


@pytest.mark.parametrize(("known", "most"), [(True, MOST_BODIES), (False, MOST_UNKNOWN_BODIES)])
async def test_a_body_too_many_at_once_is_told_so_and_keeps_others_out_of_nothing(
    small_world: World, most: int, *, known: bool
) -> None:
    begun, ending = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        begun.release()
        yield b"{"
        await ending.wait()

    path = "/v1/events" if known else "/v1/intake/raw"
    token = {} if known else {"Authorization": ""}
    waiting = [asyncio.create_task(small_world.client.post(path, content=slow(), headers=token)) for _ in range(most)]
    for _ in waiting:
        await begun.acquire()
    refused = await small_world.client.post(path, json=EVENT, headers=token)
    other = await small_world.client.post("/v1/intake/raw", json=EVENT, headers={"Authorization": ""} if known else {})
    ending.set()
    ended = {(await one).status_code for one in waiting}
    again = await small_world.client.post(path, json=EVENT, headers=token)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:feedback-router:problem:crowded")
    assert (ended, again.status_code, other.status_code) == ({415}, 202, 401) if known else ({401}, 401, 404)


async def test_a_body_that_takes_too_long_is_cut_off(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await small_world.client.post("/v1/events", content=endless())
    assert (answer.status_code, answer.json()["type"]) == (408, "urn:feedback-router:problem:too-slow")
