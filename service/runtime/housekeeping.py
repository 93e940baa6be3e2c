"""The wall clock -> who asked to be forgotten is, about once a second, and some of what is too old, once a minute.

Each slice is a transaction of its own, so that neither a person of thousands of rows nor a year of old ones holds
anybody up for long. Any number may run: each request is taken by whoever locks it first. Under the stream clock nothing
is done: what a recorded stream leaves must be what a replay of it does.
"""

import asyncio
from datetime import datetime
from typing import Protocol

import structlog

from service.core.pipeline.ages import ages
from service.core.pseudonym import PseudonymKey
from service.core.records.metrics import Meter
from service.ports import Store
from service.runtime.erasing import erase_some
from service.runtime.rounds import Watch, in_rounds
from service.runtime.rulebook import Rulebook

log = structlog.get_logger()

_ROUND_SECONDS = 1.0
_REMOVE_SECONDS = 60.0
# So much goes in one transaction, and so many of these of one class in one round.
MOST_REMOVED = 1_000
MOST_SLICES = 20


class Now(Protocol):
    def now(self) -> datetime: ...


class Housekeeping:
    """Erases and removes in bounded slices, and counts what it did."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        key: PseudonymKey,
        wall: Now,
        *,
        by_wall: bool,
        watch: Watch,
        meter: Meter,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._key = key
        self._wall = wall
        self._by_wall = by_wall
        self._watch = watch
        self._meter = meter
        self._remove_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        await in_rounds(lambda: self._round(stop), stop, name="housekeeping", seconds=_ROUND_SECONDS, watch=self._watch)

    async def _round(self, stop: asyncio.Event) -> None:
        if not self._by_wall:
            return
        await self.erase(stop)
        monotonic = asyncio.get_running_loop().time()
        if monotonic >= self._remove_at:
            self._remove_at = monotonic + _REMOVE_SECONDS
            await self.remove(stop)

    async def erase(self, stop: asyncio.Event) -> None:
        """Go on with the requests that are open, slice by slice; it raises what a store raises."""
        while not stop.is_set():
            erasure = await erase_some(self._store, self._rulebook.rules, self._key, self._wall.now())
            if erasure is None:
                return
            if erasure.done_at is not None:
                self._meter.add("erasures_total")
                log.info("erased", erasure=erasure.erasure_id, **erasure.counts)

    async def remove(self, stop: asyncio.Event) -> None:
        """Remove what is too old by the playbook, class after class; it raises what a store raises."""
        now = self._wall.now()
        for what, age in ages(self._rulebook.rules.playbook.privacy).items():
            for _ in range(MOST_SLICES):
                if stop.is_set():
                    return
                gone = await self._store.remove(what, now - age, MOST_REMOVED)
                self._meter.add("retention_removed_total", what.value, by=gone)
                if gone < MOST_REMOVED:
                    break
