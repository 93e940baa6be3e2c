"""Questions that no client library would let pass, put to the app as a server hands them over."""

from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import unquote

import orjson

from tests.api.world import ALLOWED, World

JSON = (b"content-type", b"application/json")
PRIVATE = "020 7946 0958"
QUEUE = "/v1/teams/drivers/queue"
ALERT = "/v1/alerts/7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11"


async def ask(
    world: World,
    method: str,
    path: bytes,
    body: bytes | AsyncIterator[bytes] = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> tuple[int, dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    address, _, query = path.partition(b"?")
    pieces = _pieces(body)

    async def receive() -> dict[str, Any]:
        piece = await anext(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Any) -> None:  # noqa: ANN401 - any ASGI message
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": _unquoted(address),
        "raw_path": address,
        "query_string": query,
        "headers": [(b"host", b"localhost"), (b"authorization", ALLOWED["Authorization"].encode()), *headers],
    }
    await world.app(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], orjson.loads(answer) if answer else {}


async def _pieces(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for piece in body:
        yield piece


def _unquoted(path: bytes) -> str:
    """Decode as the server does: a broken escape stands for itself, and what is no UTF-8 is replaced."""
    return unquote(path.decode("latin-1"))


def kind_of(document: dict[str, Any]) -> str:
    return str(document["type"]).removeprefix("urn:feedback-router:problem:")
