"""The job with Quix Streams, one event at a time."""
