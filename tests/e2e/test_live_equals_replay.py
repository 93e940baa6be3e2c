"""What the service decided live is what a replay of the same events decides."""

import asyncio
import json
from pathlib import Path

import pytest

from service.assets import playbooks
from tests.e2e.recorded import EVENT_TOPIC, dealt, exported, recorded, replayed
from tests.e2e.served import Deployment, assert_same_files, projection
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

pytestmark = pytest.mark.kafka


async def test_one_partition_gives_the_same_bytes_as_a_replay(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / "retail", tmp_path)
    events = recorded(tmp_path, 600)
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=1)
    await deployment.run("publish", EVENT_TOPIC, str(events.path))
    async with deployment.serving() as process:
        await deployment.until(events.count, process)
    live, undisturbed = await exported(deployment, "live"), await replayed(deployment, events)
    files = ("feedback", "alerts", "reviews", "notices", "scorecards")
    assert_same_files([f"{name}.jsonl" for name in files], live, undisturbed)
    books = [json.loads((folder / "summary.json").read_text()) for folder in (live, undisturbed)]
    assert books[0] == books[1]
    assert books[0]["balanced"] is True


async def test_three_workers_on_three_partitions_give_the_same_projection(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / "retail", tmp_path)
    # A feedback that comes before its process instance is not linked yet, so the instances stay out of this one.
    events = recorded(tmp_path, 400, only="feedback.")
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=3)
    await deployment.deal(EVENT_TOPIC, dealt(events, 3))
    async with deployment.serving() as one, deployment.serving("worker") as two, deployment.serving("worker") as three:
        await deployment.until(events.count, one, two, three)
    live, undisturbed = await exported(deployment, "live"), await replayed(deployment, events)
    assert projection(live) == projection(undisturbed)


async def test_the_same_events_from_two_producers_in_two_partitions_count_once(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / "retail", tmp_path)
    events = recorded(tmp_path, 350, only="feedback.")
    values = events.path.read_bytes().splitlines()
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=2)
    await asyncio.gather(deployment.deal(EVENT_TOPIC, [values, []]), deployment.deal(EVENT_TOPIC, [[], values]))
    async with deployment.serving() as one, deployment.serving("worker") as two:
        await deployment.until(2 * events.count, one, two)
    live, undisturbed = await exported(deployment, "live"), await replayed(deployment, events)
    assert projection(live) == projection(undisturbed)
    books, once = (json.loads((folder / "summary.json").read_text()) for folder in (live, undisturbed))
    assert books["accepted"] == once["accepted"]
    assert books["duplicate"] + books["superseded"] == once["duplicate"] + once["superseded"] + events.count
