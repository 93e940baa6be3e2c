"""The part of a transaction that finds whom an alert's outcome is to be told."""

from collections.abc import Sequence
from typing import Protocol

from service.core.outreach import Contributor
from service.core.records.facts import Facts


class Untold(Protocol):
    """Reads what `service.core.outreach` tells of."""

    async def load_untold(self, facts: Facts, limit: int) -> Sequence[str]:
        """Lock and load the first alerts, by key, whose contributors may not know how they stand; return their ids."""
        ...

    async def contributors(self, alert_id: str, after: tuple[str, str] | None, limit: int) -> Sequence[Contributor]:
        """Return a page of the subjects that count in an alert, in order of (source, subject), less those erased."""
        ...
