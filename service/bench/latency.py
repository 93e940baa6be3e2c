"""How late a critical notice is in its team's topic, at half of the rate that the whole road can decide.

The maximum is measured first, on a backlog of the same surveys. Who sends and who reads are another process
(`outside`); a reader sees committed records alone.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import migrate
from service.bench.deciding import share_of
from service.bench.events import EVERY, scheduled
from service.bench.places import Place, database, publish, servers, topics
from service.bench.road import on_the_road, travel
from service.bench.scale import Say, Scale
from service.bench.spent import Watch, postmaster_of
from service.core.pipeline.rules import Rules

_PARTITIONS = 4
_TIMED = frozenset({"stage", "batch", "end_to_end"})
_OUT = {"in": _PARTITIONS, "out": _PARTITIONS, "queue": 1, "markers": 1}


async def latency(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Run the suite at `scale.rate`, or else at half of what a backlog of `scale.events` shows to be the maximum.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer.
    """
    async with servers() as place:
        most = None if scale.rate else await _most(place, rules, scale)
        rate = scale.rate or (most or 0.0) / 2
        say(f"latency: {rate:.0f} events a second for {scale.seconds:.0f} s, every {EVERY}th critical")
        postmaster = await postmaster_of(place.dsn)
        async with database(place.dsn) as dsn, topics(place, _OUT) as names:
            await migrate.upgrade(dsn)
            watch = Watch(postmaster)
            async with on_the_road(place, names, rules, watch, share_of(place, dsn, names["in"], _PARTITIONS)) as road:
                found = await _outside(place, names["in"], names["queue"], rate, scale)
                spent, stages = watch.read(), _stages(road.meter)
    count = rate * scale.seconds
    say(f"latency: p50 {found['p50_ms']}, p99 {found['p99_ms']}, p99.9 {found['p999_ms']} ms")
    return {
        "maximum_events_per_second": None if most is None else round(most),
        "events_per_second": round(rate),
        "seconds": scale.seconds,
        "relay": "transactional" if place.transactional else "at_least_once",
        **found,
        "stages_mean_ms": stages,
        "cpu_microseconds_per_event": {
            "process": round(spent.process / count * 1e6, 1),
            "postgres": None if spent.postgres is None else round(spent.postgres / count * 1e6, 1),
        },
    }


def _stages(meter: PrometheusMeter) -> dict[str, float]:
    """Return mean times: a batch, reading it, a row until it was relayed, a record from broker to broker."""
    found: dict[str, float] = {}
    for metric in meter.registry.collect():
        name = metric.name.removeprefix("feedback_router_").removesuffix("_seconds")
        if name in _TIMED:
            values = {
                (sample.labels.get("stage", name), sample.name.rpartition("_")[2]): sample.value
                for sample in metric.samples
            }
            found |= {
                stage: round(1000 * value / values[stage, "count"], 1)
                for (stage, part), value in values.items()
                if part == "sum" and values[stage, "count"]
            }
    return found


async def _most(place: Place, rules: Rules, scale: Scale) -> float:
    """Return how many events a second the road decides where all of them wait."""
    begin = datetime.now(UTC) - timedelta(minutes=1)
    events = [event for _, event in scheduled(scale.seed, scale.events, begin, scale.events / 60)]
    async with database(place.dsn) as dsn, topics(place, _OUT) as names:
        await migrate.upgrade(dsn)
        await publish(place, names["in"], events)
        share = share_of(place, dsn, names["in"], _PARTITIONS)
        travelled = await travel(place, names, rules, len(events), Watch(None), share)
    return len(events) / travelled.spent.wall


async def _outside(place: Place, topic: str, queue: str, rate: float, scale: Scale) -> dict[str, Any]:
    given = (place.connection.bootstrap_servers, topic, queue, str(rate), str(scale.seconds), str(scale.seed))
    command = (sys.executable, "-m", "service.bench.outside", *given)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the process outside ended with {process.returncode}")
    found: dict[str, Any] = orjson.loads(told)
    return found
