"""Classes of rows -> parts of equal make, drawn by a seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]


def folds(classes: NDArray[np.intp], groups: Sequence[str], count: int, seed: int) -> Places:
    """Deal rows over `count` parts, class by class; return the part of each row.

    Rows of one group, which is the folded text, stay together: a text that stands twice would flatter its second copy.
    """
    dice = np.random.default_rng(seed)
    part = np.zeros(len(classes), np.intp)
    of_group: dict[str, int] = {}
    dealt = 0
    for one in np.unique(classes):
        for place in dice.permutation(np.flatnonzero(classes == one)):
            if groups[place] not in of_group:
                of_group[groups[place]] = dealt % count
                dealt += 1
            part[place] = of_group[groups[place]]
    return part
