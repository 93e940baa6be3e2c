"""`python -m tests.bench.crowds`: what an event costs the more its customers have said, batch by batch.

Surveys of an hour are decided on a PostgreSQL of its own as `serve` does, without Kafka. Their customers answer as
often as Zipf's law has it, or all of `--customers` in turn. A line for each batch has the CPU of this process for an
event, in microseconds, and the most memory that it has held, in MB.
"""

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import orjson

from service.adapters.playbook_files import load
from service.adapters.postgres import open_pool
from service.adapters.postgres.migrate import upgrade
from service.assets import playbooks
from service.bench.events import Published, published
from service.bench.links.batches import Engine
from service.core.pipeline.rules import compile_playbook
from service.embedded.postgres import start_postgres
from service.runtime.collector import spare_what_stays
from tests.bench.race.filling import KEY
from tests.bench.race.workloads import steady, zipf


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crowds", description=__doc__)
    parser.add_argument("--customers", type=int, default=0, help="so many, in turn; 0 for Zipf's law")
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--size", type=int, default=500, help="of a batch")
    given = parser.parse_args(arguments)
    count = given.batches * given.size
    events = in_turn(1, count, given.customers) if given.customers else zipf(1, count)
    with start_postgres() as server:
        asyncio.run(decide(server.dsn, events, given.size))


def in_turn(seed: int, count: int, customers: int) -> Iterator[Published]:
    for number, event in enumerate(steady(seed, count)):
        value = orjson.loads(event.value)
        value["data"]["customer"]["ref"] = ref = f"c-{number % customers:05d}"
        yield published(ref, value)


async def decide(dsn: str, events: Iterator[Published], size: int) -> None:
    playbook = load(playbooks() / "retail").playbook
    if playbook is None:
        raise ValueError("the retail playbook is at fault")
    await upgrade(dsn)
    pool = await open_pool(dsn, size=1)
    engine = Engine(pool, compile_playbook(playbook), KEY, datetime.now(UTC), None)
    spare_what_stays()
    done = 0
    while batch := list(islice(events, size)):
        started = time.process_time()
        await engine.decide(batch)
        cost = (time.process_time() - started) / len(batch) * 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"after {done:,} events: {cost:.0f} us, {peak:.0f} MB\n")
        sys.stdout.flush()
        done += len(batch)
    await pool.close()


if __name__ == "__main__":
    main(sys.argv[1:])
