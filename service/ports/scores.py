"""The scores that customers gave, counted where they lie, so that the core makes figures of counts alone."""

from typing import Protocol

from service.core.scorecard import Sample, Tallied


class Scores(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def scores(self, sample: Sample) -> Tallied:
        """Count as `service.core.scorecard.count` would over every contribution; the tallies are in any order."""
        ...
