"""The pom.xml beside this module -> a real Apache Kafka on loopback: brokers that are controllers too, each a process
of its own with its data in a temporary folder.

Needs Java 17 and, once for each pom.xml, Maven. Where one is missing or cannot do its work within a minute,
KafkaUnavailable says which.
"""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from service.embedded.server import LocalServer

_HERE = Path(__file__).parent
_POM = _HERE / "pom.xml"
_MAVEN_SECONDS = 60.0
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.02
_PORT_ATTEMPTS = 3
_READY_MARK = "Kafka Server started"
# A short life on two cores: the quick compiler and the plain collector start it a second sooner.
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")


class KafkaUnavailable(Exception):
    """A real Kafka cannot run here; the message says why."""


class ApacheKafka:
    """One running cluster; as a context manager it stops, and its data goes, at the end of the block."""

    def __init__(self, brokers: Sequence["Broker"]) -> None:
        self.brokers = tuple(brokers)
        self.bootstrap_servers = ",".join(broker.address for broker in brokers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once every broker takes requests; several wait for one another, so they start side by side."""
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(Broker.start, self.brokers))

    def halt(self) -> None:
        """An orderly stop of all brokers; the data stays for the next `start`, which listens where it did before."""
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(Broker.halt, self.brokers))

    def kill(self) -> None:
        """SIGKILL to all brokers; as `halt` but for the order."""
        for broker in self.brokers:
            broker.kill()

    def stop(self) -> None:
        for broker in self.brokers:
            broker.stop()


class Broker:
    """One broker of a cluster."""

    def __init__(self, *, server: LocalServer, address: str) -> None:
        self.address = address
        self._server = server

    def start(self) -> None:
        """Returns once the broker takes requests."""
        log = self._server.folder / "log"
        starts_before = log.read_text().count(_READY_MARK) if log.exists() else 0
        self._server.start()
        give_up_at = time.monotonic() + _READY_SECONDS
        while log.read_text().count(_READY_MARK) == starts_before:
            if self._server.pid is None or time.monotonic() > give_up_at:
                raise KafkaUnavailable(f"Kafka did not start: {self._server.log_tail()}")
            time.sleep(_POLL_SECONDS)

    def halt(self) -> None:
        """An orderly stop; the data stays for the next `start`, which listens where it did before."""
        self._server.halt()

    def kill(self) -> None:
        """SIGKILL; as `halt` but for the order, and the next `start` takes 5 s.

        A transaction is committed before its markers are in the partitions. Killed in between, a lone broker may take
        its own still leaderless partitions for deleted and never write them: readers of committed records then wait
        for ever. A cluster with replicas does not do that, so a lone broker is killed only after a reader has seen the
        records.
        """
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where a broker will be; `peers` are all brokers of its cluster as the controllers' quorum names them."""

    node: int
    folder: Path
    client_port: int
    controller_port: int
    peers: str
    replicas: int


def start_kafka(brokers: int = 1) -> ApacheKafka:
    """Takes about 3 s. A free port can be taken before Kafka binds it, so a refusal is tried again on others."""
    classpath = f"{_jars()}/*"
    attempt = 1
    while True:
        kafka = _prepare(classpath, brokers)
        try:
            kafka.start()
        except KafkaUnavailable:
            kafka.stop()
            if attempt == _PORT_ATTEMPTS:
                raise
            attempt += 1
        else:
            return kafka


def _prepare(classpath: str, brokers: int) -> ApacheKafka:
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    ports = _free_ports(2 * brokers)
    controllers = ports[brokers:]
    peers = ",".join(f"{node}@127.0.0.1:{port}" for node, port in enumerate(controllers, start=1))
    plans = [
        _Plan(
            node=node,
            folder=Path(tempfile.mkdtemp(prefix="feedback-router-kafka-")),
            client_port=ports[node - 1],
            controller_port=controllers[node - 1],
            peers=peers,
            replicas=brokers,
        )
        for node in range(1, brokers + 1)
    ]
    with ThreadPoolExecutor(brokers) as pool:
        return ApacheKafka(list(pool.map(lambda plan: _format(classpath, cluster_id, plan), plans)))


def _format(classpath: str, cluster_id: str, plan: _Plan) -> Broker:
    settings = plan.folder / "server.properties"
    settings.write_text("\n".join(f"{name}={value}" for name, value in _settings(plan).items()))
    java = [_program("java"), *_JVM, f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}", "-cp", classpath]
    formatted = subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config", str(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    if formatted.returncode != 0:
        raise KafkaUnavailable(f"Kafka's storage could not be formatted: {formatted.stderr.strip()}")
    server = LocalServer(command=[*java, "kafka.Kafka", str(settings)], folder=plan.folder, account=None)
    return Broker(server=server, address=f"127.0.0.1:{plan.client_port}")


def _settings(plan: _Plan) -> dict[str, str]:
    clients = f"CLIENTS://127.0.0.1:{plan.client_port}"
    enough = str(max(1, plan.replicas - 1))
    return {
        "process.roles": "broker,controller",
        "node.id": str(plan.node),
        "controller.quorum.voters": plan.peers,
        "listeners": f"{clients},CONTROLLER://127.0.0.1:{plan.controller_port}",
        "advertised.listeners": clients,
        "inter.broker.listener.name": "CLIENTS",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(plan.folder / "data"),
        # The default of three replicas would leave the first transaction of a lone broker waiting for ever.
        "default.replication.factor": str(plan.replicas),
        "min.insync.replicas": enough,
        "offsets.topic.replication.factor": str(plan.replicas),
        "transaction.state.log.replication.factor": str(plan.replicas),
        "transaction.state.log.min.isr": enough,
        # Fewer partitions of the internal topics, so that the first group and the first transaction start at once.
        "offsets.topic.num.partitions": "2",
        "transaction.state.log.num.partitions": "2",
        "group.initial.rebalance.delay.ms": "0",
        # Tests of many deaths in a row must not wait six seconds for each to be noticed.
        "group.min.session.timeout.ms": "1000",
        # A killed broker may register anew only after its old session has ended.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # A typo in a topic's name must fail, not make a topic.
        "auto.create.topics.enable": "false",
        # Bounded disk and memory.
        "log.segment.bytes": "16777216",
        "log.index.size.max.bytes": "1048576",
        "log.retention.bytes": "134217728",
        "log.cleaner.dedupe.buffer.size": "8388608",
    }


def _jars() -> Path:
    """The folder of Kafka and all it needs, one for each pom.xml, filled by Maven where it is not there yet."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jars = caches / "feedback-router" / f"kafka-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:16]}"
    _program("java")
    if not jars.exists():
        jars.parent.mkdir(parents=True, exist_ok=True)
        # Another run may fill the same folder: each fills its own, and the first to finish gives its name.
        with tempfile.TemporaryDirectory(dir=jars.parent) as unfinished:
            _copy_dependencies(Path(unfinished) / "jars")
            if not jars.exists():
                (Path(unfinished) / "jars").rename(jars)
    return jars


def _copy_dependencies(target: Path) -> None:
    command = [
        *(_program("mvn"), "--quiet", "--batch-mode", "--strict-checksums", "--file", str(_POM)),
        *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"),
    ]
    try:
        copied = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_MAVEN_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise KafkaUnavailable(f"Maven had not fetched Kafka after {_MAVEN_SECONDS:.0f} s") from late
    if copied.returncode != 0:
        raise KafkaUnavailable(f"Maven could not fetch Kafka: {copied.stdout.strip()[:500]}")


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise KafkaUnavailable(f"{name} is not on the path")
    return path


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
