"""A registry and a migrated database -> its tables filled within PostgreSQL, as process events would have filled them.

The forms of a row and of its keys are those that the core gives an instance of place-holders, and PostgreSQL puts the
values in. A table is emptied and filled without its indexes in one transaction, which a server that keeps the least log
need not log; then all are vacuumed, as autovacuum would have done by and by.
"""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import asyncpg
import orjson

from service.adapters.postgres.documents import INSTANCES
from service.bench.links.registry import (
    HOURS,
    LEAST_HOURS,
    PROCESS_NAMES,
    REGIONS,
    SPREAD,
    STRIDE,
    WORD,
    YEAR,
    Registry,
    customer_ref,
)
from service.bench.scale import Say
from service.core.link.keys import registered_under
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Instance
from service.ports import OutOfReachError

TABLES = ("process_instance", "instance_key")
# What filling takes for a while, sorting and log included; about 2,300 stay.
_BYTES_PER_INSTANCE = 4_000
_AT_A_TIME = 500_000

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_TEXTS = ("instance_id", "process", "customer", "region", "placed", "ticket", "invoice", "written")
_TIMES = ("started_at", "ended_at", "completed_at", "begun_at", "updated_at", "customer_at", "region_at")

# From number $1 to below $2; the columns are those of `registry`.
_NUMBERED = f"""
WITH drawn AS (
  SELECT n, n * {SPREAD} % {WORD} / {WORD}::float8 AS u FROM generate_series($1::bigint, $2::bigint - 1) AS n
), timed AS (
  SELECT n, floor($3::integer * u * u)::integer AS owner,
    $4::timestamptz + n * {YEAR} / $5::bigint * interval '1 second' AS started_at,
    ({LEAST_HOURS} + n * {STRIDE} % {HOURS}) * interval '1 hour' AS lasted
  FROM drawn
), known AS (
  SELECT n, owner, started_at,
    CASE WHEN started_at + lasted <= $4::timestamptz + {YEAR} * interval '1 second' THEN started_at + lasted END
      AS ended_at,
    'run-' || lpad(n::text, 9, '0') AS instance_id,
    ($6::text[])[1 + n % {len(PROCESS_NAMES)}] AS process, ($7::text[])[1 + owner % {len(REGIONS)}] AS region,
    'SO-' || lpad(n::text, 9, '0') AS placed, 'INC' || lpad(n::text, 7, '0') AS ticket,
    'INV-' || lpad(n::text, 9, '0') AS invoice, 'SO' || lpad(n::text, 9, '0') AS written
  FROM timed
)"""  # noqa: S608 - numbers of our own


def _quoted(at: str) -> str:
    """Write a time as the records' JSON does; null where it is not known."""
    return f"""coalesce('"' || to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') || '"', 'null')"""


_INSTANCES = f"""{_NUMBERED}, told AS (
  SELECT known.*, c.pseudonym AS customer, ended_at AS completed_at, started_at AS begun_at,
    coalesce(ended_at, started_at) AS updated_at, ended_at AS customer_at, ended_at AS region_at
  FROM known JOIN bench_customer c ON c.owner = known.owner
)
INSERT INTO process_instance (instance_id, process, customer, updated_at, region, completed_on, started_at,
  completed_at, began_at, over_at, aged_at, doc)
SELECT instance_id, process, customer, updated_at, region, (completed_at AT TIME ZONE 'UTC')::date, started_at,
  completed_at, started_at, coalesce(ended_at, 'infinity'), updated_at,
  format($8, {", ".join((*_TEXTS, *map(_quoted, _TIMES)))})::json
FROM told
"""  # noqa: S608

_KEYS = f"""{_NUMBERED}
INSERT INTO instance_key (key, instance_id)
SELECT format(form, {", ".join(_TEXTS)}), instance_id
FROM (SELECT instance_id, process, NULL AS customer, region, placed, ticket, invoice, written FROM known) AS known
CROSS JOIN unnest($8::text[]) AS form
"""  # noqa: S608
_INDEXES = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
  format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
FROM pg_constraint WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype = 'p'
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
FROM pg_index WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT indisprimary
"""

_SIZES = """
SELECT relname AS name, reltuples::bigint AS rows, pg_table_size(oid) / 1000000 AS mb,
  pg_indexes_size(oid) / 1000000 AS index_mb
FROM pg_class WHERE oid = ANY ($1::text[]::regclass[])
"""


async def fill(dsn: str, registry: Registry, key: PseudonymKey, say: Say) -> float:
    """Fill the tables of a database that nobody else uses; return the seconds that it took.

    Raises:
        OutOfReachError: the disk has too little room.
    """
    started = time.perf_counter()
    first, second = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        await _refuse_too_small(first, registry)
        progress = _Progress(registry, say)
        await _name_customers(first, registry, key)
        await asyncio.gather(_instances(first, registry, progress), _keys(second, registry, progress))
        say(f"links: vacuuming, after {time.perf_counter() - started:.0f} s")
        await asyncio.gather(
            first.execute("VACUUM (ANALYZE) process_instance"),
            second.execute("VACUUM (ANALYZE) instance_key"),
        )
        await first.execute("DROP TABLE bench_customer")
        await first.execute("CHECKPOINT")
    finally:
        await first.close()
        await second.close()
    return time.perf_counter() - started


async def sizes(dsn: str) -> dict[str, dict[str, int]]:
    """Return the rows of each table, as PostgreSQL reckons them, its megabytes and those of its indexes."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_SIZES, TABLES)
    finally:
        await connection.close()
    return {row["name"]: {"rows": row["rows"], "mb": row["mb"], "index_mb": row["index_mb"]} for row in rows}


async def _name_customers(connection: _Connection, registry: Registry, key: PseudonymKey) -> None:
    await connection.execute("CREATE UNLOGGED TABLE bench_customer (owner integer, pseudonym text)")
    await connection.copy_records_to_table(
        "bench_customer",
        records=((owner, key.pseudonym(customer_ref(owner))) for owner in range(registry.customers)),
    )
    await connection.execute("ANALYZE bench_customer")


async def _instances(connection: _Connection, registry: Registry, progress: "_Progress") -> None:
    async with emptied(connection, TABLES[:1]):
        for low, high in _chunks(registry):
            await connection.execute(_INSTANCES, *_arguments(registry, low, high), _form())
            progress.add("instances", high - low)


async def _keys(connection: _Connection, registry: Registry, progress: "_Progress") -> None:
    async with emptied(connection, TABLES[1:]):
        for low, high in _chunks(registry):
            await connection.execute(_KEYS, *_arguments(registry, low, high), _key_forms())
            progress.add("their keys", high - low)


@asynccontextmanager
async def emptied(connection: _Connection, tables: Sequence[str]) -> AsyncIterator[None]:
    """Empty tables for the block to fill, and build their indexes after it, those of partitions too."""
    async with connection.transaction():
        await connection.execute(f"TRUNCATE {', '.join(tables)}")
        await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        await connection.execute("SET LOCAL work_mem = '256MB'")
        again: list[str] = []
        for row in await connection.fetch(_INDEXES, tables):
            await connection.execute(row["drop"])
            again.append(row["make"])
        yield
        for statement in again:
            await connection.execute(statement)


async def _refuse_too_small(connection: _Connection, registry: Registry) -> None:
    """Look for room where the server keeps its data, if that is on this machine."""
    folder = Path(await connection.fetchval("SHOW data_directory"))
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < registry.size * _BYTES_PER_INSTANCE:
        raise OutOfReachError(
            f"{registry.size:,} instances need {registry.size * _BYTES_PER_INSTANCE / 1e9:.0f} GB of disk for a while"
        )


def _chunks(registry: Registry) -> list[tuple[int, int]]:
    return [(low, min(low + _AT_A_TIME, registry.size)) for low in range(0, registry.size, _AT_A_TIME)]


def _arguments(registry: Registry, low: int, high: int) -> tuple[object, ...]:
    return (low, high, registry.customers, registry.since, registry.size, PROCESS_NAMES, REGIONS)


def _held_place(name: str) -> str:
    return f"%{(*_TEXTS, *_TIMES).index(name) + 1}$s"


def _placeholders() -> Instance:
    """Return an instance of place-holders, its keys in the order in which the core keeps the values."""
    return Instance(
        instance_id=_held_place("instance_id"),
        process=_held_place("process"),
        customer=_held_place("customer"),
        region=_held_place("region"),
        keys=tuple(map(_held_place, ("ticket", "invoice", "placed"))),
        references=tuple(map(_held_place, ("ticket", "written"))),
        updated_at=datetime.min.replace(tzinfo=UTC),
    )


def _form() -> str:
    """Return an instance's document for format()."""
    document = orjson.loads(INSTANCES.write(_placeholders()))
    form = orjson.dumps({**document, **{at: _held_place(at) for at in _TIMES}}).decode()
    for at in _TIMES:
        form = form.replace(f'"{_held_place(at)}"', _held_place(at))
    return form


def _key_forms() -> list[str]:
    """Return the correlation keys of an instance for format()."""
    return list(registered_under(_placeholders()))


class _Progress:
    """Says how far filling has come, each tenth of a kind of row."""

    def __init__(self, registry: Registry, say: Say) -> None:
        self._size = registry.size
        self._say = say
        self._done: Counter[str] = Counter()

    def add(self, what: str, count: int) -> None:
        before, self._done[what] = self._done[what], self._done[what] + count
        if self._done[what] * 10 // self._size > before * 10 // self._size:
            self._say(f"links: {self._done[what]:,} of {self._size:,} {what}")
