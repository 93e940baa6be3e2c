"""The way into Kafka for records that come over HTTP, and back to one that was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A record as it was published."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Originals(Protocol):
    """Finds records where they lie."""

    async def __call__(self, topic: str, partition: int, offset: int) -> Original | None:
        """Return a record, None when its topic no longer has it.

        Raises:
            OutOfReachError: Kafka does not answer.
        """
        ...


class Sender(Protocol):
    """Sends records of the intake, each on its own."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Return once Kafka has the record.

        Raises:
            OutOfReachError: it may or may not have it; sending again is safe, since an event's id decides duplicates.
            TooLargeError: it will never have it.
        """
        ...
