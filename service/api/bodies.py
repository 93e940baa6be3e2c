"""What a client sends -> the body whole, bounded in size and time, or a problem document."""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive

from service.api.problems import Kind, respond
from service.ports import MOST_BYTES

LIMIT_BYTES = 1_048_576
# Of a body that is not for events or a playbook: pydantic takes a second over the faults that fit into a mebibyte.
SMALL_BYTES = 16_384
BODY_SECONDS = 10.0
# A model is a hundred times as large as anything else, so one at a time is held, and given a minute.
MODELS = "/v1/models"
_MODEL_SECONDS = 60.0
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
INTAKE = "/v1/intake/"
_LARGE = ("/v1/events", INTAKE, "/v1/playbook", "/playbook")


async def whole_body(path: str, headers: Headers, receive: Receive) -> bytes | Response:
    """Read a body to its end, or say why it is not read."""
    limit, seconds = _limit(path), _MODEL_SECONDS if path == MODELS else BODY_SECONDS
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return respond(
            Kind.WRONG_MEDIA_TYPE, "send it without Content-Encoding", headers={"Accept-Encoding": "identity"}
        )
    announced = headers.get("content-length")
    if announced is not None and not _LENGTH.fullmatch(announced):
        return respond(Kind.UNREADABLE, "Content-Length is not a number")
    if announced is not None and int(announced) > limit:
        return respond(Kind.TOO_LARGE, f"at most {limit} bytes are read here")
    whole = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return respond(Kind.UNREADABLE)
                whole += message.get("body", b"")
                if len(whole) > limit:
                    return respond(Kind.TOO_LARGE, f"at most {limit} bytes are read here")
                if not message.get("more_body", False):
                    return bytes(whole)
    except TimeoutError:
        return respond(Kind.TOO_SLOW)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body as one message, then whatever the server says next: that the client is gone."""
    given = False

    async def next_message() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message


def _limit(path: str) -> int:
    if path == MODELS:
        return MOST_BYTES
    return LIMIT_BYTES if path.startswith(_LARGE) else SMALL_BYTES
