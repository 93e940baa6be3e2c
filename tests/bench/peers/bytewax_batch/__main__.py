"""The job with Bytewax: as `bytewax`, with a sink that writes what it is given at once in one transaction.

A sink is given what its worker has fetched, up to `batch_size` of a partition. `collect` would gather more at a low
rate, but it is stateful: it sends each item to the worker of its key and keeps it in every snapshot.
Guarantee: at least once from Kafka, by the snapshots of its recovery, which hold the offsets up to which everything has
passed the sink; and once in PostgreSQL, since the identity is written in the same transaction.
Tuned: a process for each of the race's cores instead of threads, and batches for what has a price for each call, both
by its page "Performance"; a snapshot every 5 s by "Recovery".
"""

import sys

from tests.bench.peers.bytewax import cluster

PROCESSES = 2

sys.exit(cluster.run("tests.bench.peers.bytewax_batch.flow", PROCESSES))
