"""What joins the references of one customer, and what a person has taken apart."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class JoinReason(StrEnum):
    """Why a reference belongs to others, or stands by itself (deploy/docs/identity.md)."""

    SEEN_TOGETHER = "seen_together"
    SAME_PERSON = "same_person"
    FOREMOST = "foremost"
    CONTESTED = "contested"
    UNCERTAIN = "uncertain"
    SHARED = "shared"
    SPLIT = "split"


class Reference(Struct, frozen=True, order=True):
    """What a source calls a customer: the type in lower case, and the pseudonym."""

    type: str
    ref: str


class Evidence(Struct, frozen=True, kw_only=True):
    """That an event named two references of one customer; `first` is the lesser of the two."""

    first: Reference
    second: Reference
    source: str
    event_id: str
    at: datetime

    @property
    def pair(self) -> tuple[Reference, Reference]:
        return (self.first, self.second)

    @property
    def rank(self) -> tuple[datetime, str, str]:
        """What decides between two events that say the same: the lesser is kept."""
        return (self.at, self.source, self.event_id)


class Split(Struct, frozen=True, kw_only=True):
    """That a pseudonym is not the person of another, to whom it belonged; in force until it is lifted."""

    ref: str
    other: str
    author: str
    reason: str
    at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return (self.ref, self.other)


class Hearsay(Struct, frozen=True, kw_only=True):
    """All that the persons of some pseudonyms hang on, in order; splits that were lifted among it."""

    evidence: tuple[Evidence, ...] = ()
    splits: tuple[Split, ...] = ()


class IdentityRule(Struct, frozen=True, kw_only=True):
    """Types of references, the best first, and with how many of one type a reference may be seen."""

    precedence: tuple[str, ...]
    shared_above: int
