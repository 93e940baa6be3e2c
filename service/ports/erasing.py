"""What a store does to forget: a person in slices, each a transaction like any other, and what has grown too old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.core.erase import Person
from service.core.records.erasing import Erasure
from service.core.records.facts import Facts, FeedbackRow
from service.core.records.identities import IdentityRule
from service.core.records.words import Kept


class Erasing(Protocol):
    """The part of a transaction that erases persons."""

    async def claim_erasure(self, token: str) -> Erasure | None:
        """Lock the oldest open erasure that nobody else is at, before any other row; it keeps the first token given."""
        ...

    async def kin(self, refs: Sequence[str], rule: IdentityRule) -> frozenset[str]:
        """Return the pseudonyms of the persons of some, these among them, as they are joined at the moment."""
        ...

    async def named(self, refs: Sequence[str], limit: int) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
        """Name subjects and process instances that still name one of these customers, at most so many of each."""
        ...

    async def load_log(self, subjects: Sequence[tuple[str, str]]) -> Sequence[FeedbackRow]:
        """Load all rows of the log of some subjects."""
        ...

    async def load_unlogged(self, subjects: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Name the events (source, id) of some subjects that are not in the log, since they were superseded."""
        ...

    async def load_telling(
        self, facts: Facts, events: Sequence[str], alert_ids: Sequence[str], keys: Sequence[str]
    ) -> None:
        """Lock and load the alerts of loaded memberships, ids and keys, and of whatever notice quotes these events."""
        ...

    async def wipe(self, person: Person) -> Mapping[str, int]:
        """Erase what `facts` does not hold, after saving them; return how much of each kind was changed."""
        ...

    async def keep_erasure(self, erasure: Erasure, dropped: Sequence[str]) -> None:
        """Write how far an erasure has come, and drop the rows by which these customers were locked."""
        ...


class Retention(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def remove(self, what: Kept, before: datetime, limit: int) -> int:
        """Remove what is older than an instant, the oldest first and at most so much; return how much went.

        Raises:
            ConflictError: it was rolled back for another's sake.
            OutcomeUnknownError: the reply of the commit was lost.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlace:
    """Where a page of requests to erase ended: the one recorded last comes first."""

    at: datetime
    erasure_id: str


def erasure_place(one: Erasure) -> ErasurePlace:
    """Name the place of a request in the list of all; a store has none that is not recorded."""
    return ErasurePlace(at=one.recorded_at or one.asked_at, erasure_id=one.erasure_id)


class ErasuresRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def erasures(self, after: ErasurePlace | None, limit: int) -> Sequence[Erasure]:
        """Return a page of requests to erase, open and done, in the order of ErasurePlace."""
        ...
