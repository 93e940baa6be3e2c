"""A silence with what it hides now, and a time -> the silence as it is from then on: it goes on, ends or breaks."""

from dataclasses import replace
from datetime import datetime

from service.core.records.muting import Silence
from service.core.records.words import SilenceEnd


def look(silence: Silence, now: datetime) -> Silence:
    """End a silence whose time is over, or that hides more than its author can have meant; the first that holds."""
    reason = _end(silence, now)
    if reason is None:
        return replace(silence, check_at=None)
    return replace(silence, ended_at=now, ended_by=reason, check_at=None, revision=silence.revision + 1)


def lift(silence: Silence, now: datetime) -> Silence:
    """End a silence because a person wants it."""
    return replace(silence, ended_at=now, ended_by=SilenceEnd.LIFTED, check_at=None, revision=silence.revision + 1)


def most_hidden(silence: Silence) -> float:
    """How many customers a silence may hide within 24 hours: a multiple of those before it, and of one at least."""
    return silence.growth * max(1, silence.baseline)


def _end(silence: Silence, now: datetime) -> SilenceEnd | None:
    hidden = silence.hidden
    if now >= silence.ends_at:
        return SilenceEnd.EXPIRED
    too_severe = hidden.alerts > 0 and hidden.worst.rank >= silence.breaks_at.rank
    if too_severe and not silence.including_critical:
        return SilenceEnd.TOO_SEVERE
    return SilenceEnd.OUTGROWN if hidden.lately > most_hidden(silence) else None
