"""What was refused can be looked at, and sent again from where it lies in Kafka."""

import json
from pathlib import Path

import pytest

from service.assets import playbooks
from tests.e2e.recorded import EVENT_TOPIC, recorded
from tests.e2e.served import Deployment
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

pytestmark = pytest.mark.kafka


async def test_a_refused_record_is_listed_shown_redacted_and_sent_again(
    killable_kafka: ApacheKafka, database: str, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, playbooks() / "retail", tmp_path)
    events = recorded(tmp_path, 20)
    broken = b'{"specversion":"1.0","id":"x","source":"/s","type":"no.such.type","data":{"mail":"jane@example.org"}}'
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=1)
    await deployment.deal(EVENT_TOPIC, [[b"{", broken, *events.path.read_bytes().splitlines()]])
    async with deployment.serving() as process:
        await deployment.until(events.count + 2, process)
        listed = [json.loads(line) for line in (await deployment.run("dead-letters", "list")).splitlines()]
        assert [(one["offset"], one["stage"], one["reason"]) for one in listed] == [
            (1, "intake", "unknown_type"),
            (0, "intake", "broken_json"),
        ]
        shown = json.loads(await deployment.run("dead-letters", "show", str(listed[0]["number"])))
        assert "[email]" in shown["payload"]
        assert "jane" not in shown["payload"]
        await deployment.run("dead-letters", "requeue", str(listed[0]["number"]))
        await deployment.until(events.count + 3, process)
    again = [json.loads(line) for line in (await deployment.run("dead-letters", "list", "--limit", "1")).splitlines()]
    assert [(one["offset"], one["sha256"]) for one in again] == [(events.count + 2, listed[0]["sha256"])]


async def test_migrate_says_whether_the_schema_is_up_to_date(empty_database: str, tmp_path: Path) -> None:
    deployment = Deployment(empty_database, "127.0.0.1:1", playbooks() / "retail", tmp_path)
    with pytest.raises(AssertionError, match="schema is behind"):
        await deployment.run("migrate", "--check")
    assert json.loads(await deployment.run("migrate")) == {"up_to_date": True}
    assert json.loads(await deployment.run("migrate", "--check")) == {"up_to_date": True}
