"""What everybody is held against, on the same topic and server: `service.bench.yardsticks`, in turns with the others.

What the road writes for an event is learnt once for each workload, from some thousand events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from service.adapters.postgres import migrate
from service.bench.deciding import share_of
from service.bench.places import database, topics
from service.bench.road import travel
from service.bench.spent import Spent, Watch
from service.bench.written import Written, written
from service.bench.yardsticks import fetch_only, write_only
from tests.bench.race.ground import PARTITIONS, Ground, delayed
from tests.bench.race.workloads import Workload

_LEARNT_FROM = 5_000
_MOST_WRITTEN = 60_000
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Rows and bytes of each table that the road wrote for so many events, and a text of their kind."""

    events: int
    tables: Mapping[str, Written]
    sample: str


async def learn(ground: Ground, workload: Workload) -> Learnt:
    """Take the road with some thousand events."""
    watch = Watch(ground.postmaster)
    async with (
        database(ground.place.dsn) as dsn,
        topics(ground.place, {"out": PARTITIONS, "markers": 1}) as outgoing,
    ):
        await migrate.upgrade(dsn)
        share = share_of(ground.place, dsn, workload.topic, PARTITIONS)
        road = await travel(ground.place, outgoing, ground.playbook, _LEARNT_FROM, watch, share)
        found, sample = await written(dsn, outbox=Written(rows=road.relayed_rows, size=road.relayed_bytes))
        connection = await asyncpg.connect(dsn)
        try:
            events = int(await connection.fetchval("SELECT count(*) FROM event_identity"))
        finally:
            await connection.close()
    return Learnt(events=events, tables=found, sample=sample)


async def yardstick(ground: Ground, workload: Workload, name: str, learnt: Learnt, published: int) -> dict[str, Any]:
    """Measure `fetch-only` or `write-only` on what was published, as a raw run."""
    watch = Watch(ground.postmaster)
    if name == "fetch-only":
        spent = await fetch_only(ground.place, workload.topic, PARTITIONS, published, watch)
        return _raw(spent, published)
    events = min(published, _MOST_WRITTEN)
    scaled = {
        table: Written(rows=of.rows * events // learnt.events, size=of.size * events // learnt.events)
        for table, of in learnt.tables.items()
        if of.rows * events >= learnt.events
    }
    async with database(ground.place.dsn) as direct, delayed(direct, workload.delay) as (dsn, _):
        spent = await write_only(ground.place, dsn, workload.topic, PARTITIONS, events, scaled, learnt.sample, watch)
    return _raw(spent, events)


def _raw(spent: Spent, events: int) -> dict[str, Any]:
    return {
        "events": events,
        "seconds": round(spent.wall, 3),
        "events_per_second": round(events / spent.wall, 1),
        "cpu_per_million": {
            "process": round(spent.process / events * _MILLION, 1),
            "postgres": None if spent.postgres is None else round(spent.postgres / events * _MILLION, 1),
        },
    }
