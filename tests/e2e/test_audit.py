"""The commands: a chain is proved and exported, the file is proved without a database, a fault ends with 1."""

import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import orjson
import pytest

from service.adapters.postgres import PostgresAudit, open_pool
from tests.core.audit.chains import chain, entry
from tests.leaks.asking import asked

pytestmark = pytest.mark.postgres

HEAD, _ = chain(3)
WHOLE = {"whole": True, "entries": 3, "head": {"seq": 3, "hash": HEAD.hash}}


async def run(*arguments: str, dsn: str = "postgresql://nobody@127.0.0.1:1/nothing") -> tuple[int, dict[str, object]]:
    code, said = await asked((sys.executable, "-m", "service", "audit", *arguments), dsn)
    return code, orjson.loads(said)


def without(lines: Sequence[bytes], at: int) -> bytes:
    return b"\n".join([*lines[:at], *lines[at + 1 :]])


async def test_a_chain_is_proved_exported_and_proved_again_from_the_file(database: str, tmp_path: Path) -> None:
    pool = await open_pool(database, size=2)
    await PostgresAudit(pool).write(*[entry(number) for number in range(1, 4)])
    await pool.close()
    out = tmp_path / "audit.jsonl"
    assert await run("verify", dsn=database) == (0, WHOLE)
    assert await run("export", "--out", str(out), dsn=database) == (0, {"entries": 3, "head": WHOLE["head"]})
    assert await run("verify", str(out), "--known", f"3:{HEAD.hash}") == (0, WHOLE)
    lines = out.read_bytes().splitlines()
    faults: dict[str, object] = {}
    for reason, text in (
        ("gap", without(lines, 2)),
        ("cut_off", without(lines, 3)),
        ("altered", out.read_bytes().replace(b"alert-2", b"alert-3")),
        ("unreadable", b"\n".join([*lines[:2], b"{}", *lines[3:]])),
    ):
        out.write_bytes(text)
        code, said = await run("verify", str(out))
        faults[reason] = (code, said["reason"], said["seq"])
    assert faults == {
        "gap": (1, "gap", 2),
        "cut_off": (1, "cut_off", 3),
        "altered": (1, "altered", 2),
        "unreadable": (1, "unreadable", 2),
    }


async def test_a_row_that_was_changed_ends_the_command_with_its_place(database: str) -> None:
    pool = await open_pool(database, size=2)
    await PostgresAudit(pool).write(*[entry(number) for number in range(1, 4)])
    await pool.close()
    connection = await asyncpg.connect(database)
    await connection.execute("SET session_replication_role = replica; UPDATE audit SET actor = 'ben' WHERE seq = 2")
    await connection.close()
    code, said = await run("verify", dsn=database)
    assert (code, said["whole"], said["seq"], said["reason"]) == (1, False, 2, "altered")
