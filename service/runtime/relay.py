"""Rows of one shard of the outbox -> Kafka, in order; exactly once to readers of committed records, or at least once.

The marker that a publisher finds when it opens says how far its predecessors got: rows up to it are forgotten, never
sent again. A publisher is thrown away at its first error, so that an unknown outcome is settled by the marker as well.
A relay that was fenced stands by, and takes over again only when rows have been waiting for too long.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec
import structlog

from service.core.contracts.outgoing import CONTENT_TYPE
from service.core.records.metrics import Meter
from service.ports import FencedError, Numbered, Outbox, OutcomeUnknownError, OutOfReachError
from service.runtime.bell import Bell
from service.runtime.retry import pause
from service.runtime.rounds import until_stop

log = structlog.get_logger()

ROWS = 100
# Commits of this process ring a bell. For those of others a relay looks by itself, less and less often while nothing
# comes: what follows soon is told soon, and rest costs little.
_FIRST_POLL_SECONDS = 0.005
_LAST_POLL_SECONDS = 0.05
_STANDBY_SECONDS = 10.0
_LONGEST_STANDBY_SECONDS = 300.0


class Publisher(Protocol):
    """Sends rows of one shard; no use after its first error but to be closed."""

    async def open(self) -> int:
        """Fence every earlier publisher; return the last `publish_seq` known to be published, or 0."""
        ...

    async def publish(self, rows: Sequence[Numbered]) -> None:
        """Send rows; they are published when this returns.

        Raises:
            FencedError: another publisher of the shard was opened.
            OutOfReachError: nothing is known of the rows.
        """
        ...

    async def close(self) -> None: ...


class Watch(Protocol):
    def started(self, part: str) -> None: ...
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


class Relay:
    """Relays one shard. The `bell` rings when this process has written rows."""

    def __init__(  # noqa: PLR0913 - keyword-only but for two, and each is a part of its own
        self,
        outbox: Outbox,
        publisher: Callable[[], Publisher],
        *,
        shard: int,
        owner: str,
        watch: Watch,
        meter: Meter,
        bell: Bell | None = None,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        standby_seconds: float = _STANDBY_SECONDS,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._shard = shard
        self._owner = owner
        self._watch = watch
        self._meter = meter
        self._bell = bell or Bell()
        self._utc_now = utc_now
        self._standby_seconds = standby_seconds
        self._name = f"relay-{shard}"
        self._fenced = self._failed = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`, and then until the outbox is empty."""
        while True:
            try:
                await self._hold(stop)
                return
            except FencedError:
                self._meter.add("fenced_total")
                self._fenced += 1
                if not await self._stand_by(
                    min(_LONGEST_STANDBY_SECONDS, self._standby_seconds * 2.0 ** (self._fenced - 1)), stop
                ):
                    return
            except (OutOfReachError, OutcomeUnknownError) as error:
                # What became of a step, the shard's lease and the marker tell at the next start.
                self._failed += 1
                log.warning("relay_waits", shard=self._shard, reason=str(error))
                self._watch.fault(self._name, str(error))
                await asyncio.sleep(pause(self._failed))

    async def _hold(self, stop: asyncio.Event) -> None:
        epoch = await self._outbox.claim_shard(self._shard, self._owner)
        publisher = self._publisher()
        try:
            published = await publisher.open()
            self._watch.started("relay")
            wait, rung = _LAST_POLL_SECONDS, False
            while True:
                coming = self._bell.coming
                rows = await self._outbox.number(self._shard, epoch, ROWS, published)
                self._watch.clear(self._name)
                published = rows[-1].publish_seq if rows else 0
                if rows:
                    await publisher.publish(rows)
                    # Only trouble in a row makes the waits longer, not what there was before rows got through.
                    self._fenced = self._failed = 0
                    self._count(rows)
                    # More of what no bell told of may follow soon.
                    wait = wait if rung else _FIRST_POLL_SECONDS
                elif stop.is_set():
                    return
                else:
                    # A stop can wait for as long as a look.
                    await until_stop(coming, wait)
                    rung = coming.is_set()
                    wait = _LAST_POLL_SECONDS if rung else min(2 * wait, _LAST_POLL_SECONDS)
        finally:
            await publisher.close()

    async def _stand_by(self, seconds: float, stop: asyncio.Event) -> bool:
        """Wait until rows have been waiting for `seconds`; False when there is nothing to take over any more."""
        log.info("relay_stands_by", shard=self._shard)
        self._watch.started("relay")
        while not stop.is_set():
            await until_stop(stop, self._standby_seconds / 4)
            try:
                oldest = await self._outbox.oldest()
            except OutOfReachError:
                continue
            if oldest is not None and (self._utc_now() - oldest).total_seconds() > seconds:
                return True
        return False

    def _count(self, rows: Sequence[Numbered]) -> None:
        now = self._utc_now()
        for row in rows:
            self._meter.add("relayed_total", by=len(row.outgoing.values))
            self._meter.observe("stage_seconds", "relay", value=max(0.0, (now - row.created_at).total_seconds()))
            if row.outgoing.received_at is not None:
                waited = (now - row.outgoing.received_at).total_seconds()
                self._meter.observe("end_to_end_seconds", value=max(0.0, waited))


class _Said(msgspec.Struct):
    alert_id: str | None = None
    revision: int | None = None
    idempotency_key: str | None = None


class _Envelope(msgspec.Struct):
    """What headers are made of; the rest of a record is passed over."""

    data: _Said


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def headers_of(value: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return a record's headers: its content type, and what it says of `alert_id`, `revision`, `idempotency_key`."""
    said = _ENVELOPE.decode(value).data
    named = (
        ("alert_id", said.alert_id),
        ("revision", said.revision),
        ("idempotency_key", said.idempotency_key),
    )
    return (CONTENT_TYPE, *((name, str(given).encode()) for name, given in named if given is not None))
