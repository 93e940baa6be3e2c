"""The job with Bytewax, one event at a time."""
