"""Partitions to claim -> when: at once after an assignment, later and later after each failure, with jitter."""

import asyncio
import random
from collections.abc import Collection

from aiokafka import TopicPartition

_FIRST_SECONDS = 0.2
_LONGEST_SECONDS = 10.0


class ClaimQueue:
    """What is assigned and not owned. Between a revocation and the next assignment it takes nothing."""

    def __init__(self) -> None:
        self.generation = 0
        self._open = False
        self._due: dict[TopicPartition, float] = {}
        self._tries: dict[TopicPartition, int] = {}
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Forget everything: nothing is assigned any more."""
        self.generation += 1
        self._open = False
        self._due.clear()
        self._tries.clear()

    def open(self, partitions: Collection[TopicPartition]) -> None:
        """Take a new assignment, due at once."""
        self.close()
        self._open = True
        self._due = dict.fromkeys(partitions, asyncio.get_running_loop().time())
        self._changed.set()

    def again(self, partition: TopicPartition, *, afresh: bool) -> None:
        """Have a partition claimed again after a while; `afresh` where it had got on since the last time."""
        if not self._open:
            return
        tries = self._tries[partition] = 1 if afresh else self._tries.get(partition, 0) + 1
        wait = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(tries - 1, 10))
        # Jitter keeps two owners that fence each other from doing so in step.
        self._due[partition] = asyncio.get_running_loop().time() + wait * random.uniform(0.5, 1.0)  # noqa: S311
        self._changed.set()

    async def due(self) -> list[TopicPartition]:
        """Wait for partitions to be due; return them in order, once."""
        loop = asyncio.get_running_loop()
        while not (ready := sorted(one for one, at in self._due.items() if at <= loop.time())):
            first = min(self._due.values(), default=None)
            self._changed.clear()
            try:
                async with asyncio.timeout_at(first):
                    await self._changed.wait()
            except TimeoutError:
                continue
        for one in ready:
            del self._due[one]
        return ready
