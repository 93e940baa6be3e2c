"""A name and a seed -> what is published for one part of the race, and what surrounds it.

All events are of the contracts that our service reads, so that everybody reads the same topic.
"""

import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import orjson

from service.bench.events import Published, published, survey_events
from service.demo.customers import population
from service.demo.envelopes import HELP_DESK, SURVEYS, TICKETS, Json, csat, envelope, person
from service.demo.plot import PROCESSES, SAID
from service.demo.verbatims import Writer
from tests.bench.race.filling import MEASURED

_CUSTOMERS = 20_000
_OVER = timedelta(hours=1)
_BYTES = (1_000, 4_000)
_STORMY = 0.30
_ZIPF = 1.2
# Prime to `MEASURED`, so that each place comes as often as the others.
_STEP = 7_919
_STATUSES = ("new", "open")

Events = Callable[[int, int], Iterator[Published]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """`rows` are there before a run, `delay` in seconds is added to a round trip, `hot` fills one partition.

    A `paced` one is also run at half of what each contestant can do, for its latency.
    """

    name: str
    what: str
    events: Events
    topic: str = SURVEYS
    compression: str | None = None
    rows: int = 0
    delay: float = 0.0
    hot: bool = False
    count: int | None = None
    paced: bool = True


def steady(seed: int, count: int) -> Iterator[Published]:
    return survey_events(seed, count, datetime.now(UTC))


def tickets(seed: int, count: int) -> Iterator[Published]:
    """Yield tickets of 1 to 4 kB: a complaint, and what people copy below it."""
    dice = Random(seed)
    customers, writer = population(dice, _CUSTOMERS), Writer(dice)
    now = datetime.now(UTC)
    for number in range(count):
        customer = dice.choice(customers)
        process = dice.choices(tuple(PROCESSES), tuple(PROCESSES.values()))[0]
        ticket, order = f"r-{number:07d}", f"SO-{dice.randrange(10**9):09d}"
        time = (now - _OVER + _OVER * number / count).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = [writer.complaint(dice.choice(tuple(SAID[process])), customer, order, feeling=False)]
        wanted, length = dice.randrange(*_BYTES), 400
        while length < wanted:
            said.append(writer.praise(customer, order))
            length += len(said[-1].encode()) + 1
        data: Json = {
            "ticket_id": ticket,
            "status": dice.choice(_STATUSES),
            "subject": writer.subject(customer, order),
            "body": "\n".join(said),
            "is_public": True,
            "comment_author_role": "customer",
            "channel": "email",
            "language": customer.language,
            "created_at": time,
            "updated_at": time,
            "revision": 1,
            "customer": person(customer),
            "correlation": {"process": process, "business_key": order},
        }
        value = envelope("feedback.ticket.created.v1", HELP_DESK, f"{ticket}-1", f"ticket/{ticket}", time, data)
        yield published(ticket, value)


def zipf(seed: int, count: int) -> Iterator[Published]:
    """Yield surveys whose customers answer as often as Zipf's law has it: the first one most of all."""
    dice = Random(seed)
    weights = list(itertools.accumulate([1 / place**_ZIPF for place in range(1, _CUSTOMERS + 1)]))
    refs = [f"c-{number:05d}" for number in range(_CUSTOMERS)]
    for event in steady(seed, count):
        value = orjson.loads(event.value)
        value["data"]["customer"]["ref"] = ref = dice.choices(refs, cum_weights=weights)[0]
        yield published(ref, value)


def storm(seed: int, count: int) -> Iterator[Published]:
    """Yield surveys of which 30 % complain of one thing in one process, and nobody else of anything."""
    dice = Random(seed)
    for event in steady(seed, count):
        value = orjson.loads(event.value)
        data = value["data"]
        data.pop("verbatims", None)
        data["metrics"] = [csat(5)]
        if dice.random() < _STORMY:
            data["metrics"] = [csat(1)]
            data["correlation"]["process"] = "delivery"
            data["verbatims"] = [{"text": "Unacceptable. My parcel is four days late.", "language": "en"}]
        yield Published(key=event.key, value=orjson.dumps(value))


def scattered(seed: int, count: int) -> Iterator[Published]:
    """Yield surveys whose identities lie among those that tables were filled with, each in another place."""
    for number, event in enumerate(steady(seed, count)):
        value = orjson.loads(event.value)
        value["data"]["response_id"] = value["id"] = f"b-{number * _STEP % MEASURED:07d}-r{number}"
        yield published(event.key.decode(), value)


WORKLOADS = {
    one.name: one
    for one in (
        Workload(name="steady", what="survey responses of about 450 bytes", events=steady),
        Workload(name="tickets", what="tickets of 1 to 4 kB, zstd", events=tickets, topic=TICKETS, compression="zstd"),
        Workload(
            name="zipf", what="customers by Zipf's law, half of all events in one partition", events=zipf, hot=True
        ),
        Workload(name="storm", what="30 % of the events cross the threshold, in one alert a region", events=storm),
        Workload(name="backlog", what="a backlog of a million responses", events=steady, count=1_000_000, paced=False),
        Workload(
            name="filled", what="tables that hold 20 million rows", events=scattered, rows=20_000_000, paced=False
        ),
        Workload(name="far", what="a round trip to PostgreSQL takes 1 ms more", events=steady, delay=0.001),
    )
}


def partition_of(workload: Workload, event: Published, partitions: int) -> int | None:
    """Return where a record of a hot workload goes, half of the customers into one; None leaves it to the key."""
    if not workload.hot:
        return None
    bucket = zlib.crc32(event.key) % (2 * partitions)
    return 0 if bucket < partitions else 1 + bucket % (partitions - 1)
