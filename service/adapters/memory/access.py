"""Keys and sessions in memory; they share no rows with a store, and leave nothing in its audit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from service.core.access.keys import ApiKey
from service.core.access.sessions import Session
from service.core.records.doer import SERVICE, Doer


class MemoryKeys:
    """Implements Keys."""

    def __init__(self) -> None:
        self._kept: dict[str, ApiKey] = {}

    async def keep(self, key: ApiKey, _doer: Doer = SERVICE) -> bool:
        return self._kept.setdefault(key.key_id, key) is key

    async def key(self, key_id: str) -> ApiKey | None:
        return self._kept.get(key_id)

    async def keys(self) -> Sequence[ApiKey]:
        return sorted(self._kept.values(), key=lambda one: (one.created_at, one.key_id), reverse=True)

    async def revoke(self, key_id: str, now: datetime, _doer: Doer = SERVICE) -> bool:
        key = self._kept.get(key_id)
        if key is None or key.revoked_at is not None:
            return False
        self._kept[key_id] = replace(key, revoked_at=now)
        return True

    async def used(self, key_id: str, day: date) -> None:
        key = self._kept.get(key_id)
        if key is not None and (key.last_used_on is None or key.last_used_on < day):
            self._kept[key_id] = replace(key, last_used_on=day)


class MemorySessions:
    """Implements Sessions."""

    def __init__(self) -> None:
        self._kept: dict[str, Session] = {}

    async def open(self, session: Session, before: datetime) -> None:
        for digest in [one.digest for one in self._kept.values() if one.created_at < before]:
            del self._kept[digest]
        self._kept[session.digest] = session

    async def session(self, digest: str) -> Session | None:
        return self._kept.get(digest)

    async def seen(self, digest: str, now: datetime) -> None:
        session = self._kept.get(digest)
        if session is not None and session.seen_at < now:
            self._kept[digest] = replace(session, seen_at=now)

    async def end(self, digest: str, now: datetime) -> bool:
        session = self._kept.get(digest)
        if session is None or session.ended_at is not None:
            return False
        self._kept[digest] = replace(session, ended_at=now)
        return True
