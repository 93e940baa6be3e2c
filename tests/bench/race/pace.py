"""One contestant at a steady pace -> how late each event was committed, counted from when it was due to be sent.

The schedule is open: an event is due at its time whatever has become of the one before it, so that whoever falls behind
is charged for all that waits. What is never committed is as late as the run is long.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from service.bench.events import Published
from tests.bench.race.contestants import Contestant
from tests.bench.race.critical import EVERY_SECONDS, hearing, marked
from tests.bench.race.ground import PARTITIONS, Ground, delayed, tables
from tests.bench.race.records import drop_other_topics, forget_records, producer
from tests.bench.race.rows import committed_at
from tests.bench.race.runner import Failed, Running, running
from tests.bench.race.turn import FIRST_COMMIT_SECONDS
from tests.bench.race.workloads import Workload, partition_of

_WARM_UP_SECONDS = 4.0
_SETTLE_SECONDS = 10.0
_LOOK_SECONDS = 0.5
_TICK_SECONDS = 0.001
_FIRST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Events a second, and for how long they are measured after the warm-up."""

    rate: float
    seconds: float
    seed: int


@dataclass(slots=True, kw_only=True)
class _Sent:
    """When each event was due, by its id, and each critical one by its number; how late the sender itself was."""

    due: dict[str, float] = field(default_factory=dict)
    critical: dict[int, float] = field(default_factory=dict)
    lag: list[float] = field(default_factory=list)


async def pace(
    ground: Ground, workload: Workload, contestant: Contestant, group: str, asked: Pace, log: Path
) -> dict[str, Any]:
    """Publish events at a pace; return percentiles in milliseconds, as a raw run.

    Raises:
        Absent: it is not there to be started.
        Failed: it did not start, or stood still.
    """
    ours = contestant.peer is None
    await forget_records(ground, workload.topic)
    if ours:
        await drop_other_topics(ground, workload.topic)
    count = int(asked.rate * (asked.seconds + _WARM_UP_SECONDS)) + _FIRST
    events = list(workload.events(asked.seed, count))
    async with AsyncExitStack() as stack:
        direct = await stack.enter_async_context(tables(ground, workload.rows, ours=ours))
        dsn, _ = await stack.enter_async_context(delayed(direct, workload.delay))
        began = time.time()
        found = await stack.enter_async_context(
            running(ground, contestant, dsn, workload.topic, group, direct=direct, log=log)
        )
        heard = await stack.enter_async_context(hearing(ground)) if ours else {}
        await _first(ground, workload, events[:_FIRST], found)
        if ours:
            await found.shared(contestant.processes, group)
        sent = await _send(ground, workload, events[_FIRST:], asked.rate, critical=ours and not workload.compression)
        await _settled(found)
        ended = time.time()
        done = await committed_at(found.connection, began)
        peaks = sorted((await found.sample()).peaks.values(), reverse=True)
    return {
        "rate": round(asked.rate, 1),
        "sent": len(sent.due),
        "missing": sum(event not in done for event in sent.due),
        "latency_ms": percentiles([done.get(event, ended) - due for event, due in sent.due.items()]),
        "sender_late_ms": percentiles(sent.lag),
        "peak_mb": peaks,
        **_critical(sent.critical, heard, ended),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p99, p99.9 and the greatest, in milliseconds; each is a value that was measured."""
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in places.items()}
    return {name: round(value * 1000, 1) for name, value in (*found.items(), ("max", ordered[-1]))}


def _critical(due: Mapping[int, float], heard: Mapping[int, float], ended: float) -> dict[str, Any]:
    if not due:
        return {}
    late = [heard.get(number, ended) - at for number, at in due.items()]
    return {"critical_ms": percentiles(late), "critical": len(due), "critical_missing": len(due.keys() - heard.keys())}


async def _first(ground: Ground, workload: Workload, events: Sequence[Published], found: Running) -> None:
    """Publish some and wait for their commit, so that the schedule meets a contestant at work."""
    before = await found.progress()
    async with producer(ground, workload, linger_ms=0) as sender:
        for event in events:
            where = partition_of(workload, event, PARTITIONS)
            await sender.send(workload.topic, event.value, event.key, partition=where)
    await found.moved(before, FIRST_COMMIT_SECONDS)


async def _send(
    ground: Ground, workload: Workload, events: Sequence[Published], rate: float, *, critical: bool
) -> _Sent:
    """Publish each event when it is due; of those of the warm-up nothing is kept."""
    sent = _Sent()
    every = max(1, round(rate * EVERY_SECONDS))
    prepared = [
        marked(event, place // every) if critical and place % every == 0 else event
        for place, event in enumerate(events)
    ]
    ids = [str(orjson.loads(event.value)["id"]) for event in prepared]
    async with producer(ground, workload, linger_ms=0) as sender:
        start, place, waiting = time.time() + _TICK_SECONDS, 0, []
        while place < len(prepared):
            now = time.time()
            while place < len(prepared) and (due := start + place / rate) <= now:
                event = prepared[place]
                where = partition_of(workload, event, PARTITIONS)
                waiting.append(await sender.send(workload.topic, event.value, event.key, partition=where))
                if due - start >= _WARM_UP_SECONDS:
                    sent.due[ids[place]] = due
                    sent.lag.append(time.time() - due)
                    if critical and place % every == 0:
                        sent.critical[place // every] = due
                place += 1
            await asyncio.sleep(_TICK_SECONDS)
        await asyncio.gather(*waiting)
    if not sent.due:
        raise Failed("its pace is too slow to be measured")
    return sent


async def _settled(found: Running) -> None:
    """Wait until nothing more is committed, for ten seconds at most."""
    give_up_at, latest = time.monotonic() + _SETTLE_SECONDS, -1
    while (progress := await found.progress()) != latest and time.monotonic() < give_up_at:
        latest = progress
        await asyncio.sleep(4 * _LOOK_SECONDS)
