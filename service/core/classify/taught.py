"""Static vectors and a text's words -> vectors nearer to an encoder's, by what an encoder taught of these words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from service.core.classify.heads import Floats
from service.core.classify.terms import Rows, Terms
from service.core.classify.views import Vectors
from service.core.records.heard import Asked
from service.core.text import fold

TAUGHT = "taught"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtView:
    """`of_terms` (terms, columns) and `of_vectors` (dimension, columns) add up to the vector of a text."""

    terms: Terms
    vectors: Vectors
    of_terms: Floats = field(repr=False)
    of_vectors: Floats = field(repr=False)

    @property
    def width(self) -> int:
        return int(self.of_terms.shape[1])

    def rows(self, asked: Sequence[Asked]) -> Rows:
        """Return one row for each, of length 1, or 0 where a text has no known word."""
        # Both factors are sparse by type, as in `DenseView`: a row is summed up alike in every batch.
        sums = self.terms.rows([fold(one.text) for one in asked]) @ self.of_terms
        sums += csr_array(self.vectors.embed([one.text for one in asked])) @ self.of_vectors
        norms = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None]
        return csr_array(np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0))
