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
    events = {part.name: asyncio.Event() for part in parts}
    tasks = {part.name: asyncio.create_task(_run(part, events[part.name]), name=part.name) for part in parts}
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopping, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        drain()
        for part in parts:
            events[part.name].set()
            _, late = await asyncio.wait({tasks[part.name]}, timeout=part.seconds)
            if late:
                log.warning("part_cut_off", part=part.name, seconds=part.seconds)
                await _cut_off(tasks[part.name])
            log.info("part_ended", part=part.name)
    finally:
        stopping.cancel()
        for task in tasks.values():
            await _cut_off(task)
    for task in tasks.values():
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
