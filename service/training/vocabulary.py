"""Texts -> the terms worth keeping, weighed by how few of the texts have them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from service.core.classify import Terms, pieces_of, tokens_of

# Half of the columns at most are words: without pieces, a misspelt word would say nothing.
MOST_COLUMNS = 200_000


def fit_terms(folded: Sequence[str], *, least: int = 2, most: int = MOST_COLUMNS, with_pieces: bool = True) -> Terms:
    """Keep terms that `least` of the texts have, the most frequent first; idf = log((1 + n) / (1 + df)) + 1."""
    words: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for text in folded:
        tokens: list[str] = []
        parts: set[str] = set()
        for word in text.split():
            tokens += tokens_of(word)
            parts.update(pieces_of(word) if with_pieces else ())
        words.update({*tokens, *map(" ".join, pairwise(tokens))})
        pieces.update(parts)
    kept = _kept(words, least, most // 2), _kept(pieces, least, most // 2)
    counts = np.array([count for part in kept for count in part.values()], np.float64)
    idf = np.log((1 + len(folded)) / (1 + counts)) + 1
    return Terms(words=tuple(kept[0]), pieces=tuple(kept[1]), weights=idf.astype(np.float16).astype(np.float32))


def _kept(counts: Counter[str], least: int, most: int) -> Mapping[str, int]:
    frequent: Iterable[tuple[str, int]] = ((term, count) for term, count in counts.items() if count >= least)
    ranked = sorted(frequent, key=lambda one: (-one[1], one[0]))[:most]
    return dict(sorted(ranked))
