"""What a person asks about a silence, and the rules -> the silence from then on, or why nothing was done.

Refused is a silence that never ends, lasts too long, holds back everything, or could hold back nothing; and a change
by who has not seen what they change.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from service.core.pipeline.rules import Rules
from service.core.playbook.matching import Unmet, asks_for_nothing, unmet
from service.core.records.doer import Doer
from service.core.records.muting import Silence
from service.core.records.words import Severity
from service.core.redact import redact
from service.core.silence import breaking_severity, lift
from service.core.text import visible

# A clock may go wrong by so much, and a silence may be planned so long ahead.
_GRACE = timedelta(minutes=1)
_AHEAD = timedelta(days=366)
# Each is compared with alerts that change, and people lose sight of what many of them hide.
MOST_SILENCES = 1_000


class SilenceOutcome(StrEnum):
    """What came of it; only `done` changed anything."""

    DONE = "done"
    NOT_FOUND = "not_found"
    STALE_REVISION = "stale_revision"
    ENDED = "ended"
    TOO_MANY = "too_many"
    MATCHES_NOTHING = "matches_nothing"
    MATCHES_EVERYTHING = "matches_everything"
    BEGINS_TOO_EARLY = "begins_too_early"
    BEGINS_TOO_LATE = "begins_too_late"
    ENDS_TOO_EARLY = "ends_too_early"
    LASTS_TOO_LONG = "lasts_too_long"


class Wished(Struct, frozen=True, kw_only=True):
    """A silence that a person wants. It lasts until `ends_at`, or for `lasts` where that is not given.

    `baseline` and `worst` are what it would have hidden in the 24 hours before: customers, and the worst severity.
    `doer` is who asks where that is known for sure, here and below.
    """

    silence_id: str
    matchers: Mapping[str, tuple[str, ...]]
    by: str
    reason: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    lasts: timedelta = timedelta()
    including_critical: bool = False
    growth: float = 3.0
    breaks_at: Severity | None = None
    baseline: int = 0
    worst: Severity = Severity.INFO
    doer: Doer | None = None


class Extension(Struct, frozen=True, kw_only=True):
    """A later end; `revision` is that of the silence that the person has seen."""

    silence_id: str
    revision: int
    by: str
    ends_at: datetime
    doer: Doer | None = None


class Lifting(Struct, frozen=True, kw_only=True):
    """An end at once; `revision` is that of the silence that the person has seen."""

    silence_id: str
    revision: int
    by: str
    doer: Doer | None = None


AskedSilence: TypeAlias = Wished | Extension | Lifting


class Silenced(Struct, frozen=True, kw_only=True):
    """What came of it, the silence as it is now, and what of its matchers no alert can meet."""

    outcome: SilenceOutcome
    silence: Silence | None = None
    unmet: tuple[Unmet, ...] = ()


def decide_silence(asked: AskedSilence, known: Silence | None, count: int, now: datetime, rules: Rules) -> Silenced:
    """Decide about a new silence, or one that is known; `count` silences have not ended."""
    if isinstance(asked, Wished):
        return _create(asked, count, now, rules)
    if known is None:
        return Silenced(outcome=SilenceOutcome.NOT_FOUND)
    if known.ended_at is not None or now >= known.ends_at:
        return Silenced(outcome=SilenceOutcome.ENDED, silence=known)
    if known.revision != asked.revision:
        return Silenced(outcome=SilenceOutcome.STALE_REVISION, silence=known)
    match asked:
        case Lifting():
            return Silenced(outcome=SilenceOutcome.DONE, silence=lift(known, now, asked.by))
        case Extension():
            return _extend(known, asked, now, rules)
        case _:
            assert_never(asked)


def matcher_outcome(matchers: Mapping[str, tuple[str, ...]], rules: Rules) -> Silenced | None:
    """Say why a silence with these matchers would be a mistake; None where it would not."""
    strange = tuple(unmet(matchers, rules.playbook))
    if strange:
        return Silenced(outcome=SilenceOutcome.MATCHES_NOTHING, unmet=strange)
    if asks_for_nothing(matchers, rules.playbook):
        return Silenced(outcome=SilenceOutcome.MATCHES_EVERYTHING)
    return None


def _create(asked: Wished, count: int, now: datetime, rules: Rules) -> Silenced:
    refused = matcher_outcome(asked.matchers, rules)
    if refused is not None:
        return refused
    outcome = SilenceOutcome.TOO_MANY if count >= MOST_SILENCES else _begins(asked, now)
    if outcome is not SilenceOutcome.DONE:
        return Silenced(outcome=outcome)
    starts_at, longest = max(now, asked.starts_at or now), rules.playbook.fatigue.silence_max
    if asked.ends_at is None and asked.lasts > longest:
        return Silenced(outcome=SilenceOutcome.LASTS_TOO_LONG)
    ends_at = starts_at + asked.lasts if asked.ends_at is None else asked.ends_at
    if ends_at <= starts_at:
        return Silenced(outcome=SilenceOutcome.ENDS_TOO_EARLY)
    if ends_at - starts_at > longest:
        return Silenced(outcome=SilenceOutcome.LASTS_TOO_LONG)
    breaks_at = asked.breaks_at
    if breaks_at is None and not asked.including_critical:
        breaks_at = breaking_severity(asked.worst)
    return Silenced(
        outcome=SilenceOutcome.DONE,
        silence=Silence(
            silence_id=asked.silence_id,
            matchers=asked.matchers,
            author=asked.by,
            # What a person writes may name a customer.
            reason=redact(visible(asked.reason), rules.playbook.privacy.phone_region).text,
            created_at=now,
            starts_at=starts_at,
            ends_at=ends_at,
            including_critical=asked.including_critical,
            growth=asked.growth,
            breaks_at=breaks_at,
            baseline=asked.baseline,
        ),
    )


def _begins(asked: Wished, now: datetime) -> SilenceOutcome:
    if asked.starts_at is None:
        return SilenceOutcome.DONE
    if asked.starts_at < now - _GRACE:
        return SilenceOutcome.BEGINS_TOO_EARLY
    return SilenceOutcome.BEGINS_TOO_LATE if asked.starts_at > now + _AHEAD else SilenceOutcome.DONE


def _extend(known: Silence, asked: Extension, now: datetime, rules: Rules) -> Silenced:
    if asked.ends_at <= known.ends_at:
        return Silenced(outcome=SilenceOutcome.ENDS_TOO_EARLY, silence=known)
    if asked.ends_at - max(now, known.starts_at) > rules.playbook.fatigue.silence_max:
        return Silenced(outcome=SilenceOutcome.LASTS_TOO_LONG, silence=known)
    extended = replace(known, ends_at=asked.ends_at, revision=known.revision + 1, extended_by=asked.by)
    return Silenced(outcome=SilenceOutcome.DONE, silence=extended)
