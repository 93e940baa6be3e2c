"""The rows in memory -> what people did to an alert."""

from collections.abc import Sequence

from service.adapters.memory.rows import Rows
from service.core.records.handling import Act


class MemoryActs:
    """Implements ActsRead."""

    _rows: Rows

    async def acts(self, alert_id: str, after: int, limit: int) -> Sequence[Act]:
        found = (one for one in self._rows.acts if one.alert_id == alert_id and one.number > after)
        return sorted(found, key=lambda one: one.number)[:limit]
