"""Rows and figures -> a kernel that gives the figures back: support vector regression, a bell around each vector."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVR

from service.core.classify import Kernel
from service.core.classify.terms import Rows
from service.training.rounding import short

# Time grows with the square of the lines, and what serving takes with their number.
_MOST_LINES = 4_000
# Of figures from 0 to 10, as places times ten: what is no nearer than that to the figure is not learnt from.
_FREEDOM, _SLACK, _TEN = 3.0, 0.3, 10.0


def fit_kernel(scales: Mapping[str, float], rows: Mapping[str, Rows], places: NDArray[np.float64], seed: int) -> Kernel:
    """Fit to places from 0 to 1, on some of the lines where they are many."""
    some = np.sort(np.random.default_rng(seed).permutation(len(places))[:_MOST_LINES])
    dense = {view: short(rows[view][some].toarray()) for view in scales}
    beside = np.hstack([dense[view] * scale for view, scale in sorted(scales.items())]).astype(np.float64)
    solver = SVR(C=_FREEDOM, epsilon=_SLACK, gamma=1.0, cache_size=500).fit(beside, _TEN * places[some])
    return Kernel(
        centres={view: one[solver.support_] for view, one in dense.items()},
        scales=scales,
        weights=short(solver.dual_coef_[0] / _TEN),
        bias=float(short(solver.intercept_ / _TEN)[0]),
    )
