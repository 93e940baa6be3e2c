"""Processes that decide beside this one -> one service: they end together and speak with one voice.

The first process has every role that was asked for and answers for all; each further one only decides. To Kafka and
PostgreSQL they are replicas. When one ends, all end; when the first is gone, the others notice and end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from service.ports import Degraded
from service.ports.fellows import Fellow, Sample
from service.runtime.health import STUCK_AFTER_SECONDS, Health

log = structlog.get_logger()

# A batch of the largest records keeps a process from answering for about a second.
ANSWER_SECONDS = 2.0

Start = Callable[[int], Awaitable[Fellow]]


class FellowEndedError(Exception):
    """A process beside the first one failed; `status` is its own, below zero where a signal ended it."""

    def __init__(self, number: int, status: int) -> None:
        super().__init__(f"process {number} ended with {status}")
        self.status = status


class Fellows:
    """The processes beside the first, numbered from 2; `on_end` is called when one of them has ended."""

    def __init__(
        self,
        start: Start,
        count: int,
        on_end: Callable[[], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._numbers = range(2, count + 2)
        self._on_end = on_end
        self._monotonic = monotonic
        self._fellows: list[Fellow] = []
        self._silent: dict[int, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Start them, and see to it that all have ended when it returns; who is late when this is cancelled is killed.

        Raises:
            FellowEndedError: one ended by a fault of its own.
        """
        stopping = asyncio.create_task(stop.wait())
        ends: dict[asyncio.Task[int], Fellow] = {}
        try:
            for number in self._numbers:
                self._fellows.append(await self._start(number))
            ends = {asyncio.create_task(fellow.ended()): fellow for fellow in self._fellows}
            await asyncio.wait({stopping, *ends}, return_when=asyncio.FIRST_COMPLETED)
            first = next((task for task in ends if task.done()), None)
            self._on_end()
            await stopping
            self.let_go()
            await asyncio.wait(ends)
        finally:
            stopping.cancel()
            for fellow in self._fellows:
                fellow.kill()
            if ends:
                await asyncio.wait(ends)
        # Where several failed, the one that was first has drawn the others along.
        for task in sorted(ends, key=lambda task: task is not first):
            if task.result() != 0:
                raise FellowEndedError(ends[task].number, task.result())

    def let_go(self) -> None:
        """Have all of them finish what is in hand and end."""
        for fellow in self._fellows:
            fellow.let_go()

    async def unready(self) -> tuple[str, ...]:
        """Say why not all are ready, each reason with the number of its process."""
        await self._ask()
        reasons: list[str] = []
        for number in self._numbers:
            fellow = self._of(number)
            if fellow is None or fellow.told is None:
                reasons.append(f"process {number}: starting")
            elif number in self._silent:
                reasons.append(f"process {number}: does not answer")
            else:
                reasons += [f"process {number}: {reason}" for reason in fellow.told.unready]
        return tuple(reasons)

    async def stuck(self) -> tuple[str, ...]:
        """Name the partitions that stand still, and the processes that have not answered for as long."""
        await self._ask()
        now = self._monotonic()
        found: list[str] = []
        for fellow in self._fellows:
            since = self._silent.get(fellow.number)
            if since is not None and now - since > STUCK_AFTER_SECONDS:
                found.append(f"process {fellow.number}")
            elif since is None and fellow.told is not None:
                found += fellow.told.stuck
        return tuple(found)

    async def figures(self) -> Sequence[Mapping[str, Sequence[Sample]]]:
        """Return what each has counted; of one that does not answer or has ended, what it said last: no sum falls."""
        await self._ask()
        return [fellow.told.figures for fellow in self._fellows if fellow.told is not None]

    async def _ask(self) -> None:
        """Ask those that have begun to serve, all at once, and note since when one has been silent."""
        asked = [fellow for fellow in self._fellows if fellow.told is not None]
        answered = await asyncio.gather(*[fellow.ask(ANSWER_SECONDS) for fellow in asked])
        now = self._monotonic()
        for fellow, answers in zip(asked, answered, strict=True):
            if answers:
                self._silent.pop(fellow.number, None)
            else:
                self._silent.setdefault(fellow.number, now)

    def _of(self, number: int) -> Fellow | None:
        return next((fellow for fellow in self._fellows if fellow.number == number), None)


class Together:
    """Implements the API's Pulse: how the first process is, and those beside it."""

    def __init__(self, own: Health, fellows: Fellows | None = None) -> None:
        self._own = own
        self._fellows = fellows

    async def unready(self) -> tuple[str, ...]:
        theirs = () if self._fellows is None else await self._fellows.unready()
        return (*self._own.unready(), *theirs)

    async def stuck(self) -> tuple[str, ...]:
        theirs = () if self._fellows is None else await self._fellows.stuck()
        return tuple(sorted({*self._own.stuck(), *theirs}))

    def degraded(self) -> tuple[Degraded, ...]:
        return self._own.degraded()

    async def drained(self, within: float) -> bool:
        return await self._own.drained(within)
