"""The job with Quix Streams: a StreamingDataFrame that judges each message, and a BatchingSink that writes them.

The sink is given what a checkpoint has gathered, by partition, and writes each of these batches in one transaction.
An application has one thread; there are as many in the consumer group as the race has cores.
Guarantee: at least once from Kafka, since a checkpoint commits offsets after it has flushed its sinks, and a flush that
fails aborts it; and once in PostgreSQL, since the identity is written in the same transaction.
Tuned: `commit_every` bounds the batch by its page "Creating a Custom Sink", `commit_interval` the wait of a message by
"Checkpointing"; the rest as in `quix`.
"""

import sys
import tempfile

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from tests.bench.peers import replicas
from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.writing import WriteAll, batches

APPLICATIONS = 2
MESSAGES = 1_000
SECONDS = 0.1


class Rows(BatchingSink):  # type: ignore[misc] # Its package is in the peer's environment alone.
    def __init__(self, write: WriteAll) -> None:
        super().__init__()
        self._write = write

    def write(self, batch: SinkBatch) -> None:
        self._write([item.value for item in batch])


def main() -> None:
    asked = Asked.read()
    rows = Rows(batches(asked))
    application = Application(
        broker_address=asked.brokers,
        consumer_group=asked.group,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        commit_every=MESSAGES,
        state_dir=tempfile.gettempdir(),
        commit_interval=SECONDS,
        use_changelog_topics=False,
        auto_create_topics=False,
        loglevel="WARNING",
    )
    topic = application.topic(asked.topic, key_deserializer="bytes", value_deserializer="bytes")
    events = application.dataframe(topic)
    events.apply(lambda value: judge(value, asked.rules)).sink(rows)
    print("ready\n", end="", flush=True)  # noqa: T201 - the race waits for this line, in one piece
    application.run()


if sys.argv[1:] == ["replica"]:
    main()
else:
    sys.exit(replicas.run([[sys.executable, "-m", "tests.bench.peers.quix_batch", "replica"]] * APPLICATIONS))
