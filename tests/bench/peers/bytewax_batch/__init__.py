"""The job with Bytewax, in the batches that its sinks are given."""
