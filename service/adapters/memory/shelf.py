"""Playbooks in memory, by digest; one is active."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from service.adapters.memory.store import MemoryStore
from service.core.pipeline.audited import of_playbook
from service.core.records.doer import SERVICE, Doer
from service.ports import Shelved


class MemoryShelf:
    """Implements Shelf over the rows of a store, whose transactions see the active playbook."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def activate(
        self, digest: str, name: str, documents: Mapping[str, str], at: datetime, doer: Doer = SERVICE
    ) -> None:
        rows = self._rows
        before = await self.active()
        rows.audit.append([of_playbook(doer, None if before is None else before[0], digest, name, at)])
        rows.playbooks = {one: replace(shelved, active=False) for one, shelved in rows.playbooks.items()}
        rows.playbooks[digest] = Shelved(digest=digest, name=name, activated_at=at, active=True)
        rows.documents[digest] = dict(documents)

    async def active(self) -> tuple[str, Mapping[str, str]] | None:
        found = next((one.digest for one in self._rows.playbooks.values() if one.active), None)
        return None if found is None else (found, self._rows.documents[found])

    async def documents(self, digest: str) -> Mapping[str, str] | None:
        return self._rows.documents.get(digest)
