"""A trained model's parts -> what it hears in texts: the `Classifier` that the pipeline asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from service.core.classify.decide import Decided, decide
from service.core.classify.heads import Head
from service.core.classify.near import NearHead
from service.core.classify.seen import Seen
from service.core.classify.stages import Stage
from service.core.classify.terms import Rows
from service.core.classify.tone import Tone
from service.core.classify.views import TEXT, TextView, View
from service.core.records.heard import Asked, Heard
from service.core.records.words import Abstained

SEVERITY = "severity"
SENTIMENT = "sentiment"

_MOST_CATEGORIES = 3
# A further category is named from this probability on.
_WORTH_NAMING = 0.05
_MOST_MATCHED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`stages` from the plainest to the best; `tones` by what they hear, the plainest first.

    A stage or tone whose views are not all there is passed over, so that a model answers with what remains when its
    vectors are not installed; `missing` names these views with the digests of their vectors.
    """

    digest: str
    categories: tuple[str, ...]
    views: Mapping[str, View] = field(repr=False)
    heads: Mapping[str, Head | NearHead] = field(repr=False)
    stages: tuple[Stage, ...] = field(repr=False)
    tones: Mapping[str, tuple[Tone, ...]] = field(default_factory=dict, repr=False)
    missing: Mapping[str, str] = field(default_factory=dict)

    def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        """Answer in the order asked; the same for a text whatever others are asked about with it."""
        answers = [Heard(abstained=Abstained.NO_TEXT)] * len(asked)
        spoken = [at for at, one in enumerate(asked) if one.text.strip()]
        if spoken:
            for at, heard in zip(spoken, self._hear([asked[at] for at in spoken]), strict=True):
                answers[at] = heard
        return answers

    def _hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        seen = Seen(asked, self.views, self.heads)
        decided = decide(seen, self.stages)
        severity, sentiment = self._toned(seen, slow=False)
        for places, closer in decided.closer:
            for at, *told in zip(places, *self._toned(closer, slow=True), strict=True):
                severity[at], sentiment[at] = told
        matched = self._matched(seen, decided)
        return [
            Heard(
                categories=self._named(decided, at),
                confidence=float(decided.confidence[at]),
                matched=matched[at],
                severity=severity[at],
                sentiment=sentiment[at],
            )
            if decided.familiar[at]
            else Heard(abstained=Abstained.OUT_OF_SCOPE, severity=severity[at], sentiment=sentiment[at])
            for at in range(len(asked))
        ]

    def _named(self, decided: Decided, at: int) -> tuple[str, ...]:
        first, *further = decided.ranked[at, :_MOST_CATEGORIES]
        worth = [place for place in further if decided.probabilities[at, place] >= _WORTH_NAMING]
        return tuple(self.categories[place] for place in (first, *worth))

    def _toned(self, seen: Seen, *, slow: bool) -> tuple[list[float | None], list[float | None]]:
        """Return severity and sentiment, of each text or of none, after a glance at both, which tell of each other."""
        for name in (glance_at(SEVERITY), glance_at(SENTIMENT)):
            tone = self._able(name, seen, slow=slow)
            if tone is not None:
                seen.add(name, tone.signs(seen.rows(tone.views)))
        severity, sentiment = (self._values(self._able(name, seen, slow=slow), seen) for name in (SEVERITY, SENTIMENT))
        return severity, sentiment

    def _values(self, tone: Tone | None, seen: Seen) -> list[float | None]:
        if tone is None:
            return [None] * len(seen.asked)
        values: list[float | None] = tone.values(seen.rows(tone.views)).tolist()
        return values

    def _able(self, name: str, seen: Seen, *, slow: bool) -> Tone | None:
        able = (tone for tone in reversed(self.tones.get(name, ())) if slow >= tone.slow and seen.has(tone.views))
        return next(able, None)

    def _matched(self, seen: Seen, decided: Decided) -> Sequence[tuple[str, ...]]:
        """Name the words that spoke most for the first category, by the first head that reads words."""
        view = self.views[TEXT]
        linear = (one for one in self.heads.values() if isinstance(one, Head))
        head = next((one for one in linear if TEXT in one.weights and seen.has(one.weights)), None)
        if head is None or not isinstance(view, TextView):
            return [()] * len(seen.asked)
        rows: Rows = seen.rows((TEXT,))[TEXT]
        per_row = np.diff(rows.indptr)
        first = np.repeat(decided.ranked[:, 0], per_row)
        # Only the part of a weight that is not shared by all classes speaks for one.
        weights = head.weights[TEXT]
        spoke = rows.data * (weights[rows.indices, first] - weights[rows.indices].mean(axis=1))
        return [
            _loudest(view, rows.indices[start:end], spoke[start:end])
            for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True)
        ]


def glance_at(name: str) -> str:
    """Name the tone that looks first, and the view that it is for the tone of the other."""
    return f"glance:{name}"


def _loudest(view: TextView, columns: Sequence[int], spoke: Sequence[float]) -> tuple[str, ...]:
    words = [(-by, view.terms.words[at]) for at, by in zip(columns, spoke, strict=True) if at < len(view.terms.words)]
    return tuple(word for by, word in sorted(words)[:_MOST_MATCHED] if by < 0)
