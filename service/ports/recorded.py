"""What feedback came lately, to be decided again by other rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.core.records.decisions import Contribution


class Recorded(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def recent(self, since: datetime, limit: int) -> Sequence[Contribution]:
        """Return what began since an instant and holds at present, the latest first, so many at most."""
        ...
