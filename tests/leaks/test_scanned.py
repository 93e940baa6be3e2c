"""The scanner on a real PostgreSQL: whatever table and type a value lies in, and what the command says of it."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.served import command
from tests.leaks.asking import asked
from tests.leaks.looking import leaks_in_tables

pytestmark = pytest.mark.postgres

_HELD = """
CREATE SCHEMA aside;
CREATE TABLE aside."odd ""table" (id bigint, words text[], doc jsonb, raw bytea, at timestamptz, nothing text);
INSERT INTO aside."odd ""table" VALUES
  (471147, ARRAY['fine'], '{"revision": 4111111111111111}', 'x', now(), NULL),
  (2, ARRAY['of C-4711'], '{"to": "jane@example.org"}', convert_to('{"a": "\\u0043-4711"}', 'UTF8'), now(), NULL)
"""


async def test_every_table_and_type_is_looked_through(empty_database: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(empty_database)
    await connection.execute(_HELD)
    await connection.close()
    needles = tmp_path / "needles.jsonl"
    lines = [{"class": "customer", "value": "C-4711"}, {"class": "number", "value": "471147"}]
    needles.write_text("".join(json.dumps(line) + "\n" for line in lines))
    log = tmp_path / "serve.log"
    log.write_text('{"event": "started"}\n{"event": "failed", "of": "C 4711"}\n')
    code, said = await asked(command("scan-leaks", "--needles", str(needles), "--log", str(log)), empty_database)
    assert code == 1
    assert json.loads(said) == {
        "leaks": [
            {"count": 1, "first": "row 2", "kind": "email", "place": 'odd "table.doc'},
            {"count": 1, "first": "row 1", "kind": "number", "place": 'odd "table.id'},
            {"count": 1, "first": "row 2", "kind": "customer", "place": 'odd "table.raw'},
            {"count": 1, "first": "row 2", "kind": "customer", "place": 'odd "table.words'},
            {"count": 1, "first": "line 2", "kind": "customer", "place": "serve.log"},
        ],
        "needles": 2,
        "pieces": 12,
    }


async def test_a_migrated_database_without_events_is_clean(database: str) -> None:
    assert await leaks_in_tables(database) == ()
