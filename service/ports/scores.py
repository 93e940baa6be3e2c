"""What customers said and what became of their cases, counted where it lies: the core makes figures of counts alone."""

from datetime import datetime
from typing import Protocol

from service.core.scorecard import CasesTallied, Cohort, Looped, LoopTallied, Sample, Tallied


class Scores(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def scores(self, sample: Sample) -> Tallied:
        """Count as `service.core.scorecard.count` would over every contribution; the tallies are in any order."""
        ...

    async def cases(self, cohort: Cohort) -> CasesTallied:
        """Count as `service.core.scorecard.count_cases` would; the tallies are in any order."""
        ...

    async def loop(self, asked: Looped) -> LoopTallied:
        """Count as `service.core.scorecard.count_loop` would, of what the audit tells of; in its order."""
        ...

    async def heard_until(self) -> datetime | None:
        """Return the last instant at which something began or was closed, as the core's `heard_until` would."""
        ...
