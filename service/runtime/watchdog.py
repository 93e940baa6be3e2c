"""What all replicas share, looked at from outside the loops that serve it -> what is amiss, for /readyz and metrics.

A ticker or relay that is dead says nothing, so every process that answers HTTP looks for itself: at timers that are due
and were not run, at outbox rows that do not leave, and at queues that nobody reads. None of it makes a process unready,
since every other one would be as bad; it is degraded, and says by what.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from service.core.pipeline.rules import Rules
from service.core.records.metrics import Meter
from service.ports import Degraded, Fault, Lookout, OutcomeUnknownError, OutOfReachError, Queues, Waiting
from service.runtime.rounds import until_stop

_LOOK_SECONDS = 15.0
# Four looks in a row that failed: what was found before says little by then.
UNWATCHED_AFTER_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """For how many seconds something may be due, or wait, before it is amiss."""

    late_timers: float
    stuck_relay: float
    unread_arbitration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The shared state at `now`. Under the stream clock there is no `due_at`, and nothing of arbitration."""

    now: datetime
    due_at: datetime | None
    shards: Mapping[int, Waiting]
    queues: Queues


class Now(Protocol):
    def now(self) -> datetime: ...


class Timers(Protocol):
    async def next_due(self) -> datetime | None: ...


class Watch(Protocol):
    def degrade(self, found: Sequence[Degraded]) -> None: ...


class Watchdog:
    """Without `by_wall` nothing is late: the stream clock goes by events, and stands still while none come."""

    def __init__(
        self,
        timers: Timers,
        lookout: Lookout,
        rules: Callable[[], Awaitable[Rules]],
        wall: Now,
        *,
        by_wall: bool,
        bounds: Bounds,
        watch: Watch,
        meter: Meter,
    ) -> None:
        self._timers = timers
        self._lookout = lookout
        self._rules = rules
        self._wall = wall
        self._by_wall = by_wall
        self._bounds = bounds
        self._watch = watch
        self._meter = meter
        self._looked_at = wall.now()
        self._before: Seen | None = None
        self._found: tuple[Degraded, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`."""
        while not stop.is_set():
            await self.look()
            await until_stop(stop, _LOOK_SECONDS)

    async def look(self) -> None:
        """Look once, and say what is amiss; where that fails, what was found before stands."""
        try:
            seen = await self._seen()
        except (OutOfReachError, OutcomeUnknownError) as failed:
            blind = (self._wall.now() - self._looked_at).total_seconds()
            if blind > UNWATCHED_AFTER_SECONDS:
                self._say([*self._found, Degraded(fault=Fault.UNWATCHED, detail=f"for {blind:.0f} s: {failed}")])
            return
        self._found = tuple(faults(seen, self._before, self._bounds))
        self._before, self._looked_at = seen, seen.now
        self._say(self._found)

    async def _seen(self) -> Seen:
        rules = await self._rules()
        now = self._wall.now()
        queues = await self._lookout.queues(*owners(rules), now)
        return Seen(
            now=now,
            due_at=await self._timers.next_due() if self._by_wall else None,
            shards=await self._lookout.shards(),
            queues=queues if self._by_wall else replace(queues, arbitration_since=None, untried_since=None),
        )

    def _say(self, found: Sequence[Degraded]) -> None:
        self._watch.degrade(found)
        named = {one.fault for one in found}
        for fault in Fault:
            self._meter.put("degraded", fault.value, value=float(fault in named))


def owners(rules: Rules) -> tuple[frozenset[str], str]:
    """Return the teams of a playbook, and the one that arbitrates."""
    playbook = rules.playbook
    return frozenset(str(team.id) for team in playbook.teams), str(playbook.routes.arbitration)


def faults(seen: Seen, before: Seen | None, bounds: Bounds) -> Iterator[Degraded]:
    """Yield what is amiss; `before`, the last look, tells rows that stand still from a backlog that leaves."""
    late = _seconds(seen.due_at, seen.now)
    if late > bounds.late_timers:
        yield Degraded(fault=Fault.LATE_TIMERS, detail=f"the earliest was due {late:.0f} s ago and was not run")
    for shard, waiting in sorted(seen.shards.items()):
        age = _seconds(waiting.since, seen.now)
        if age > bounds.stuck_relay:
            how = _how(waiting, None if before is None else before.shards.get(shard))
            yield Degraded(fault=Fault.STUCK_RELAY, detail=f"shard {shard}: rows wait for {age:.0f} s{how}")
    if seen.queues.orphans:
        count = seen.queues.orphans
        yield Degraded(fault=Fault.ORPHAN_ALERTS, detail=f"open in teams that the playbook does not have: {count}")
    unread = _seconds(seen.queues.arbitration_since, seen.now)
    if unread > bounds.unread_arbitration:
        yield Degraded(fault=Fault.UNREAD_ARBITRATION, detail=f"the oldest waits for {unread:.0f} s")
    untried = _seconds(seen.queues.untried_since, seen.now)
    if untried > bounds.late_timers:
        yield Degraded(fault=Fault.LATE_DELIVERIES, detail=f"the oldest waits for {untried:.0f} s to be tried")


def _how(waiting: Waiting, before: Waiting | None) -> str:
    if not waiting.taken:
        return ", and no relay was ever there"
    if before is None:
        return ""
    return ", and none leaves" if before.first == waiting.first else ", and they leave"


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
