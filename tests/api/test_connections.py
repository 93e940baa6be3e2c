"""Over real sockets: who never ends a head or a body, says nothing or takes nothing, loses the connection in time."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import BoundedConnection
from service.api.bodies import LIMIT_BYTES
from service.api.guard import HEAD_BYTES
from tests.api.world import TOKEN, World

HELLO = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
JSON = "Content-Type: application/json\r\n"


class _Hasty(BoundedConnection):
    most = 3
    head_seconds = 0.1
    answer_seconds = 0.1


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _serving(app: ASGIApp, connection: type[BoundedConnection] = _Hasty) -> AsyncIterator[_Server]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=connection, ws="none", lifespan="off", log_config=None, access_log=False)
        server = _Server(config)
        task = asyncio.create_task(server.serve([bound]))
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0)
        try:
            yield server
        finally:
            server.should_exit = True
            await task


@pytest.fixture
async def port(small_world: World) -> AsyncIterator[int]:
    async with _serving(small_world.app) as server:
        yield _port(server)


def _port(server: _Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


async def _say(port: int, *pieces: str) -> str:
    """Send the pieces, and return all that is answered until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece.encode("latin-1"))
            await writer.drain()
        async with asyncio.timeout(10):
            return (await reader.read()).decode()
    except ConnectionError:
        return "reset"
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _is_problem(answer: str, status: int, kind: str) -> bool:
    head, _, body = answer.partition("\r\n\r\n")
    return head.startswith(f"HTTP/1.1 {status} ") and "application/problem+json" in head and f":{kind}" in body


async def test_an_honest_request_is_answered(port: int) -> None:
    answer = await _say(port, f"GET /v1/teams HTTP/1.1\r\n{HELLO}Connection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 OK")


@pytest.mark.parametrize("start", ["GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX"])
async def test_a_head_that_never_ends_is_not_kept(port: int, start: str) -> None:
    filling = "X: y\r\n" if start.endswith("\r\n") else "y" * 64
    answer = await _say(port, start, filling * (2 * HEAD_BYTES // len(filling) + 1))
    assert _is_problem(answer, 431, "head-too-large")


async def test_a_head_above_the_limit_is_refused(port: int) -> None:
    answer = await _say(port, f"GET / HTTP/1.1\r\n{HELLO}X: {'y' * HEAD_BYTES}\r\nConnection: close\r\n\r\n")
    assert _is_problem(answer, 431, "head-too-large")


async def test_who_does_not_end_a_head_is_told_and_left(port: int) -> None:
    assert _is_problem(await _say(port, "GET / HTTP/1.1\r\nHost:"), 408, "too-slow")


async def test_who_says_nothing_is_left(port: int) -> None:
    assert await _say(port) == ""


async def test_what_is_no_http_is_a_problem_too(port: int) -> None:
    assert _is_problem(await _say(port, "\x16\x03\x01 hello\r\n\r\n"), 400, "unreadable")


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 400, "2\r\nContent-Length: 3"])
async def test_a_length_that_lies_about_itself_is_refused(port: int, length: str) -> None:
    answer = await _say(port, f"POST /v1/events HTTP/1.1\r\n{HELLO}{JSON}Content-Length: {length}\r\n\r\n{{}}")
    assert _is_problem(answer, 400, "unreadable")


async def test_a_body_longer_than_announced_is_read_as_announced(port: int) -> None:
    answer = await _say(
        port, f"POST /v1/events HTTP/1.1\r\n{HELLO}{JSON}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}more"
    )
    assert _is_problem(answer, 422, "invalid-events")


async def test_a_body_of_no_announced_length_is_cut_off_at_the_limit(port: int) -> None:
    piece = f"10000\r\n{' ' * 65_536}\r\n"
    answer = await _say(
        port,
        f"POST /v1/events HTTP/1.1\r\n{HELLO}{JSON}Transfer-Encoding: chunked\r\n\r\n",
        piece * (LIMIT_BYTES // 65_536 + 1),
    )
    assert _is_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "request_line", ["GET /v1/teams HTTP/1.1\r\n", "POST /v1/teams HTTP/1.1\r\nAuthorization: no\r\n"]
)
async def test_a_body_that_nobody_reads_ends_the_connection(port: int, request_line: str) -> None:
    answer = await _say(port, f"{request_line}{HELLO}Content-Length: 1000000\r\n\r\n")
    assert "connection: close" in answer.lower()


async def test_a_connection_too_many_is_told_so(port: int) -> None:
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_Hasty.most)]
    assert _is_problem(await _say(port, ""), 503, "crowded")
    for _, writer in held:
        await _close(writer)


async def test_who_does_not_take_the_answer_loses_it() -> None:
    async def large(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 2**24})

    loop = asyncio.get_running_loop()
    async with _serving(large) as server, asyncio.timeout(10):
        with socket.socket() as client:
            client.settimeout(0)
            await loop.sock_connect(client, ("127.0.0.1", _port(server)))
            await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await loop.sock_recv(client, 1)
            while server.server_state.connections:  # noqa: ASYNC110 - uvicorn sets no event
                await asyncio.sleep(0)
