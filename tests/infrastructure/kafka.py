"""Fixtures: the Kafka that the suite runs on, and topics in it.

`kafka` is a real Apache Kafka, that of KAFKA_BOOTSTRAP_SERVERS where it is set, or else one of our own. Where our own
cannot run it is the embedded broker, which knows no transactions: tests marked `kafka` are then left out, and named at
the end with the reason. Under CI=true that is a failure.
"""

import gc
import os
import uuid
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from service.embedded.broker import start_broker
from tests.infrastructure.apache_kafka import ApacheKafka, KafkaUnavailable, start_kafka

_WHY_SKIPPED = "needs a real Apache Kafka, which cannot run here: "
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class KafkaKind(StrEnum):
    APACHE = "apache"  # Started for this run.
    EXTERNAL = "external"  # Named by KAFKA_BOOTSTRAP_SERVERS.
    EMBEDDED = "embedded"  # Without transactions; `lacks` says why it is this one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    bootstrap_servers: str
    kind: KafkaKind
    lacks: str = ""


class MakeTopic(Protocol):
    async def __call__(
        self, stem: str = "topic", *, partitions: int = 1, settings: Mapping[str, str] = _NO_SETTINGS
    ) -> str:
        """Makes a topic of a name that no other test has, and returns the name."""


async def create_topic(
    bootstrap_servers: str, name: str, *, partitions: int = 1, settings: Mapping[str, str] = _NO_SETTINGS
) -> None:
    async with _admin(bootstrap_servers) as admin:
        wanted = NewTopic(name, num_partitions=partitions, replication_factor=1, topic_configs=dict(settings))
        answer = await admin.create_topics([wanted])
    assert [error[1] for error in answer.topic_errors] == [0], answer


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        yield Kafka(bootstrap_servers=named, kind=KafkaKind.EXTERNAL)
        return
    try:
        own = start_kafka()
    except KafkaUnavailable as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must test on a real Kafka: {reason}", pytrace=False)
        with start_broker() as broker:
            yield Kafka(bootstrap_servers=broker.bootstrap_servers, kind=KafkaKind.EMBEDDED, lacks=str(reason))
        return
    with own:
        yield Kafka(bootstrap_servers=own.bootstrap_servers, kind=KafkaKind.APACHE)


@pytest.fixture
async def topic(kafka: Kafka) -> AsyncIterator[MakeTopic]:
    made: list[str] = []

    async def make(stem: str = "topic", *, partitions: int = 1, settings: Mapping[str, str] = _NO_SETTINGS) -> str:
        name = f"{stem}.{uuid.uuid4().hex[:12]}"
        await create_topic(kafka.bootstrap_servers, name, partitions=partitions, settings=settings)
        made.append(name)
        return name

    yield make
    if made and kafka.kind is KafkaKind.EXTERNAL:
        async with _admin(kafka.bootstrap_servers) as admin:
            await admin.delete_topics(made)


@pytest.fixture
def killable_kafka() -> Iterator[ApacheKafka]:
    """A Kafka for one test to kill and start again; a test that asks for it is marked `kafka`."""
    with start_kafka() as own:
        yield own


@pytest.fixture(autouse=True)
def _real_kafka_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("kafka") is None:
        return
    running: Kafka = request.getfixturevalue("kafka")
    if running.kind is KafkaKind.EMBEDDED:
        pytest.skip(_WHY_SKIPPED + running.lacks)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, object, object]:
    """Lets asyncio report, between tests, the failures that a fenced or cut off aiokafka client leaves unread.

    Reported whenever the collector happens to run, they can come while Python parses a module. Rendering a traceback
    parses too, and before 3.12 a parse within a parse ends the whole run with a SystemError.
    """
    result = yield
    if "kafka" in item.fixturenames or "killable_kafka" in item.fixturenames:
        gc.collect()
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # The reports, unlike what a process keeps, come from whichever process has run the test.
    told = [(report.nodeid, str(report.longrepr[-1])) for report in terminalreporter.stats.get("skipped", [])]
    left_out = [f"left out: {test}: {why.partition(_WHY_SKIPPED)[2]}" for test, why in told if _WHY_SKIPPED in why]
    if left_out:
        terminalreporter.section("ran on the embedded broker")
    for line in left_out:
        terminalreporter.line(line)


@asynccontextmanager
async def _admin(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()
