"""Rows of a dense view and their classes -> a head that goes by nearness, solved in one step.

Directions in which texts of one class differ are shortened, by the inverse root of the covariance within classes, which
shrinks towards its mean as far as the lines are few. Centres are found class by class. Their weights are what brings
the squares of (class of the row, 1 or 0) nearest, with a penalty: regularised least squares with a Gaussian kernel, of
which the centres are the support.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from sklearn.cluster import KMeans

from service.core.classify.heads import Floats
from service.core.classify.near import NearHead, nearness, turned
from service.core.classify.terms import Rows
from service.training.rounding import short

_SHARPNESS = 1.0
# A dozen lines are a centre each; of more, two have one between them.
_EACH, _A_CENTRE = 12, 2
_MOST_CENTRES = 4_000
# What a class without rows gets: it never wins.
_NEVER = -30.0
# Shares of the mean variance that the covariance within classes shrinks to: with few lines a class, with many.
_SHRUNK_FEW, _SHRUNK = 0.9, 0.3
_FEW_A_CLASS = 30


def fit_near(view: str, rows: Rows, classes: NDArray[np.intp], count: int, freedom: float) -> NearHead:
    """Fit a head; `freedom` is the inverse of the penalty."""
    dense = rows.toarray().astype(np.float32)
    there = np.unique(classes)
    shift, turn = _turn(dense, classes)
    learnt = turned(dense, shift, turn)
    centres = np.vstack([_centres(learnt[classes == one], _MOST_CENTRES // len(there)) for one in there])
    # In double precision, since near centres make the equations nearly alike.
    near = nearness(learnt, centres, _SHARPNESS).astype(np.float64)
    among = nearness(centres, centres, _SHARPNESS).astype(np.float64)
    left = near.T @ near + among / freedom + 1e-6 * np.trace(among) * np.eye(len(centres))
    weights = cho_solve(cho_factor(left), near.T @ np.eye(count)[classes])
    bias = np.full(count, _NEVER)
    bias[there] = 0
    return NearHead(
        view=view,
        shift=shift,
        turn=turn,
        centres=centres,
        weights=short(weights),
        bias=short(bias),
        sharpness=_SHARPNESS,
    )


def _middles(own: Floats, count: int) -> Floats:
    middles: Floats = KMeans(count, n_init=1, random_state=0, max_iter=20).fit(own).cluster_centers_
    return middles


def _turn(dense: Floats, classes: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the mean, and the inverse root of the covariance within classes, in units of its mean variance."""
    means = np.zeros((int(classes.max()) + 1, dense.shape[1]))
    sizes = np.bincount(classes, minlength=len(means))
    for one in np.flatnonzero(sizes):
        means[one] = dense[classes == one].mean(axis=0)
    apart = dense - means[classes]
    within = apart.T @ apart / max(len(dense) - int(np.count_nonzero(sizes)), 1)
    mean = max(float(np.trace(within)) / len(within), 1e-9)
    shrunk = _SHRUNK_FEW if np.median(sizes[sizes > 0]) < _FEW_A_CLASS else _SHRUNK
    variances, axes = np.linalg.eigh((1 - shrunk) * within / mean + shrunk * np.eye(len(within)))
    return short(dense.mean(axis=0)), short((axes / np.sqrt(variances)) @ axes.T)


def _centres(own: Floats, most: int) -> Floats:
    # Texts of the same words have one vector, and no more centres than vectors can be found.
    own = np.unique(own, axis=0)
    count = min(len(own), most, max(len(own) // _A_CENTRE, _EACH))
    centres = own if count == len(own) else _middles(own, count)
    return short(centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9))
