"""The shipped table of static word vectors -> unit vectors: the sum of the vectors of a text's pieces.

`words.npz` holds a row of int8 for each wordpiece and what to multiply it by. It was distilled from two encoders under
Apache-2.0; NOTICE beside it says from which and how, and `deploy/vectors/make_table.py` makes it again.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from service.adapters.encoders.pieces import WORDPIECES_SHA256, tokenizer_of, wordpieces
from service.adapters.encoders.unavailable import Unavailable, Why

TABLE_SHA256: Final = "48947bfdfb1b444b76c2587eb5f394dd072fbeb549b8274845090a24375869e9"
_REMEMBERED = 100_000
# A link or a kilobyte of one letter is no word, and would only cost time.
_MOST_OF_A_WORD = 100


@dataclass(frozen=True, slots=True)
class StaticVectors:
    """`table` is (pieces, dimension); `digest` is of the table and its vocabulary."""

    digest: str
    table: NDArray[np.float32] = field(repr=False)
    _numbers: Callable[[str], tuple[int, ...]] = field(repr=False)

    @property
    def dimension(self) -> int:
        return int(self.table.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (texts, dimension), each row of length 1, or 0 where a text has no known piece."""
        numbers: list[int] = []
        ends = [0]
        for text in texts:
            for word in text.split():
                numbers += self._numbers(word[:_MOST_OF_A_WORD])
            ends.append(len(numbers))
        # scipy adds up row by row, in the order of the text: what stands beside it changes nothing.
        counts = csr_array(
            (np.ones(len(numbers), np.float32), np.array(numbers, np.int32), np.array(ends, np.int32)),
            shape=(len(texts), len(self.table)),
        )
        sums: NDArray[np.float32] = counts @ self.table
        norms = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None]
        np.divide(sums, norms, out=sums, where=norms > 0)
        return sums


def static_vectors() -> StaticVectors | Unavailable:
    """Open the table of this release."""
    pieces = wordpieces()
    if isinstance(pieces, Unavailable):
        return pieces
    path = files("service.adapters.encoders") / "words.npz"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != TABLE_SHA256:
        return Unavailable(Why.ANOTHER_FILE, "words.npz is missing or altered: install the package again")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        table = arrays["rows"].astype(np.float32) * arrays["scales"].astype(np.float32)[:, None]
    digest = hashlib.sha256(f"{TABLE_SHA256}{WORDPIECES_SHA256}".encode()).hexdigest()
    return StaticVectors(digest, table, lru_cache(_REMEMBERED)(_reader(tokenizer_of(pieces))))


def _reader(tokenizer: Tokenizer) -> Callable[[str], tuple[int, ...]]:
    unknown = tokenizer.token_to_id("[UNK]")

    def read(word: str) -> tuple[int, ...]:
        return tuple(number for number in tokenizer.encode(word, add_special_tokens=False).ids if number != unknown)

    return read
