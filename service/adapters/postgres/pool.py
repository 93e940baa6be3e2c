"""A DSN -> a pool of connections that give up in time.

Every statement looks keys up, so that its plan does not depend on the values: one plan for each is made and kept, and
no time goes into compiling it. A plan that was made while a table was new and empty must still do once it has grown, so
it looks rows up by their index, and never joins by reading a whole table.
"""

from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from service.adapters.postgres.faults import translated

_ANSWER_SECONDS = 5.0  # What a client waits beyond the server's own limit before it takes the connection for dead.

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the server lets a session do what, in seconds."""

    statement: float = 30.0
    lock: float = 10.0
    idle_in_transaction: float = 10.0
    connect: float = 10.0


_ALLOWED = """SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)::int
FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"""


async def open_pool(dsn: str, *, size: int = 8, limits: Limits | None = None) -> Pool:
    """Connect.

    Raises:
        OutOfReachError: the server does not answer, or does not let us in.
    """
    bounds = limits or Limits()
    with translated():
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            timeout=bounds.connect,
            command_timeout=bounds.statement + _ANSWER_SECONDS,
            reset=_keep,
            server_settings={
                "application_name": "feedback-router",
                "timezone": "UTC",
                "statement_timeout": _milliseconds(bounds.statement),
                "lock_timeout": _milliseconds(bounds.lock),
                "idle_in_transaction_session_timeout": _milliseconds(bounds.idle_in_transaction),
                "plan_cache_mode": "force_generic_plan",
                "jit": "off",
                "enable_hashjoin": "off",
                "enable_mergejoin": "off",
                "enable_seqscan": "off",
            },
        )


async def connections_allowed(pool: Pool) -> int:
    """Say how many connections the server has for all who are not its superuser.

    Raises:
        OutOfReachError: the server does not answer.
    """
    with translated():
        allowed: int = await pool.fetchval(_ALLOWED)
    return allowed


async def _keep(_connection: object) -> None:
    """Give a connection back as it is: our sessions set nothing, and end what they begin."""


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
