"""Two processes behind one command: they share the partitions, answer as one, and end together."""

import asyncio
import json
import os
import re
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.e2e.recorded import EVENT_TOPIC, dealt, recorded
from tests.e2e.served import Deployment
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

EVENTS = 800
PARTITIONS = 4

pytestmark = pytest.mark.kafka


async def test_two_processes_decide_all_once_and_end_together(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    port = free_port()
    deployment = Deployment(
        database,
        killable_kafka.bootstrap_servers,
        small_playbook(tmp_path),
        tmp_path,
        FEEDBACK_ROUTER_PROCESSES="2",
        FEEDBACK_ROUTER_PORT=str(port),
        FEEDBACK_ROUTER_CLOCK="wall",
        FEEDBACK_ROUTER_BATCH_ROWS="20",
    )
    events = recorded(tmp_path, EVENTS)
    first, second = split(dealt(events, PARTITIONS))
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=PARTITIONS)
    async with deployment.serving() as process, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await until_ready(client, process, deployment)
        await deployment.deal(EVENT_TOPIC, first)
        await deployment.until_consumed(events.count / 10)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0, deployment.talk()
    told = said(tmp_path / "serve-0.log")
    ended = [(one["process"], one["part"]) for one in told if one["event"] == "part_ended"]
    assert {(1, "worker"), (1, "processes"), (1, "relay"), (1, "api"), (2, "worker"), (2, "answers")} <= set(ended)
    assert ended.index((2, "worker")) < ended.index((1, "relay"))
    assert [one for one in told if one["event"] == "part_cut_off"] == []

    before = await deployment.consumed()
    async with deployment.serving() as process, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await until_ready(client, process, deployment)
        await deployment.deal(EVENT_TOPIC, second)
        await deployment.until(events.count, process)
        assert sorted(await owners(database)) == [2, 2]
        assert counted((await client.get("/metrics")).text) == events.count - before
        os.kill(pid_of_second(tmp_path / "serve-1.log"), signal.SIGKILL)
        assert await asyncio.wait_for(process.wait(), 30) == 128 + signal.SIGKILL, deployment.talk()
    assert await deployment.consumed() == events.count


def small_playbook(folder: Path) -> Path:
    """A playbook that is quick to open, of one team."""
    file = folder / "playbook.yaml"
    document = {
        "name": "One team",
        "taxonomy": [{"id": "delivery", "label": {"en": "delivery"}}],
        "teams": [{"id": "desk", "name": "Desk"}],
        "routes": {"team": "desk", "arbitration": "desk", "routes": []},
    }
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def split(parts: Sequence[Sequence[bytes]]) -> tuple[Sequence[Sequence[bytes]], Sequence[Sequence[bytes]]]:
    """Cut each partition's records in two."""
    halves = [(part[: len(part) // 2], part[len(part) // 2 :]) for part in parts]
    return [first for first, _ in halves], [second for _, second in halves]


async def until_ready(client: httpx.AsyncClient, process: asyncio.subprocess.Process, deployment: Deployment) -> None:
    """Wait until all processes are ready; on the way there the second is said to start."""
    reasons: list[str] = []
    async with asyncio.timeout(120):
        while True:
            assert process.returncode is None, deployment.talk()
            try:
                answer = await client.get("/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == httpx.codes.OK:
                break
            reasons += answer.json()["reasons"]
            await asyncio.sleep(0.05)
    assert "process 2: starting" in reasons, deployment.talk()


async def owners(dsn: str) -> list[int]:
    """Say how many of the topic's partitions each process has."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT count(*)::int AS held FROM partition_lease WHERE topic = $1 GROUP BY owner", EVENT_TOPIC
        )
    finally:
        await connection.close()
    return [row["held"] for row in rows]


def counted(figures: str) -> float:
    """Add up what became of records, as one scrape of one port has it; every series is there once."""
    series = re.findall(r"^(feedback_router_records_total\{.*\}) (\S+)$", figures, re.MULTILINE)
    assert len({name for name, _ in series}) == len(series)
    return sum(float(value) for _, value in series)


def said(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def pid_of_second(log: Path) -> int:
    (pid,) = [one["pid"] for one in said(log) if one["event"] == "process_started"]
    return int(pid)
