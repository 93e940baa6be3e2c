"""What happened to process instances, and what was said of them, for whoever mines processes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.core.records.decisions import Contribution
from service.core.records.feedback import Instance
from service.core.records.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Steps that happened and feedback that began from `since` on and before `until`, of one process or of all."""

    process: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """An instance that a step or a feedback of the span names, with what is still known of it."""

    instance_id: str
    process: str
    known: Instance | None


class Tracks(Protocol):
    """All of it is as of one moment, and nothing is held in memory but what is yielded.

    Steps that were withdrawn are left out. Names of customers are pseudonyms; they and those of tickets and teams are
    each told once, in order, and are exactly those that the span's steps and feedback bear.
    """

    def steps(self, span: Span) -> AsyncIterator[Step]:
        """Yield by (at, instance, source, name)."""
        ...

    def complaints(self, span: Span) -> AsyncIterator[Contribution]:
        """Yield negative contributions by (began_at, source, subject, part)."""
        ...

    def instances(self, span: Span) -> AsyncIterator[Tracked]:
        """Yield by id."""
        ...

    def customers(self, span: Span) -> AsyncIterator[str]: ...
    def tickets(self, span: Span) -> AsyncIterator[str]: ...
    def teams(self, span: Span) -> AsyncIterator[str]: ...
