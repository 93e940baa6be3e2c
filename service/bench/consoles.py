"""A port, a team and a number -> so many consoles that follow a queue, and how late each alert reached each of them.

They are a process of their own. It says `ready` once all have their snapshot, ends with its input, and then prints
milliseconds as JSON. An alert is timed from its `opened_at`, which is before its transaction began, by the clock that
both processes share.
"""

import asyncio
import re
import statistics
import sys
import time
from datetime import datetime

import orjson

_NAMED = re.compile(rb'"alert_id":"([^"]+)"')
_OPENED = re.compile(rb'"opened_at":"([^"]+)"')
_ALERT = b"event: alert\ndata: "


class Watched:
    """What all consoles saw: how late, in seconds, each alert was that they had not seen before; events and bytes."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.events = 0
        self.size = 0
        self.snapshots = 0
        self.cut = 0


async def follow(port: int, team: str, seen: Watched, ready: asyncio.Semaphore) -> None:
    """Follow until the stream ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(f"GET /v1/teams/{team}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    known = set[bytes]()
    try:
        while block := await reader.readuntil(b"\n\n"):
            at = time.time()
            seen.size += len(block)
            if b"event: snapshot\n" in block:
                seen.snapshots += 1
                known.update(_NAMED.findall(block))
                ready.release()
            elif (start := block.find(_ALERT)) >= 0:
                seen.events += 1
                named, opened = _NAMED.search(block, start), _OPENED.search(block, start)
                if named is not None and opened is not None and named[1] not in known:
                    known.add(named[1])
                    seen.late.append(at - datetime.fromisoformat(opened[1].decode()).timestamp())
    except asyncio.IncompleteReadError:
        seen.cut += 1
    finally:
        writer.close()


async def _all(port: int, team: str, count: int) -> None:
    seen, ready = Watched(), asyncio.Semaphore(0)
    following = [asyncio.create_task(follow(port, team, seen, ready)) for _ in range(count)]
    for _ in range(count):
        await ready.acquire()
    print("ready", flush=True)  # noqa: T201 - how the two processes talk.
    await asyncio.to_thread(sys.stdin.read)
    for one in following:
        one.cancel()
    await asyncio.wait(following)
    cuts = statistics.quantiles(seen.late, n=100, method="inclusive") if len(seen.late) > 1 else [0.0] * 99
    told = {
        "consoles": count,
        "alerts_seen": len(seen.late),
        "events": seen.events,
        "megabytes": round(seen.size / 1e6, 1),
        "snapshots": seen.snapshots,
        "cut_off": seen.cut,
        "median_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "max_ms": round(max(seen.late, default=0.0) * 1000, 1),
    }
    sys.stdout.buffer.write(orjson.dumps(told))


if __name__ == "__main__":
    asyncio.run(_all(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
