"""The rows in memory -> the feedback that came lately."""

from collections.abc import Sequence
from datetime import datetime

from service.adapters.memory.store import MemoryStore
from service.core.records.decisions import Contribution


class MemoryRecorded:
    """Implements Recorded over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def recent(self, since: datetime, limit: int) -> Sequence[Contribution]:
        found = [one for one in self._rows.contributions.values() if one.began_at >= since]
        return sorted(found, key=lambda one: (one.began_at, one.key), reverse=True)[:limit]
