"""The job with Quix Streams, in batches by a sink."""
