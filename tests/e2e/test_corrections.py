"""What people said, from a terminal: written as lines to train by, and replayed with the events that it was said of."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from service.adapters.postgres import PostgresArchive, PostgresStore, open_pool
from service.cli.main import app
from service.core.pipeline.refiling import Refiling
from service.core.playbook.digest import canonical_text
from service.runtime.refiling import refile_within
from tests.builders import START, SURVEYS, make_playbook, survey
from tests.e2e.served import Deployment
from tests.ports.deciding import RULES, claimed, decide

HOUR = timedelta(hours=1)
EVENTS = [survey(f"r{number}", 0, text, customer=f"c{number}") for number, text in enumerate(("late", "late", "hm"))]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def decided(database: str) -> list[Mapping[str, Any]]:
    """Decide an event each hour, let ana say something of them an hour after the last, and return what that makes."""
    pool = await open_pool(database, size=2)
    try:
        store = PostgresStore(pool)
        lease = await claimed(store)
        for number, event in enumerate(EVENTS):
            lease = (await decide(store, lease, event, at=START + number * HOUR)).lease
        for number, meant in ((0, ("refund", "safety")), (1, ("refund",)), (1, None), (2, ())):
            asked = Refiling(
                source=SURVEYS, subject=f"response/r{number}", event_id=f"r{number}-1", by="ana", meant=meant
            )
            async with store.transaction() as transaction:
                await refile_within(transaction, asked, START + 3 * HOUR, RULES)
        return [line async for line in PostgresArchive(pool).feedback()]
    finally:
        await pool.close()


def run(*arguments: str) -> list[dict[str, Any]]:
    """Run a command in this process, as starting another takes seconds, and return what it printed."""
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 0, ended.output
    return [json.loads(line) for line in ended.stdout.splitlines()]


async def test_what_was_said_is_written_and_a_replay_with_it_decides_the_same(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await decided(database)
    book, events, acts = tmp_path / "playbook.yaml", tmp_path / "events.jsonl", tmp_path / "acts.jsonl"
    book.write_text(canonical_text(make_playbook()), encoding="utf-8")
    timed = [{**event, "time": (START + number * HOUR).isoformat()} for number, event in enumerate(EVENTS)]
    events.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in timed))
    for name, value in Deployment(database, "localhost:9", book, tmp_path).environment.items():
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(run, "corrections") == [
        {"id": "/surveys#r0-1", "text": "late", "language": "en", "labels": ["refund", "safety"]},
        {"id": "/surveys#r2-1", "text": "hm", "language": "en", "labels": []},
    ]
    assert await asyncio.to_thread(run, "corrections", "--acts", "--out", str(acts)) == [{"lines": 4}]
    options = ("--corrections", str(acts), "--out", str(tmp_path / "again"))
    await asyncio.to_thread(run, "replay", str(book), str(events), *options)
    assert lines(tmp_path / "again" / "feedback.jsonl") == live
    assert [(one["category"], one["category_method"]) for one in live] == [
        ("refund", "person"),
        ("delivery", "keyword"),
        ("unmapped", "person"),
    ]
