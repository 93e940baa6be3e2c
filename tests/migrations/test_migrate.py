"""The migrations on an empty database: they lay out what the schema says, once, however many start at the same time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from service.adapters.postgres import migrate
from service.adapters.postgres.revision import newest, pending
from service.adapters.postgres.schema import metadata
from service.ports import OutOfReachError

pytestmark = [pytest.mark.postgres, pytest.mark.every_postgres]

# Every column, index, constraint, sequence and storage option of every table but the partitions and Alembic's own.
_CATALOGUE = """
WITH tables AS (
  SELECT oid, relname, relkind, reloptions, pg_get_partkeydef(oid) AS split FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> 'alembic_version'
)
SELECT relname, 'table' AS what, format('%s %s %s', relkind, reloptions, split) AS said FROM tables
UNION ALL
SELECT relname, 'column ' || attname, format('%s %s %s %s %s %s %s', attnum, format_type(atttypid, atttypmod),
  attnotnull, attidentity, attgenerated, attcollation::regcollation, pg_get_expr(adbin, adrelid))
FROM tables JOIN pg_attribute a ON a.attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = tables.oid AND d.adnum = a.attnum
UNION ALL
SELECT relname, 'index', pg_get_indexdef(indexrelid) FROM tables JOIN pg_index ON indrelid = tables.oid
UNION ALL
SELECT relname, 'constraint ' || conname, pg_get_constraintdef(c.oid) FROM tables
JOIN pg_constraint c ON conrelid = tables.oid
UNION ALL
SELECT relname, 'sequence', format('%s %s', seqcache, seqcycle) FROM tables
JOIN pg_depend ON refobjid = tables.oid AND deptype = 'i' JOIN pg_sequence ON seqrelid = objid
ORDER BY 1, 2, 3
"""


@pytest.fixture
async def connection(empty_database: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(empty_database)
    yield connection
    await connection.close()


async def _catalogue(connection: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[str, str, str]]:
    return [(row["relname"], row["what"], row["said"]) for row in await connection.fetch(_CATALOGUE)]


async def test_a_database_taken_up_step_by_step_is_what_the_schema_says(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for revision in migrate.revisions():
        await migrate.upgrade(empty_database, revision)
    migrated = await _catalogue(connection)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(empty_database))
    async with engine.begin() as opened:
        await opened.run_sync(metadata.create_all)
    await engine.dispose()
    assert await _catalogue(connection) == migrated


# What the first release wrote: answers and a ticket, an instance, two weeks of ticks, and a review.
_FIRST = """
INSERT INTO contribution (source, subject, part, customer, began_at, process, category, negative, doc) VALUES
  ('/s', 'r1', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', true,
    '{"assessed": {"severity": "critical"}, "feedback": {"kind": "survey"}}'),
  ('/s', 'r2', '', 'ben', '2026-05-04T09:00Z', 'p', 'c', false,
    '{"assessed": {"severity": "info"}, "feedback": {"kind": "survey"}}'),
  ('/t', 't1', 'e1', 'anna', '2026-05-04T09:00Z', 'p', 'c', true,
    '{"assessed": {"severity": "high"}, "feedback": {"kind": "ticket"}}');
INSERT INTO process_instance (instance_id, process, updated_at, doc) VALUES ('i1', 'p', '2026-05-04T09:00Z', '{}');
INSERT INTO tick (kind, window_end, due_at, ran_at) VALUES
  ('slow', '2026-05-10', '2026-05-12T00:00Z', '2026-05-12T00:01Z'), ('slow', '2026-05-17', '2026-05-19T00:00Z', NULL);
INSERT INTO review (window_end, process, category, digest, document) VALUES ('2026-05-10', 'p', 'c', 'd', '{}');
"""


async def test_what_the_first_release_wrote_is_found_where_the_second_looks(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database, "0001")
    await connection.execute(_FIRST)
    await migrate.upgrade(empty_database, "0002")

    async def rows(query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await connection.fetch(query)]

    assert await rows("SELECT subject, critical, surveyed FROM contribution ORDER BY subject") == [
        ("r1", True, True),
        ("r2", False, True),
        ("t1", False, False),
    ]
    assert await rows("SELECT instance_id, region, completed_on FROM process_instance") == [("i1", None, None)]
    assert await rows("SELECT kind, ends_at, due_at, ran_at IS NULL FROM tick ORDER BY ends_at") == [
        ("days", datetime(2026, 5, 11, tzinfo=UTC), datetime(2026, 5, 12, tzinfo=UTC), False),
        ("days", datetime(2026, 5, 18, tzinfo=UTC), datetime(2026, 5, 19, tzinfo=UTC), True),
    ]
    assert await rows("SELECT ends_at, process FROM review") == [(datetime(2026, 5, 11, tzinfo=UTC), "p")]
    assert await rows("SELECT * FROM volume_tempo") == []


async def test_what_is_not_resolved_yet_is_found_by_those_who_look_for_customers_at_risk(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database, "0002")
    insert = "INSERT INTO contribution (source, subject, part, customer, began_at, process, category, negative, doc)"
    for subject, negative, done in (("t1", True, "false"), ("t2", True, "true"), ("t3", False, "false")):
        doc = f'{{"feedback": {{"done": {done}}}}}'
        values = "VALUES ('/t', $1, '', 'anna', '2026-05-04T09:00Z', 'p', 'c', $2, $3)"
        await connection.execute(f"{insert} {values}", subject, negative, doc)
    await migrate.upgrade(empty_database, "0004")
    rows = await connection.fetch("SELECT subject, unresolved FROM contribution ORDER BY subject")
    assert [tuple(row) for row in rows] == [("t1", True), ("t2", False), ("t3", False)]


async def test_instances_of_earlier_releases_have_their_times(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database, "0002")
    await connection.execute("""
      INSERT INTO process_instance (instance_id, process, updated_at, completed_on, doc) VALUES
        ('i1', 'p', '2026-05-06T09:00Z', '2026-05-06',
          '{"started_at": "2026-05-04T09:00:00.25+00:00", "completed_at": "2026-05-06T11:00:00+02:00"}'),
        ('i2', 'p', '2026-05-06T09:00Z', NULL, '{"started_at": null}')
    """)
    await migrate.upgrade(empty_database, "0005")
    rows = await connection.fetch("SELECT started_at, completed_at FROM process_instance ORDER BY instance_id")
    began = datetime(2026, 5, 4, 9, 0, 0, 250_000, tzinfo=UTC)
    assert [tuple(row) for row in rows] == [(began, datetime(2026, 5, 6, 9, tzinfo=UTC)), (None, None)]


# What the second release wrote: tickets, answers, a remark and an employee; what a cell remembers, and a review of it.
_SECOND = """
INSERT INTO contribution (source, subject, part, customer, began_at, process, category, negative, doc) VALUES
  ('/t', 't1', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', false,
    '{"feedback": {"kind": "ticket", "flags": [], "done": true, "reopen_count": 2}}'),
  ('/t', 't1', 'e1', 'anna', '2026-05-04T09:00Z', 'p', 'c', false,
    '{"feedback": {"kind": "ticket", "flags": [], "reopen_count": 2}}'),
  ('/t', 't2', '', 'x', '2026-05-04T09:00Z', 'p', 'c', true,
    '{"feedback": {"kind": "ticket", "flags": ["anonymous"]}}'),
  ('/s', 'r1', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', true, '{"feedback": {"kind": "survey", "flags": []}}'),
  ('/s', 'r2', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', false, '{"feedback": {"kind": "survey", "flags": []}}'),
  ('/u', 'u1', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', true, '{"feedback": {"kind": "employee", "flags": []}}');
INSERT INTO volume_cell (process, category, doc) VALUES ('p', 'c', '{}');
INSERT INTO review (ends_at, process, category, digest, document) VALUES ('2026-05-11T00:00Z', 'p', 'c', 'd', '{}');
"""


async def test_what_the_second_release_wrote_is_found_by_those_who_count_recontacts(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database, "0002")
    await connection.execute(_SECOND)
    await migrate.upgrade(empty_database, "0006")

    async def rows(query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await connection.fetch(query)]

    assert await rows("SELECT subject, part, contact, reopened, done_at FROM contribution ORDER BY subject, part") == [
        ("r1", "", True, False, None),
        ("r2", "", False, False, None),
        ("t1", "", True, True, None),
        ("t1", "e1", False, False, None),
        ("t2", "", False, False, None),
        ("u1", "", False, False, None),
    ]
    assert await rows("SELECT process, measure FROM volume_cell") == [("p", "volume")]
    assert await rows("SELECT process, measure FROM review") == [("p", "volume")]


async def test_what_was_read_out_of_documents_stays_and_is_found_as_before(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database, "0024")
    await connection.execute("""
      INSERT INTO contribution (source, subject, part, customer, began_at, process, category, negative, doc) VALUES
        ('/t', 't1', '', 'anna', '2026-05-04T09:00Z', 'p', 'c', false, '{"link": {"instance_id": "i1"}}');
      INSERT INTO feedback
        (received_at, source, event_id, occurred_at, revision, version, digest, document, explanation) VALUES
        ('2026-05-04T09:00Z', '/t', 'e1', '2026-05-04T09:00Z', 1, 1, 'd', '{"subject": "t1"}', '{}');
      INSERT INTO link_wait (key, source, subject, part, until) VALUES ('k', '/t', 't1', '', '2026-05-07T09:00Z');
    """)
    await migrate.upgrade(empty_database, "0025")
    assert await connection.fetchval("SELECT subject FROM contribution WHERE instance_id = 'i1'") == "t1"
    assert await connection.fetchval("SELECT count(*) FROM link_wait WHERE key = 'k'") == 1
    found = "SELECT event_id FROM feedback WHERE source = '/t' AND coalesce(subject, document ->> 'subject') = 't1'"
    assert await connection.fetchval(found) == "e1"


async def test_starters_that_race_do_the_work_once(empty_database: str) -> None:
    assert await pending(empty_database)
    await asyncio.gather(*(migrate.upgrade(empty_database) for _ in range(4)))
    assert not await pending(empty_database)


async def test_a_schema_of_another_release_is_not_this_program_s(empty_database: str) -> None:
    await migrate.upgrade(empty_database, "0024")
    assert await pending(empty_database)


def test_the_newest_file_is_the_last_revision() -> None:
    assert newest() == migrate.revisions()[-1]


async def test_this_month_and_the_next_have_partitions_and_every_identity_has_one(
    empty_database: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await migrate.upgrade(empty_database)
    today = datetime.now(UTC).date().replace(day=1)
    months = (today, (today + timedelta(days=32)).replace(day=1))
    names = await connection.fetch("SELECT inhrelid::regclass::text AS name FROM pg_inherits ORDER BY 1")
    partitions = sorted(
        [f"feedback_y{month:%Y}m{month:%m}" for month in months]
        + ["feedback_default"]
        + [f"event_identity_p{at}" for at in range(8)]
    )
    assert (
        sorted(row["name"] for row in names if "_pkey" not in row["name"] and "_idx" not in row["name"]) == partitions
    )


async def test_a_server_that_is_not_there_is_out_of_reach() -> None:
    with pytest.raises(OutOfReachError):
        await migrate.upgrade("postgresql://nobody@127.0.0.1:1/nothing")
