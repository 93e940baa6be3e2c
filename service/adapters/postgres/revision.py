"""A DSN -> whether its schema is this program's.

Apart from `migrate`, since Alembic and SQLAlchemy would take 25 MB of a process that only looks.
"""

import asyncpg

from service import assets
from service.adapters.postgres.faults import translated

_CURRENT = "SELECT version_num FROM alembic_version"


async def pending(dsn: str) -> bool:
    """Tell whether the schema is another than this program's, for which it is most often behind.

    Raises:
        OutOfReachError: the database does not answer.
    """
    with translated():
        connection = await connect(dsn)
        try:
            if await connection.fetchval("SELECT to_regclass('alembic_version') IS NULL"):
                return True
            return [row["version_num"] for row in await connection.fetch(_CURRENT)] != [newest()]
        finally:
            await connection.close()


def newest() -> str:
    """Return the last revision; each is a file that begins with its number."""
    return max(path.name.partition("_")[0] for path in (assets.migrations() / "versions").glob("[0-9]*.py"))


async def connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(dsn, timeout=10, server_settings={"timezone": "UTC"})
