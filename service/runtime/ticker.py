"""The wall clock -> due timers and ticks, about once a second; and the gauges over what all replicas share.

Any number of tickers may run: each timer is taken by whoever locks its gate first. Once a minute a few process
instances that are too old are forgotten. Under the stream clock the worker fires what is due, nothing is forgotten, and
the ticker only tells the gauges.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from service.core.records.metrics import Meter, Metric
from service.ports import Store
from service.runtime.counting import count_ends, count_notices
from service.runtime.due import run_due
from service.runtime.rounds import Watch as RoundsWatch
from service.runtime.rounds import in_rounds
from service.runtime.rulebook import Rulebook

log = structlog.get_logger()

_TICK_SECONDS = 1.0
_GAUGE_SECONDS = 15.0
_FORGET_SECONDS = 60.0
# So few that nobody who hears of one of them at the moment waits for long.
MOST_FORGOTTEN = 500
# What waits is put in with each batch, and so taken out in each round.
MOST_WAITS_FORGOTTEN = 10_000
# Another process's clock may be behind, and still link what waits.
_CLOCKS_APART = timedelta(hours=1)


class Now(Protocol):
    def now(self) -> datetime: ...


class Shared(Protocol):
    """What a store can say of the state that all replicas share, for gauges."""

    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:
        """Return (metric, labels, value) for each gauge, all of a metric's labels at once."""
        ...


class Oldest(Protocol):
    async def oldest(self) -> datetime | None: ...


class Watch(RoundsWatch, Protocol):
    def started(self, part: str) -> None: ...


class Ticker:
    """`clock` is None under the stream clock; `shared` is None where the store has no gauges."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        clock: Now | None,
        *,
        wall: Now,
        outbox: Oldest,
        shared: Shared | None,
        watch: Watch,
        meter: Meter,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._clock = clock
        self._wall = wall
        self._outbox = outbox
        self._shared = shared
        self._watch = watch
        self._meter = meter
        self._told: set[Metric] = set()
        self._gauges_at = self._forget_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop`."""
        await in_rounds(self._round, stop, name="ticker", seconds=_TICK_SECONDS, watch=self._watch)

    async def _round(self) -> None:
        monotonic = asyncio.get_running_loop().time
        await self._turn()
        await self._fire()
        if monotonic() >= self._gauges_at:
            self._gauges_at = monotonic() + _GAUGE_SECONDS
            await self._tell()
        if monotonic() >= self._forget_at:
            self._forget_at = monotonic() + _FORGET_SECONDS
            await self._forget()
        self._meter.add("ticker_rounds_total")
        self._watch.started("ticker")

    async def _turn(self) -> None:
        async with self._store.transaction() as transaction:
            digest = await transaction.active_playbook()
        if digest is not None:
            await self._rulebook.turn_to(digest)

    async def _fire(self) -> None:
        if self._clock is None:
            return
        now, due = self._clock.now(), await self._store.next_due()
        late = 0.0 if due is None else max(0.0, (now - due).total_seconds())
        self._meter.put("timer_lag_seconds", value=late)
        if due is not None and due <= now:
            rules, ended = self._rulebook.rules, count_ends(self._meter)
            count_notices(self._meter, await run_due(self._store, rules, now, after_stop=True, ended=ended))
        await self._store.forget_waits(now - _CLOCKS_APART, MOST_WAITS_FORGOTTEN)

    async def _forget(self) -> None:
        if self._clock is None:
            return
        days = self._rulebook.rules.playbook.privacy.instance_days
        gone = await self._store.forget_instances(self._clock.now() - timedelta(days=days), MOST_FORGOTTEN)
        self._meter.add("instances_forgotten_total", by=gone)
        if gone:
            log.info("instances_forgotten", instances=gone)

    async def _tell(self) -> None:
        now, oldest = self._wall.now(), await self._outbox.oldest()
        age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
        self._meter.put("outbox_age_seconds", value=age)
        if self._shared is None:
            return
        readings = await self._shared.readings(now)
        told = {metric for metric, _, _ in readings}
        for metric in self._told | told:
            # A label that is no more, such as that of a closed alert's team, must not keep its last value.
            self._meter.forget(metric)
        self._told = told
        for metric, labels, value in readings:
            self._meter.put(metric, *labels, value=value)
