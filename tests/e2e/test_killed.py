"""A worker that is killed in mid-stream leaves nothing undone and nothing done twice."""

from pathlib import Path

import pytest

from service.assets import playbooks
from tests.e2e.recorded import EVENT_TOPIC, exported, recorded, replayed
from tests.e2e.served import Deployment, assert_same_files, lines
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

EVENTS = 500

pytestmark = pytest.mark.kafka


async def test_two_kills_leave_the_tables_and_queues_of_an_undisturbed_run(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / "retail", tmp_path)
    events = recorded(tmp_path, EVENTS)
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=1)
    await deployment.run("publish", EVENT_TOPIC, str(events.path))
    for share in (0.2, 0.6):
        async with deployment.serving() as process:
            await deployment.until_consumed(share * events.count)
            process.kill()
            await process.wait()
    async with deployment.serving() as process:
        await deployment.until(events.count, process)
    live = await exported(deployment, "live")
    undisturbed = await replayed(deployment, events)
    assert_same_files(("feedback.jsonl", "alerts.jsonl", "reviews.jsonl", "notices.jsonl"), live, undisturbed)
    told = [(one["alert_id"], one["revision"], one["reason"], one["team"]) for one in await deployment.queues()]
    wanted = [(one["alert_id"], one["revision"], one["reason"], one["team"]) for one in lines(live / "notices.jsonl")]
    assert sorted(told) == sorted(wanted)
    assert await deployment.consumed() == events.count
