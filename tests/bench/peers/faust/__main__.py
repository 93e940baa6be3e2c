"""The job as an agent of Faust: an event, a transaction; several actors take from one stream.

Guarantee: at least once from Kafka after a crash, since offsets are committed up to the first event that is not
acknowledged; once in PostgreSQL, since the identity is written in the same transaction. An agent that
raises acknowledges its event all the same, and loses it. Tuned: see about.toml.
"""

import sys
import tempfile
from functools import cache

import faust
import mode.loop

from tests.bench.peers import replicas
from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import judge
from tests.bench.peers.job.writing_async import one_by_one

ACTORS, REPLICAS = 8, 2

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


@app.agent(topic, concurrency=ACTORS)
async def feedback(values: faust.StreamT[bytes]) -> None:
    async with one_by_one(asked, 1) as write:
        async for value in values:
            await write(judge(value, asked.rules))


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
    sys.exit(replicas.run([[sys.executable, "-m", "tests.bench.peers.faust", "replica"]] * REPLICAS))
