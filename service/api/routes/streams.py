"""A team's queue as it changes, as server-sent events."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.types import Receive, Scope, Send

from service.api.needs import Asker, needs, still_let_in
from service.api.routes.teams import TeamName, known
from service.api.services import Given
from service.api.streaming import Hub, Listener
from service.core.access import Permission

router = APIRouter(tags=["teams"])
# How long a stream is silent at most: proxies end what says nothing.
BEAT_SECONDS = 15.0
# How often it is looked whether who listens would still be let in, beside what is believed of that for a while.
_LOOK_SECONDS = 2.0
_BEAT = b": still here\n\n"
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


@router.get(
    "/v1/teams/{team}/stream",
    operation_id="streamQueue",
    summary="Follow a team's queue: a snapshot, then each alert that comes or changes, and what is gone",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}},
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def stream_queue(
    team: TeamName,
    asker: Asker,
    services: Given,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    await known(team, services)
    hub: Hub = request.app.state.hub
    quotes = asker.may(Permission.READ_VERBATIMS)
    async with AsyncExitStack() as stack:
        stack.enter_context(services.streams.taken())
        listener = await stack.enter_async_context(hub.listening(team, last_event_id, quotes=quotes))
        return _Stream(listener, stack.pop_all(), partial(still_let_in, request))


class _Stream(Response):
    """Sends what a listener hears until either end has had enough; then gives its place back, whatever happened."""

    def __init__(self, listener: Listener, place: AsyncExitStack, still: Callable[[], Awaitable[bool]]) -> None:
        super().__init__()
        self._listener = listener
        self._place = place
        self._still = still

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI calls it
        listener = self._listener
        gone = asyncio.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: listener.end())
        async with self._place:
            try:
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                clock = asyncio.get_running_loop().time
                looked_at = said_at = clock()
                while listener.over is None or listener.frames:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(min(_LOOK_SECONDS, BEAT_SECONDS)):
                            await listener.woken.wait()
                    listener.woken.clear()
                    if clock() - looked_at >= _LOOK_SECONDS:
                        looked_at = clock()
                        if not await self._still():
                            listener.frames.clear()
                            listener.end()
                    if listener.frames:
                        said_at = clock()
                    elif clock() - said_at >= BEAT_SECONDS:
                        said_at = clock()
                        await send({"type": "http.response.body", "body": _BEAT, "more_body": True})
                    while listener.frames and not gone.done():
                        body = listener.frames.popleft()
                        await send({"type": "http.response.body", "body": body, "more_body": True})
                    if gone.done():
                        return
                await send({"type": "http.response.body", "body": listener.over, "more_body": False})
            finally:
                gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
