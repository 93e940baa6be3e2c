"""A run with identifiers planted wherever a person could type one leaves none of them in what is kept or sent."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.adapters.kafka import Connection, send_in_order
from service.assets import playbooks
from service.core.leaks import Needle
from service.embedded.broker import start_broker
from tests.e2e.recorded import recorded
from tests.e2e.served import Deployment
from tests.leaks.looking import leaks_in_files, leaks_in_tables, leaks_in_topics
from tests.leaks.planted import planted

pytestmark = pytest.mark.postgres

INPUTS = frozenset({"feedback.surveys", "feedback.tickets", "feedback.employee", "process.events", "privacy.erasures"})


async def test_a_run_leaves_no_identifier_and_no_customer_anywhere(database: str, tmp_path: Path) -> None:
    planting = planted(11)
    lines = recorded(tmp_path, 150, only="feedback.").path.read_bytes().splitlines()
    refs = {one["data"]["customer"]["ref"] for one in map(json.loads, lines) if one["data"].get("customer")}
    needles = [*planting.needles, *(Needle("customer_ref", ref) for ref in sorted(refs))]
    sent = [("feedback.surveys", None, line) for line in lines] + planting.records
    port = _free_port()
    with await asyncio.to_thread(start_broker) as broker:
        deployment = Deployment(
            database,
            broker.bootstrap_servers,
            playbooks() / "retail",
            tmp_path,
            FEEDBACK_ROUTER_RELAY_GUARANTEE="at_least_once",
            FEEDBACK_ROUTER_TRUST_END_OFFSETS="false",
            FEEDBACK_ROUTER_PORT=str(port),
        )

        async def records() -> AsyncIterator[tuple[str, bytes | None, bytes | None]]:
            for record in sent:
                yield record

        async with deployment.serving() as process:
            await deployment.until_topics(INPUTS, process)
            await send_in_order(Connection(bootstrap_servers=broker.bootstrap_servers), records(), idempotent=False)
            await deployment.until(len(sent), process)
            metrics = f"http://127.0.0.1:{port}/metrics"
            assert await leaks_in_files(tmp_path / "serve-0.log", metrics, needles) == ()
        assert await leaks_in_tables(database, needles) == ()
        assert await leaks_in_topics(broker.bootstrap_servers, lambda topic: topic not in INPUTS, needles) == ()
        found = await leaks_in_topics(broker.bootstrap_servers, INPUTS.__contains__, needles)
    assert {one.kind for one in found} >= {needle.kind for needle in planting.needles}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
