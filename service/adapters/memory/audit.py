"""The audit in memory: a list of entries, each with its hash."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from service.adapters.memory.store import MemoryStore
from service.core.audit import Entry, Sealed
from service.ports import AuditWanted, Chain


class MemoryAudit:
    """Implements Audit over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def write(self, *entries: Entry) -> None:
        self._rows.audit.append(entries)

    async def page(self, wanted: AuditWanted, before: int | None, limit: int) -> Sequence[Sealed]:
        found = [one for one in self._rows.audit.entries if before is None or one.seq < before]
        return [one for one in reversed(found) if _is_wanted(one.entry, wanted)][:limit]

    @asynccontextmanager
    async def chain(self) -> AsyncIterator[Chain]:
        audit, entries = self._rows.audit, tuple(self._rows.audit.entries)
        yield Chain(anchor=audit.anchor, head=audit.head, entries=_each(entries))


async def _each(entries: Sequence[Sealed]) -> AsyncIterator[Sealed]:
    for one in entries:
        yield one


def _is_wanted(entry: Entry, wanted: AuditWanted) -> bool:
    asked = (
        (wanted.actor, entry.doer.name),
        (wanted.action, entry.action),
        (wanted.kind, entry.kind),
        (wanted.object_id, entry.object_id),
        (wanted.team, entry.team),
    )
    return (
        all(want is None or want == has for want, has in asked)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )
