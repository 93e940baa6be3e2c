"""The service as its users run it: the installed command in processes of its own, on real Kafka and PostgreSQL."""

import asyncio
import filecmp
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

KEY = "a key of the tests, long enough"
_PATIENCE = 240.0


class Deployment:
    """One database, one Kafka and one playbook, with the environment that every process of it gets."""

    def __init__(self, dsn: str, bootstrap_servers: str, playbook: Path, folder: Path, **settings: str) -> None:
        self.dsn = dsn
        self.bootstrap_servers = bootstrap_servers
        self.playbook = playbook
        self.folder = folder
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "DATABASE_URL": dsn,
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "FEEDBACK_ROUTER_PLAYBOOK": str(playbook),
            "FEEDBACK_ROUTER_PSEUDONYM_KEY": KEY,
            "FEEDBACK_ROUTER_CLOCK": "stream",
            "FEEDBACK_ROUTER_TOPIC_PARTITIONS": "1",
            "FEEDBACK_ROUTER_TOPIC_REPLICATION": "1",
            "FEEDBACK_ROUTER_PORT": "0",
            "FEEDBACK_ROUTER_SESSION_TIMEOUT": "6",
            **settings,
        }

    async def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command to its end and return what it printed; its talk is in the failure if it fails."""
        process = await asyncio.create_subprocess_exec(
            *command(*arguments),
            env={**self.environment, **(environment or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, talk = await process.communicate()
        assert process.returncode == 0, talk.decode()
        return out.decode()

    @asynccontextmanager
    async def serving(self, *roles: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Serve for as long as the block lasts, then ask the process to end."""
        log = (self.folder / f"serve-{len(list(self.folder.glob('serve-*')))}.log").open("wb")
        process = await asyncio.create_subprocess_exec(
            *command("serve", *(part for role in roles for part in ("--role", role))),
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 60)
            log.close()

    async def consumed(self) -> int:
        """Count the records in the books."""
        return await self._ask("SELECT coalesce(sum((books->>'consumed')::int), 0)::int FROM batch")

    async def until(self, consumed: int, *processes: asyncio.subprocess.Process, patience: float = _PATIENCE) -> None:
        """Wait until so many records are decided and everything decided is relayed."""
        async with asyncio.timeout(patience):
            while await self.consumed() < consumed or await self._ask("SELECT count(*)::int FROM outbox") > 0:
                assert all(one.returncode is None for one in processes), self.talk()
                await asyncio.sleep(0.1)

    def talk(self) -> str:
        return "\n".join(log.read_text()[-3000:] for log in sorted(self.folder.glob("serve-*")))

    async def queues(self) -> list[dict[str, Any]]:
        """Read every notice that a reader of committed records finds in the teams' topics."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        found: list[dict[str, Any]] = []
        try:
            # Each topic was made by the service with the one partition of the settings above.
            parts = [TopicPartition(topic, 0) for topic in await consumer.topics() if topic.startswith("queue.")]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    said = [json.loads(record.value) for record in records]
                    found.extend(one["data"] for one in said if one["type"] == "feedback.notice.v1")
        finally:
            await consumer.stop()
        return found

    async def until_topics(self, topics: Collection[str], process: asyncio.subprocess.Process) -> None:
        """Wait until the service has made its topics, so that none is made by whoever writes to it first."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers)
        await consumer.start()
        try:
            async with asyncio.timeout(_PATIENCE):
                while not set(topics) <= set(await consumer.topics()):
                    assert process.returncode is None, self.talk()
                    await asyncio.sleep(0.1)
        finally:
            await consumer.stop()

    async def until_consumed(self, count: float) -> None:
        """Wait until so many records are decided, whatever is relayed."""
        async with asyncio.timeout(_PATIENCE):
            while await self.consumed() < count:  # noqa: ASYNC110 (it happens in another process)
                await asyncio.sleep(0.02)

    async def deal(self, topic: str, parts: Sequence[Sequence[bytes]]) -> None:
        """Publish records to given partitions, each in the order given."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap_servers, linger_ms=5)
        await producer.start()
        try:
            for number, values in enumerate(parts):
                await asyncio.gather(*[await producer.send(topic, value, partition=number) for value in values])
        finally:
            await producer.stop()

    async def _ask(self, question: str) -> int:
        connection = await asyncpg.connect(self.dsn)
        try:
            answer: int = await connection.fetchval(question)
        finally:
            await connection.close()
        return answer


def assert_same_files(names: Iterable[str], one: Path, other: Path) -> None:
    for name in names:
        assert lines(one / name) == lines(other / name), name
        assert filecmp.cmp(one / name, other / name, shallow=False), name


def command(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "service", *arguments)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def projection(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what does not depend on how partitions run beside one another: feedback, and alerts by key."""
    feedback = lines(folder / "feedback.jsonl")
    for line in feedback:
        for name in ("verdict", "alert_id", "reason"):
            del line[name]
    kept = ("key", "members", "severity", "events", "customers")
    alerts = [{name: alert[name] for name in kept} for alert in lines(folder / "alerts.jsonl")]
    return feedback, sorted(alerts, key=lambda alert: (alert["key"], alert["members"]))
