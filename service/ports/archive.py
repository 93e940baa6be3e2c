"""Everything that was decided, and the playbooks that it was decided by."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from service.core.records.doer import SERVICE, Doer
from service.ports.books import Books


class Archive(Protocol):
    """What a store tells of everything that was decided; each yields the documents of one file of `replay --out`."""

    def feedback(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def alerts(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def notices(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def reviews(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def rejected(self) -> AsyncIterator[Mapping[str, Any]]: ...
    async def books(self) -> Books: ...


class Shelf(Protocol):
    """Where playbooks are kept, by digest; one is active."""

    async def activate(
        self, digest: str, name: str, documents: Mapping[str, str], at: datetime, doer: Doer = SERVICE
    ) -> None:
        """Make a playbook the active one, and write into the audit who did."""
        ...

    async def active(self) -> tuple[str, Mapping[str, str]] | None:
        """Return the digest of the active playbook and its documents by file name."""
        ...

    async def documents(self, digest: str) -> Mapping[str, str] | None: ...
