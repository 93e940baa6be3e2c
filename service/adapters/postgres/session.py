"""Statements -> rows, on one connection, with every complaint turned into an error of the ports."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from service.adapters.postgres.faults import BROKEN, settled, translated
from service.adapters.postgres.pool import Pool

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

_PATIENCE = 30.0  # For how many seconds a connection is waited for that others have.


class Session:
    """A connection, and the transaction that this object begins and ends on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self) -> None:
        await self.execute("BEGIN")

    async def commit(self) -> None:
        """Commit.

        Raises:
            OutcomeUnknownError: the answer did not come.
            RuntimeError: an earlier statement failed, and its error was swallowed.
        """
        with settled():
            done = await self._connection.execute("COMMIT")
        if done != "COMMIT":
            raise RuntimeError("a transaction in which a statement failed was to be committed")

    async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        with translated():
            return await self._connection.fetch(statement, *arguments)

    async def execute(self, statement: str, *arguments: object) -> None:
        with translated():
            await self._connection.execute(statement, *arguments)

    async def execute_each(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row, in order, within one round trip."""
        if rows:
            with translated():
                await self._connection.executemany(statement, rows)

    async def append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Copy rows into a table, none of which may be there yet; nothing is sent for no row."""
        if rows:
            with translated():
                await self._connection.copy_records_to_table(table, records=rows, columns=columns)

    async def write_all(self, statement: str, *sets: tuple[Sequence[Sequence[object]], int, Sequence[object]]) -> None:
        """Send sets of rows that have so many columns, each with its further arguments; nothing for no row at all."""
        if any(rows for rows, _, _ in sets):
            arguments: list[object] = []
            for rows, width, further in sets:
                arguments += [[row[at] for row in rows] for at in range(width)]
                arguments += further
            await self.execute(statement, *arguments)

    async def write(self, statement: str, rows: Iterable[Sequence[object]], *further: object) -> None:
        """Send rows as one array for each column, then further arguments; nothing is sent for no row."""
        columns = list(zip(*rows, strict=True))
        if columns:
            await self.execute(statement, *columns, *further)


@asynccontextmanager
async def lent(pool: Pool) -> AsyncIterator[Session]:
    """Lend a connection; what was begun on it and not committed is rolled back when it is given back."""
    with translated():
        connection = await pool.acquire(timeout=_PATIENCE)
    try:
        yield Session(connection)
    finally:
        # A connection that breaks here is thrown away by the pool; what the block did stands as it ended.
        with suppress(asyncpg.PostgresError, *BROKEN):
            try:
                if connection.is_in_transaction():
                    await connection.execute("ROLLBACK")
            finally:
                await pool.release(connection)


@asynccontextmanager
async def within(pool: Pool) -> AsyncIterator[Session]:
    """Lend a connection for one READ COMMITTED transaction, which is committed where the block ends well."""
    async with lent(pool) as session:
        await session.begin()
        yield session
        await session.commit()
