"""One contestant on a backlog for some seconds -> what it did in them, as a raw run.

The first seconds after its first commit are not counted. Its rate is of the events that were committed between the
first and the last commit of the window, by the instants that PostgreSQL keeps of both.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench.race.contestants import Contestant
from tests.bench.race.ground import Ground, delayed, tables
from tests.bench.race.records import drop_other_topics
from tests.bench.race.rows import commits, wrong
from tests.bench.race.runner import Failed, Running, Sample, running
from tests.bench.race.workloads import Workload

FIRST_COMMIT_SECONDS = 90.0
MOST_SECONDS = 60.0
_MOST_WARM_UP, _WARM_UP_SHARE = 3.0, 0.2
_LOOK_SECONDS = 0.5
_FEWEST = 2
# Some write once in five seconds.
_STILL_SECONDS = 8.0
_WHOLE_SECONDS = 1_800.0
_MILLION = 1_000_000

Raw = dict[str, Any]


async def turn(
    ground: Ground, workload: Workload, contestant: Contestant, group: str, *, seconds: float, whole: bool, log: Path
) -> Raw:
    """Run a contestant on its own tables; with `whole` until the backlog is at its end.

    Raises:
        Absent: it is not there to be started.
        Failed: it did not start, stood still or left wrong rows.
    """
    ours = contestant.peer is None
    if ours and not workload.rows:
        await drop_other_topics(ground, workload.topic)
    async with tables(ground, workload.rows, ours=ours) as direct, delayed(direct, workload.delay) as (dsn, round_trip):
        began = time.time()
        async with running(ground, contestant, dsn, workload.topic, group, direct=direct, log=log) as found:
            if ours:
                await found.shared(contestant.processes, group)
            first, last = await _window(found, seconds, whole=whole)
            peaks = sorted(last.peaks.values(), reverse=True)
        async with _connected(direct) as connection:
            done = await commits(connection, began)
            faults = await wrong(connection, ours=ours, begun_at=0, filled=bool(workload.rows))
            waiting = await connection.fetchval("SELECT count(*) FROM outbox") if ours else None
    if faults:
        raise Failed(f"wrong rows: {'; '.join(faults)}")
    return {
        **rate_of(done, first.at, last.at),
        **costs_of(done, first, last),
        "started_after": round(done[0][0] - began, 2),
        "peak_mb": peaks,
        **({} if round_trip is None else {"round_trip_ms": round_trip}),
        **({} if waiting is None else {"outbox_rows_left": waiting}),
    }


def rate_of(done: Sequence[tuple[float, int]], since: float, until: float) -> Raw:
    """Return events and seconds between the first and the last commit of a window, and events a second.

    The first commit's own events are of the time before it. One commit alone, as of who writes once in a while, is
    taken by the whole window.

    Raises:
        Failed: nothing was committed within.
    """
    within = [(at, events) for at, events in done if since <= at <= until]
    if not within:
        raise Failed("nothing was committed after the warm-up")
    if len(within) == 1:
        events, seconds = within[0][1], until - since
    else:
        events, seconds = sum(events for _, events in within[1:]), within[-1][0] - within[0][0]
    return {"events": events, "seconds": round(seconds, 3), "events_per_second": round(events / seconds, 1)}


def costs_of(done: Sequence[tuple[float, int]], first: Sample, last: Sample) -> Raw:
    """Return CPU seconds per million events, of the contestant and of PostgreSQL, bytes and pages of WAL an event."""
    events = sum(events for at, events in done if first.at <= at <= last.at)
    return {
        "cpu_per_million": {
            "process": round((last.process - first.process) / events * _MILLION, 1),
            "postgres": round((last.postgres - first.postgres) / events * _MILLION, 1),
        },
        "wal_bytes_per_event": round((last.wal - first.wal) / events),
        "wal_pages_per_event": round((last.pages - first.pages) / events, 2),
    }


async def _window(found: Running, seconds: float, *, whole: bool) -> tuple[Sample, Sample]:
    """Return samples of both ends of the window: from after the warm-up until the time is over or all stands still.

    Who commits seldom gets up to a minute for two commits.
    """
    await found.moved(await found.progress(), FIRST_COMMIT_SECONDS)
    await asyncio.sleep(min(_MOST_WARM_UP, seconds * _WARM_UP_SHARE))
    first, began = await found.sample(), time.monotonic()
    last, latest, moved_at, moves = first, await found.progress(), began, 0
    until = _WHOLE_SECONDS if whole else seconds
    while (now := time.monotonic()) - began < (until if moves >= _FEWEST else max(until, MOST_SECONDS)):
        await asyncio.sleep(_LOOK_SECONDS)
        progress = await found.progress()
        if progress != latest:
            last, latest, moved_at, moves = await found.sample(), progress, now, moves + 1
        elif moves >= _FEWEST and now - moved_at > _STILL_SECONDS:
            return first, last
    return first, await found.sample()


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()
