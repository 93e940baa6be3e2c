"""So many consoles that follow a queue while 50 alerts a second open in it: how late they hear, and what that costs.

API and worker's pipeline run in one process, as in `serve` with all roles; the consoles are another process on the same
machine. The same pace of events is decided first with nobody listening, so that a batch costs what it would.
"""

import asyncio
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from service.adapters.postgres import PostgresStore, migrate, open_pool
from service.adapters.postgres.pool import Pool
from service.api import BoundedConnection
from service.bench.console import api_on
from service.bench.places import database, postgres
from service.bench.scale import Say, Scale
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message
from service.ports import Lease, PartitionKey
from service.runtime.batch import run_batch
from service.runtime.collector import spare_what_stays
from service.runtime.reading import read_all, records_of

ALERTS_A_SECOND, SECONDS = 50, 10
_BATCHES_A_SECOND = 10
_KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")
_PLACE = PartitionKey(cluster="bench", group="bench", topic="bench", partition=0)
_TEAM = "drivers"
# Each response opens an alert of its own.
_SHOP: dict[str, Any] = {
    "name": "A shop",
    "taxonomy": [{"id": "delivery", "label": {"en": "Late delivery"}, "keywords": {"en": ["late"]}}],
    "teams": [{"id": _TEAM, "name": "Drivers"}],
    "routes": {"team": _TEAM, "arbitration": _TEAM, "group_by": ["subject"]},
}


async def stream(scale: Scale, say: Say) -> dict[str, Any]:
    """Run the suite with `scale.consoles`.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer.
    """
    rules = compile_playbook(Playbook.model_validate(_SHOP))
    async with postgres() as server, database(server) as dsn:
        await migrate.upgrade(dsn)
        pool = await open_pool(dsn, size=8)
        try:
            async with _served(pool, rules) as port:
                spare_what_stays()
                writer = _Writer(pool, rules)
                await writer.run(2)
                alone = await writer.run(SECONDS)
                say(f"stream: a batch takes {alone['batch_ms']} ms with nobody listening")
                before = _resident()
                async with _consoles(port, scale.consoles) as heard:
                    beside = await writer.run(SECONDS)
                    after = _resident()
                    # The last look is still to come.
                    await asyncio.sleep(1)
                say(f"stream: {beside['batch_ms']} ms with {scale.consoles} consoles; p99 {heard['p99_ms']} ms")
        finally:
            await pool.close()
    return {
        "alerts_a_second": ALERTS_A_SECOND,
        "seconds": SECONDS,
        "alone": alone,
        "beside": beside,
        "batch_ratio": round(beside["batch_ms"] / alone["batch_ms"], 3),
        "resident_megabytes": {"before": before, "after": after},
        "heard": heard,
    }


class _Writer:
    """Decides responses at a steady pace, each batch in a transaction, as a worker does."""

    def __init__(self, pool: Pool, rules: Rules) -> None:
        self._store = PostgresStore(pool, owner="bench")
        self._rules = rules
        self._lease: Lease | None = None
        self._number = 0

    async def run(self, seconds: int) -> dict[str, float]:
        spent: list[float] = []
        began = time.monotonic()
        for turn in range(seconds * _BATCHES_A_SECOND):
            await asyncio.sleep(max(0.0, began + turn / _BATCHES_A_SECOND - time.monotonic()))
            at = time.perf_counter()
            await self._decide()
            spent.append(time.perf_counter() - at)
        opened = ALERTS_A_SECOND * seconds / (time.monotonic() - began)
        return {"batch_ms": round(statistics.median(spent) * 1000, 2), "alerts_a_second": round(opened, 1)}

    async def _decide(self) -> None:
        lease = self._lease or (await self._store.claim([_PLACE]))[0]
        now, first = datetime.now(UTC), lease.next_offset or 0
        messages = [self._message(first + place, now) for place in range(ALERTS_A_SECOND // _BATCHES_A_SECOND)]
        read = await read_all(messages, self._rules, _KEY)
        end = first + len(messages)
        self._lease = (await run_batch(self._store, lease, records_of(read), end, self._rules, lambda _: now)).lease

    def _message(self, offset: int, now: datetime) -> Message:
        self._number += 1
        name = f"b-{self._number}"
        data: dict[str, Any] = {
            "response_id": name,
            "metrics": [{"kind": "nps", "raw": 0}],
            "customer": {"ref": f"c-{self._number}"},
            "verbatims": [{"text": "The parcel came late and nobody answers. " * 5, "language": "en"}],
        }
        event = {
            "specversion": "1.0",
            "id": name,
            "source": "/bench/surveys",
            "type": "feedback.survey.response.v1",
            "time": now.isoformat(),
            "data": data,
        }
        value = orjson.dumps(event)
        return Message(topic="bench", partition=0, offset=offset, key=None, value=value, received_at=now)


@asynccontextmanager
async def _served(pool: Pool, rules: Rules) -> AsyncIterator[int]:
    """Serve the API on loopback, at a port of its own."""
    config = uvicorn.Config(
        await api_on(pool, rules),
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def _consoles(port: int, count: int) -> AsyncIterator[dict[str, Any]]:
    """Let consoles follow the queue for as long as the block lasts; what they saw is known after it."""
    heard: dict[str, Any] = {}
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "service.bench.consoles", str(port), _TEAM, str(count))
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        if process.stdout is None or await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the consoles did not come up")
        yield heard
        told, _ = await process.communicate(b"")
        heard |= orjson.loads(told)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
