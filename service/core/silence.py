"""A silence with what it hides now, and a time -> the silence as it is from then on: it goes on, ends or breaks."""

from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from service.core.records.muting import Silence
from service.core.records.words import Severity, SilenceEnd


class SilenceState(StrEnum):
    """Whether a silence holds alerts back, will do so, or has ended."""

    ACTIVE = "active"
    SCHEDULED = "scheduled"
    ENDED = "ended"


def state_of(silence: Silence, now: datetime) -> SilenceState:
    """Say how far a silence has come; until it was looked at, one whose time is over still counts as active."""
    if silence.ended_at is not None:
        return SilenceState.ENDED
    return SilenceState.SCHEDULED if now < silence.starts_at else SilenceState.ACTIVE


def look(silence: Silence, now: datetime) -> Silence:
    """End a silence whose time is over, or that hides more than its author can have meant; the first that holds."""
    reason = _end(silence, now)
    if reason is None:
        return replace(silence, check_at=None)
    return replace(silence, ended_at=now, ended_by=reason, check_at=None, revision=silence.revision + 1)


def lift(silence: Silence, now: datetime, by: str) -> Silence:
    """End a silence because a person wants it."""
    ended = replace(silence, ended_at=now, ended_by=SilenceEnd.LIFTED, check_at=None, revision=silence.revision + 1)
    return replace(ended, lifted_by=by)


def most_hidden(silence: Silence) -> float:
    """How many customers a silence may hide within 24 hours: a multiple of those before it, and of one at least."""
    return silence.growth * max(1, silence.baseline)


def breaking_severity(worst: Severity) -> Severity:
    """Return what breaks a silence whose author does not say: one worse than was there, from high to critical."""
    severities = tuple(Severity)
    return severities[min(max(worst.rank + 1, Severity.HIGH.rank), Severity.CRITICAL.rank)]


def _end(silence: Silence, now: datetime) -> SilenceEnd | None:
    hidden, limit = silence.hidden, silence.breaks_at
    if now >= silence.ends_at:
        return SilenceEnd.EXPIRED
    if limit is not None and hidden.alerts > 0 and hidden.worst.rank >= limit.rank:
        return SilenceEnd.TOO_SEVERE
    return SilenceEnd.OUTGROWN if hidden.lately > most_hidden(silence) else None
