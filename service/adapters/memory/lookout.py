"""The rows in memory -> what waits in queues that nobody reads; no relay empties this store's outbox."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service.adapters.memory.store import MemoryStore
from service.core.records.deliveries import Listed
from service.core.records.words import AlertState, DeliveryState
from service.ports import Queues, Waiting


class MemoryLookout:
    """Implements Lookout over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def shards(self) -> Mapping[int, Waiting]:
        return {}

    async def queues(self, teams: Collection[str], arbitration: str, now: datetime) -> Queues:
        opened = [alert for alert in self._rows.alerts.values() if alert.state is AlertState.OPEN]
        unread = [
            alert.opened_at
            for alert in opened
            if alert.team == arbitration and (alert.acked_until is None or alert.acked_until <= now)
        ]
        return Queues(
            orphans=sum(alert.team not in teams for alert in opened),
            arbitration_since=min(unread, default=None),
            untried_since=self._untried_since(),
        )

    def _untried_since(self) -> datetime | None:
        room = self._rows.mailroom
        states = room.channels.values()
        resting = {one.channel for one in states if one.breaker.until is not None or one.quiet_until is not None}
        heads: dict[tuple[str, str], Listed] = {}
        for one in room.deliveries.values():
            if one.state in (DeliveryState.WAITING, DeliveryState.FAILED):
                heads.setdefault((one.delivery.channel, one.delivery.thread), one)
        untried = [
            one.delivery.not_before
            for one in heads.values()
            if not one.tries.count and one.place not in room.lent and one.delivery.channel not in resting
        ]
        return min(untried, default=None)
