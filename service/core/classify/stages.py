"""Logits of heads -> one calibrated probability a class, and how familiar a text is.

Heads are fused by the average of their probabilities, each with its share. What comes out is calibrated again, since an
average of calibrated heads is too modest. Familiarity is the sum of z-scores: the energy of every head (log-sum-exp of
its logits) and the likeness to the nearest prototype of a dense view. The margin between the first two classes says
nothing of it and is not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from service.core.classify.heads import Doubles, Floats, log_softmax, log_sum
from service.core.classify.terms import Rows

# Rows for one multiplication: of always the same size, what comes out for a row does not depend on its neighbours.
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Curve:
    """An isotonic calibration: confidences `said` (rising) and how often they were right."""

    said: Doubles
    right: Doubles

    def of(self, confidence: Doubles) -> Doubles:
        return np.interp(confidence, self.said, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiarity:
    """Mean and deviation of each sign on held-out texts in scope; below `threshold`, a text is out of scope.

    Signs are named by `energy_of` a head and `nearest_to` a view; `prototypes` are (count, columns), of length 1.
    """

    scales: Mapping[str, tuple[float, float]]
    prototypes: Mapping[str, Floats] = field(repr=False)
    threshold: float

    @property
    def views(self) -> frozenset[str]:
        return frozenset(self.prototypes)

    def of(self, logits: Mapping[str, Doubles], rows: Mapping[str, Rows]) -> Doubles:
        """Return how familiar each text is, 0 being the average of texts in scope."""
        return self.sum(
            {
                **{energy_of(name): log_sum(one) for name, one in logits.items()},
                **{nearest_to(view): likeness(rows[view], known) for view, known in self.prototypes.items()},
            }
        )

    def sum(self, signs: Mapping[str, Doubles]) -> Doubles:
        """Return the mean of the signs' z-scores, rounded, so that a threshold cuts alike in every batch."""
        scores = [(signs[name] - mean) / deviation for name, (mean, deviation) in sorted(self.scales.items())]
        total: Doubles = np.round(np.sum(scores, axis=0) / len(scores), 4)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Which heads decide together, by `shares` that sum to 1; `offsets` (classes) are added to the logarithms.

    `below` is set on a stage that is slow: it is asked only where the one before it is less confident than that.
    """

    shares: Mapping[str, float]
    offsets: Doubles = field(repr=False)
    temperature: float
    curve: Curve | None
    familiarity: Familiarity
    below: float | None = None

    def probabilities(self, logits: Mapping[str, Doubles]) -> Doubles:
        """Return (texts, classes), calibrated but for the curve, which is for the first class alone."""
        fused = sum(share * np.exp(log_softmax(logits[name])) for name, share in sorted(self.shares.items()))
        return np.exp(log_softmax(np.log(np.maximum(fused, 1e-12)) / self.temperature + self.offsets))

    def confidence(self, first: Doubles) -> Doubles:
        return np.round(first if self.curve is None else self.curve.of(first), 4)


def energy_of(head: str) -> str:
    return f"energy:{head}"


def nearest_to(view: str) -> str:
    return f"nearest:{view}"


def likeness(rows: Rows, prototypes: Floats) -> Doubles:
    """Return the cosine of each row to the prototype that it is nearest to."""
    dense = rows.toarray()
    padded = np.zeros((-(-len(dense) // _BLOCK) * _BLOCK, dense.shape[1]), np.float32)
    padded[: len(dense)] = dense
    likeness = [(padded[at : at + _BLOCK] @ prototypes.T).max(axis=1) for at in range(0, len(padded), _BLOCK)]
    return np.concatenate(likeness)[: len(dense)].astype(np.float64) if likeness else np.zeros(0)
