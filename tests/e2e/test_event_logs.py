"""Event logs from a terminal: `publish` sends the same events each time, `export-ocel` writes what the database has."""

import asyncio
import filecmp
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from service.adapters.memory import MemoryStore, MemoryTracks
from service.adapters.ocel_file import write_ocel
from service.adapters.postgres import PostgresStore, open_pool
from service.assets import playbooks
from service.ports import Span
from tests.builders import instance, survey
from tests.e2e.served import Deployment, command
from tests.infrastructure.kafka import Kafka, MakeTopic
from tests.ports.deciding import claimed, decide

XES = """<log><trace><string key="concept:name" value="C-1"/>
<event><string key="concept:name" value="Check"/><date key="time:timestamp" value="2026-05-04T09:00:00Z"/></event>
<event><string key="concept:name" value="Pay"/></event>
</trace></log>"""
OCEL = {
    "objects": [{"id": "o1", "type": "order"}, {"id": "i1", "type": "item"}],
    "events": [
        {"id": "e1", "type": "Pack", "time": "2026-05-04T09:00:00Z", "relationships": [{"objectId": "o1"}]},
        {"id": "e2", "type": "Count", "time": "2026-05-04T09:00:00Z", "relationships": [{"objectId": "i1"}]},
    ],
}


@pytest.fixture
def deployment(kafka: Kafka, tmp_path: Path) -> Deployment:
    guarantee = {"FEEDBACK_ROUTER_RELAY_GUARANTEE": "at_least_once"}
    return Deployment("postgresql://nowhere", kafka.bootstrap_servers, playbooks() / "retail", tmp_path, **guarantee)


async def sent(kafka: Kafka, topic: str, count: int) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest") as consumer,
        asyncio.timeout(30),
    ):
        while len(found) < count:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found.extend((record.key.decode(), json.loads(record.value)) for record in records)
    return found


async def test_logs_are_published_as_process_events_and_the_same_ones_again(
    deployment: Deployment, kafka: Kafka, topic: MakeTopic, tmp_path: Path
) -> None:
    xes, ocel, name = tmp_path / "claims.xes", tmp_path / "orders.json", await topic("process")
    xes.write_text(XES, encoding="utf-8")
    ocel.write_text(json.dumps(OCEL), encoding="utf-8")
    options = ("--process", "claims", "--instances", "order", "--complete")
    for _ in range(2):
        told = json.loads(await deployment.run("publish", name, str(xes), str(ocel), *options))
        assert told == {
            "published": 6,
            "topic": name,
            "passed_over": 1,
            "refused": {"no_time": 1},
        }
    found = await sent(kafka, name, 12)
    assert found[:6] == found[6:]
    assert [(key, event["type"], event["subject"]) for key, event in found[:6]] == [
        *[("C-1", "process.instance.v1", "instance/C-1")] * 3,
        *[("o1", "process.instance.v1", "instance/o1")] * 3,
    ]


async def test_what_can_not_be_read_ends_with_a_sentence(deployment: Deployment, tmp_path: Path) -> None:
    xes = tmp_path / "claims.xes"
    xes.write_text("<log><trace>", encoding="utf-8")
    for options, code, said in (
        ((), 2, "name its process by --process"),
        (("--process", "claims"), 1, "claims.xes: line 1: no element found; mend the file"),
    ):
        process = await asyncio.create_subprocess_exec(
            *command("publish", "nowhere", str(xes), *options),
            env=deployment.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, talk = await process.communicate()
        assert (process.returncode, out) == (code, b"")
        assert said in " ".join(talk.decode().split())


async def test_what_the_database_has_is_written_as_the_same_log_as_from_memory(database: str, tmp_path: Path) -> None:
    events = [
        instance("i1", event_id="e1", keys=["SO-1"], customer="anna"),
        instance("i1", event_id="e2", activity="Pack", team="warehouse", attributes={"kg": 2.5}),
        survey("r1", 0, "late, awful", customer="anna", correlation={"process_instance_key": "i1"}),
    ]
    pool = await open_pool(database)
    store, memory = PostgresStore(pool), MemoryStore()
    for one in (store, memory):
        await decide(one, await claimed(one), *events)
    await pool.close()
    await write_ocel(MemoryTracks(memory), Span(process="shipping"), tmp_path / "memory.jsonocel")
    deployment = Deployment(database, "nowhere:1", playbooks() / "retail", tmp_path)
    log = tmp_path / "log.jsonocel"
    told = json.loads(await deployment.run("export-ocel", "--out", str(log), "--process", "shipping"))
    assert told["events"] == {"process_instance": 1, "Pack": 1, "feedback_negative": 1}
    assert filecmp.cmp(log, tmp_path / "memory.jsonocel", shallow=False)
    none = json.loads(await deployment.run("export-ocel", "--out", str(log), "--until", "2020-01-01T00:00:00Z"))
    assert none["events"] == {}


async def test_an_instant_without_a_zone_is_refused(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is no instant; write one such as"):
        await deployment.run("export-ocel", "--out", str(tmp_path / "log"), "--since", "2026-05-04T09:00:00")
