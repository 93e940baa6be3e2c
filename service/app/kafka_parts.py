"""Settings and rules -> what the service needs of Kafka: its connection, topics, source and publishers."""

from collections.abc import Callable, Iterable

from service.adapters.kafka import (
    Connection,
    KafkaSource,
    PlainPublisher,
    SourceSettings,
    Topic,
    TopicsMissingError,
    TransactionalPublisher,
    ensure_topics,
)
from service.adapters.meter import PrometheusMeter
from service.core.contracts.catalogue import INCOMING, RELAY_MARKERS
from service.core.outreach import ANSWERED_TOPIC, OUTCOMES_TOPIC
from service.core.pipeline.rules import Rules
from service.core.publish import CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, RECEIPTS_TOPIC, REVIEWS_TOPIC, queue_topic
from service.ports import OutOfReachError, Store
from service.runtime.health import Health
from service.runtime.relay import Publisher, headers_of
from service.settings import RelayGuarantee, Settings

# The embedded broker lets a group's first member wait for half of its session before it gives it anything.
_EMBEDDED_TIMES = {"session_seconds": 4.0, "heartbeat_seconds": 0.5, "rebalance_seconds": 4.0, "revoke_seconds": 2.0}


def _times(settings: Settings) -> dict[str, float]:
    """How soon the group notices that a member is gone, and what else goes by that."""
    if settings.embedded:
        return _EMBEDDED_TIMES
    return {
        "session_seconds": settings.session_timeout,
        # A member learns of a rebalance by its heartbeat: when several die in a row, the waits for them add up.
        "heartbeat_seconds": min(3.0, settings.session_timeout / 6),
    }


def connection_of(settings: Settings) -> Connection:
    password, cafile = settings.kafka_sasl_password, settings.kafka_ssl_cafile
    return Connection(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        security_protocol=settings.kafka_security_protocol.value,
        sasl_mechanism=settings.kafka_sasl_mechanism.value,
        sasl_username=settings.kafka_sasl_username,
        sasl_password=None if password is None else password.get_secret_value(),
        ssl_cafile=None if cafile is None else str(cafile),
        metadata_seconds=settings.metadata_age,
    )


def incoming_topics(rules: Rules) -> frozenset[str]:
    """Name the topics to read: those of the contracts, and those that the playbook's sources name."""
    return frozenset({channel.topic for channel in INCOMING} | set(rules.topics))


async def have_topics(connection: Connection, rules: Rules, settings: Settings) -> None:
    """Make sure of every topic that these rules read or write.

    Raises:
        TopicsMissingError: some are missing and may not be made.
    """
    await ensure_topics(
        connection,
        _topics(rules, settings),
        replication_factor=settings.topic_replication,
        create=settings.create_topics,
    )


async def have_new_topics(connection: Connection, rules: Rules, settings: Settings) -> None:
    """Do the same while running, where a missing topic is something to wait for.

    Raises:
        OutOfReachError: some are missing and may not be made.
    """
    try:
        await have_topics(connection, rules, settings)
    except TopicsMissingError as missing:
        raise OutOfReachError(str(missing)) from missing


def source_of(
    settings: Settings,
    connection: Connection,
    rules: Rules,
    *,
    cluster: str,
    store: Store,
    health: Health,
    meter: PrometheusMeter,
) -> KafkaSource:
    return KafkaSource(
        connection,
        SourceSettings(
            group=settings.group,
            most_rows=settings.queue_rows,
            most_bytes=settings.queue_bytes,
            trust_end=settings.trust_end_offsets,
            **_times(settings),
        ),
        cluster=cluster,
        topics=incoming_topics(rules),
        leases=store,
        watch=health,
        meter=meter,
    )


def publisher_of(settings: Settings, connection: Connection, shard: int) -> Callable[[], Publisher]:
    """Return how the relay of a shard gets a publisher of the guarantee that was chosen."""

    def make() -> Publisher:
        match settings.relay_guarantee:
            case RelayGuarantee.TRANSACTIONAL:
                return TransactionalPublisher(
                    connection,
                    shard=shard,
                    transactional_id=f"{settings.group}-relay-{shard}",
                    marker_topic=RELAY_MARKERS,
                    headers_of=headers_of,
                )
            case RelayGuarantee.AT_LEAST_ONCE:
                return PlainPublisher(connection, headers_of=headers_of)

    return make


def _topics(rules: Rules, settings: Settings) -> Iterable[Topic]:
    names = {*incoming_topics(rules), CLASSIFIED_TOPIC, REVIEWS_TOPIC, DEAD_LETTER_TOPIC, RECEIPTS_TOPIC}
    names |= {OUTCOMES_TOPIC, ANSWERED_TOPIC, *rules.playbook.outreach.topics.values()}
    names |= {queue_topic(team.id) for team in rules.playbook.teams}
    yield from (Topic(name=name, partitions=settings.topic_partitions) for name in names)
    if settings.relay_guarantee is RelayGuarantee.TRANSACTIONAL:
        yield Topic(name=RELAY_MARKERS, partitions=settings.relay_shards, compacted=True)
