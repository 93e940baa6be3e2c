"""The source of truth: leases, transactions, and what one transaction writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from service.core.audit import Entry
from service.core.contradict import Flow
from service.core.pipeline.cadence import Tick
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.facts import Facts
from service.core.records.feedback import Rejected
from service.core.records.muting import Silence
from service.core.records.needs import Needs
from service.core.records.renamed import Renamed
from service.core.taxonomy import Uncovered
from service.core.volume import Closings, DayRange, Watched, WatchedHours
from service.ports.books import Books
from service.ports.erasing import Erasing, Retention
from service.ports.lives import Forgetting
from service.ports.outreach import Untold
from service.ports.relay import Outgoing


class PartitionKey(Struct, frozen=True, kw_only=True, order=True):
    """One partition of one topic, as one consumer group of one cluster reads it."""

    cluster: str
    group: str
    topic: str
    partition: int


class Lease(Struct, frozen=True, kw_only=True):
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


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A record that was rejected, and where the original is. `payload` is redacted, None where it was no JSON.

    `named` are short hashes of whatever it may name a customer by. One that was erased has no `sha256`.
    """

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
    named: tuple[int, ...] = ()


class Consumed(Struct, frozen=True, kw_only=True):
    """What a transaction consumed of one partition, and the books of that."""

    key: PartitionKey
    first_offset: int
    next_offset: int
    books: Books


class Saving(Struct, frozen=True, kw_only=True):
    """All that one transaction writes. `consumed` is empty for what no partition's record caused.

    `released` names what holds no alert back any more, all of which were asked for again. `audit` is what a person did.
    """

    facts: Facts
    digest: str
    now: datetime
    consumed: Sequence[Consumed] = ()
    outgoing: Sequence[Outgoing] = ()
    dead_letters: Sequence[DeadLetter] = ()
    ticks: Mapping[Tick, datetime] = field(default_factory=dict)
    ran_tick: Tick | None = None
    released: str | None = None
    audit: Sequence[Entry] = ()


class Answer(Struct, frozen=True, kw_only=True):
    """What an API write was answered: HTTP status and JSON text. `request` is the fingerprint of what was asked."""

    request: str
    status: int
    body: str


class Transaction(Erasing, Untold, Protocol):
    """One atomic piece of work; leaving its context without an error commits it."""

    async def advance(self, moves: Sequence[tuple[Lease, Lease]]) -> None:
        """Move leases on, in key order, each from what it is to what it becomes; what a transaction begins with.

        Raises:
            FencedError: a lease is no longer this owner's, or stands elsewhere than it thinks.
        """
        ...

    async def active_playbook(self) -> str | None:
        """Return the digest of the playbook that is active for this transaction."""
        ...

    async def admit(self, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        """Claim (source, id) pairs, sorted; return those that nobody had before."""
        ...

    async def load(self, wanted: Needs) -> Facts:
        """Lock correlation keys, subjects and customers in that order, and load what hangs on them.

        Memberships are those of the subjects, and of what waits; what else changes has them loaded by `load_alerts`.
        """
        ...

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        """Make and lock the gates of these keys and of every membership; load their alerts and tallies.

        Memberships of contributions that have changed by now are loaded first. So are gates of the keys to which an
        alert was moved from one of these. What may hold a notice back is loaded with them, without a lock.

        Raises:
            ConflictError: an alert was moved while its gate was waited for.
        """
        ...

    async def load_held(self, facts: Facts, muter: str, limit: int) -> Sequence[str]:
        """Lock and load the first alerts, by key, that a review or silence holds back; return their ids."""
        ...

    async def load_silence(self, silence_id: str, since: datetime) -> Silence | None:
        """Lock a silence, after every gate; return it with what it hides now, and whom since an instant."""
        ...

    async def load_budgets(self, facts: Facts, teams: Iterable[str]) -> None:
        """Lock what teams have spent of their budgets, after every gate, and load it."""
        ...

    async def load_members(self, facts: Facts, alert_ids: Collection[str]) -> None:
        """Load all that some of the loaded alerts hold, and where others of them hold the same, with the tallies."""
        ...

    async def load_corrections(self, facts: Facts, source: str, subject: str) -> None:
        """Load the last correction of each part of a subject that is locked."""
        ...

    async def claim_tick(self, tick: Tick) -> bool:
        """Lock a tick; False when it has been run already."""
        ...

    async def load_cells(self, since: date, end: date) -> Watched:
        """Load what is known of all cells from a day to the tick's, both included, and the state of each."""
        ...

    async def load_flows(self, since: date, end: date, slas: Mapping[str, timedelta]) -> Mapping[str, Flow]:
        """Count of each process with an sla what was completed and heard in a span of days, both included.

        A review is one of these days if its window ended with one of them.
        """
        ...

    async def load_uncovered(self, span: DayRange, asked: TaxonomyReview) -> Uncovered:
        """Count of each source what has a category, and what has words and none, in a span of days, remarks left out.

        With the latest texts of the sources that have too many without, and the subjects that bear one of the tags.
        """
        ...

    async def load_closings(self, since: date, last: date, days: int, renamed: Renamed) -> Closings:
        """Load the cases closed from a day to another, both included, by cell and region, and what cells remember.

        A customer may come back for so many days, about what is called the same now.
        """
        ...

    async def load_hours(self, end: datetime, least: int) -> WatchedHours:
        """Load the cells in which that many negative contacts began in the 24 hours before an instant, or an outage is.

        Their contacts are by hours, those of 364 days and a week before as well; regions do not divide `least`.
        """
        ...

    async def save(self, saving: Saving) -> None:
        """Write what changed."""
        ...

    async def recall(self, key: str) -> Answer | None:
        """Lock an idempotency key, before any row; return what was answered under it in the last 24 h of wall time."""
        ...

    async def remember(self, key: str, answer: Answer) -> None:
        """Keep what is answered under a key that was recalled; it counts once the transaction is committed."""
        ...


class Store(Forgetting, Retention, Protocol):
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
        """Return when the next timer or tick is due, or an instance, a silence or what was held has to be looked at."""
        ...

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """List (alert key, alert id) of alerts that are due by `now`, earliest first."""
        ...

    async def due_instances(self, now: datetime, limit: int) -> Sequence[str]:
        """List the process instances that have to be looked at by `now`, since they may be late, earliest first."""
        ...

    async def due_releases(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        """List the reviews and silences that have ended by `now`, and may still hold alerts back, earliest first."""
        ...

    async def due_silences(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        """List the silences that must be looked at by `now`, earliest first, with the time of each."""
        ...

    async def due_tick(self, now: datetime) -> tuple[Tick, datetime] | None:
        """Return the earliest tick that is due by `now` and has not been run, with its due time."""
        ...
