"""Rows of narrow views -> a place by likeness: what is near to texts that were bad is bad, however it is worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from service.core.classify.exact import FINEST, whole
from service.core.classify.heads import Doubles, Floats
from service.core.classify.terms import Rows

# Rows for one multiplication, so that their likenesses take little room.
_BLOCK = 64
# What is further out than so many times the furthest centre is like none, and is brought in to there.
_FAR = 8.0


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
    _reach: float = field(init=False, repr=False, compare=False)
    _grid: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        beside = np.hstack([self.centres[view] * np.float32(self.scales[view]) for view in sorted(self.centres)])
        reach = float(np.sqrt(np.einsum("ij,ij->i", beside, beside).max(initial=1e-6)))
        grid = FINEST / sqrt(_FAR) / reach
        centres = whole(beside, grid)
        object.__setattr__(self, "_across", np.ascontiguousarray(centres.T))
        object.__setattr__(self, "_norms", np.einsum("ij,ij->i", centres, centres))
        object.__setattr__(self, "_reach", reach)
        object.__setattr__(self, "_grid", grid)

    def values(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts)."""
        beside = np.hstack([rows[view].toarray() * np.float32(scale) for view, scale in sorted(self.scales.items())])
        found: Doubles = np.full(len(beside), self.bias)
        for at in range(0, len(beside), _BLOCK):
            found[at : at + _BLOCK] += self._of(beside[at : at + _BLOCK])
        return found

    def _of(self, block: Floats) -> Floats:
        norms = np.sqrt(np.einsum("ij,ij->i", block, block))[:, None]
        rows = whole(block / np.maximum(norms / (_FAR * self._reach), 1), self._grid)
        likeness = rows @ self._across
        likeness *= 2
        likeness -= self._norms
        likeness -= np.einsum("ij,ij->i", rows, rows)[:, None]
        likeness /= np.float32(self._grid * self._grid)
        np.exp(likeness, out=likeness)
        total: Floats = (likeness * self.weights).sum(axis=1)
        return total
