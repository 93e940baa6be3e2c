"""What people and programs ask of the decisions over HTTP: pages of rows, each read as it stands, without a lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from service.core.contracts.digest import Digest
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.decisions import Contribution, PartKey
from service.core.records.facts import FeedbackRow, ReviewRow, measure_of
from service.core.records.muting import Muters
from service.core.records.words import AlertKind, AlertState, CellMeasure, Severity
from service.ports.acts import ActsRead
from service.ports.causes import CausesRead
from service.ports.corrections import CorrectionsRead
from service.ports.deliveries import DeliveriesRead
from service.ports.erasing import ErasuresRead
from service.ports.heads import Heads
from service.ports.identities import Identities
from service.ports.lives import Lives
from service.ports.outcomes import Outcomes
from service.ports.scores import Scores
from service.ports.silences import SilencesRead
from service.ports.store import DeadLetter


class Wanted(Struct, frozen=True, kw_only=True):
    """Which alerts of a team are asked for; an empty part lets everything through."""

    team: str
    states: tuple[AlertState, ...] = ()
    severities: tuple[Severity, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    categories: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()


class QueuePlace(Struct, frozen=True, kw_only=True):
    """Where a page of a queue ended. Open alerts come first, the worst and then the latest seen in front.

    Resolved ones follow by `last_seen` alone, and their `severity` says nothing here.
    """

    state: AlertState
    severity: Severity
    last_seen: datetime
    alert_id: str


class ReviewPlace(Struct, frozen=True, kw_only=True):
    """Where a page of reviews ended: the newest window first, cells in order within it, then what they count."""

    ends_at: datetime
    process: str
    category: str
    region: str
    measure: CellMeasure = CellMeasure.VOLUME


class DigestPlace(Struct, frozen=True, kw_only=True):
    """Where a page of a team's digests ended: the latest first."""

    at: datetime
    digest_id: str


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter with its place in the list, the latest having the highest `number`."""

    number: int
    letter: DeadLetter


class Shelved(Struct, frozen=True, kw_only=True):
    """One playbook that is, or once was, active."""

    digest: str
    name: str
    activated_at: datetime
    active: bool


def digest_place(one: Digest) -> DigestPlace:
    """Name the place of a digest in the list of its team's."""
    return DigestPlace(at=one.at, digest_id=one.digest_id)


def queue_place(alert: Alert) -> QueuePlace:
    """Name the place of an alert in its team's queue."""
    return QueuePlace(state=alert.state, severity=alert.severity, last_seen=alert.last_seen, alert_id=alert.alert_id)


def review_place(row: ReviewRow) -> ReviewPlace:
    """Name the place of a review in the list of all."""
    cell = row.document["cell"]
    return ReviewPlace(
        ends_at=row.ends_at,
        process=cell["process"],
        category=cell["category"],
        region=cell["region"] or "",
        measure=measure_of(row.document),
    )


class Desk(
    Scores,
    Outcomes,
    SilencesRead,
    Lives,
    CausesRead,
    Identities,
    CorrectionsRead,
    ActsRead,
    Heads,
    ErasuresRead,
    DeliveriesRead,
    Protocol,
):
    """Raises OutOfReachError where the store does not answer."""

    async def open_counts(self) -> Mapping[str, Mapping[Severity, int]]:
        """Count the open alerts of each team that has any."""
        ...

    async def queue(self, wanted: Wanted, after: QueuePlace | None, limit: int) -> Sequence[Alert]:
        """Return a page of a team's queue in the order of QueuePlace."""
        ...

    async def alert(self, alert_id: str) -> Alert | None: ...

    async def muters(self) -> Muters:
        """Return what may hold notices back now."""
        ...

    async def members(
        self, alert_id: str, after: PartKey | None, limit: int
    ) -> Sequence[tuple[Member, FeedbackRow | None]]:
        """Return a page of what an alert holds, in key order; None where the feedback's row has outlived its days."""
        ...

    async def notices(self, alert_id: str, after: int, limit: int) -> Sequence[Notice]:
        """Return a page of an alert's notices above a revision, in order."""
        ...

    async def digests(self, team: str, after: DigestPlace | None, limit: int) -> Sequence[Digest]:
        """Return a page of what a team read in one go, in the order of DigestPlace."""
        ...

    async def explanation(self, source: str, event_id: str) -> FeedbackRow | None:
        """Return what was decided about an event, as it stands after later news."""
        ...

    async def admitted(self, source: str, event_id: str) -> bool:
        """Tell whether an event of this identity was ever accepted."""
        ...

    async def homes(self, source: str, subject: str) -> Sequence[Member]:
        """Return the memberships of a response or ticket in alerts, in key order."""
        ...

    async def contribution(self, source: str, subject: str, event_id: str) -> Contribution | None:
        """Return what an event adds to its subject at present; None where nothing, or a later event holds."""
        ...

    async def reviews(self, after: ReviewPlace | None, limit: int) -> Sequence[ReviewRow]:
        """Return a page of what the ticks found, in the order of ReviewPlace."""
        ...

    async def agenda(self, limit: int) -> Sequence[Alert]:
        """Return the reviews of volume that are open, or acted on and neither proved nor given up, the worst first."""
        ...

    async def dead_letters(self, before: int | None, limit: int) -> Sequence[Letter]:
        """Return a page of dead letters, the latest first."""
        ...

    async def dead_letter(self, number: int) -> Letter | None: ...

    async def playbooks(self, limit: int) -> Sequence[Shelved]:
        """Return the playbooks that were active, the latest activation first."""
        ...
