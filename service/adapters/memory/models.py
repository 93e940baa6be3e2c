"""Trained models in memory, by digest."""

from collections.abc import Sequence

from service.adapters.memory.store import MemoryStore
from service.core.pipeline.audited import of_model
from service.core.records.doer import SERVICE, Doer
from service.ports import StoredModel


class MemoryModels:
    """Implements Models over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def store(self, model: StoredModel, body: bytes, doer: Doer = SERVICE) -> bool:
        new = model.digest not in self._rows.models
        if new:
            self._rows.models[model.digest] = (model, bytes(body))
            self._rows.audit.append([of_model(doer, model.digest, model.name, model.size, model.stored_at)])
        return new

    async def models(self) -> Sequence[StoredModel]:
        kept = (model for model, _ in self._rows.models.values())
        return sorted(kept, key=lambda one: (one.stored_at, one.digest), reverse=True)

    async def model(self, digest: str) -> StoredModel | None:
        found = self._rows.models.get(digest)
        return None if found is None else found[0]

    async def body(self, digest: str) -> bytes | None:
        found = self._rows.models.get(digest)
        return None if found is None else found[1]
