"""The job with FastStream's Kafka broker, one message at a time."""
