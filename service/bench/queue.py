"""The queue API over so many alerts: how long a page takes, by filter and by how deep in the queue it is.

Alerts are made within PostgreSQL from the form that the core gives one of place-holders: half of all belong to one of
twenty teams, a fifth is open, some categories and processes are common and some are rare. Each page is asked of the
real app, one after another, without a socket.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import asyncpg
import orjson
from fastapi import FastAPI

from service.adapters.postgres import migrate, open_pool
from service.adapters.postgres.documents import ALERTS
from service.bench.console import api_on
from service.bench.places import database, postgres
from service.bench.scale import Say, Scale
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert, Excerpt
from service.core.records.words import AlertKind, AlertState, Severity
from service.runtime.collector import spare_what_stays

TEAMS, CATEGORIES, PROCESSES, DEPTH = 20, 50, 12, 5
_LIMIT = 50
_NEWEST = datetime(2026, 5, 4, 12, tzinfo=UTC)
_EXCERPT = "The parcel came a week late, the box was open, and nobody answers the phone. " * 3
# Those that no number takes stay as they are in the document; what these stand for is put in by PostgreSQL.
_FORM = ALERTS.write(
    Alert(
        alert_id="$id",
        alert_key="$key",
        episode=1,
        kind=AlertKind.EVENT,
        team="$team",
        route="by-category",
        process="$process",
        category="$category",
        fields={"category": "$category", "process": "$process"},
        state=AlertState.OPEN,
        opened_at=_NEWEST,
        first_seen=_NEWEST,
        last_seen=_NEWEST,
        events=3,
        customers=2,
        unfinished=3,
        severities=(9, 9, 9, 9, 9),
        excerpts=tuple(Excerpt(event_id=f"e-{n}", score=50.0, text=_EXCERPT) for n in range(3)),
        linked=("run-1", "run-2"),
    )
)
# From number $1 to below $2. Every second alert is the first team's; both names are drawn with a bend, so
# that the last category has a thousandth of what the first has.
_FILL = """
WITH drawn AS (
  SELECT n, n * 2654435761 % 4294967296 / 4294967296::float8 AS u, n * 40503 % 65536 / 65536::float8 AS v,
    n * 69069 % 65537 / 65537::float8 AS w
  FROM generate_series($1::bigint, $2::bigint - 1) AS n
), named AS (
  SELECT n, CASE WHEN n % 2 = 0 THEN 'team-0' ELSE 'team-' || 1 + n / 2 % ($5::integer - 1) END AS team,
    'category-' || floor($6::integer * u * u * u)::integer AS category,
    'process-' || floor($7::integer * v * v)::integer AS process,
    CASE WHEN n % 5 = 0 THEN 'open' ELSE 'resolved' END AS state,
    CASE WHEN n % 997 = 0 THEN 'volume' ELSE 'event' END AS kind,
    (ARRAY[0, 1, 1, 1, 1, 2, 2, 2, 3, 4])[1 + floor(10 * w)::integer] AS rank,
    $3::timestamptz - n * interval '29 seconds' AS at
  FROM drawn
)
INSERT INTO alert (alert_id, alert_key, episode, kind, state, team, route, severity, process, category, rank, events,
  customers, revision, opened_at, first_seen, last_seen, resolved_at, doc)
SELECT 'alert-' || n, 'key-' || n, 1, kind, state, team, 'by-category', ($8::text[])[rank + 1], process, category, rank,
  3, 2, 1, at, at, at, CASE WHEN state = 'resolved' THEN at END,
  replace(replace(replace(replace(replace(replace(replace(replace($4::text, '[9,9,9,9,9]',
    ($9::text[])[rank + 1]), '"open"', '"' || state || '"'), $10::text,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')), '$id', 'alert-' || n), '$key', 'key-' || n),
    '$team', team), '$process', process), '$category', category)::json
FROM named
"""
_AT_A_TIME = 50_000
_COUNTS = [f"[{','.join('3' if at == rank else '0' for at in range(5))}]" for rank in range(5)]


async def queues(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Fill `scale.alerts` in, and ask for `scale.events` pages of each kind at most.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer.
    """
    async with postgres(roomy=True) as server, database(server) as dsn:
        await migrate.upgrade(dsn)
        began = time.monotonic()
        await fill(dsn, scale.alerts, say)
        say(f"queue: {scale.alerts:,} alerts after {time.monotonic() - began:.0f} s")
        pool = await open_pool(dsn, size=2)
        try:
            app = await api_on(pool, rules)
            spare_what_stays()
            return {
                "alerts": scale.alerts,
                "teams": TEAMS,
                "limit": _LIMIT,
                "pages": await measured(app, min(scale.events, 200), scale.seed, say),
            }
        finally:
            await pool.close()


async def fill(dsn: str, alerts: int, say: Say) -> None:
    """Put the alerts in, and vacuum, as autovacuum would by and by."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        severities = [one.value for one in Severity]
        for first in range(0, alerts, _AT_A_TIME):
            end = min(alerts, first + _AT_A_TIME)
            shape = (TEAMS, CATEGORIES, PROCESSES, severities, _COUNTS, _NEWEST.isoformat())
            await connection.execute(_FILL, first, end, _NEWEST, _FORM, *shape)
            if end % (5 * _AT_A_TIME) == 0:
                say(f"queue: {end:,} alerts are in")
        await connection.execute("VACUUM (ANALYZE) alert")
    finally:
        await connection.close()


async def measured(app: FastAPI, times: int, seed: int, say: Say) -> Mapping[str, Any]:
    """Ask for pages of each kind: the first, and those behind it, of every team; warm and in turn."""
    dice = random.Random(seed)
    found = {}
    for name, query in _kinds().items():
        spent: list[float] = []
        cpu = time.process_time()
        while len(spent) < times:
            team, cursor = ("team-0" if dice.random() < 0.5 else f"team-{dice.randrange(1, TEAMS)}"), ""  # noqa: PLR2004
            asked = query(dice)
            for _ in range(DEPTH):
                path = f"/v1/teams/{team}/queue"
                began = time.perf_counter()
                page = await ask(app, path, f"limit={_LIMIT}&{asked}{cursor}")
                spent.append(time.perf_counter() - began)
                if page.get("next") is None:
                    break
                cursor = f"&cursor={quote(page['next'])}"
        # What else the machine does lengthens a page, but not this.
        used = (time.process_time() - cpu) / len(spent)
        found[name] = {**figures(spent), "cpu_ms": round(used * 1000, 2)}
        say(f"queue {name}: p99 {found[name]['p99_ms']} ms")
    return found


def figures(spent: list[float]) -> dict[str, float]:
    """Give median, p99 and the longest in milliseconds."""
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    named = {"median_ms": cuts[49], "p99_ms": cuts[98], "max_ms": max(spent)}
    return {"pages": len(spent), **{name: round(value * 1000, 2) for name, value in named.items()}}


async def ask(app: FastAPI, path: str, query: str) -> dict[str, Any]:
    """Ask the app as a server does, and return the document that it answers with.

    Raises:
        RuntimeError: it did not answer with 200.
    """
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - any ASGI message
        sent.append(message)

    scope = {"type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode()}
    await app({**scope, "query_string": query.encode(), "headers": [(b"host", b"localhost")]}, receive, send)
    if sent[0]["status"] != 200:  # noqa: PLR2004 - HTTP's own number.
        raise RuntimeError(f"{path} was answered with {sent[0]['status']}")
    document: dict[str, Any] = orjson.loads(b"".join(one.get("body", b"") for one in sent[1:]))
    return document


def _kinds() -> Mapping[str, Callable[[random.Random], str]]:
    severities = [one.value for one in Severity]
    return {
        "all": lambda _: "",
        "open": lambda _: "state=open",
        "resolved": lambda _: "state=resolved",
        "severity": lambda dice: f"severity={dice.choice(severities)}",
        "category": lambda dice: f"category=category-{dice.randrange(CATEGORIES)}",
        "process": lambda dice: f"process=process-{dice.randrange(PROCESSES)}",
        "kind": lambda dice: f"kind={dice.choice(('volume', 'event', 'at_risk'))}",
        "category and process": lambda dice: (
            f"category=category-{dice.randrange(CATEGORIES)}&process=process-{dice.randrange(PROCESSES)}"
        ),
        "severity and process, resolved": lambda dice: (
            f"severity=critical&process=process-{dice.randrange(PROCESSES)}&state=resolved"
        ),
    }
