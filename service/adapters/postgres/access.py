"""A pool -> API keys and sessions; who makes, ends, opens or closes one is told in the audit, in its transaction."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from service.adapters.postgres.audit import append
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent, within
from service.core.access import Permission, Role
from service.core.access.keys import ApiKey
from service.core.access.sessions import Session
from service.core.pipeline.audited import of_key, of_session
from service.core.records.doer import SERVICE, Doer

# Keep a new key.
_KEEP = """
INSERT INTO api_key (key_id, digest, name, role, permissions, teams, created_at, expires_at, revoked_at, last_used_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key_id) DO NOTHING RETURNING key_id
"""

# Read a key.
_KEY = "SELECT * FROM api_key WHERE key_id = $1"

# List the keys.
_KEYS = "SELECT * FROM api_key ORDER BY created_at DESC, key_id DESC"

# End a key.
_REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL RETURNING *"

# Note the day of a key's last use.
_USED = """
UPDATE api_key SET last_used_on = $2 WHERE key_id = $1 AND (last_used_on IS NULL OR last_used_on < $2)
"""

# Forget sessions that are over by their age. Another who does so at the same time has the rest.
_FORGET = """
DELETE FROM session WHERE digest IN (
  SELECT digest FROM session WHERE created_at < $1 ORDER BY digest FOR UPDATE SKIP LOCKED
)
"""

# Keep a new session.
_OPEN = """
INSERT INTO session (digest, name, subject, key_id, groups, csrf, created_at, seen_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

# Read a session.
_SESSION = "SELECT * FROM session WHERE digest = $1"

# Note that a session is in use.
_SEEN = "UPDATE session SET seen_at = $2 WHERE digest = $1 AND seen_at < $2"

# End a session.
_END = "UPDATE session SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL RETURNING *"


class PostgresKeys:
    """Implements Keys."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, key: ApiKey, doer: Doer = SERVICE) -> bool:
        permissions, teams = _names(key.permissions), _names(key.teams)
        known = (key.key_id, key.digest, key.name, key.role.value, permissions, teams)
        times = (key.created_at, key.expires_at, key.revoked_at, key.last_used_on)
        async with within(self._pool) as session:
            new = bool(await session.fetch(_KEEP, *known, *times))
            if new:
                await append(session, [of_key(doer, key, key.created_at)])
        return new

    async def key(self, key_id: str) -> ApiKey | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_KEY, key_id)
        return _key(rows[0]) if rows else None

    async def keys(self) -> Sequence[ApiKey]:
        async with lent(self._pool) as session:
            return [_key(row) for row in await session.fetch(_KEYS)]

    async def revoke(self, key_id: str, now: datetime, doer: Doer = SERVICE) -> bool:
        async with within(self._pool) as session:
            ended = await session.fetch(_REVOKE, key_id, now)
            if ended:
                await append(session, [of_key(doer, _key(ended[0]), now, revoked=True)])
        return bool(ended)

    async def used(self, key_id: str, day: date) -> None:
        async with lent(self._pool) as session:
            await session.fetch(_USED, key_id, day)


class PostgresSessions:
    """Implements Sessions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, session: Session, before: datetime) -> None:
        who = (session.digest, session.name, session.subject, session.key_id, list(session.groups), session.csrf)
        async with within(self._pool) as connection:
            await connection.fetch(_FORGET, before)
            await connection.fetch(_OPEN, *who, session.created_at, session.seen_at, session.ended_at)
            await append(connection, [of_session(session, session.created_at)])

    async def session(self, digest: str) -> Session | None:
        async with lent(self._pool) as connection:
            rows = await connection.fetch(_SESSION, digest)
        return _session(rows[0]) if rows else None

    async def seen(self, digest: str, now: datetime) -> None:
        async with lent(self._pool) as connection:
            await connection.fetch(_SEEN, digest, now)

    async def end(self, digest: str, now: datetime) -> bool:
        async with within(self._pool) as connection:
            ended = await connection.fetch(_END, digest, now)
            if ended:
                await append(connection, [of_session(_session(ended[0]), now, closed=True)])
        return bool(ended)


def _names(words: frozenset[Permission] | frozenset[str] | None) -> list[str] | None:
    return None if words is None else sorted(str(one) for one in words)


def _key(row: asyncpg.Record) -> ApiKey:
    given, teams = row["permissions"], row["teams"]
    return ApiKey(
        key_id=row["key_id"],
        digest=row["digest"],
        name=row["name"],
        role=Role(row["role"]),
        permissions=None if given is None else frozenset(Permission(one) for one in given),
        teams=None if teams is None else frozenset(teams),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_on=row["last_used_on"],
    )


def _session(row: asyncpg.Record) -> Session:
    return Session(
        digest=row["digest"],
        name=row["name"],
        subject=row["subject"],
        key_id=row["key_id"],
        groups=tuple(row["groups"]),
        csrf=row["csrf"],
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        ended_at=row["ended_at"],
    )
