"""A database -> everything that its tables hold, value by value, for the leak scanner; nothing is written.

Every table of every schema but the server's own is read through a cursor, so that memory does not grow with it. Tables
that another transaction makes or changes meanwhile are read as they were at the first statement.
"""

from collections.abc import AsyncIterator

from service.adapters.postgres.faults import translated
from service.adapters.postgres.packed import unpack
from service.adapters.postgres.pool import Pool
from service.core.leaks import Piece

_ROWS = 200
# A partitioned table is read by its partitions; a foreign one belongs to somebody else.
_TABLES = """
SELECT n.nspname AS schema, c.relname AS name,
  array_agg(a.attname::text ORDER BY a.attnum) AS columns, array_agg(t.typname::text ORDER BY a.attnum) AS types
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
GROUP BY n.nspname, c.relname
ORDER BY n.nspname, c.relname
"""
# As for an export: it may take as long as it takes, and reads all that there is.
_SETTINGS = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on
"""
# What would be hidden by its compression.
_PACKED = "outbox.packed"
_NUMBERS = frozenset({"int2", "int4", "int8", "_int2", "_int4", "_int8"})


async def tables(pool: Pool) -> AsyncIterator[Piece]:
    """Yield every value that is there; a row is named by its number in its table.

    Raises:
        OutOfReachError: the server does not answer.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(_SETTINGS)
            for table in await connection.fetch(_TABLES):
                wanted = [_as_read(name, kind) for name, kind in zip(table["columns"], table["types"], strict=True)]
                # Names come out of the catalogue, quoted.
                of = f"{_quoted(table['schema'])}.{_quoted(table['name'])}"
                statement = f"SELECT {', '.join(wanted)} FROM {of}"  # noqa: S608
                number = 0
                async for row in connection.cursor(statement, prefetch=_ROWS):
                    number += 1
                    for column, value in zip(table["columns"], row, strict=True):
                        place = f"{table['name']}.{column}"
                        read = unpack(value) if place == _PACKED and value is not None else value
                        for each in read if isinstance(read, list) else [read]:
                            if each is not None:
                                yield Piece(place=place, at=f"row {number}", value=each)


def _as_read(column: str, kind: str) -> str:
    if kind == "bytea" or kind in _NUMBERS:
        return _quoted(column)
    return f"{_quoted(column)}::text"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
