import subprocess
import sys

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


def test_a_process_beside_this_one_counts_with_its_time_and_its_most_memory() -> None:
    # The list takes 100 MB.
    busy = "squares = [n * n for n in range(3_000_000)]; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        watch = Watch(None)
        assert other.stdout is not None
        other.stdout.readline()
        alone = watch.read().process
        watch.others = [other.pid]
        assert watch.read().process > alone + 0.05
        own, theirs = watch.peaks()
        assert min(own, theirs - 80_000_000) > 0
        other.communicate(b"\n")


@pytest.mark.postgres
async def test_the_servers_processor_time_counts_connections_that_have_ended(database: str) -> None:
    watch = Watch(await postmaster_of(database))
    connection = await asyncpg.connect(database)
    await connection.execute("SELECT sum(n) FROM generate_series(1, 3000000) AS n")
    await connection.close()
    # A backend that has just ended is counted by neither itself nor its parent for a moment.
    await until(lambda: (watch.read().postgres or 0) > 0)
