"""Where Kafka is and how it lets us in -> options for aiokafka's clients, and its errors in the terms of `ports`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.helpers import create_ssl_context

from service.ports import FencedError, OutOfReachError


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Security as aiokafka names it: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; PLAIN or SCRAM-SHA-256/512.

    `metadata_seconds` is how old what is known of partitions and their leaders may become.
    """

    bootstrap_servers: str
    client_id: str = "feedback-router"
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    metadata_seconds: float = 60.0

    def options(self) -> dict[str, Any]:
        """Return what every client of aiokafka takes alike."""
        encrypted = self.security_protocol in {"SSL", "SASL_SSL"}
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "metadata_max_age_ms": int(self.metadata_seconds * 1000),
            "security_protocol": self.security_protocol,
            "ssl_context": create_ssl_context(cafile=self.ssl_cafile) if encrypted else None,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
        }


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Say Kafka's errors in the terms of `ports`; the text names the error's kind, never what was sent."""
    try:
        yield
    except (ProducerFenced, InvalidProducerEpoch) as fenced:
        raise FencedError(f"{what}: {type(fenced).__name__}") from fenced
    except (KafkaError, TimeoutError, OSError) as failed:
        raise OutOfReachError(f"{what}: {type(failed).__name__}") from failed


@asynccontextmanager
async def admin(connection: Connection) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**connection.options())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def cluster_of(connection: Connection) -> str:
    """Return the cluster's own id, by which offsets of one cluster are told from those of another.

    Raises:
        OutOfReachError: no broker answers, or none says which cluster it belongs to.
    """
    with reaching("cluster id"):
        async with admin(connection) as client:
            cluster = (await client.describe_cluster()).get("cluster_id")
    if not cluster:
        raise OutOfReachError("cluster id: the brokers name none")
    return str(cluster)
