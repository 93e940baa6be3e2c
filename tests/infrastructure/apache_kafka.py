"""The pom.xml beside this module -> a real Apache Kafka on loopback: broker and controller in one process, data in a
temporary folder.

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
    """One running broker; as a context manager it stops, and its data goes, at the end of the block."""

    def __init__(self, *, server: LocalServer, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        self._server = server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

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
        for ever. A cluster with replicas does not do that, so a test kills only after a reader has seen the records.
        """
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()


def start_kafka() -> ApacheKafka:
    """Takes about 3 s. A free port can be taken before Kafka binds it, so a refusal is tried again on others."""
    classpath = f"{_jars()}/*"
    attempt = 1
    while True:
        kafka = _prepare(classpath)
        try:
            kafka.start()
        except KafkaUnavailable:
            kafka.stop()
            if attempt == _PORT_ATTEMPTS:
                raise
            attempt += 1
        else:
            return kafka


def _prepare(classpath: str) -> ApacheKafka:
    folder = Path(tempfile.mkdtemp(prefix="feedback-router-kafka-"))
    client_port, controller_port = _free_ports()
    settings = folder / "server.properties"
    settings.write_text(
        "\n".join(f"{name}={value}" for name, value in _settings(folder, client_port, controller_port).items())
    )
    java = [_program("java"), *_JVM, f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}", "-cp", classpath]
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    formatted = subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config", str(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    if formatted.returncode != 0:
        raise KafkaUnavailable(f"Kafka's storage could not be formatted: {formatted.stderr.strip()}")
    server = LocalServer(command=[*java, "kafka.Kafka", str(settings)], folder=folder, account=None)
    return ApacheKafka(server=server, bootstrap_servers=f"127.0.0.1:{client_port}")


def _settings(folder: Path, client_port: int, controller_port: int) -> dict[str, str]:
    clients = f"CLIENTS://127.0.0.1:{client_port}"
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"{clients},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": clients,
        "inter.broker.listener.name": "CLIENTS",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "data"),
        # One broker: the default of three replicas would leave the first transaction waiting for ever.
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        # Fewer partitions of the internal topics, so that the first group and the first transaction start at once.
        "offsets.topic.num.partitions": "2",
        "transaction.state.log.num.partitions": "2",
        "group.initial.rebalance.delay.ms": "0",
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


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
