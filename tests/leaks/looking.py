"""Places and needles -> what the scanner finds there, without a process of its own."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from service.adapters.kafka import Connection
from service.adapters.kafka.scanning import topics
from service.adapters.postgres import open_pool
from service.adapters.postgres.scanning import tables
from service.adapters.scanned_files import log_lines, metrics_page
from service.core.leaks import Leak, Needle, Scanner, Tally


async def leaks_in_tables(dsn: str, needles: Iterable[Needle] = ()) -> Sequence[Leak]:
    tally = Tally(Scanner(needles))
    pool = await open_pool(dsn, size=1)
    try:
        async for piece in tables(pool):
            tally.add(piece)
    finally:
        await pool.close()
    return tally.leaks()


async def leaks_in_topics(
    bootstrap_servers: str, wanted: Callable[[str], bool], needles: Iterable[Needle] = ()
) -> Sequence[Leak]:
    tally = Tally(Scanner(needles))
    async for piece in topics(Connection(bootstrap_servers=bootstrap_servers), wanted):
        tally.add(piece)
    return tally.leaks()


async def leaks_in_files(log: Path, metrics: str, needles: Iterable[Needle] = ()) -> Sequence[Leak]:
    tally = Tally(Scanner(needles))
    for piece in (*log_lines(log), *await asyncio.to_thread(lambda: tuple(metrics_page(metrics)))):
        tally.add(piece)
    assert tally.pieces
    return tally.leaks()
