"""Rows and held-out signs -> what makes a text familiar, and below what it is out of scope."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from service.core.classify import Familiarity
from service.core.classify.heads import Doubles, Floats
from service.core.classify.terms import Rows
from service.training.rounding import short

_A_PROTOTYPE = 6
_MOST_PROTOTYPES = 1_000


def prototypes(rows: Rows, classes: NDArray[np.intp], seed: int) -> Floats:
    """Return some centres for each class, of length 1: fewer than its texts, so that nothing stored is a text."""
    dense = rows.toarray()
    found = []
    many = len(np.unique(classes))
    for one in np.unique(classes):
        # Texts of the same words have one vector, and no more centres than vectors can be found.
        own = np.unique(dense[classes == one], axis=0)
        count = max(1, min(len(own) // _A_PROTOTYPE, _MOST_PROTOTYPES // many))
        found.append(KMeans(count, n_init=1, random_state=seed, max_iter=20).fit(own).cluster_centers_)
    centres = np.vstack(found)
    return short(centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9))


def scales_of(signs: Mapping[str, Doubles]) -> Mapping[str, tuple[float, float]]:
    return {
        name: (float(np.round(one.mean(), 6)), float(np.round(max(one.std(), 1e-6), 6))) for name, one in signs.items()
    }


def threshold(familiarity: Doubles, keep: float) -> float:
    """Return the value that the share `keep` of held-out texts in scope is not below."""
    return float(np.round(np.quantile(familiarity, 1 - keep), 4))


def with_threshold(one: Familiarity, value: float) -> Familiarity:
    return Familiarity(scales=one.scales, prototypes=one.prototypes, threshold=value)
