"""A process that decides beside the first one, as the first one has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# A series: its full name, its labels, its value.
Sample = tuple[str, Mapping[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a process says of itself: why it is not ready, what stands still in it, and its samples by metric."""

    unready: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    figures: Mapping[str, Sequence[Sample]]


class Fellow(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def told(self) -> Told | None:
        """What it said last; None before it has begun to serve."""
        ...

    async def ask(self, within: float) -> bool:
        """Have it say how it is; return whether it did within so many seconds."""
        ...

    def let_go(self) -> None:
        """Have it finish what is in hand and end."""
        ...

    async def ended(self) -> int:
        """Wait for its end, and for its last words; return its exit status, below zero where a signal ended it."""
        ...

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        ...
