"""The playbook's part on severity: what counts as negative, and what makes it worse (deploy/docs/severity.md)."""

from typing import Annotated

from pydantic import Field

from service.core.playbook.fields import Label, Part
from service.core.records.words import SentimentSource

Share = Annotated[float, Field(ge=0, le=1)]


class WordClass(Part):
    """Words, per language (`*` for any), that raise a feedback to a class such as `safety` or `cancel`."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    words: dict[str, tuple[Label, ...]]


class Lexicon(Part):
    """Words of one language that show sentiment."""

    negative: tuple[Label, ...] = ()
    positive: tuple[Label, ...] = ()


class SeverityRules(Part):
    """Settings of the bounded noisy-or: S = 100 (1 - (1-.6v)(1-.4s)(1-.3r)(1-.25t)(1-.4k)).

    Of the sources in `tone` the first that says something of a text says how it sounds.
    """

    negative_above: Share = 0.3
    negative_text_from: Share = 0.7
    priority: dict[str, Share] = {"urgent": 0.9, "high": 0.6, "normal": 0.25, "low": 0.1}
    sla_breached: Share = 0.6
    priority_tiers: tuple[Label, ...] = ()
    recontact_days: Annotated[int, Field(ge=1, le=30)] = 7
    hot_words: tuple[WordClass, ...] = ()
    overrides: tuple[WordClass, ...] = ()
    sentiment: dict[str, Lexicon] = {}
    tone: Annotated[tuple[SentimentSource, ...], Field(max_length=3)] = (SentimentSource.WORDS, SentimentSource.MODEL)
