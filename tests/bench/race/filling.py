"""A database with empty tables, ours or the peers' -> the same as so many rows of earlier surveys would have left it.

A few hundred surveys are taken by the real service, or by the real job, and their rows become forms into which
PostgreSQL puts an event's own identity, customer, order and times. Identities lie scattered among those that are
measured later, as those of a survey tool do; a customer has five earlier answers on average, and who is measured is one
of them. Times are spread over the 400 days for which decisions are kept, and what waits for a link does so for 72
hours. Alerts are resolved: what has a customer in its key at once, the others each day, when a new episode begins.
Left out is what no later event reads: notices, books of batches, what was sent.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import asyncpg
import orjson
from msgspec.structs import replace

from service.adapters.playbook_files import load
from service.adapters.postgres import open_pool
from service.adapters.postgres.documents import ALERTS
from service.assets import playbooks
from service.bench.events import Published, survey_events
from service.bench.links.batches import Engine
from service.bench.links.filled import emptied
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.model import Playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.words import AlertState
from tests.bench.peers.job import sql
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.rules import Rules
from tests.bench.race import forms
from tests.bench.race.forms import OURS, PEERS, Form, statements

FORMS = 500
# The service is started with the same, so that who is measured is one of the customers.
KEY = PseudonymKey(key_id="k1", secret=b"feedback-router race")
KEPT = timedelta(days=400)
# How many identities are measured later: those that are filled in lie between them.
MEASURED = 20_000
EACH_ANSWERED = 5
_SEED = 1
_HOUR = timedelta(hours=1)
_AT_A_TIME = 250_000
_WIDEST = "contribution"
_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_Columns = Mapping[str, str]

_MONTHS = """
SELECT format('CREATE TABLE IF NOT EXISTS feedback_y%sm%s PARTITION OF feedback FOR VALUES FROM (%L) TO (%L)',
  to_char(first, 'YYYY'), to_char(first, 'MM'), first, first + interval '1 month') AS make
FROM generate_series(date_trunc('month', $1::timestamptz), $2::timestamptz, interval '1 month') AS first
"""
_COLUMNS = """
SELECT column_name AS name, data_type AS type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'
ORDER BY ordinal_position
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many events the rows stand for, and the rows of each table."""

    events: int
    rows: Mapping[str, int]


async def fill(dsn: str, rows: int) -> None:
    """Fill whichever tables there are."""
    connection = await asyncpg.connect(dsn)
    try:
        ours = await connection.fetchval("SELECT to_regclass('link_wait') IS NOT NULL")
    finally:
        await connection.close()
    await (fill_ours if ours else fill_peers)(dsn, rows)


async def fill_ours(dsn: str, rows: int, key: PseudonymKey = KEY) -> Filled:
    """Fill a migrated database, which nobody else uses, with about so many rows in all tables together."""
    now = datetime.now(UTC).replace(microsecond=0)
    pool = await open_pool(dsn, size=1)
    try:
        await Engine(pool, compile_playbook(_retail()), key, now, None).decide(_events(now))
    finally:
        await pool.close()
    connection = await asyncpg.connect(dsn)
    try:
        for row in await connection.fetch(_MONTHS, now - _HOUR - KEPT, now):
            await connection.execute(row["make"])
        await connection.execute("TRUNCATE notice, outbox, batch, partition_lease, tick")
    finally:
        await connection.close()
    return await _fill(dsn, rows, now, OURS, lambda owner: key.pseudonym(_ref(owner)))


async def fill_peers(dsn: str, rows: int) -> Filled:
    """Fill the tables of tests/bench/peers/job/tables.sql in the same way; its few alerts are those of the forms."""
    now = datetime.now(UTC).replace(microsecond=0)
    rules = _rules()
    connection = await asyncpg.connect(dsn)
    try:
        await sql.write(connection, [judge(event.value, rules) for event in _events(now)])
        await connection.execute("TRUNCATE outbox")
    finally:
        await connection.close()
    return await _fill(dsn, rows, now, PEERS, _ref)


def _retail() -> Playbook:
    playbook = load(playbooks() / "retail").playbook
    if playbook is None:
        raise ValueError("the retail playbook is at fault")
    return playbook


def _rules() -> Rules:
    playbook = _retail()
    keywords = {one.id: [word for words in one.keywords.values() for word in words] for one in playbook.taxonomy}
    teams = {process.id: process.team for process in playbook.processes}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.json"
        path.write_bytes(orjson.dumps({"categories": keywords, "floor": 40, "team_of": teams}))
        return Rules.load(path)


def _ref(owner: int) -> str:
    return f"c-{owner:05d}"


def _events(now: datetime) -> Sequence[Published]:
    return list(survey_events(_SEED, FORMS, now))


async def _fill(dsn: str, rows: int, now: datetime, kinds: Sequence[Form], name: Callable[[int], str]) -> Filled:
    ours = kinds is OURS
    first, second = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        columns = {form.table: await _columns(first, form.table) for form in kinds}
        each = await _make_forms(first, kinds, columns, now)
        events = max(FORMS, round(rows / (each + (1 / EACH_ANSWERED if ours else 0))))
        await _name_customers(first, max(MEASURED, events // EACH_ANSWERED), name)
        period = (now - _HOUR - KEPT, KEPT, events)
        parts = [[form for form in kinds if (form.table == _WIDEST) is widest] for widest in (True, False)]
        await asyncio.gather(
            *[_fill_tables(one, part, columns, *period) for one, part in zip((first, second), parts, strict=True)]
        )
        if ours:
            await first.execute("TRUNCATE customer")
            await first.execute("INSERT INTO customer (customer) SELECT customer FROM fill_customer ORDER BY customer")
        await first.execute(f"DROP TABLE fill_customer, {', '.join(f'fill_{form.table}' for form in kinds)}")
        await first.execute("VACUUM (ANALYZE)")
        await first.execute("CHECKPOINT")
        tables = [*columns, *(["customer"] if ours else [])]
        counts = {table: await first.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608
    finally:
        await first.close()
        await second.close()
    return Filled(events=events, rows=counts)


async def _columns(connection: _Connection, table: str) -> _Columns:
    return {row["name"]: row["type"] for row in await connection.fetch(_COLUMNS, table)}


async def _make_forms(
    connection: _Connection, kinds: Sequence[Form], columns: Mapping[str, _Columns], now: datetime
) -> float:
    """Copy the rows of the few events as forms; return how many rows an event leaves for good."""
    places, own, owners = await _places(connection, now, ours=kinds is OURS)
    left = 0.0
    for form in kinds:
        chosen = ", ".join(f"{name}::text" if name in form.texts else name for name in columns[form.table])
        await connection.execute(
            f"CREATE UNLOGGED TABLE fill_{form.table} AS "  # noqa: S608
            f"SELECT {form.number} AS k, false AS own, NULL::text AS owner, {chosen} FROM {form.table}"
        )
        for row in await connection.fetch(f"SELECT ctid, * FROM fill_{form.table}"):  # noqa: S608
            alert, owner = row.get("alert_id"), owners.get(row["k"])
            texts, found = [row[name] for name in form.texts], places[row["k"]]
            if form.table == "alert":
                texts, found, owner = [_resolved(row["doc"], now)], [*found, (alert, forms.ALERT)], alert
            sets = "".join(f", {name} = ${place}" for place, name in enumerate(form.texts, 4))
            await connection.execute(
                f"UPDATE fill_{form.table} SET own = $2, owner = $3{sets} WHERE ctid = $1",  # noqa: S608
                *(row["ctid"], alert in own, owner, *[_form(text, found) for text in texts]),
            )
        await connection.execute(f"CREATE INDEX ON fill_{form.table} (k); ANALYZE fill_{form.table}")
        if not form.condition and not form.meeting:
            left += await connection.fetchval(f"SELECT count(*) FROM fill_{form.table}") / FORMS  # noqa: S608
    return left


def _form(text: str, places: Sequence[tuple[str, str]]) -> str:
    found = text.replace("%", "%%")
    for value, place in places:
        found = found.replace(value, place)
    return found


def _resolved(document: str, now: datetime) -> str:
    """Return an alert that nobody has to be told of any more."""
    undue = dict.fromkeys(("flush_at", "repeat_at", "close_at", "escalation"))
    return ALERTS.write(replace(ALERTS.read(document), state=AlertState.RESOLVED, resolved_at=now, **undue))


async def _places(
    connection: _Connection, now: datetime, *, ours: bool
) -> tuple[Sequence[Sequence[tuple[str, str]]], frozenset[str], Mapping[int, str]]:
    """Return what is an event's own in its texts, with the place for it; the alerts of one customer; those of many.

    The last are given by the number of the event that they own.
    """
    key_of: dict[str, str] = {}
    alerts_of: dict[int, list[str]] = {}
    if ours:
        for row in await connection.fetch("SELECT alert_id, alert_key, doc FROM alert"):
            if "customer" in orjson.loads(row["doc"])["fields"]:
                key_of[row["alert_id"]] = row["alert_key"]
        for row in await connection.fetch("SELECT event_id, alert_id FROM member ORDER BY copy"):
            alerts_of.setdefault(int(row["event_id"][2:]), []).append(row["alert_id"])
    customers = {
        int(row["subject"][-7:]): row["customer"]
        for row in await connection.fetch("SELECT subject, customer FROM contribution")
    }
    places = []
    for number, event in enumerate(map(orjson.loads, (event.value for event in _events(now)))):
        at = event["time"].removesuffix("Z")
        micros = int(datetime.fromisoformat(event["time"]).timestamp()) * 1_000_000
        found = [
            (event["id"], forms.EVENT),
            (customers[number], forms.CUSTOMER),
            (event["data"]["correlation"]["business_key"].removeprefix("SO-"), forms.ORDER),
            (at, forms.AT),
            (f"{now:%Y-%m-%dT%H:%M:%S}", forms.TOLD_AT),
            (str(micros), forms.REVISION),
        ]
        for alert in alerts_of.get(number, ()):
            if alert in key_of:
                found += [(alert, forms.OWN_ALERT), (key_of[alert], forms.OWN_KEY)]
        if (owner := next(iter(alerts_of.get(number, ())), None)) is not None and owner not in key_of:
            found.append((owner, forms.ALERT))
        places.append(found)
    owners = {number: ids[0] for number, ids in alerts_of.items() if ids[0] not in key_of}
    return places, frozenset(key_of), owners


async def _name_customers(connection: _Connection, count: int, name: Callable[[int], str]) -> None:
    await connection.execute("CREATE UNLOGGED TABLE fill_customer (owner bigint PRIMARY KEY, customer text)")
    await connection.copy_records_to_table("fill_customer", records=((owner, name(owner)) for owner in range(count)))
    await connection.execute("ANALYZE fill_customer")


async def _fill_tables(
    connection: _Connection,
    kinds: Sequence[Form],
    columns: Mapping[str, _Columns],
    since: datetime,
    span: timedelta,
    events: int,
) -> None:
    for form in kinds:
        async with _anew(connection, form):
            for text in statements(form, columns[form.table], forms=FORMS, measured=MEASURED):
                for low in range(0, events, _AT_A_TIME):
                    await connection.execute(text, low, min(low + _AT_A_TIME, events), since, span, float(events))


@asynccontextmanager
async def _anew(connection: _Connection, form: Form) -> AsyncIterator[None]:
    """Empty a table for the block; where its rows may meet, with its indexes."""
    if not form.meeting:
        async with emptied(connection, (form.table,)):
            yield
        return
    async with connection.transaction():
        await connection.execute(f"TRUNCATE {form.table}")
        yield
