"""How much a benchmark does, and whom it tells how far it has come."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """`events` are those of a run, `repeats` the runs that a median is taken of, `instances` those of the registry.

    `alerts` are those of all queues, `consoles` those that follow one.
    """

    events: int = 20_000
    repeats: int = 3
    seed: int = 1
    instances: int = 10_000
    alerts: int = 1_000_000
    consoles: int = 200
