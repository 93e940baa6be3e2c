"""What a page shows, asked for again and again -> a stream of server-sent events, one for each change.

However many look at the same queue, it is read once in each interval. A stream says something every few seconds, so
that neither end takes the other for gone. It ends when the process is to stop, and after some minutes: a browser asks
again by itself, and is let in only if it still may.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request

from service.api.rooms import Room
from service.api.services import Services

MOST_STREAMS = 400
_HEARTBEAT = 15.0
_LONGEST = 300.0
Look = Callable[[], Awaitable[str]]


@dataclass(slots=True)
class _Watched:
    """A page that somebody looks at: how many do, what it showed last, and when that was read."""

    watchers: int = 0
    html: str = ""
    at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Live:
    """All pages that are looked at now."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}
        self._room = Room(MOST_STREAMS)

    async def changes(self, name: str, look: Look, services: Services) -> AsyncIterator[bytes]:
        """Yield a page by its name, and again each time that it is another.

        Raises:
            Problem: too many look at pages.
        """
        with self._room.taken():
            one = self._watched.setdefault(name, _Watched())
            one.watchers += 1
            try:
                async for message in _messages(one, look, services):
                    yield message
            finally:
                one.watchers -= 1
                if one.watchers == 0:
                    self._watched.pop(name, None)


async def _messages(one: _Watched, look: Look, services: Services) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    shown, said, ends_at = None, clock(), clock() + _LONGEST
    while clock() < ends_at:
        async with one.lock:
            if clock() - one.at >= services.poll_seconds:
                one.html = await look()
                one.at = clock()
        if one.html != shown:
            shown, said = one.html, clock()
            yield message(shown)
        elif clock() - said >= _HEARTBEAT:
            said = clock()
            yield b": still here\n\n"
        if await services.pulse.drained(services.poll_seconds):
            return


async def after(first: bytes, changes: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what was asked for already, then the rest."""
    yield first
    async for one in changes:
        yield one


def message(html: str) -> bytes:
    """Write one event; its lines end as the format wants it."""
    return "".join(f"data: {line}\n" for line in html.splitlines()).encode() + b"\n"


def of_app(request: Request) -> Live:
    """Return what the app keeps of the pages that are looked at."""
    state = request.app.state
    if not hasattr(state, "live"):
        state.live = Live()
    live: Live = state.live
    return live
