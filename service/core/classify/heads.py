"""Rows of views -> logits of classes: linear over the views that a head was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.core.classify.terms import Rows

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`weights` by view, (columns, classes) each; `bias` (classes); logits are divided by `temperature`."""

    weights: Mapping[str, Floats] = field(repr=False)
    bias: Floats = field(repr=False)
    temperature: float = 1.0

    @property
    def views(self) -> frozenset[str]:
        return frozenset(self.weights)

    def logits(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts, classes)."""
        total: Doubles = np.zeros((next(iter(rows.values())).shape[0], len(self.bias)))
        for view in sorted(self.weights):
            total += rows[view] @ self.weights[view]
        total += self.bias
        total /= self.temperature
        return total


def log_softmax(logits: Doubles) -> Doubles:
    """Return the logarithms of probabilities, by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logarithms: Doubles = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms


def log_sum(logits: Doubles) -> Doubles:
    """Return the logarithm of the sum of exponentials, by row."""
    most = logits.max(axis=1)
    total: Doubles = most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
    return total
