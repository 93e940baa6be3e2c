"""Signals, customer and contacts -> Assessed: how bad one feedback is, and why (deploy/docs/severity.md).

It refuses nothing: without any signal a feedback is `info` and not negative.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from service.core.playbook.severity import SeverityRules
from service.core.records.decisions import Assessed, Contribution
from service.core.records.feedback import Feedback, Signals
from service.core.records.words import Flag, SentimentSource, Severity

# Lower bounds of the bands of S, worst first.
_BANDS = ((80.0, Severity.CRITICAL), (60.0, Severity.HIGH), (30.0, Severity.MEDIUM), (15.0, Severity.LOW))
_WEIGHTS = {"negativity": 0.6, "negative_text": 0.4, "recontact": 0.3, "tier": 0.25, "hot_words": 0.4}
_CONFLICT = 0.8
# Contacts that are no further apart are one.
MOMENT = timedelta(minutes=15)


def assess(feedback: Feedback, signals: Signals, contacts: int, rules: SeverityRules) -> Assessed:
    """Judge one feedback; `contacts` counts its customer's contacts in the category up to and including this one."""
    preferred = feedback.tier in rules.priority_tiers
    return _assessed(
        signals, contacts, feedback.reopen_count, preferred, rules.negative_above, rules.negative_text_from
    )


def contacts(of_customer: Iterable[Contribution], at: datetime, category: str, window: timedelta) -> int:
    """Count the customer's contacts about the category in the window that ends at an instant, that one included.

    What a customer says within a quarter of an hour, in several answers of one survey say, is one contact. Partitions
    that run beside one another are no further apart, so that none sees a contact which another would have missed.
    """
    moments = sorted(
        other.began_at
        for other in of_customer
        if other.began_as == category and at - window < other.began_at < at - MOMENT
    )
    count = 1
    counted: datetime | None = None
    for moment in moments:
        if counted is None or moment - counted > MOMENT:
            count, counted = count + 1, moment
    return count


# A score, a tone and a tier: most feedback is as bad as some other, for the same reasons.
@lru_cache(maxsize=4_096)
def _assessed(
    signals: Signals,
    contacts: int,
    reopened: int,
    preferred: bool,  # noqa: FBT001
    negative_above: float,
    negative_text_from: float,
) -> Assessed:
    """S = 100 (1 - (1-.6v)(1-.4s)(1-.3r)(1-.25t)(1-.4k)), each factor in 0..1, so that S grows with each of them."""
    parts = {
        "negativity": signals.negativity or 0.0,
        "negative_text": signals.negative_text or 0.0,
        "recontact": min(1.0, (contacts - 1 + reopened) / 2),
        "tier": 1.0 if preferred else 0.0,
        "hot_words": 1.0 if signals.hot else 0.0,
    }
    mild = 1.0
    for name, weight in _WEIGHTS.items():
        mild *= 1 - weight * parts[name]
    score = round(100 * (1 - mild), 6)
    negative = _negative(signals, negative_above, negative_text_from)
    severity = next((band for bound, band in _BANDS if score >= bound), Severity.INFO)
    flags: list[Flag] = []
    conflict = _conflict(signals)
    if conflict is not None:
        flags.append(Flag.SCORE_TEXT_CONFLICT)
        if severity.rank > Severity.MEDIUM.rank:
            severity = Severity.MEDIUM
    override = signals.overrides[0] if signals.overrides else None
    if override is not None:
        severity, negative = Severity.CRITICAL, True
        flags.append(Flag.OVERRIDE)
    return Assessed(
        severity=severity,
        score=score,
        negative=negative,
        parts={name: round(value, 6) for name, value in parts.items()},
        sources=_sources(signals),
        override=override,
        conflict=conflict,
        contacts=contacts,
        flags=tuple(flags),
    )


def _negative(signals: Signals, above: float, text_from: float) -> bool:
    if signals.negativity is not None:
        return signals.negativity > above
    return (signals.negative_text or 0.0) >= text_from


def _conflict(signals: Signals) -> SentimentSource | None:
    """Name the source that hears the opposite of the score in the text."""
    if not signals.scored or signals.negativity is None or signals.negative_text is None:
        return None
    praise = 1 - signals.negative_text
    opposite = (signals.negativity == 0 and signals.negative_text >= _CONFLICT) or (
        signals.negativity >= _CONFLICT and praise >= _CONFLICT
    )
    # What an earlier release stored was heard by words alone, and does not say so.
    return (signals.text_source or SentimentSource.WORDS) if opposite else None


def _sources(signals: Signals) -> dict[str, str]:
    found: dict[str, str] = {}
    if signals.negativity is not None:
        found["negativity"] = "score" if signals.scored else "priority"
    if signals.text_source is not None:
        found["negative_text"] = signals.text_source.value
    return found
