"""Instances of a process with what was complained of, found where they lie: the core compares them."""

from collections.abc import Sequence
from typing import Protocol

from service.core.cause import Compared, Gathered, VersionsAsked, VersionTally


class CausesRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def gathered(self, asked: Compared) -> Gathered:
        """Find what `service.core.cause.gather` would; instances, steps and downtimes are in any order."""
        ...

    async def versions(self, asked: VersionsAsked) -> Sequence[VersionTally]:
        """Count as `service.core.cause.count_versions` would; the tallies are in any order."""
        ...
