"""What was said of texts, beside what is so -> accuracy, macro-F1, calibration."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 15


def accuracy(said: Sequence[object], right: Sequence[object]) -> float:
    return sum(one == other for one, other in zip(said, right, strict=True)) / len(right) if right else 0.0


def macro_f1(said: NDArray[np.intp], right: NDArray[np.intp], count: int) -> float:
    """Average the F1 of the classes that `right` has; `count` bounds the classes, and -1 says none."""
    hits = np.bincount(right[said == right], minlength=count)
    wanted = np.bincount(right, minlength=count)
    claimed = np.bincount(said[said >= 0], minlength=count)
    there = wanted > 0
    return float((2 * hits[there] / (wanted + claimed)[there]).mean())


def calibration_error(confidence: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over 15 bins of equal width (Guo et al. 2017)."""
    if not len(hit):
        return 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - hit, minlength=BINS)
    return float(np.abs(gaps).sum() / len(hit))
