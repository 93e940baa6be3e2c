"""A seed and a number -> that many survey responses of the retail playbook, as a survey tool would publish them.

About half have a text, all have a metric, a process and a business key; 20,000 customers answer, a third of them badly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import orjson

from service.demo.customers import Customer, population
from service.demo.envelopes import Json, ces, csat, person
from service.demo.plot import PROCESSES, SAID
from service.demo.verbatims import Writer

CUSTOMERS = 20_000
_WITH_TEXT = 0.5
_BADLY = 0.33
_OVER = timedelta(hours=1)
# One in so many scheduled surveys is critical, whatever its customer said before.
EVERY = 50
_UNSAFE = "The kettle gave me an electric shock this morning."
_CHANNELS = ("email", "sms", "web", "app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One record for Kafka."""

    key: bytes
    value: bytes


def survey_events(seed: int, count: int, now: datetime) -> Iterator[Published]:
    """Yield events of the hour up to `now`, in the order of their times; the rest of each follows from the seed."""
    dice = Random(seed)
    customers = population(dice, CUSTOMERS)
    writer = Writer(dice)
    for number in range(count):
        at = now - _OVER + _OVER * number / count
        customer = dice.choice(customers)
        value = _event(dice, writer, customer, number, at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        yield published(customer.ref, value)


def scheduled(seed: int, count: int, begin: datetime, rate: float) -> Iterator[tuple[datetime, Published]]:
    """Yield surveys with when each is due, `rate` a second from `begin`; one in `EVERY` opens an alert of its own."""
    dice = Random(seed)
    customers, writer = population(dice, CUSTOMERS), Writer(dice)
    for number in range(count):
        due = begin + timedelta(seconds=number / rate)
        customer = dice.choice(customers)
        value, key = _event(dice, writer, customer, number, due.isoformat()), customer.ref
        if number % EVERY == 0:
            key = f"unsafe-{number}"
            value["data"] |= {"customer": {"ref": key}, "verbatims": [{"text": _UNSAFE, "language": "en"}]}
        yield due, published(key, value)


def published(key: str, value: Json) -> Published:
    return Published(key=key.encode(), value=orjson.dumps(value))


def _event(dice: Random, writer: Writer, customer: Customer, number: int, time: str) -> Json:
    process = dice.choices(tuple(PROCESSES), tuple(PROCESSES.values()))[0]
    response, order = f"b-{number:07d}", f"SO-{dice.randrange(10**9):09d}"
    badly = dice.random() < _BADLY
    data: Json = {
        "response_id": response,
        "metrics": [dice.choice((csat, ces))(dice.choice((1, 2) if badly else (4, 5)))],
        "customer": person(customer),
        "channel": dice.choice(_CHANNELS),
        "correlation": {"process": process, "business_key": order},
    }
    if dice.random() < _WITH_TEXT:
        category = dice.choice(tuple(SAID[process]))
        text = writer.complaint(category, customer, order, feeling=False) if badly else writer.praise(customer, order)
        data["verbatims"] = [{"text": text, "language": customer.language}]
    return {
        "specversion": "1.0",
        "id": response,
        "source": "/bench/surveys",
        "type": "feedback.survey.response.v1",
        "time": time,
        "data": data,
    }
