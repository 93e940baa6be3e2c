"""Outbox rows, as they are written with a decision and read by the relay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Outgoing(Struct, frozen=True, kw_only=True):
    """Records for one Kafka topic that share one outbox row: `values` holds (key, value) pairs, at most 500.

    `owner` decides the relay's shard: an alert id, or "" for shard 0. `received_at` is when the broker had the first
    record that these tell of; None for what no record caused, such as a timer.
    """

    owner: str
    topic: str
    values: tuple[tuple[bytes, bytes], ...]
    received_at: datetime | None = None


class Numbered(Struct, frozen=True, kw_only=True):
    """An outbox row with its gapless place in its shard's order."""

    publish_seq: int
    outgoing: Outgoing
    created_at: datetime


class Outbox(Protocol):
    """The relay's side of the outbox."""

    async def claim_shard(self, shard: int, owner: str) -> int:
        """Take over a shard; return the new epoch, by which the owner before is fenced."""
        ...

    async def number(self, shard: int, epoch: int, limit: int, published: int = 0) -> Sequence[Numbered]:
        """Commit a `publish_seq` for visible rows without one, in id order; return up to `limit` rows.

        Those up to place `published` are deleted first: Kafka has them. 0 deletes none.

        Raises:
            FencedError: another relay holds the shard; nothing was written.
        """
        ...

    async def oldest(self) -> datetime | None:
        """Return when the oldest row that waits was written."""
        ...
