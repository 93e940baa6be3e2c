"""A piece of work -> done again and again until a stop: at its own pace while it goes well, tried again when it fails.

A round that met another writer, or lost the reply to a commit, comes again at once: whoever was in the way may have
done what it was about, and the next round finds what is left. While the store is out of reach the waits grow, and
`watch` has the reason.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError
from service.runtime.retry import pause

log = structlog.get_logger()


class Watch(Protocol):
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


async def in_rounds(
    work: Callable[[], Awaitable[None]], stop: asyncio.Event, *, name: str, seconds: float, watch: Watch
) -> None:
    """Await `work` until `stop`, `seconds` after each round that went well; what no store raises ends it."""
    tries, waits = 0, f"{name}_waits"
    while not stop.is_set():
        try:
            await work()
            tries, wait = 0, seconds
            watch.clear(name)
        except (ConflictError, OutcomeUnknownError):
            tries += 1
            wait = pause(tries, first=0.01, longest=1.0)
        except OutOfReachError as failed:
            tries += 1
            wait = pause(tries)
            log.warning(waits, reason=str(failed))
            watch.fault(name, str(failed))
        await until_stop(stop, wait)


async def until_stop(stop: asyncio.Event, seconds: float) -> None:
    """Wait for so many seconds, or until `stop` where that is sooner."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
