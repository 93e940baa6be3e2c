"""The way into Kafka for records that come over HTTP."""

from collections.abc import Sequence
from typing import Protocol

Headers = Sequence[tuple[str, bytes]]


class Sender(Protocol):
    """Sends records of the intake, each on its own."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Return once Kafka has the record.

        Raises:
            OutOfReachError: it may or may not have it; sending again is safe, since an event's id decides duplicates.
            TooLargeError: it will never have it.
        """
        ...
