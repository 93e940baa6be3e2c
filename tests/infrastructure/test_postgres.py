"""What the fixtures promise about the databases that tests run on."""

import asyncpg
import pytest

from tests.infrastructure.postgres import TestServers

pytestmark = [pytest.mark.postgres, pytest.mark.every_postgres]


async def _value(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_an_empty_database_has_no_table(empty_database: str) -> None:
    assert await _value(empty_database, "select count(*) from pg_tables where schemaname = 'public'") == 0


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_database_is_its_tests_own(empty_database: str, attempt: int) -> None:
    await _value(empty_database, "create table mine (attempt int)")
    assert await _value(empty_database, "select count(*) from mine") == 0


async def test_a_migrated_database_has_what_the_migrations_made(database: str) -> None:
    assert await _value(database, "select count(*) from pg_tables where tablename = 'alembic_version'") == 1


async def test_the_server_is_one_that_is_promised_to_work(empty_database: str) -> None:
    version = await _value(empty_database, "select current_setting('server_version_num')::int / 10000")
    assert isinstance(version, int)
    assert version >= 15


async def test_a_dropped_database_is_gone_though_somebody_was_connected(
    postgres_servers: TestServers, empty_database: str
) -> None:
    server = postgres_servers.of(None)
    dsn = await server.create(migrated=False)
    left_open = await asyncpg.connect(dsn)
    await server.drop(dsn)
    left_open.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await _value(dsn, "select 1")
