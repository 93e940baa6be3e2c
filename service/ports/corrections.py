"""What people said that feedback is about: how it is said, and what is read of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.core.corrections import Filings
from service.core.pipeline.refiling import RefiledNow, Refiling
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution
from service.core.records.words import CategoryMethod
from service.ports.acting import Keyed
from service.ports.store import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsWanted:
    """Which corrections are asked for, by when they were made; None lets everything through.

    `category` is one that was given or meant, `method` the step that had given it. Those that are `usable` stand, have
    a text, and their subject is not withdrawn.
    """

    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    method: CategoryMethod | None = None
    usable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPlace:
    """Where a page of corrections ended: the latest comes first."""

    at: datetime
    source: str
    subject: str
    part: str
    number: int


def correction_place(one: Correction) -> CorrectionPlace:
    """Name the place of a correction in the list of all."""
    key = one.key
    return CorrectionPlace(at=one.at, source=key.source, subject=key.subject, part=key.part, number=one.number)


class CorrectionsRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def corrections(
        self, wanted: CorrectionsWanted, after: CorrectionPlace | None, limit: int
    ) -> Sequence[Correction]:
        """Return a page of corrections in the order of CorrectionPlace."""
        ...

    async def filings(self, since: datetime, until: datetime) -> Filings:
        """Count as `service.core.corrections.count_filings` would over all contributions."""
        ...

    async def confirmed(self, since: datetime | None, limit: int) -> Sequence[Contribution]:
        """Return what alerts about feedback hold that ended since as `actionable`, and that is of their category.

        The latest ended come first, then the keys in order; copies for another team do not count.
        """
        ...


class Refiler(Protocol):
    """Files feedback as people say, and takes that back, each in one transaction with all that follows from it."""

    async def __call__(
        self, asked: Refiling, keyed: Keyed | None, body: Callable[[RefiledNow], str]
    ) -> RefiledNow | Answer:
        """Do it, or return what was answered when the same key was used before.

        Args:
            asked: what a person says of a feedback.
            keyed: what makes a repetition harmless; None where the client gave nothing.
            body: writes the answer that is remembered of what was done.

        Raises:
            OutcomeUnknownError: the reply of the commit was lost; ask again under the same key.
            OutOfReachError: the store does not answer, or others stood in the way each time.
        """
        ...
