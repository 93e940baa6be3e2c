"""What is in front of queues now, cheap to ask for again and again."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from service.core.records.alerts import Alert


class Head(Struct, frozen=True, kw_only=True):
    """An open alert in front of its queue: `mark` is another after any change; no `alert` where the mark is known."""

    alert_id: str
    mark: str
    alert: Alert | None


class Heads(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def heads(self, known: Mapping[str, Mapping[str, str]], limit: int) -> Mapping[str, Sequence[Head]]:
        """Return the first open alerts of some teams; `known` has their marks by team and alert, as they were."""
        ...
