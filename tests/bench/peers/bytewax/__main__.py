"""The job with Bytewax: its Kafka input, a map that judges, and a sink that writes each item in a transaction.

Guarantee: at least once from Kafka, by the snapshots of its recovery, which hold the offsets up to which everything has
passed the sink; and once in PostgreSQL, since the identity is written in the same transaction. Consumer groups are not
used, and a process that dies takes the cluster with it until all are started again.
Tuned: a process for each partition instead of threads by its page "Performance", `batch_size` as its page "Kafka" has
it, a snapshot every 5 s by "Recovery". Given our statements it calls them with one event each.
"""

import sys

from tests.bench.peers.bytewax import cluster
from tests.bench.peers.job.asked import PARTITIONS

sys.exit(cluster.run("tests.bench.peers.bytewax.flow", PARTITIONS))
