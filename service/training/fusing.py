"""Held-out logits of heads -> how they are fused: shares, offsets, temperature, calibration curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression

from service.core.classify.heads import Doubles, log_softmax
from service.core.classify.stages import Curve
from service.training.measures import calibration_error, macro_f1

_COLDEST, _HOTTEST = 0.05, 4.0
_STEPS = 10
_MANY = 3
_OFFSETS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
# From so many rows on an isotonic curve has enough of them, if the classes are few.
_ROWS_FOR_CURVE = 1_000
_FEW = 20
_KNOTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """`merit` is the mean of accuracy and macro-F1 on held-out rows; `loss` the mean -log of the right class."""

    shares: Mapping[str, float]
    offsets: Doubles
    temperature: float
    curve: Curve | None
    accuracy: float
    macro_f1: float
    loss: float
    ece: float

    sure: Doubles

    def unsure(self, share: float) -> float:
        """Return the confidence that this share of the held-out texts is below."""
        return float(np.round(np.quantile(self.sure, share), 4))

    @property
    def merit(self) -> float:
        return (self.accuracy + self.macro_f1) / 2


def temperature(logits: Doubles, classes: NDArray[np.intp]) -> float:
    """Return what the logits are best divided by; the loss has one valley."""
    found = minimize_scalar(
        lambda by: _loss(log_softmax(logits / np.exp(by)), classes),
        bounds=(np.log(_COLDEST), np.log(_HOTTEST)),
        method="bounded",
        options={"xatol": 0.005},
    )
    return float(round(np.exp(found.x), 4))


def fuse(logits: Mapping[str, Doubles], classes: NDArray[np.intp], shares: Mapping[str, float] | None = None) -> Fusion:
    """Fuse heads whose logits have their temperature; shares minimise the loss, offsets maximise the merit.

    The offset of a class is -a * log of its share of the rows: one figure for all, since a figure for each of many
    small classes would learn the held-out rows by heart.
    """
    names = sorted(logits)
    probabilities = {name: np.exp(log_softmax(logits[name])) for name in names}
    shares = shares or min(_shares(names), key=lambda one: _loss(_fused(probabilities, one), classes))
    fused = _fused(probabilities, shares)
    width = fused.shape[1]
    prior = np.log(np.maximum(np.bincount(classes, minlength=width), 1) / len(classes))

    def merit(by: float) -> float:
        first = (fused - by * prior).argmax(axis=1)
        return float((first == classes).mean()) + macro_f1(first, classes, width)

    by = max(_OFFSETS, key=lambda one: (round(merit(one), 4), -one))
    moved = fused - by * prior
    # Divided first and moved after: the offset is in units of what was divided.
    cool = temperature(moved, classes)
    offsets = -by * prior / cool
    final = log_softmax(moved / cool)
    first = final.argmax(axis=1)
    hit = first == classes
    sure = np.exp(final.max(axis=1))
    curve = _curve(sure, hit) if len(classes) >= _ROWS_FOR_CURVE and width < _FEW else None
    sure = np.round(sure if curve is None else curve.of(sure), 4)
    return Fusion(
        shares=shares,
        offsets=offsets,
        temperature=cool,
        curve=curve,
        accuracy=float(hit.mean()),
        macro_f1=macro_f1(first, classes, width),
        loss=_loss(final, classes),
        ece=calibration_error(sure, hit),
        sure=sure,
    )


def _curve(sure: Doubles, hit: NDArray[np.bool_]) -> Curve:
    """Fit an isotonic curve through means of equal parts, so that no knot rests on a handful of rows."""
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, _KNOTS)
    said = np.array([sure[part].mean() for part in parts])
    right = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(said, [hit[part].mean() for part in parts])
    return Curve(said.round(4).astype(np.float64), np.asarray(right).round(4).astype(np.float64))


def _shares(names: Sequence[str]) -> Sequence[Mapping[str, float]]:
    """Return the ways to deal out the whole in tenths, or in fifths where the heads are many."""
    steps = _STEPS if len(names) < _MANY else _STEPS // 2
    dealt = (given for given in product(range(1, steps + 1), repeat=len(names)) if sum(given) == steps)
    return [{name: step / steps for name, step in zip(names, given, strict=True)} for given in dealt]


def _fused(probabilities: Mapping[str, Doubles], shares: Mapping[str, float]) -> Doubles:
    total = sum(share * probabilities[name] for name, share in sorted(shares.items()))
    logarithms: Doubles = np.log(np.maximum(np.asarray(total), 1e-12))
    return logarithms


def _loss(logarithms: Doubles, classes: NDArray[np.intp]) -> float:
    return float(-logarithms[np.arange(len(classes)), classes].mean())
