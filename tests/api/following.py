"""A console that follows a queue, talked to as a server talks to the app: what it is sent is at hand as it comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.api.world import ALLOWED, World


@dataclass(slots=True)
class Event:
    """One server-sent event; `name` is empty for what only has a retry or a comment."""

    name: str
    data: Any
    id: str | None
    retry: int | None


@dataclass(slots=True)
class Console:
    """`takes` is cleared to let it read nothing more."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    over: bool = False
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    leaves: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def events(self) -> list[Event]:
        return [_event(block) for block in self.body.decode().split("\n\n")[:-1] if not block.startswith(":")]

    async def until(self, count: int) -> list[Event]:
        """Return once so many events have come, or the stream is over."""
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: len(self.events) >= count or self.over)
        return self.events

    async def end(self) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: self.over)


def _event(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    data = orjson.loads(fields["data"]) if "data" in fields else None
    retry = int(fields["retry"]) if "retry" in fields else None
    return Event(name=fields.get("event", ""), data=data, id=fields.get("id"), retry=retry)


@asynccontextmanager
async def following(
    world: World, team: str = "drivers", last: str | None = None, *, token: str | None = ALLOWED["Authorization"]
) -> AsyncIterator[Console]:
    console = Console()
    console.takes.set()
    headers = [(b"host", b"localhost")]
    headers += [] if token is None else [(b"authorization", token.encode())]
    headers += [] if last is None else [(b"last-event-id", last.encode())]

    async def receive() -> dict[str, Any]:
        await console.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - any ASGI message
        if message["type"] == "http.response.start":
            console.status = message["status"]
            console.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        await console.takes.wait()
        async with console.news:
            console.body += message.get("body", b"")
            console.over = not message.get("more_body", False)
            console.news.notify_all()

    path = f"/v1/teams/{team}/stream"
    scope = {"type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode()}
    asked = asyncio.create_task(world.app({**scope, "query_string": b"", "headers": headers}, receive, send))
    try:
        yield console
    finally:
        console.leaves.set()
        console.takes.set()
        await asked
