import asyncpg
import pytest

from service.bench.spent import Watch, postmaster_of
from tests.waiting import until


def test_time_and_processor_time_of_this_process_are_counted_from_the_start() -> None:
    watch = Watch(None)
    sum(range(2_000_000))
    spent = watch.read()
    assert 0 < spent.process <= spent.wall * 1.5
    assert spent.postgres is None


@pytest.mark.postgres
async def test_the_servers_processor_time_counts_connections_that_have_ended(database: str) -> None:
    watch = Watch(await postmaster_of(database))
    connection = await asyncpg.connect(database)
    await connection.execute("SELECT sum(n) FROM generate_series(1, 3000000) AS n")
    await connection.close()
    # A backend that has just ended is counted by neither itself nor its parent for a moment.
    await until(lambda: (watch.read().postgres or 0) > 0)
