"""Kafka through aiokafka: records in by partition with the lease they are read under, records out, topics."""

from service.adapters.kafka.bulk import send_in_order
from service.adapters.kafka.connection import Connection, cluster_of
from service.adapters.kafka.options import SourceSettings
from service.adapters.kafka.original import original_record
from service.adapters.kafka.producer import Producer
from service.adapters.kafka.publisher import PlainPublisher, TransactionalPublisher, TransactionsRefusedError
from service.adapters.kafka.source import KafkaSource
from service.adapters.kafka.topics import Topic, TopicsMissingError, ensure_topics

__all__ = [
    "Connection",
    "KafkaSource",
    "PlainPublisher",
    "Producer",
    "SourceSettings",
    "Topic",
    "TopicsMissingError",
    "TransactionalPublisher",
    "TransactionsRefusedError",
    "cluster_of",
    "ensure_topics",
    "original_record",
    "send_in_order",
]
