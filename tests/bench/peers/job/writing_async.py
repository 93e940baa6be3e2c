"""What is asked for -> how an asynchronous peer writes: one by one or in batches, by the ORM or by our statements."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from tests.bench.peers.job import own, sql
from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import Judged, Refused

WriteOne = Callable[[Judged | Refused], Awaitable[None]]
WriteAll = Callable[[Sequence[Judged | Refused]], Awaitable[None]]


@asynccontextmanager
async def one_by_one(asked: Asked, connections: int) -> AsyncIterator[WriteOne]:
    """Yield a function that writes an event in a transaction of its own; so many may run at the same time."""
    if asked.ours:
        async with batches(asked, connections) as by_statements:
            yield lambda judged: by_statements([judged])
        return
    engine = own.async_engine_of(asked.dsn, connections)

    async def write(judged: Judged | Refused) -> None:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await own.store_async(session, judged)

    try:
        yield write
    finally:
        await engine.dispose()


@asynccontextmanager
async def batches(asked: Asked, connections: int) -> AsyncIterator[WriteAll]:
    """Yield a function that writes a batch in one transaction; so many may run at the same time."""
    if asked.ours:
        async with asyncpg.create_pool(asked.dsn, min_size=connections, max_size=connections) as pool:

            async def by_statements(judged: Sequence[Judged | Refused]) -> None:
                async with pool.acquire() as connection:
                    await sql.write(connection, judged)

            yield by_statements
        return
    engine = own.async_engine_of(asked.dsn, connections)

    async def write(judged: Sequence[Judged | Refused]) -> None:
        async with AsyncSession(engine, autoflush=False, expire_on_commit=False) as session:
            await session.run_sync(own.store_all, judged)

    try:
        yield write
    finally:
        await engine.dispose()
