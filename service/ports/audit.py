"""The audit: entries that are only ever added, each after the last, and what is read of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.core.audit import Action, Anchor, Entry, Head, ObjectKind, Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWanted:
    """Which entries are asked for; None lets everything through. `since` is included, `until` is not."""

    actor: str | None = None
    action: Action | None = None
    kind: ObjectKind | None = None
    object_id: str | None = None
    team: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlace:
    """Where a page of entries ended: the latest comes first."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All entries in order as they stood at one instant, with where they begin and end."""

    anchor: Anchor | None
    head: Head
    entries: AsyncIterator[Sealed]


class Audit(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def write(self, *entries: Entry) -> None:
        """Add entries of what no other transaction does, such as a denial or a look, in one of their own.

        Raises:
            ConflictError: it was rolled back for another's sake.
            OutcomeUnknownError: the reply of the commit was lost.
        """
        ...

    async def page(self, wanted: AuditWanted, before: int | None, limit: int) -> Sequence[Sealed]:
        """Return a page of entries below a place, the latest first."""
        ...

    def chain(self) -> AbstractAsyncContextManager[Chain]:
        """Read the whole chain, a slice at a time, for as long as the block lasts."""
        ...
