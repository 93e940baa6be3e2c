"""Long-running parts -> one orderly life: all start together, and end one after another, each within its time.

When one part fails, or a signal comes, nothing new is let in, and the parts end in the order given. A part that is late
is cut off, and the first failure is raised once everything has ended.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that runs until its event is set, and then for at most `seconds` more."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]
    seconds: float


async def live(parts: Sequence[Part], stop: asyncio.Event, drain: Callable[[], None]) -> None:
    """Run the parts until `stop`, or until one of them ends; call `drain`, then end them in order."""
    events = [asyncio.Event() for _ in parts]
    # Each part has a place of its own: one relay for each shard may well share a name.
    tasks = [asyncio.create_task(_run(part, event), name=part.name) for part, event in zip(parts, events, strict=True)]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        drain()
        for part, event, task in zip(parts, events, tasks, strict=True):
            event.set()
            _, late = await asyncio.wait({task}, timeout=part.seconds)
            if late:
                log.warning("part_cut_off", part=part.name, seconds=part.seconds)
                await _cut_off(task)
            log.info("part_ended", part=part.name)
    finally:
        stopping.cancel()
        for task in tasks:
            await _cut_off(task)
    for task in tasks:
        if not task.cancelled() and (failed := task.exception()) is not None:
            raise failed


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` at the first SIGINT or SIGTERM; a second one does what it does to any program."""
    loop = asyncio.get_running_loop()

    def end(number: signal.Signals) -> None:
        log.info("stopping", signal=number.name)
        stop.set()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)

    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, end, one)
    try:
        yield
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)


async def _run(part: Part, stop: asyncio.Event) -> None:
    await part.run(stop)


async def _cut_off(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
