"""How alerts ended, counted where they lie: the core makes ratios and proposals of counts alone."""

from collections.abc import Sequence
from typing import Protocol

from service.core.noise import EndingTally, ReviewOutcome, Span


class Outcomes(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def endings(self, span: Span) -> Sequence[EndingTally]:
        """Count as `service.core.noise.count_endings` would over every alert; the tallies are in any order."""
        ...

    async def review_outcomes(self, span: Span, limit: int) -> Sequence[ReviewOutcome]:
        """Find what `service.core.noise.review_outcomes` would, at most so many, in order of the alerts' ids."""
        ...
