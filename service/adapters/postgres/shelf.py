"""A pool -> the shelf of playbooks: kept by digest, one of them active."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from service.adapters.postgres.audit import append
from service.adapters.postgres.documents import write_json
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent, within
from service.core.pipeline.audited import of_playbook
from service.core.records.doer import SERVICE, Doer

# Let one activation follow the other.
_LOCK = "LOCK TABLE playbook IN SHARE ROW EXCLUSIVE MODE"

# Retire the active playbook, unless it is this one.
_RETIRE = "UPDATE playbook SET active = false WHERE active AND digest <> $1"

# Put a playbook on the shelf and make it the active one.
_ACTIVATE = """
INSERT INTO playbook (digest, name, documents, activated_at, active) VALUES ($1, $2, $3, $4, true)
ON CONFLICT (digest) DO UPDATE SET name = excluded.name, activated_at = excluded.activated_at, active = true
"""

# Read the active playbook.
_ACTIVE = "SELECT digest, documents FROM playbook WHERE active"

# Read a playbook.
_DOCUMENTS = "SELECT documents FROM playbook WHERE digest = $1"


class PostgresShelf:
    """Implements Shelf."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def activate(
        self, digest: str, name: str, documents: Mapping[str, str], at: datetime, doer: Doer = SERVICE
    ) -> None:
        async with within(self._pool) as session:
            await session.execute(_LOCK)
            rows = await session.fetch(_ACTIVE)
            await session.execute(_RETIRE, digest)
            await session.execute(_ACTIVATE, digest, name, write_json(dict(documents)), at)
            await append(session, [of_playbook(doer, rows[0]["digest"] if rows else None, digest, name, at)])

    async def active(self) -> tuple[str, Mapping[str, str]] | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_ACTIVE)
        return (rows[0]["digest"], orjson.loads(rows[0]["documents"])) if rows else None

    async def documents(self, digest: str) -> Mapping[str, str] | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DOCUMENTS, digest)
        return orjson.loads(rows[0]["documents"]) if rows else None
