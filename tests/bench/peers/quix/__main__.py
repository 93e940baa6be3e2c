"""The job with Quix Streams: a StreamingDataFrame that judges each message and writes it in `update`.

An application has one thread and one message in hand; its users run more of them in the same consumer group, up to one
for each partition, and so does this.
Guarantee: at least once from Kafka, since a checkpoint commits offsets after their messages were processed; and once in
PostgreSQL, since the identity is written in the same transaction. "Exactly once" of Quix speaks of topics alone.
Tuned: `auto_offset_reset`, `commit_interval` and `use_changelog_topics` by its pages "Configuration" and
"Checkpointing". Given our statements it calls them with one event each.
"""

import sys
import tempfile

from quixstreams import Application

from tests.bench.peers import replicas
from tests.bench.peers.job.asked import PARTITIONS, Asked
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.writing import one_by_one


def main() -> None:
    asked = Asked.read()
    write = one_by_one(asked)
    application = Application(
        broker_address=asked.brokers,
        consumer_group=asked.group,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        commit_interval=5.0,
        use_changelog_topics=False,
        state_dir=tempfile.gettempdir(),
        auto_create_topics=False,
        loglevel="WARNING",
    )
    topic = application.topic(asked.topic, key_deserializer="bytes", value_deserializer="bytes")
    events = application.dataframe(topic)
    events.apply(lambda value: judge(value, asked.rules)).update(write)
    print("ready\n", end="", flush=True)  # noqa: T201 - the race waits for this line, in one piece
    application.run()


if sys.argv[1:] == ["replica"]:
    main()
else:
    sys.exit(replicas.run([[sys.executable, "-m", "tests.bench.peers.quix", "replica"]] * PARTITIONS))
