"""What no step could name, and what people tagged as missing -> what the taxonomy's owner has to look at, and why.

Feedback counts that has words or a category: of a bare score nobody could say what it is about. Refuses to judge a
source of which little was heard, and a tag that few people have used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.decisions import Contribution
from service.core.taxonomy.themes import Spoken, themes
from service.core.text import fold

MOST_THEMES = 5
MOST_NAMED = 5
_DIGITS = 4


class Looked(StrEnum):
    """Why something calls for a look at the taxonomy, or does not."""

    MANY_UNMAPPED = "many_unmapped"
    FEW_UNMAPPED = "few_unmapped"
    LITTLE_HEARD = "little_heard"
    TAGGED_OFTEN = "tagged_often"
    TAGGED_SELDOM = "tagged_seldom"
    FEW_VOICES = "few_voices"

    @property
    def calls(self) -> bool:
        """Whether somebody has to look."""
        return self in (Looked.MANY_UNMAPPED, Looked.TAGGED_OFTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was heard from one source: how much has a category, and how much has words and none."""

    named: int
    unnamed: int

    @property
    def share(self) -> float:
        """The share that no step could name, 0 where nothing was heard."""
        return self.unnamed / (self.named + self.unnamed) if self.unnamed else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """What a store knows of a window: counts by source, the latest texts without a category, and what is tagged.

    Texts are given of sources that have too many of them; `tagged` are subjects, the latest first.
    """

    heard: Mapping[str, Coverage] = field(default_factory=dict)
    texts: Mapping[str, Sequence[Contribution]] = field(default_factory=dict)
    tagged: Sequence[Contribution] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to look at: the fields that name it, why, how many feedbacks it rests on, their evidence and texts."""

    names: Mapping[str, str]
    reason: Looked
    count: int
    evidence: Mapping[str, Any]
    examples: Sequence[Contribution]


def items(uncovered: Uncovered, asked: TaxonomyReview) -> tuple[Item, ...]:
    """Judge each source and each tag, by name."""
    return (
        *(_of_source(source, uncovered, asked) for source in sorted(uncovered.heard)),
        *(_of_tag(tag, uncovered.tagged, asked) for tag in sorted(set(asked.tags))),
    )


def is_over(heard: Coverage, asked: TaxonomyReview) -> Looked:
    if heard.named + heard.unnamed < asked.min:
        return Looked.LITTLE_HEARD
    return Looked.MANY_UNMAPPED if heard.share > asked.share else Looked.FEW_UNMAPPED


def _of_source(source: str, uncovered: Uncovered, asked: TaxonomyReview) -> Item:
    heard, reason = uncovered.heard[source], is_over(uncovered.heard[source], asked)
    texts = uncovered.texts.get(source, ()) if reason.calls else ()
    shown, examples = _themes(texts)
    evidence = {
        "what": "unmapped",
        "source": source,
        "heard": heard.named + heard.unnamed,
        "unmapped": heard.unnamed,
        "share": round(heard.share, _DIGITS),
        "limit": asked.share,
        "read": len(texts),
        "languages": dict(sorted(Counter(one.feedback.language for one in texts).items())),
        "themes": shown,
    }
    return Item(names={"source": source}, reason=reason, count=heard.unnamed, evidence=evidence, examples=examples)


def _of_tag(tag: str, tagged: Sequence[Contribution], asked: TaxonomyReview) -> Item:
    mine = [one for one in tagged if fold(tag) in map(fold, one.feedback.labels)]
    voices = {one.feedback.customer for one in mine}
    reason = Looked.TAGGED_OFTEN
    if len(mine) < asked.tag_min:
        reason = Looked.TAGGED_SELDOM
    elif len(voices) < asked.tag_voices:
        reason = Looked.FEW_VOICES
    shown, examples = _themes(mine) if reason.calls else ([], ())
    evidence = {
        "what": "tag",
        "tag": tag,
        "subjects": len(mine),
        "voices": len(voices),
        "employees": sum(one.feedback.kind.value == "employee" for one in mine),
        "least": asked.tag_min,
        "suggested": _suggested(shown),
        "themes": shown,
    }
    return Item(names={"tag": tag}, reason=reason, count=len(mine), evidence=evidence, examples=examples)


def _themes(texts: Sequence[Contribution]) -> tuple[list[dict[str, Any]], tuple[Contribution, ...]]:
    """Group texts; what is shown names feedback and holds no text, the example of each theme is its first text."""
    found = themes([Spoken(text=one.feedback.text, voice=one.feedback.customer) for one in texts])[:MOST_THEMES]
    shown = [
        {
            "size": len(theme.members),
            "words": list(theme.words),
            "feedback": [
                {"source": texts[at].feedback.source, "event_id": texts[at].feedback.event_id}
                for at in theme.members[:MOST_NAMED]
            ],
        }
        for theme in found
    ]
    return shown, tuple(texts[theme.members[0]] for theme in found)


def _suggested(shown: Sequence[Mapping[str, Any]]) -> list[str]:
    """Suggest the words of the largest theme for a label of the new category."""
    return list(shown[0]["words"][:3]) if shown else []
