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
from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError, Store
from service.runtime.erasing import erase_some
from service.runtime.retry import pause
from service.runtime.rulebook import Rulebook

log = structlog.get_logger()

_ROUND_SECONDS = 1.0
_REMOVE_SECONDS = 60.0
# So much goes in one transaction, and so many of these of one class in one round.
MOST_REMOVED = 1_000
MOST_SLICES = 20


class Now(Protocol):
    def now(self) -> datetime: ...


class Watch(Protocol):
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


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

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        tries, remove_at = 0, 0.0
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            try:
                if self._by_wall:
                    await self.erase(stop)
                if self._by_wall and loop.time() >= remove_at:
                    remove_at = loop.time() + _REMOVE_SECONDS
                    await self.remove(stop)
                tries, wait = 0, _ROUND_SECONDS
                self._watch.clear("housekeeping")
            except (ConflictError, OutcomeUnknownError):
                tries += 1
                wait = pause(tries, first=0.01, longest=1.0)
            except OutOfReachError as failed:
                tries += 1
                wait = pause(tries)
                log.warning("housekeeping_waits", reason=str(failed))
                self._watch.fault("housekeeping", str(failed))
            try:
                async with asyncio.timeout(wait):
                    await stop.wait()
            except TimeoutError:
                continue

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
