"""A DSN -> a database with our schema, by Alembic, within this process.

Starters that race wait for one another and then find the work done. Migrations go forward only.
"""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from service import assets
from service.adapters.postgres.faults import translated
from service.adapters.postgres.months import make_months
from service.adapters.postgres.revision import connect
from service.adapters.postgres.session import Session

# Any number that nobody else locks by.
_LOCK = 4_702_111_000


async def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the schema up to a revision in one transaction, then make the partitions of this month and the next.

    Raises:
        OutOfReachError: the database does not answer.
    """
    engine = _engine(dsn)
    try:
        with translated():
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()
    with translated():
        plain = await connect(dsn)
        try:
            await make_months(Session(plain))
        finally:
            await plain.close()


def revisions() -> list[str]:
    """List all revisions, oldest first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def _upgrade(connection: Connection, revision: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(assets.migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(assets.migrations())


def _engine(dsn: str) -> AsyncEngine:
    # asyncpg reads the DSN itself, so that it means the same here as to the pool.
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(dsn), poolclass=NullPool)
