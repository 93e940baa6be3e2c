"""What the loops in `runtime` need of the outside, said without naming a technology.

Adapters raise the errors below and nothing else for trouble that is not a bug.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from service.core.records.facts import Facts, Needs
from service.core.records.feedback import Rejected
from service.core.volume import CellKey, CellState, Contact


class FencedError(Exception):
    """Somebody else holds the lease now: what this owner was about to write must not be written."""


class OutOfReachError(Exception):
    """A service does not answer, or asks to try again: nothing is wrong with the work itself."""


class ConflictError(OutOfReachError):
    """Two transactions stood in each other's way and this one was rolled back: start it again from its first step."""


class OutcomeUnknownError(Exception):
    """The reply of a commit was lost: read the lease again to learn whether it counts; never repeat it blindly."""


class RefusedError(Exception):
    """The store can not hold a value of this batch (SQLSTATE class 22): one of its records has to be left out."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PartitionKey:
    """One partition of one topic, as one consumer group of one cluster reads it."""

    cluster: str
    group: str
    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to move a partition on. `next_offset` is None before anything was read.

    Under the stream clock `stream_at` is the highest event time committed, or the time of the record that waits, and
    `at_end` says that nothing more is there to read.
    """

    key: PartitionKey
    epoch: int
    next_offset: int | None = None
    stream_at: datetime | None = None
    at_end: bool = False

    def moved(self, next_offset: int, stream_at: datetime | None) -> "Lease":
        """Return the lease as it is once the batch that ends before `next_offset` is committed."""
        return replace(self, next_offset=next_offset, stream_at=stream_at, at_end=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that was rejected, and where the original is. `payload` is redacted, None where it was no JSON."""

    topic: str
    partition: int
    offset: int
    item: int
    rejected: Rejected
    sha256: str
    length: int
    key: bytes | None
    payload: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Records for one Kafka topic that share one outbox row: `values` holds (key, value) pairs, at most 500.

    `owner` decides the relay's shard: an alert id, or "" for shard 0.
    """

    owner: str
    topic: str
    values: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What became of the records of one batch: consumed = accepted + duplicate + superseded + rejected (law 1).

    `rejected` counts by (stage, reason), `verdicts` by (team or "", verdict), `methods` by category method, `links` by
    (status, method).
    """

    consumed: int = 0
    accepted: int = 0
    duplicate: int = 0
    superseded: int = 0
    rejected: Mapping[tuple[str, str], int] = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    methods: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[tuple[str, str], int] = field(default_factory=dict)
    copies: int = 0


def add_books(one: Books, other: Books) -> Books:
    """Sum two batches."""
    return Books(
        consumed=one.consumed + other.consumed,
        accepted=one.accepted + other.accepted,
        duplicate=one.duplicate + other.duplicate,
        superseded=one.superseded + other.superseded,
        rejected=Counter(one.rejected) + Counter(other.rejected),
        verdicts=Counter(one.verdicts) + Counter(other.verdicts),
        methods=Counter(one.methods) + Counter(other.methods),
        links=Counter(one.links) + Counter(other.links),
        copies=one.copies + other.copies,
    )


class StalePlaybookError(Exception):
    """Another playbook is active than the one that a batch was read with; `digest` names it."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"playbook {digest} is active")
        self.digest = digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """All that one transaction writes. `key` and the offsets are None for what no partition's record caused."""

    facts: Facts
    digest: str
    now: datetime
    key: PartitionKey | None = None
    first_offset: int | None = None
    next_offset: int | None = None
    books: Books = Books()
    outgoing: Sequence[Outgoing] = ()
    dead_letters: Sequence[DeadLetter] = ()
    ticks: Mapping[date, datetime] = field(default_factory=dict)
    ran_tick: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFacts:
    """What the volume tick reads: the negative contacts it reaches back to, and what each cell remembers."""

    contacts: Sequence[Contact]
    states: Mapping[CellKey, CellState]
    first_day: date | None


class Transaction(Protocol):
    """One atomic piece of work; leaving its context without an error commits it."""

    async def advance(self, lease: Lease, moved: Lease) -> None:
        """Move the lease on; the first statement of a batch.

        Raises:
            FencedError: the lease is no longer this owner's, or stands elsewhere than it thinks.
        """
        ...

    async def active_playbook(self) -> str | None:
        """Return the digest of the playbook that is active for this transaction."""
        ...

    async def admit(self, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        """Claim (source, id) pairs, sorted; return those that nobody had before."""
        ...

    async def load(self, wanted: Needs) -> Facts:
        """Lock correlation keys, subjects and customers in that order, and load what hangs on them."""
        ...

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        """Make and lock the gates of these keys and of every loaded membership; load their alerts and tallies."""
        ...

    async def claim_tick(self, window_end: date) -> bool:
        """Lock a tick; False when it has been run already."""
        ...

    async def load_cells(self, since: date) -> CellFacts:
        """Load the negative contacts since a day, with the state of every cell."""
        ...

    async def save(self, saving: Saving) -> None:
        """Write what changed."""
        ...


class Store(Protocol):
    """The source of truth."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; leaving its context commits it.

        Raises:
            ConflictError: it was rolled back for another's sake, at any step.
            OutcomeUnknownError: the reply of the commit was lost.
            RefusedError: a value can not be held, at any step.
            OutOfReachError: the store does not answer, at any step before the commit.
        """
        ...

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        """Take over partitions: each lease's epoch grows by one, so that an earlier owner is fenced."""
        ...

    async def lease(self, key: PartitionKey) -> Lease | None:
        """Return a lease as it stands, whoever holds it; None where nobody ever claimed the partition."""
        ...

    async def stall(self, lease: Lease) -> None:
        """Publish the lease's `stream_at` and `at_end` without moving it, if it is still this owner's."""
        ...

    async def stream_times(self, cluster: str, group: str) -> Mapping[PartitionKey, Lease]:
        """Return all leases of a consumer group, by which the stream clock goes."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next timer or tick is due."""
        ...

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """List (alert key, alert id) of alerts that are due by `now`, earliest first."""
        ...

    async def due_tick(self, now: datetime) -> tuple[date, datetime] | None:
        """Return the earliest tick that is due by `now` and has not been run, with its due time."""
        ...


class Archive(Protocol):
    """What a store tells of everything that was decided; each yields the documents of one file of `replay --out`."""

    def feedback(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def alerts(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def notices(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def reviews(self) -> AsyncIterator[Mapping[str, Any]]: ...
    def rejected(self) -> AsyncIterator[Mapping[str, Any]]: ...
    async def books(self) -> Books: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An outbox row with its gapless place in its shard's order."""

    publish_seq: int
    outgoing: Outgoing
    created_at: datetime


class Outbox(Protocol):
    """The relay's side of the outbox."""

    async def claim_shard(self, shard: int, owner: str) -> int:
        """Take over a shard; return the new epoch, by which the owner before is fenced."""
        ...

    async def number(self, shard: int, epoch: int, limit: int) -> Sequence[Numbered]:
        """Commit a `publish_seq` for visible rows without one, in id order; return up to `limit` rows.

        Raises:
            FencedError: another relay holds the shard.
        """
        ...

    async def forget(self, shard: int, epoch: int, publish_seq: int) -> None:
        """Delete the rows up to a place: Kafka has them.

        Raises:
            FencedError: another relay holds the shard.
        """
        ...

    async def oldest(self) -> datetime | None:
        """Return when the oldest row that waits was written."""
        ...


class Shelf(Protocol):
    """Where playbooks are kept, by digest; one is active."""

    async def activate(self, digest: str, name: str, documents: Mapping[str, str], at: datetime) -> None: ...

    async def active(self) -> tuple[str, Mapping[str, str]] | None:
        """Return the digest of the active playbook and its documents by file name."""
        ...

    async def documents(self, digest: str) -> Mapping[str, str] | None: ...
