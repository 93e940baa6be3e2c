"""The whole service from its settings: an event goes in over HTTP, a notice comes out; what is missing is named."""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from service.adapters.kafka import TopicsMissingError, TransactionsRefusedError
from service.adapters.postgres import PostgresStore, open_pool
from service.app import PlaybookError, SchemaBehindError, serve
from service.app.pools import share_for_asking
from service.core.pipeline.rules import compile_playbook
from service.embedded.broker import start_broker
from service.ports import OutOfReachError
from service.runtime.batch import run_batch
from service.settings import Role, Settings, read_settings
from tests.builders import PARTITION, make_playbook, read_event, survey
from tests.infrastructure.apache_kafka import ApacheKafka

PLAYBOOK = Path(__file__).parents[2] / "deploy" / "playbooks" / "retail"
NOWHERE = "127.0.0.1:1"
HOUR = timedelta(hours=1)


def _settings(database: str, bootstrap_servers: str, **given: object) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values: dict[str, object] = {
        "database_url": database,
        "kafka_bootstrap_servers": bootstrap_servers,
        "pseudonym_key": "a-long-enough-secret",
        "playbook": PLAYBOOK,
        "topic_partitions": 2,
        "topic_replication": 1,
        "port": port,
    }
    return read_settings({}, **(values | given))


@asynccontextmanager
async def _serving(
    settings: Settings, roles: Collection[Role] = tuple(Role), stop: asyncio.Event | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    stop = stop or asyncio.Event()
    task = asyncio.create_task(serve(settings, roles, stop=stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}") as client:
        try:
            async with asyncio.timeout(40):
                while not await _ready(client):
                    assert not task.done()
                    await asyncio.sleep(0.1)
            yield client
        finally:
            stop.set()
            await task


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def _first(bootstrap_servers: str, topic: str) -> dict[str, Any]:
    async with (
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        ) as consumer,
        asyncio.timeout(20),
    ):
        record = await consumer.getone()
    data: dict[str, Any] = orjson.loads(record.value)["data"]
    return {**data, "headers": dict(record.headers)}


async def _goes_through(settings: Settings) -> None:
    event = survey("r1", 0, "The toaster caught fire and burned my hand.", customer="c-1")
    async with _serving(settings) as client:
        sent = await client.post("/v1/events", json={**event, "time": datetime.now(UTC).isoformat()})
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text
        classified = await _first(settings.kafka_bootstrap_servers, "feedback.classified")
        notice = await _first(settings.kafka_bootstrap_servers, f"queue.{classified['team']}")
        figures = (await client.get("/metrics")).text
    assert (notice["alert_id"], notice["severity"]) == (classified["alert_id"], "critical")
    assert notice["headers"]["alert_id"].decode() == notice["alert_id"]
    assert 'feedback_router_records_total{outcome="accepted",topic="feedback.surveys"} 1.0' in figures


@pytest.mark.kafka
async def test_an_event_over_http_comes_out_as_a_notice(killable_kafka: ApacheKafka, database: str) -> None:
    await _goes_through(_settings(database, killable_kafka.bootstrap_servers))


async def test_the_embedded_mode_needs_neither_transactions_nor_a_migrated_database(empty_database: str) -> None:
    with start_broker() as broker:
        settings = _settings(
            empty_database,
            broker.bootstrap_servers,
            embedded=True,
            pseudonym_key=None,
            relay_guarantee="at_least_once",
            trust_end_offsets=False,
            topic_partitions=1,
        )
        await _goes_through(settings)


async def test_a_long_poll_ends_at_once_when_the_service_is_told_to_stop(empty_database: str) -> None:
    with start_broker() as broker:
        settings = _settings(
            empty_database,
            broker.bootstrap_servers,
            embedded=True,
            pseudonym_key=None,
            relay_guarantee="at_least_once",
            topic_partitions=1,
        )
        stop = asyncio.Event()
        async with _serving(settings, [Role.API], stop) as client:
            team = (await client.get("/v1/teams")).json()["teams"][0]["team"]
            poll = asyncio.create_task(client.get(f"/v1/teams/{team}/queue", params={"wait": 30}, timeout=60))
            await asyncio.wait({poll}, timeout=0.5)
            stop.set()
            async with asyncio.timeout(10):
                answer = await poll
    assert (answer.status_code, answer.json()["alerts"], answer.headers["connection"]) == (200, [], "close")


async def test_a_process_that_only_answers_is_ready_and_degraded_where_no_ticker_and_no_relay_is(
    database: str,
) -> None:
    pool = await open_pool(database, size=1)
    store, rules, hour_ago = PostgresStore(pool), compile_playbook(make_playbook()), datetime.now(UTC) - HOUR
    (lease,) = await store.claim([PARTITION])
    await run_batch(store, lease, [read_event(survey("r1", 0, "late"), hour_ago, rules)], 1, rules, lambda _: hour_ago)
    await pool.execute("UPDATE outbox SET created_at = $1", hour_ago)
    await pool.close()
    with start_broker() as broker:
        settings = _settings(database, broker.bootstrap_servers, relay_guarantee="at_least_once")
        async with _serving(settings, [Role.API]) as client, asyncio.timeout(20):
            while not (await client.get("/readyz")).json()["faults"]:  # noqa: ASYNC110 (what is waited for happens in a server)
                await asyncio.sleep(0.05)
            answer, figures = await client.get("/readyz"), (await client.get("/metrics")).text
    # The retail playbook has no team of that name either.
    faults = ["late_timers", "stuck_relay", "orphan_alerts"]
    assert (answer.status_code, answer.json()["status"]) == (httpx.codes.OK, "degraded")
    assert [one["fault"] for one in answer.json()["faults"]] == faults
    assert [name for name in faults if f'feedback_router_degraded{{fault="{name}"}} 1.0' in figures] == faults


@pytest.mark.parametrize(
    ("size", "roles", "share"),
    [(16, Role, 4), (4, Role, 1), (16, [Role.API], 14), (4, [Role.API], 2), (16, [Role.WORKER, Role.TICKER], 0)],
)
def test_http_has_connections_of_its_own(size: int, roles: Collection[Role], share: int) -> None:
    assert share_for_asking(size, tuple(roles)) == share


async def test_a_database_without_its_schema_is_named(empty_database: str) -> None:
    with pytest.raises(SchemaBehindError, match="feedback-router migrate"):
        await serve(_settings(empty_database, NOWHERE), stop=asyncio.Event())


async def test_a_broker_that_does_not_answer_is_named(database: str) -> None:
    with pytest.raises(OutOfReachError, match="cluster id"):
        await serve(_settings(database, NOWHERE), stop=asyncio.Event())


async def test_a_start_without_any_playbook_is_refused(database: str) -> None:
    with start_broker() as broker, pytest.raises(PlaybookError, match="no playbook is active"):
        await serve(_settings(database, broker.bootstrap_servers, playbook=None), stop=asyncio.Event())


async def test_a_faulty_playbook_is_refused_with_the_place_of_its_fault(database: str, tmp_path: Path) -> None:
    path = tmp_path / "playbook.yaml"
    path.write_text("name: x\nnonsense: 1\n")
    with start_broker() as broker, pytest.raises(PlaybookError, match=r"playbook\.yaml:2:1"):
        await serve(_settings(database, broker.bootstrap_servers, playbook=path), stop=asyncio.Event())


async def test_topics_that_may_not_be_made_are_named(database: str) -> None:
    with start_broker() as broker, pytest.raises(TopicsMissingError, match=r"feedback\.surveys"):
        await serve(_settings(database, broker.bootstrap_servers, create_topics=False), stop=asyncio.Event())


async def test_a_broker_without_transactions_ends_the_start_where_they_are_asked_for(database: str) -> None:
    with start_broker() as broker, pytest.raises(TransactionsRefusedError):
        await serve(_settings(database, broker.bootstrap_servers), [Role.RELAY], stop=asyncio.Event())
