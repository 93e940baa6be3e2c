"""A world of the API with a bit of everything in it, on a thread and a loop of its own, so that plain code may ask it.

Schemathesis runs its cases without a loop, and reaches an ASGI app from a loop of its own.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from service.core.pipeline.read import read
from service.core.records.feedback import Message
from service.ports import PartitionKey
from service.runtime.batch import run_batch
from tests.api.test_intake import SOURCES
from tests.api.world import World, world_on
from tests.builders import KEY, START, make_playbook, survey
from tests.infrastructure.postgres import TestServers

MINUTE = timedelta(minutes=1)
WEEK = timedelta(weeks=1)
# A signature without a secret is the operator's fault, and told as one.
_SOURCES = {name: source for name, source in SOURCES.items() if name != "signed"}
# What a customer said on the telephone; redaction takes it out of all that is kept.
PRIVATE = "020 7946 0958"

Prepare: TypeAlias = Callable[[World], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Real:
    """What there is in the world, for requests that are to hit something."""

    alert_id: str
    silence_id: str
    digest: str
    cursors: dict[str, str]


async def fill(world: World) -> Real:
    """Let alerts open, reviews be found and records be rejected; pages of one row give a cursor for each list."""
    for week in range(7):
        people = 2 if week < 5 else 12
        events = [survey(f"w{week}-{at}", 0, f"late, call {PRIVATE}", customer=f"c{week}-{at}") for at in range(people)]
        await world.push(week * WEEK + MINUTE, *events)
    await world.wait(8 * WEEK)
    (lease,) = await world.store.claim([PartitionKey(cluster="c", group="g", topic="feedback.surveys", partition=0)])
    broken = [f'{{"id": "call {PRIVATE}"{end}'.encode() for end in ("", "}", "}")]
    records = [record for at, value in enumerate(broken) for record in read(_message(at, value), world.rules, KEY)]
    await run_batch(world.store, lease, records, len(broken), world.rules, lambda _: START)
    alert = await world.alert_of("drivers")
    wished = {"matchers": {"team": "drivers"}, "reason": f"Call {PRIVATE}.", "duration": "7d"}
    silence = (await world.client.post("/v1/silences", json=wished)).json()
    lists = {
        "listSilences": "/v1/silences",
        "readQueue": "/v1/teams/drivers/queue",
        "listReviews": "/v1/reviews",
        "listAudit": "/v1/audit",
        "listAlertEvents": f"/v1/alerts/{alert['alert_id']}/events",
    }
    cursors = {name: (await world.read(path, params={"limit": 1}))["next"] for name, path in lists.items()}
    return Real(
        alert_id=alert["alert_id"], silence_id=silence["silence_id"], digest=world.rules.digest, cursors=cursors
    )


def _message(offset: int, value: bytes) -> Message:
    return Message(topic="feedback.surveys", partition=0, offset=offset, key=b"k", value=value, received_at=START)


class Elsewhere:
    """An ASGI app that may be called from any loop: it hands each message over to the loop of the world's app."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._world: World | None = None

    @contextmanager
    def running(self, store: str, servers: TestServers, prepare: Prepare | None = None) -> Iterator[Real]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        stack = AsyncExitStack()

        async def begin() -> Real:
            world = await stack.enter_async_context(world_on(store, servers, make_playbook(sources=_SOURCES)))
            self._app, self._loop, self._world = world.app, loop, world
            real = await fill(world)
            if prepare is not None:
                await prepare(world)
            return real

        try:
            yield asyncio.run_coroutine_threadsafe(begin(), loop).result()
        finally:
            asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        assert self._app is not None
        assert self._loop is not None
        assert self._world is not None
        # Nobody here is told to wait for having failed too often: a minute goes by before each request.
        self._world.seconds += 60
        here = asyncio.get_running_loop()
        await _on(self._loop, self._app, scope, _from(here, receive), _from(here, send))


async def _on(loop: asyncio.AbstractEventLoop, do: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - any call
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(do(*arguments), loop))


def _from(loop: asyncio.AbstractEventLoop, do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def done(*arguments: object) -> Any:  # noqa: ANN401 - any call
        return await _on(loop, do, *arguments)

    return done
