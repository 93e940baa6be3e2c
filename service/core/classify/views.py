"""What is asked -> sparse rows, one view each: the text's terms, the question's, and vectors where they are at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.core.classify.terms import Rows, Terms
from service.core.records.heard import Asked
from service.core.text import fold

TEXT = "text"
QUESTION = "question"
LEXICAL = "lexical"


class Vectors(Protocol):
    """Turns texts into vectors: a static table, or a sentence encoder."""

    @property
    def dimension(self) -> int: ...

    @property
    def digest(self) -> str:
        """The sha256 of all that decides what a text becomes, in hexadecimal."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (texts, dimension), each row of length 1 or 0, the same for a text whatever stands beside it."""
        ...


class View(Protocol):
    """One way to look at what is asked; `width` is the number of columns."""

    @property
    def width(self) -> int: ...

    def rows(self, asked: Sequence[Asked]) -> Rows:
        """Return one row for each, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class TextView:
    terms: Terms

    @property
    def width(self) -> int:
        return len(self.terms)

    def rows(self, asked: Sequence[Asked]) -> Rows:
        return self.terms.rows([fold(one.text) for one in asked])


@dataclass(frozen=True, slots=True)
class QuestionView:
    terms: Terms

    @property
    def width(self) -> int:
        return len(self.terms)

    def rows(self, asked: Sequence[Asked]) -> Rows:
        """Read each question once: a batch has few of them."""
        places: dict[str, int] = {}
        of = [places.setdefault(one.question, len(places)) for one in asked]
        return self.terms.rows([fold(question) for question in places])[of]


@dataclass(frozen=True, slots=True)
class DenseView:
    vectors: Vectors

    @property
    def width(self) -> int:
        return self.vectors.dimension

    def rows(self, asked: Sequence[Asked]) -> Rows:
        # Sparse, although nothing in it is zero: scipy adds up row by row, so that a result is the same in every batch.
        return csr_array(self.vectors.embed([one.text for one in asked]))
