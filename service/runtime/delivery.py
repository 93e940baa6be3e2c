"""What waits for channels -> sent, at least once and in order for each thing told of, or ended with a reason.

Any number may run: each delivery is lent for a while to whoever claims it. One that is killed between sending and
writing that down leaves its loan to end, and the same message is sent again under the same key. A channel that is slow
or away has a few messages of its own in the air and holds up no other.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import uuid4

import structlog

from service.core.deliver import Next, Plan, admit, after, heard, plan
from service.core.pipeline.rules import Rules
from service.core.playbook.channels import Channel
from service.core.records.deliveries import ChannelState, Known, Waiting
from service.core.records.metrics import Meter
from service.core.records.words import Attempted, BreakerState, ChannelKind, Tiding
from service.ports import (
    Claimed,
    ConflictError,
    Courier,
    Deliveries,
    DeliveriesRead,
    Ended,
    Landed,
    OutcomeUnknownError,
    OutOfReachError,
    Parcel,
)
from service.runtime.retry import pause

log = structlog.get_logger()

# Longer than any attempt takes, with what it takes to write it down.
LEASE = timedelta(seconds=120)
# So many messages of one channel are in the air at once, and so much is dropped at once of a channel that is gone.
AT_ONCE = 4
_DROPPED = 500
_POLL_SECONDS = 0.5
_TELL_SECONDS = 5.0
_TROUBLES = (ConflictError, OutcomeUnknownError, OutOfReachError)
# Of what else is sent, nothing comes later that would have to find it.
_REMEMBERED = (Tiding.NOTICE, Tiding.HANDED_OVER, Tiding.DIGEST)


class Watch(Protocol):
    """What the deliverer tells of itself."""

    def started(self, part: str) -> None: ...
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What is not decided here: the time of the wall, chance from 0 to 1, and names that nobody else has."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    name: Callable[[], str] = lambda: uuid4().hex


class Deliverer:
    """Delivers by the rules that are active when it looks."""

    def __init__(
        self,
        deliveries: Deliveries,
        read: DeliveriesRead,
        rules: Callable[[], Awaitable[Rules]],
        courier: Courier,
        *,
        watch: Watch,
        meter: Meter,
        tools: Tools | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._read = read
        self._rules = rules
        self._courier = courier
        self._watch = watch
        self._meter = meter
        self._tools = tools or Tools()
        self._running: dict[str, set[asyncio.Task[None]]] = {}
        self._bugs: list[BaseException] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`, and then until what is in the air has landed."""
        tries, tell_at = 0, 0.0
        loop = asyncio.get_running_loop()
        try:
            while not stop.is_set():
                try:
                    await self.round()
                    if loop.time() >= tell_at:
                        tell_at = loop.time() + _TELL_SECONDS
                        await self.tell()
                    tries, wait = 0, _POLL_SECONDS
                    self._watch.started("deliverer")
                    self._watch.clear("deliverer")
                except _TROUBLES as failed:
                    tries += 1
                    wait = pause(tries)
                    if isinstance(failed, OutOfReachError):
                        log.warning("deliverer_waits", reason=str(failed))
                        self._watch.fault("deliverer", str(failed))
                await self._wait(stop, wait)
            await self.landed()
        finally:
            for task in self._in_the_air():
                task.cancel()

    async def round(self) -> int:
        """Claim what is due and may be sent, and start to send it; return how much that is."""
        if self._bugs:
            raise self._bugs[0]
        now, started = self._tools.now(), 0
        channels = {str(one.id): one for one in (await self._rules()).playbook.channels}
        for name in await self._deliveries.waiting_channels(now):
            channel = channels.get(name)
            if channel is None:
                gone = await self._deliveries.drop(name, now, _DROPPED)
                if gone:
                    log.warning("channel_is_gone", channel=name, deliveries=gone)
                continue
            running = self._running.setdefault(name, set())
            room = AT_ONCE - len(running)
            if room < 1:
                continue
            for claimed in await self._claim(channel, room, now):
                task = asyncio.create_task(self.deliver(channel, claimed))
                running.add(task)
                task.add_done_callback(partial(self._landed, running))
                started += 1
        return started

    def _landed(self, running: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        running.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._bugs.append(bug)

    async def landed(self) -> None:
        """Wait for what is in the air."""
        tasks = self._in_the_air()
        if tasks:
            await asyncio.gather(*tasks)

    async def deliver(self, channel: Channel, claimed: Claimed) -> None:
        """Send what was claimed, or say why not, and write that down."""
        name, kind = str(channel.id), ChannelKind(channel.kind)
        todo = plan(claimed.waiting, kind, claimed.known)
        if todo.send is None:
            left_out = [Ended(place=one.place, tries=one.tries, unsent=why) for one, why in todo.left_out]
            await self._record(Landed(claimed=claimed, ended=left_out), None)
            return
        parcel = Parcel(delivery=todo.send.delivery, channel=channel, known=claimed.known, at=self._tools.now())
        attempt = await self._courier.send(parcel)
        self._meter.add("deliveries_total", name, attempt.outcome.value)
        now, jitter = self._tools.now(), self._tools.jitter()
        judged = after(attempt, todo.send.tries, now, jitter=jitter, give_up_after=channel.give_up_after)
        known = None
        if attempt.outcome is Attempted.ACCEPTED and todo.send.delivery.tiding in _REMEMBERED:
            known = Known(revision=todo.send.delivery.revision, handle=attempt.handle)
        recorded = Landed(claimed=claimed, ended=_ended(todo, todo.send, judged), known=known)
        await self._record(recorded, lambda state: heard(state, attempt, now, jitter=jitter))
        if judged.unsent is not None:
            self._meter.add("deliveries_dead_total", name, judged.unsent.value)
        if attempt.outcome is not Attempted.ACCEPTED:
            log.warning("delivery_failed", channel=name, outcome=attempt.outcome.value, detail=attempt.detail)

    async def tell(self) -> None:
        """Say of each channel how long the oldest delivery waits, and whether its breaker is open."""
        now = self._tools.now()
        channels = [str(one.id) for one in (await self._rules()).playbook.channels]
        counts, states = await self._read.channel_counts(), await self._read.channel_states()
        self._meter.forget("delivery_age_seconds")
        self._meter.forget("breaker_open")
        for name in channels:
            oldest = counts[name].oldest_at if name in counts else None
            age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
            breaker = states[name].breaker.state(now) if name in states else BreakerState.CLOSED
            self._meter.put("delivery_age_seconds", name, value=age)
            self._meter.put("breaker_open", name, value=float(breaker is not BreakerState.CLOSED))

    async def _claim(self, channel: Channel, room: int, now: datetime) -> list[Claimed]:
        def let_through(state: ChannelState, wanted: int) -> tuple[int, ChannelState]:
            return admit(state, wanted, now, per_minute=channel.per_minute, lease=LEASE)

        lease = self._tools.name()
        return list(await self._deliveries.claim(str(channel.id), room, lease, now, now + LEASE, let_through))

    async def _record(self, recorded: Landed, change: Callable[[ChannelState], ChannelState] | None) -> None:
        """Write it down, stubbornly for as long as the loan lasts; else it is sent again under the same key."""
        tries = 0
        while self._tools.now() < recorded.claimed.until:
            try:
                if not await self._deliveries.record(recorded, self._tools.now(), change):
                    log.warning("delivery_is_anothers", channel=recorded.claimed.waiting[0].delivery.channel)
                return
            except _TROUBLES as failed:
                tries += 1
                log.warning("delivery_not_recorded", reason=str(failed))
                await asyncio.sleep(pause(tries))

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        """Wait until there may be something to do: a while, or until something has landed."""
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({stopping, *self._in_the_air()}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()

    def _in_the_air(self) -> list[asyncio.Task[None]]:
        return [task for running in self._running.values() for task in running]


def _ended(todo: Plan, sent: Waiting, judged: Next) -> list[Ended]:
    """Say how all of it goes on: what is folded into a message waits with it, and is left out once that has ended."""
    again = judged.due_at
    found = [Ended(place=sent.place, tries=judged.tries, due_at=again, unsent=judged.unsent)]
    for one, why in todo.left_out:
        found.append(Ended(place=one.place, tries=one.tries, due_at=again, unsent=None if again else why))
    return found
