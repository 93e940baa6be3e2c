"""The job with FastStream's Kafka broker and its batch subscriber; it shares the environment of `faststream`."""
