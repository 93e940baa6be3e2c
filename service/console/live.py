"""A page of a queue, made anew whenever the queue is another -> a stream of server-sent events, one for each change.

However many look at the same page, it is made once. A stream says something every few seconds, so that neither end
takes the other for gone. It ends when the process is to stop, and after some minutes: a browser asks again by itself,
and is let in only if it still may.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request

from service.api.rooms import Room
from service.api.streaming import Hub, Listener
from service.ports import OutOfReachError

_HEARTBEAT = 15.0
_LONGEST = 300.0
Look = Callable[[], Awaitable[str]]


@dataclass(slots=True)
class _Watched:
    """A page that somebody looks at: how many do, what it showed last, when that was made, and after which news."""

    watchers: int = 0
    html: str = ""
    at: float = float("-inf")
    news: bytes | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Live:
    """All pages that are looked at now; the hub says when the queue of one is another."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._watched: dict[str, _Watched] = {}

    async def changes(self, team: str, name: str, look: Look, room: Room) -> AsyncIterator[bytes]:
        """Yield a page of a team's queue by its name, and again each time that it is another.

        Raises:
            OutOfReachError: the store does not answer.
            Problem: too many follow a queue.
        """
        with room.taken():
            async for said in self._followed(team, name, look):
                yield said

    async def _followed(self, team: str, name: str, look: Look) -> AsyncIterator[bytes]:
        async with self._hub.listening(team, None) as listener:
            one = self._watched.setdefault(name, _Watched())
            one.watchers += 1
            try:
                async for said in _messages(one, look, listener):
                    yield said
            finally:
                one.watchers -= 1
                if one.watchers == 0:
                    self._watched.pop(name, None)


async def _messages(one: _Watched, look: Look, listener: Listener) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    shown, ends_at = None, clock() + _LONGEST
    news = _heard(listener)
    while clock() < ends_at:
        async with one.lock:
            # News are the same object to all who hear them: whoever is first makes the page for the others.
            if (news is not None and one.news is not news) or clock() - one.at >= _HEARTBEAT:
                one.at, one.news = clock(), news
                one.html = await look()
        yield message(one.html) if one.html != shown else b": still here\n\n"
        shown = one.html
        if listener.over is not None:
            yield listener.over
            return
        try:
            async with asyncio.timeout(_HEARTBEAT):
                await listener.woken.wait()
        except TimeoutError:
            # Times such as "3 min ago" change by themselves.
            news = None
        else:
            news = _heard(listener)


def _heard(listener: Listener) -> bytes | None:
    """Take the latest news; None where there are none, since the stream is over."""
    news = listener.frames[-1] if listener.frames else None
    listener.frames.clear()
    listener.woken.clear()
    return news


async def after(first: bytes, changes: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what was asked for already, then the rest; where the store is lost, a browser asks again by itself."""
    yield first
    try:
        async for one in changes:
            yield one
    except OutOfReachError:
        return


def message(html: str) -> bytes:
    """Write one event; its lines end as the format wants it."""
    return "".join(f"data: {line}\n" for line in html.splitlines()).encode() + b"\n"


def of_app(request: Request) -> Live:
    """Return what the app keeps of the pages that are looked at."""
    state = request.app.state
    if not hasattr(state, "live"):
        state.live = Live(state.hub)
    live: Live = state.live
    return live
