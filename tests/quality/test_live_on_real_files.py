"""Both raw files, decided live over Kafka and PostgreSQL, against their replay."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from service.assets import playbooks
from service.cli.speech import offline_key, open_rules
from service.core.records.feedback import FeedbackRead, Reading
from service.runtime.replay import Line, read_lines
from tests.e2e.recorded import Recorded, exported, replayed
from tests.e2e.served import Deployment, assert_same_files, projection
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

FILES = {
    "nhs": ("nhs_survey", "nhs.survey", "nhs_survey.raw.jsonl"),
    "servicenow": ("servicenow", "servicenow.incident-log", "servicenow_incidents.raw.jsonl"),
}

pytestmark = [pytest.mark.kafka, pytest.mark.quality, pytest.mark.live]


@pytest.mark.parametrize("name", FILES)
async def test_one_partition_gives_the_same_bytes(
    name: str, killable_kafka: ApacheKafka, database: str, tmp_path: Path, shared_data: Path
) -> None:
    source, topic, file = FILES[name]
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / name, tmp_path)
    events, parts = _dealt(name, source, shared_data / file, 1)
    await create_topic(deployment.bootstrap_servers, topic, partitions=1)
    await deployment.deal(topic, parts)
    async with deployment.serving() as process:
        await deployment.until(events.count, process)
    live, undisturbed = await exported(deployment, "live"), await replayed(deployment, events)
    assert_same_files(("feedback.jsonl", "alerts.jsonl", "reviews.jsonl", "notices.jsonl"), live, undisturbed)


@pytest.mark.parametrize("name", FILES)
async def test_three_workers_give_the_same_projection(
    name: str, killable_kafka: ApacheKafka, database: str, tmp_path: Path, shared_data: Path
) -> None:
    source, topic, file = FILES[name]
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / name, tmp_path)
    events, parts = _dealt(name, source, shared_data / file, 3)
    await create_topic(deployment.bootstrap_servers, topic, partitions=3)
    await deployment.deal(topic, parts)
    async with deployment.serving() as one, deployment.serving("worker") as two, deployment.serving("worker") as three:
        await deployment.until(events.count, one, two, three, patience=1_500)
    live, undisturbed = await exported(deployment, "live"), await replayed(deployment, events)
    assert projection(live) == projection(undisturbed)


def _dealt(name: str, source: str, path: Path, count: int) -> tuple[Recorded, Sequence[Sequence[bytes]]]:
    """Read a raw file, put it into the order of event time, and deal it over partitions by subject."""
    rules = open_rules(playbooks() / name)
    raw = [Line(file=path.name, number=at, value=line) for at, line in enumerate(path.read_bytes().splitlines())]
    parts: list[list[bytes]] = [[] for _ in range(count)]
    times = []
    for record in read_lines(raw, rules, offline_key(), rules.sources[source]):
        assert isinstance(record.read, Reading)
        assert isinstance(record.read.said, FeedbackRead)
        assert record.message.value is not None
        times.append(record.read.occurred_at)
        parts[sum(record.read.said.feedback.subject.encode()) % count].append(record.message.value)
    return Recorded(path=path, count=len(raw), last=max(times), source=source), parts
