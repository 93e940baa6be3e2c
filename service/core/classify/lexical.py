"""Folded texts -> a few figures each on how their words sound, by a lexicon of valences that the model's file carries.

Words behind a negation count the other way round, as in VADER (Hutto and Gilbert 2014), of whose rules this keeps two.
A text in a language that the lexicon does not know has figures of its length alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p, sqrt

import numpy as np
from scipy.sparse import csr_array

from service.core.classify.terms import Rows
from service.core.records.heard import Asked
from service.core.text import fold

_TOKEN = re.compile(r"\w+(?:'\w+)*|[!?]")
_NEGATIONS = frozenset(
    (
        "aint", "cannot", "cant", "couldnt", "didnt", "doesnt", "dont", "hadnt", "hardly", "hasnt", "havent", "isnt",
        "neither", "never", "no", "nobody", "none", "nor", "not", "nothing", "nowhere", "shouldnt", "wasnt", "werent",
        "without", "wont", "wouldnt",
    )
)  # fmt: skip
# How far a negation reaches, and what it leaves of a word's valence.
_REACH, _TURNED = 3, -0.74
# What `but` takes from the words before it and gives to those behind it.
_BEFORE, _BEHIND = 0.5, 1.5
_SOFTENING = 15.0
_MOST, _SHORT = 6, 3
# So much that the figures weigh about as much as the terms beside them.
_SHARE = 0.5
WIDTH = 14


@dataclass(frozen=True, slots=True)
class LexicalView:
    """`words` with their `valences`, -4 to 4."""

    words: tuple[str, ...] = field(repr=False)
    valences: tuple[float, ...] = field(repr=False)
    _of: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_of", dict(zip(self.words, self.valences, strict=True)))

    @property
    def width(self) -> int:
        return WIDTH

    def rows(self, asked: Sequence[Asked]) -> Rows:
        figures = [self._figures(fold(one.text)) for one in asked]
        return csr_array(np.array(figures, np.float32).reshape(len(asked), WIDTH) * np.float32(_SHARE))

    def _figures(self, folded: str) -> tuple[float, ...]:
        tokens = _TOKEN.findall(folded)
        negations = [at for at, token in enumerate(tokens) if token in _NEGATIONS or token.endswith("n't")]
        turn = tokens.index("but") if "but" in tokens else None
        good: list[float] = []
        bad: list[float] = []
        for at, token in enumerate(tokens):
            valence = self._of.get(token, 0.0)
            if not valence:
                continue
            if any(0 < at - negation <= _REACH for negation in negations):
                valence *= _TURNED
            if turn is not None:
                valence *= _BEFORE if at < turn else _BEHIND
            (good if valence > 0 else bad).append(valence)
        total, length = sum(good) + sum(bad), len(tokens)
        return (
            total / sqrt(total * total + _SOFTENING),
            (sum(good) + len(good)) / (length + 1),
            (len(bad) - sum(bad)) / (length + 1),
            min(len(good), _MOST) / 3,
            min(len(bad), _MOST) / 3,
            max(good, default=0.0) / 4,
            min(bad, default=0.0) / 4,
            float(not good and not bad),
            min(len(negations), 4) / 2,
            log1p(length) / 4,
            float("!" in tokens),
            float("?" in tokens),
            float(length <= _SHORT),
            float(turn is not None),
        )
