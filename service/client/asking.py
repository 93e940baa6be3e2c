"""A request -> the answer, asked again where nobody answered or the service was busy; a refusal is an error."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from http import HTTPStatus
from typing import Any

import httpx

from service.client.answers import OutOfReachError, RefusedError

_BUSY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_LONGEST_PAUSE = 30.0


async def ask(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    tries: int,
    pause: Callable[[float], Awaitable[None]],
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | Collection[str]] | None = None,
    body: Mapping[str, Any] | None = None,
) -> httpx.Response:
    """Ask up to `tries` times, with pauses in seconds that double or are as long as the service says.

    Raises:
        RefusedError: the service said no.
        OutOfReachError: nobody answered, or the service was busy each time.
    """
    sent = {name: value if isinstance(value, str) else list(value) for name, value in (params or {}).items()}
    why = ""
    for tried in range(tries):
        wait = min(2.0**tried / 4, _LONGEST_PAUSE)
        try:
            answer = await client.request(method, path, headers=headers, params=sent, json=body)
        except httpx.TransportError as failed:
            why = type(failed).__name__
        else:
            if answer.status_code not in _BUSY:
                return _accepted(answer)
            why = f"HTTP {answer.status_code}"
            wait = _asked_for(answer, wait)
        if tried + 1 < tries:
            await pause(wait)
    raise OutOfReachError(f"{method} {path}: {why}, {tries} times")


def _asked_for(answer: httpx.Response, wait: float) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_PAUSE) if asked.isdecimal() else wait


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    kind = str(problem.get("type", "")).rpartition(":")[2] or "unexplained"
    raise RefusedError(kind, answer.status_code, problem.get("detail") or problem.get("title") or answer.reason_phrase)
