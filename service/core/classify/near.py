"""Rows of a dense view -> logits of classes, by how near they are to centres of what was learnt.

What is linear in a vector sees classes as sides of planes; what is near to centres sees them as places, of which one
class may have several. The view is turned first so that all directions count alike in which texts of one class differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from service.core.classify.exact import FINEST, whole
from service.core.classify.heads import Doubles, Floats
from service.core.classify.terms import Rows

# Rows for one multiplication, so that what they are near to takes little room.
_BLOCK = 64
# What a class gets at least. Least squares give nearly the chance of a class where it is likely, and noise about zero
# elsewhere, of either sign, which says nothing.
_LEAST = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class NearHead:
    """`shift` (columns) and `turn` (columns, columns) of the view; `centres` (count, columns), of length 1.

    A centre counts as much as exp(2 * `sharpness` * (cosine - 1)), for each class by `weights` (count, classes). To the
    logarithm of what a class gets `bias` (classes) is added, and logits are divided by `temperature`.
    """

    view: str
    shift: Floats = field(repr=False)
    turn: Floats = field(repr=False)
    centres: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    sharpness: float
    temperature: float = 1.0
    _across: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_across", whole(self.centres, FINEST).T)

    @property
    def views(self) -> frozenset[str]:
        return frozenset({self.view})

    def logits(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts, classes), rounded to six digits, which hide what double precision leaves of the order."""
        dense, weights = rows[self.view].toarray(), self.weights.astype(np.float64)
        total: Doubles = np.empty((len(dense), len(self.bias)))
        for at in range(0, len(dense), _BLOCK):
            unit = turned(dense[at : at + _BLOCK], self.shift, self.turn)
            near = _bells(whole(unit, FINEST) @ self._across, self.sharpness)
            total[at : at + _BLOCK] = np.log(np.maximum(near @ weights, _LEAST))
        total += self.bias
        total /= self.temperature
        return np.round(total, 6)


def turned(dense: Floats, shift: Floats, turn: Floats) -> Floats:
    """Return the rows turned, each of length 1."""
    rows = (dense - shift).astype(np.float64) @ turn.astype(np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    unit: Floats = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0).astype(np.float32)
    return unit


def nearness(rows: Floats, centres: Floats, sharpness: float) -> Floats:
    """Return (rows, centres), 1 where both are the same; all are of length 1."""
    return _bells(whole(rows, FINEST) @ whole(centres, FINEST).T, sharpness)


def _bells(cosines: Floats, sharpness: float) -> Floats:
    cosines /= np.float32(FINEST * FINEST)
    cosines -= 1
    cosines *= 2 * sharpness
    near: Floats = np.exp(cosines, out=cosines)
    return near
