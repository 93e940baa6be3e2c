"""What the core costs an event: read alone, and judge and settle on a store in memory, over the demo's stream."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

import orjson

from service.adapters.memory import MemoryStore
from service.bench.scale import Say, Scale
from service.core.pipeline.judge import Entry, judge, needs
from service.core.pipeline.read import ReadRecord
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import gates, settle
from service.core.pseudonym import PseudonymKey
from service.core.records.facts import Facts
from service.core.records.feedback import Reading
from service.core.records.muting import Silence
from service.demo.stream import stream
from service.ports import PartitionKey, Saving
from service.runtime.replay import Line, read_lines

_KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")
_PLACE = PartitionKey(cluster="bench", group="bench", topic="bench", partition=0)
_START = datetime(2026, 3, 2, tzinfo=UTC)
_BATCH = 500


async def stages(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return microseconds of CPU per event, the median of the repeats."""
    lines = demo_lines(scale)
    runs: list[dict[str, float]] = []
    for number in range(1, scale.repeats + 1):
        runs.append(spent := await decided(lines, rules))
        say(f"core {number}/{scale.repeats}: {_told(spent, len(lines))}")
    return {
        "events": len(lines),
        "batch": _BATCH,
        "microseconds_per_event": {
            stage: round(median(run[stage] for run in runs) / len(lines) * 1_000_000, 1) for stage in runs[0]
        },
    }


def demo_lines(scale: Scale) -> list[Line]:
    """Return the demo's stream as a file would hold it."""
    return [
        Line(file="demo", number=number, value=_line(event.value))
        for number, event in enumerate(stream(scale.seed, scale.events, _START), start=1)
    ]


async def decided(lines: Sequence[Line], rules: Rules, silences: Sequence[Silence] = ()) -> dict[str, float]:
    """Read and decide all lines once, under silences; return seconds of CPU by stage."""
    spent = {"read": 0.0, "judge": 0.0, "settle": 0.0}
    before = time.process_time()
    records = read_lines(list(lines), rules, _KEY, None)
    spent["read"] += time.process_time() - before
    await _decide(records, rules, spent, silences)
    return spent


async def _decide(
    records: Sequence[ReadRecord], rules: Rules, spent: dict[str, float], silences: Sequence[Silence]
) -> None:
    """Decide batch by batch, each record at its own time; timers do not run."""
    store, made = MemoryStore(), Facts()
    for one in silences:
        made.silences.put(one.silence_id, one)
    async with store.transaction() as transaction:
        await transaction.save(Saving(facts=made, digest=rules.digest, now=_START))
    (lease,) = await store.claim([_PLACE])
    now = _START
    for start in range(0, len(records), _BATCH):
        entries: list[Entry] = []
        for position, record in enumerate(records[start : start + _BATCH]):
            now = max(now, record.read.occurred_at) if isinstance(record.read, Reading) else now
            entries.append(Entry(position=position, read=record.read, now=now))
        wanted = needs((entry.read for entry in entries), rules)
        async with store.transaction() as transaction:
            moved = lease.moved(start + len(entries), now)
            await transaction.advance([(lease, moved)])
            admitted = await transaction.admit(wanted.identities)
            facts = await transaction.load(wanted)
            before = time.process_time()
            judged = judge(entries, admitted, facts, rules)
            after = time.process_time()
            spent["judge"] += after - before
            await transaction.load_alerts(facts, gates(judged, rules))
            before = time.process_time()
            settle(judged, facts, rules)
            spent["settle"] += time.process_time() - before
            await transaction.save(Saving(facts=facts, digest=rules.digest, now=now))
        lease = moved


def _line(value: object) -> bytes:
    return value if isinstance(value, bytes) else orjson.dumps(value)


def _told(spent: dict[str, float], events: int) -> str:
    return ", ".join(f"{stage} {seconds / events * 1_000_000:.0f} us" for stage, seconds in spent.items())
