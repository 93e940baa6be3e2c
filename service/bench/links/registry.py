"""A size and an instant -> a registry of made-up process instances of the year before it, each known by its number.

What is said of an instance follows from its number by whole numbers, so that SQL can say the same (`filled`). Higher
numbers began later. A customer has ten instances on average: the middle one has seven, the first of a million 10,000.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.bench.events import Published, published
from service.core.playbook.linking import Reference
from service.core.playbook.model import Playbook
from service.demo.envelopes import ENGINE, Json, envelope
from service.demo.plot import PROCESSES

PROCESS_NAMES = tuple(PROCESSES)
REGIONS = ("uk", "de", "fr", "es")
YEAR = 365 * 86_400
# Multiplied by this, numbers of 32 bits are spread evenly over all of them.
SPREAD, WORD = 2_654_435_761, 2**32
LEAST_HOURS, HOURS, STRIDE = 2, 239, 7_919
_PER_CUSTOMER = 10
_NEVER_GIVEN = 900_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """`size` instances, numbered from 0; the last began shortly before `until`, a time of whole seconds."""

    size: int
    until: datetime

    @property
    def customers(self) -> int:
        return max(1, self.size // _PER_CUSTOMER)

    @property
    def since(self) -> datetime:
        return self.until - timedelta(seconds=YEAR)

    def began_within(self, days: int) -> int:
        """Return the first number of those that began in the last so many days."""
        return self.size - max(1, self.size * days // 365)

    def customer(self, number: int) -> int:
        drawn = number * SPREAD % WORD / WORD
        return int(self.customers * drawn * drawn)

    def started_at(self, number: int) -> datetime:
        return self.since + timedelta(seconds=number * YEAR // self.size)

    def ended_at(self, number: int) -> datetime | None:
        """Return when it was completed, after two hours to ten days; None where that is still to come."""
        at = self.started_at(number) + timedelta(hours=LEAST_HOURS + number * STRIDE % HOURS)
        return at if at <= self.until else None


def instance_id(number: int) -> str:
    return f"run-{number:09d}"


def process(number: int) -> str:
    return PROCESS_NAMES[number % len(PROCESS_NAMES)]


def region(customer: int) -> str:
    return REGIONS[customer % len(REGIONS)]


def customer_ref(customer: int) -> str:
    return f"c-{customer:07d}"


def keys(number: int) -> dict[str, str]:
    return {"business_key": f"SO-{number:09d}", "ticket": f"INC{number:07d}", "invoice": f"INV-{number:09d}"}


def referring(playbook: Playbook) -> Playbook:
    """Have a playbook say how orders and tickets are written in texts."""
    forms = (Reference(id="order", form="SO-#########"), Reference(id="ticket", form="INC#######"))
    return playbook.model_copy(update={"linking": playbook.linking.model_copy(update={"references": forms})})


def unknown_keys(number: int) -> dict[str, str]:
    """Return an order and a ticket that no instance carries."""
    return {"business_key": f"SO-{_NEVER_GIVEN + number:09d}", "ticket": f"TCK{number:07d}"}


def step(registry: Registry, number: int, lifecycle: str, at: datetime) -> Published:
    """Say, as an engine would, that an instance was started or completed."""
    customer, name = registry.customer(number), instance_id(number)
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    data: Json = {
        "instance": name,
        "process": process(number),
        "lifecycle": lifecycle,
        "keys": keys(number),
        "time": time,
        "customer": customer_ref(customer),
        "region": region(customer),
    }
    value = envelope("process.instance.v1", ENGINE, f"{name}-{lifecycle}", f"instance/{name}", time, data)
    return published(customer_ref(customer), value)
