"""What the API reads of what people did to alerts."""

from collections.abc import Sequence
from typing import Protocol

from service.core.records.handling import Act


class ActsRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def acts(self, alert_id: str, after: int, limit: int) -> Sequence[Act]:
        """Return a page of what was done to an alert, in order, those above a number."""
        ...
