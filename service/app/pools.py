"""A DSN -> pools of connections that are closed in time, and how many of them serve HTTP alone.

Every process has pools of its own; where all of them together may want more than the server has, that is told.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import structlog

from service.adapters.postgres import open_pool
from service.adapters.postgres.pool import Limits, Pool, connections_allowed
from service.settings import Role

log = structlog.get_logger()

_CLOSE_SECONDS = 5.0
# A page that takes longer than this is not worth what it costs the others.
ASKED = Limits(statement=10.0, lock=5.0)


def share_for_asking(size: int, roles: Collection[Role]) -> int:
    """Say how many connections serve HTTP alone, so that no crowd of readers keeps the decisions waiting."""
    if Role.API not in roles:
        return 0
    return size - 2 if set(roles) == {Role.API} else size // 4


async def have_room(pool: Pool, size: int, processes: int) -> None:
    """Warn where the processes of this command alone may ask for more connections than the server has.

    Pools grow only as they are used, so that it may well do; which other replicas there are, nobody here knows.
    """
    allowed = await connections_allowed(pool)
    if size * processes > allowed:
        log.warning("pools_exceed_the_server", pool_size=size, processes=processes, connections_allowed=allowed)


@asynccontextmanager
async def opened_pool(dsn: str, size: int, limits: Limits | None = None) -> AsyncIterator[Pool]:
    pool = await open_pool(dsn, size=size, limits=limits)
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()
