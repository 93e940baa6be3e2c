"""A playbook and what the shell hands in to read texts with -> what this playbook reads them with.

A playbook that asks for what was not handed in is refused, so that no caller decides otherwise than another.
"""

from dataclasses import dataclass

from service.core.language import Detect, Detectors, choice
from service.core.playbook.model import Playbook
from service.core.records.words import SentimentSource
from service.core.weigh import Lexicon


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What reads texts by tables that come in files, which the core does not open."""

    detectors: Detectors | None = None
    lexicon: Lexicon | None = None


NONE = Instruments()


def detect_of(playbook: Playbook, instruments: Instruments) -> Detect | None:
    """Return what finds the language of a text; None where the playbook does not ask.

    Raises:
        ValueError: the playbook asks, and nothing was handed in.
    """
    if not playbook.languages.detect:
        return None
    if instruments.detectors is None:
        raise ValueError("languages.detect: nothing to detect them with was handed in")
    severity = playbook.severity
    spoken = {
        *playbook.languages.also,
        *severity.sentiment,
        *(language for one in playbook.taxonomy for language in one.keywords),
        *(language for one in (*severity.hot_words, *severity.overrides) for language in one.words),
    }
    return instruments.detectors(choice(spoken))


def lexicon_of(playbook: Playbook, instruments: Instruments) -> Lexicon | None:
    """Return what hears how English sounds; None where the playbook does not ask.

    Raises:
        ValueError: the playbook asks, and nothing was handed in.
    """
    if SentimentSource.LEXICON not in playbook.severity.tone:
        return None
    if instruments.lexicon is None:
        raise ValueError("severity.tone: no lexicon was handed in")
    return instruments.lexicon
