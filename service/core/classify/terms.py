r"""Folded texts -> sparse rows of TF-IDF: words, pairs of words, and pieces of three to five characters within words.

Counts enter as 1 + log(count), each of the two kinds is normalised on its own (euclidean). This is what scikit-learn's
vectorisers make of `\b\w+\b|[!?]` (1, 2) and `char_wb` (3, 5), three times as fast: what one word is made of is
remembered, and texts of one business share their words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

# A matrix of scipy's, which ships no types: csr_array of float32, one row a text.
Rows = Any

_TOKEN = re.compile(r"\w+|[!?]")
_SHORTEST, _LONGEST = 3, 5
_REMEMBERED = 100_000
# No word is longer than that; what is, such as a link or a kilobyte of one letter, would only cost time.
_MOST_OF_A_WORD = 40


def tokens_of(word: str) -> tuple[str, ...]:
    """Return the tokens of what stands between two spaces: words of any length, and each `!` and `?`."""
    return tuple(_TOKEN.findall(word[:_MOST_OF_A_WORD]))


def pieces_of(word: str) -> tuple[str, ...]:
    """Return the pieces of a word with the spaces around it; a word shorter than a piece is one piece, once."""
    padded = f" {word[:_MOST_OF_A_WORD]} "
    found: list[str] = []
    for length in range(_SHORTEST, _LONGEST + 1):
        found.append(padded[:length])
        if length >= len(padded):
            break
        found.extend(padded[at : at + length] for at in range(1, len(padded) - length + 1))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a vocabulary makes of texts: `words` first, `pieces` behind them, `weights` (float32) their idf.

    The order is the column; `words` holds single tokens and pairs with one space between.
    """

    words: tuple[str, ...] = field(repr=False)
    pieces: tuple[str, ...] = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    _columns: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _read: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        columns = {word: at for at, word in enumerate(self.words)}
        of_piece = {piece: at for at, piece in enumerate(self.pieces, start=len(self.words))}

        def read(word: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
            return tokens_of(word), tuple(of_piece[piece] for piece in pieces_of(word) if piece in of_piece)

        object.__setattr__(self, "_columns", columns)
        object.__setattr__(self, "_read", lru_cache(_REMEMBERED)(read))

    def __len__(self) -> int:
        return len(self.words) + len(self.pieces)

    def rows(self, folded: Sequence[str]) -> Rows:
        """Return one row a text, sorted by column; of a text without a known term the row is empty."""
        columns: list[int] = []
        ends = [0]
        for text in folded:
            self._gather(text, columns)
            ends.append(len(columns))
        rows = csr_array(
            (np.ones(len(columns), np.float32), np.array(columns, np.int32), np.array(ends, np.int32)),
            shape=(len(folded), len(self)),
        )
        rows.sum_duplicates()
        values = (1 + np.log(rows.data.astype(np.float64))) * self.weights[rows.indices]
        # The row of a value, twice: once for its words and once for its pieces.
        part = np.repeat(np.arange(len(folded)) * 2, np.diff(rows.indptr)) + (rows.indices >= len(self.words))
        squares = np.bincount(part, weights=values * values, minlength=2 * len(folded))
        rows.data = (values / np.sqrt(squares[part])).astype(np.float32)
        return rows

    def name(self, column: int) -> str:
        """Return the word or pair of a column, or nothing where it is a piece, which no reader would know."""
        return self.words[column] if column < len(self.words) else ""

    def _gather(self, text: str, columns: list[int]) -> None:
        known = self._columns
        before = None
        for word in text.split():
            tokens, pieces = self._read(word)
            columns += pieces
            for token in tokens:
                if (at := known.get(token)) is not None:
                    columns.append(at)
                if before is not None and (at := known.get(f"{before} {token}")) is not None:
                    columns.append(at)
                before = token
