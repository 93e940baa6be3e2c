"""Rows of narrow views -> a place by likeness: what is near to texts that were bad is bad, however it is worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from service.core.classify.heads import Doubles, Floats
from service.core.classify.terms import Rows

# Rows for one multiplication: of always the same size, what comes out for a row does not depend on its neighbours.
_BLOCK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """`centres` by view, (count, columns) each, and what each of them weighs; `scales` say what a view counts.

    The likeness to a centre is exp(-d * d), d being the distance over all views, each times its scale.
    """

    centres: Mapping[str, Floats] = field(repr=False)
    scales: Mapping[str, float]
    weights: Floats = field(repr=False)
    bias: float
    _across: Floats = field(init=False, repr=False, compare=False)
    _norms: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        beside = np.hstack([self.centres[view] * np.float32(self.scales[view]) for view in sorted(self.centres)])
        object.__setattr__(self, "_across", np.ascontiguousarray(beside.T))
        object.__setattr__(self, "_norms", np.einsum("ij,ij->i", beside, beside))

    def values(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts)."""
        beside = np.hstack([rows[view].toarray() * np.float32(scale) for view, scale in sorted(self.scales.items())])
        padded = np.zeros((-(-len(beside) // _BLOCK) * _BLOCK, beside.shape[1]), np.float32)
        padded[: len(beside)] = beside
        found: Doubles = np.full(len(padded), self.bias)
        for at in range(0, len(padded), _BLOCK):
            found[at : at + _BLOCK] += self._of(padded[at : at + _BLOCK])
        return found[: len(beside)]

    def _of(self, block: Floats) -> Floats:
        likeness = block @ self._across
        likeness *= 2
        likeness -= self._norms
        likeness -= np.einsum("ij,ij->i", block, block)[:, None]
        np.exp(likeness, out=likeness)
        total: Floats = (likeness * self.weights).sum(axis=1)
        return total
