"""Texts with planted values -> how many redaction finds, and how many of its findings are planted, by class."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from service.core.redact import redact
from tests.quality.redaction.numbers import REGIONS
from tests.quality.redaction.written import Written

_PLACEHOLDER = re.compile(r"\[([a-z_]+)\]")


@dataclass(slots=True)
class Score:
    """`planted` and `found` count planted values, `told` and `right` what was taken out."""

    planted: int = 0
    found: int = 0
    told: int = 0
    right: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.told if self.told else 1.0


def measured(texts: Iterable[Written]) -> dict[tuple[str, str], Score]:
    """Score each (language, class).

    A value is found if none of its letters and digits is left, under whatever class; what is taken out is right if it
    meets a planted value and takes no letter or digit beyond planted ones.
    """
    scores: defaultdict[tuple[str, str], Score] = defaultdict(Score)
    for text in texts:
        _score(text, scores)
    return dict(scores)


def total(scores: Iterable[Score]) -> Score:
    whole = Score()
    for one in scores:
        whole.planted += one.planted
        whole.found += one.found
        whole.told += one.told
        whole.right += one.right
    return whole


def _score(text: Written, scores: dict[tuple[str, str], Score]) -> None:
    spans = taken_out(text.text, redact(text.text, REGIONS[text.language]).text)
    gone = {at for _, start, end in spans for at in range(start, end)}
    planted = {at for one in text.planted for at in range(one.start, one.end)}
    for one in text.planted:
        score = scores[text.language, one.kind]
        score.planted += 1
        if all(at in gone for at in range(one.start, one.end) if text.text[at].isalnum()):
            score.found += 1
        else:
            score.missed[text.text] += 1
    for kind, start, end in spans:
        score = scores[text.language, kind]
        score.told += 1
        said = {at for at in range(start, end) if text.text[at].isalnum()}
        if said and said <= planted:
            score.right += 1
        else:
            score.wrong[f"{text.text[start:end]!r} of {text.text!r}"] += 1


def taken_out(text: str, redacted: str) -> Sequence[tuple[str, int, int]]:
    """Return (class, start, end) in the text for each placeholder of what it became."""
    kept = _PLACEHOLDER.split(redacted)
    pattern = "(.+?)".join(re.escape(one) for one in kept[::2])
    matched = re.fullmatch(pattern, text, re.DOTALL)
    assert matched is not None, (text, redacted)
    return [(kind, *matched.span(at)) for at, kind in enumerate(kept[1::2], start=1)]
