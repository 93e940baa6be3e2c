"""A body and headers for an address -> the answer, bounded in time and size, or what became of the attempt.

The name is looked up here and judged, and the connection made to that very address: else it could lead elsewhere by
then. Redirects are not followed, proxies and what the environment says of them not used, and connections not kept,
since one to an address that two names share would serve both.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import orjson

from service.adapters.channels.reach import ForbiddenError, address_of
from service.core.deliver import outcome_of_status
from service.core.deliver.attempts import asked_wait
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted

SECONDS = 15.0
_CONNECT_SECONDS = 5.0
_MOST_ANSWERED = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer: what its status means, and the first of its body."""

    attempt: Attempt
    body: bytes

    def json(self) -> Mapping[str, Any]:
        """Return the body if it is an object, else nothing."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


class Posting:
    """POSTs. `private` lets addresses of the own network through."""

    def __init__(self, client: httpx.AsyncClient, *, private: bool, seconds: float) -> None:
        self._client = client
        self._private = private
        self._seconds = seconds

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str], at: datetime) -> Answered:
        """POST once; trouble is an answer without a body."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(httpx.URL(url), body, headers, at)
        except ForbiddenError:
            return _failed(Attempted.FORBIDDEN_ADDRESS)
        except (TimeoutError, httpx.TimeoutException):
            return _failed(Attempted.TIMED_OUT)
        except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            # The message may name the address, which for some is the secret.
            return _failed(Attempted.UNREACHABLE, type(error).__name__)

    async def _post(self, url: httpx.URL, body: bytes, headers: Mapping[str, str], at: datetime) -> Answered:
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await address_of(url.host, port, private=self._private)
        sent = {**headers, "Host": url.netloc.decode("ascii"), "User-Agent": "feedback-router", "Connection": "close"}
        # The certificate is that of the name, whatever its address.
        named = {"sni_hostname": url.host} if url.scheme == "https" else {}
        request = self._client.build_request(
            "POST", url.copy_with(host=address), content=body, headers=sent, extensions=named
        )
        answer = await self._client.send(request, stream=True)
        try:
            return Answered(attempt=_judged(answer, at), body=await _first(answer))
        finally:
            await answer.aclose()


def certificates() -> ssl.SSLContext:
    """Return whom to trust: those of `SSL_CERT_FILE`, or the public authorities. Reading them takes a while."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def open_posting(
    certificates: ssl.SSLContext, *, private: bool, seconds: float = SECONDS
) -> AsyncIterator[Posting]:
    """Open what posts; it ends every connection when it is left."""
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=_CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
        verify=certificates,
    )
    async with client:
        yield Posting(client, private=private, seconds=seconds)


def _judged(answer: httpx.Response, at: datetime) -> Attempt:
    return Attempt(
        outcome=outcome_of_status(answer.status_code),
        detail=f"HTTP {answer.status_code}",
        retry_after=asked_wait(answer.headers.get("retry-after"), at),
    )


async def _first(answer: httpx.Response) -> bytes:
    found = bytearray()
    async for piece in answer.aiter_raw():
        found += piece
        if len(found) >= _MOST_ANSWERED:
            break
    return bytes(found[:_MOST_ANSWERED])


def _failed(outcome: Attempted, detail: str | None = None) -> Answered:
    return Answered(attempt=Attempt(outcome=outcome, detail=detail), body=b"")
