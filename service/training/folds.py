"""Classes of rows -> parts of equal make, drawn by a seed; what belongs together is kept in one part."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.core.text import fold
from service.training.labelled import Labelled

Places = NDArray[np.intp]


def groups(lines: Sequence[Labelled]) -> Sequence[str]:
    """Return what each line belongs to: one name for all that share a group or a folded text, directly or by others.

    A text that stands twice, or in another language, would flatter its second copy.
    """
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def first(key: tuple[str, str]) -> tuple[str, str]:
        while (up := parent.setdefault(key, key)) != key:
            parent[key] = parent[up]
            key = up
        return key

    texts = [("text", fold(one.text)) for one in lines]
    for one, text in zip(lines, texts, strict=True):
        if one.group:
            parent[first(("group", one.group))] = first(text)
    return [":".join(first(text)) for text in texts]


def folds(classes: NDArray[np.intp], groups: Sequence[str], count: int, seed: int) -> Places:
    """Deal rows over `count` parts, class by class; return the part of each row.

    Rows of one group stay together: see `groups`.
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
