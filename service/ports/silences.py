"""What people ask of silences over HTTP: which there are, what each hides, and what one would have hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from service.core.records.alerts import Alert
from service.core.records.muting import Hidden, Silence
from service.core.records.words import NoticeReason, Severity
from service.core.silence import SilenceState

MOST_EXAMPLES = 20
# What is told of an alert without interrupting anybody.
NO_INTERRUPTS = (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN, NoticeReason.DIGEST)
# With these a team is told that something is critical.
CRITICAL_REASONS = (
    NoticeReason.OPENED,
    NoticeReason.REOPENED,
    NoticeReason.OWNER_CHANGED,
    NoticeReason.SEVERITY_INCREASED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencesWanted:
    """Which silences are asked for, as they are at an instant; an empty part lets everything through.

    `named` maps fields of matchers onto a value that a silence must name there.
    """

    at: datetime
    states: tuple[SilenceState, ...] = ()
    author: str | None = None
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePlace:
    """Where a page of silences ended: the latest made comes first."""

    created_at: datetime
    silence_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How much of something there was; one customer who wrote twelve times is twelve events and one customer."""

    alerts: int = 0
    events: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One alert, with what came into it in the time that was looked at."""

    alert: Alert
    events: int
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What a silence would have hidden since an instant, and what it would hide now.

    `interrupts` counts the notices that it would have held back, `passing` those of critical news that it would not
    have. `examples` are the worst of the time, `open_examples` of what is open, at most twenty each.
    """

    whole: Part = Part()
    worst: Severity = Severity.INFO
    by_team: Mapping[str, Part] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    interrupts: int = 0
    passing: int = 0
    open_now: int = 0
    open_examples: Sequence[Alert] = ()


def silence_place(silence: Silence) -> SilencePlace:
    """Name the place of a silence in the list of all."""
    return SilencePlace(created_at=silence.created_at, silence_id=silence.silence_id)


class SilencesRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def silences(self, wanted: SilencesWanted, after: SilencePlace | None, limit: int) -> Sequence[Silence]:
        """Return a page of silences; what each hides is as it was last counted."""
        ...

    async def silence(self, silence_id: str, since: datetime) -> Silence | None:
        """Return a silence with what it hides now, `lately` being since an instant, or hid when it ended."""
        ...

    async def hidden(self, muters: Sequence[str], since: datetime) -> Mapping[str, Hidden]:
        """Count what each of these reviews and silences holds back now, `lately` being since an instant."""
        ...

    async def preview(
        self, matchers: Mapping[str, tuple[str, ...]], since: datetime, *, including_critical: bool
    ) -> Previewed:
        """Say what a silence with these matchers would have hidden since an instant."""
        ...
