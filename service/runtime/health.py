"""What the loops report -> whether the service is ready, whether it is alive, and by what it is degraded; with reasons.

Ready: every part has started, none is in trouble, nothing is being drained. Alive: no partition has records waiting and
has moved nothing for a long time, unless a service that it needs is out of reach, which a restart would not mend.
Degraded: something is amiss that all replicas share, so that it is no reason to send requests elsewhere.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from service.ports import Degraded, PartitionKey

STUCK_AFTER_SECONDS = 120.0


class Health:
    """The state behind /readyz and /livez. `parts` names what must have started before the service is ready."""

    def __init__(
        self,
        parts: Collection[str] = (),
        *,
        stuck_after: float = STUCK_AFTER_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._starting = set(parts)
        self._stuck_after = stuck_after
        self._monotonic = monotonic
        self._faults: dict[str, str] = {}
        self._waiting: dict[PartitionKey, float] = {}
        self._draining = asyncio.Event()
        self._degraded: tuple[Degraded, ...] = ()

    def started(self, part: str) -> None:
        self._starting.discard(part)

    def drain(self) -> None:
        """From now on nothing new is to be sent here."""
        self._draining.set()

    async def drained(self, within: float) -> bool:
        """Wait for so many seconds at most; return True as soon as nothing new is to be sent here."""
        try:
            async with asyncio.timeout(within):
                await self._draining.wait()
        except TimeoutError:
            return False
        return True

    def fault(self, name: str, reason: str) -> None:
        self._faults[name] = reason

    def clear(self, name: str) -> None:
        self._faults.pop(name, None)

    def degrade(self, found: Sequence[Degraded]) -> None:
        """Note all that is amiss with what the replicas share; nothing when that is as it should be."""
        self._degraded = tuple(found)

    def degraded(self) -> tuple[Degraded, ...]:
        return self._degraded

    def behind(self, key: PartitionKey, lag: int) -> None:
        """Note that a partition has `lag` records to go; how long it stands still counts from the first such word."""
        if lag == 0:
            self._waiting.pop(key, None)
        else:
            self._waiting.setdefault(key, self._monotonic())

    def moved(self, key: PartitionKey) -> None:
        """Note that a partition got on, or waits for a reason of its own."""
        if key in self._waiting:
            self._waiting[key] = self._monotonic()

    def gone(self, key: PartitionKey) -> None:
        self._waiting.pop(key, None)

    def unready(self) -> tuple[str, ...]:
        """Say why the service is not ready, sorted; nothing when it is."""
        reasons = {f"{part}: starting" for part in self._starting}
        reasons |= {f"{name}: {reason}" for name, reason in self._faults.items()}
        if self._draining.is_set():
            reasons.add("draining")
        return tuple(sorted(reasons))

    def stuck(self) -> tuple[str, ...]:
        """Name the partitions that stand still for no reason known, sorted; nothing when the service is alive."""
        if self._faults:
            return ()
        now = self._monotonic()
        return tuple(
            sorted(
                f"{key.topic}/{key.partition}"
                for key, since in self._waiting.items()
                if now - since > self._stuck_after
            )
        )
