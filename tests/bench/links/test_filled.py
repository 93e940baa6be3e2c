"""Filled within PostgreSQL or by the events themselves: the same registry."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import pytest

from service.adapters.playbook_files import load
from service.adapters.postgres import open_pool
from service.adapters.postgres.documents import INSTANCES
from service.assets import playbooks
from service.bench.links import KEY
from service.bench.links.batches import Engine
from service.bench.links.filled import TABLES, fill, sizes
from service.bench.links.registry import Registry, referring, step
from service.core.pipeline.rules import Rules, compile_playbook

UNTIL = datetime(2026, 5, 4, 12, tzinfo=UTC)
REGISTRY = Registry(size=400, until=UNTIL)


@pytest.fixture(scope="module")
def rules() -> Rules:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return compile_playbook(referring(playbook))


@pytest.mark.postgres
async def test_the_tables_hold_what_the_events_of_the_same_instances_would_have_left(
    rules: Rules, database: str
) -> None:
    await decide(database, rules)
    by_events, indexes = await rows(database), await indexes_of(database)
    said: list[str] = []
    await fill(database, REGISTRY, KEY, said.append)
    assert await rows(database) == by_events
    assert await indexes_of(database) == indexes
    assert (await sizes(database))["process_instance"]["rows"] == REGISTRY.size
    assert "links: 400 of 400 their keys" in said


async def decide(dsn: str, rules: Rules) -> None:
    pool = await open_pool(dsn, size=1)
    try:
        engine = Engine(pool, rules, KEY, UNTIL, None)
        for number in range(REGISTRY.size):
            ended_at = REGISTRY.ended_at(number)
            events = [step(REGISTRY, number, "start", REGISTRY.started_at(number))]
            events += [] if ended_at is None else [step(REGISTRY, number, "complete", ended_at)]
            assert (await engine.decide(events)).books.accepted == len(events)
    finally:
        await pool.close()


async def rows(dsn: str) -> dict[str, list[dict[str, object]]]:
    connection = await asyncpg.connect(dsn)
    try:
        found = {table: await connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}  # noqa: S608
    finally:
        await connection.close()
    return {table: [_read(dict(row)) for row in held] for table, held in found.items()}


def _read(row: dict[str, object]) -> dict[str, object]:
    doc = row.get("doc")
    return {**row, "doc": INSTANCES.read(doc)} if isinstance(doc, str) else row


async def indexes_of(dsn: str) -> Sequence[str]:
    connection = await asyncpg.connect(dsn)
    try:
        held = await connection.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = ANY ($1)", TABLES)
    finally:
        await connection.close()
    return sorted(row[0] for row in held)


def test_customers_have_few_instances_or_many_and_ten_on_average() -> None:
    registry = Registry(size=100_000, until=UNTIL)
    owned = [0] * registry.customers
    for number in range(registry.size):
        owned[registry.customer(number)] += 1
    assert sum(owned) / len(owned) == 10
    assert 5 <= sorted(owned)[len(owned) // 2] <= 9
    assert max(owned) == owned[0] > 900
    assert sum(count <= 200 for count in owned) > 0.99 * len(owned)


def test_who_began_in_the_last_ten_days_ran_in_the_last_fourteen() -> None:
    assert all(
        REGISTRY.started_at(number) < UNTIL and (UNTIL - REGISTRY.started_at(number)).days <= 10
        for number in range(REGISTRY.began_within(10), REGISTRY.size)
    )
    assert {REGISTRY.ended_at(number) is None for number in range(REGISTRY.began_within(10), REGISTRY.size)} == {
        True,
        False,
    }
