"""The job as an agent of Faust that takes many events at a time: a transaction for each take.

Guarantee: at least once from Kafka after a crash, since a take is acknowledged after the agent is done with it; once in
PostgreSQL, since the identity is written in the same transaction. An agent that raises acknowledges its take all the
same, and loses it. Tuned: see about.toml.
"""

import sys
import tempfile
from functools import cache

import faust
import mode.loop

from tests.bench.peers import replicas
from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.writing_async import batches

RECORDS, REPLICAS = 1_000, 2

mode.loop.use("uvloop")
asked = Asked.read()
app = faust.App(
    asked.group,
    broker=f"kafka://{asked.brokers}",
    cython_optimizations=True,
    datadir=tempfile.gettempdir(),
    stream_buffer_maxsize=131_072,
    topic_allow_declare=False,
    topic_disable_leader=True,
    web_enabled=False,
)
topic = app.topic(asked.topic, value_type=bytes, value_serializer="raw")


@app.agent(topic)
async def feedback(values: faust.StreamT[bytes]) -> None:
    async with batches(asked, 1) as write:
        async for taken in values.take(RECORDS, within=0.1):
            await write([judge(value, asked.rules) for value in taken])


@app.on_partitions_assigned.connect
async def assigned(_app: faust.App, _assigned: set[faust.types.TP], **_rest: object) -> None:
    say_ready()


@cache
def say_ready() -> None:
    print("ready\n", end="", flush=True)  # noqa: T201 - the race waits for this line, in one piece


if sys.argv[1:] == ["replica"]:
    faust.Worker(
        app, loglevel="error", quiet=True, stdout=sys.stderr, redirect_stdouts=False
    ).execute_from_commandline()
else:
    sys.exit(replicas.run([[sys.executable, "-m", "tests.bench.peers.faust_batch", "replica"]] * REPLICAS))
