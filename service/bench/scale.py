"""How much a benchmark does, and whom it tells how far it has come."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """`events` are those of a run, `repeats` the runs that a median is taken of, `instances` those of the registry.

    `alerts` are those of all queues, `consoles` those that follow one, `processes` those that take the whole road.
    `rate` is in events a second and lasts for `seconds`; 0 is half of what the road is found to decide.
    """

    events: int = 20_000
    repeats: int = 3
    seed: int = 1
    instances: int = 10_000
    alerts: int = 1_000_000
    consoles: int = 200
    rate: float = 0.0
    seconds: float = 30.0
    processes: int = 1
