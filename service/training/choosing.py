"""What recipes say of held-out lines -> the heads that are kept and how they are fused, stage by stage."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from service.core.classify import TEXT
from service.core.classify.heads import Doubles
from service.training.fusing import Fusion, fuse, temperature
from service.training.solving import Recipe

_MOST_FUSED = 3
# What the words count for beside vectors, which know a word that few lines have not taught.
_TEXT_OF_FEW = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One recipe of a name, with its temperature and held-out logits, already divided by it."""

    recipe: Recipe
    temperature: float
    logits: Doubles


def keep_best(
    logits: Mapping[Recipe, Doubles], classes: NDArray[np.intp]
) -> tuple[Mapping[str, Kept], dict[str, float]]:
    """Keep, of the recipes with one name, the one with the most merit, or the first; return the merit of each."""
    kept: dict[str, Kept] = {}
    best: dict[str, float] = {}
    tried: dict[str, float] = {}
    for recipe, one in logits.items():
        cool = temperature(one, classes)
        fusion = fuse({recipe.name: one / cool}, classes)
        tried[recipe.told] = round(fusion.merit, 4)
        if fusion.merit > best.get(recipe.name, -1.0):
            best[recipe.name] = fusion.merit
            kept[recipe.name] = Kept(recipe=recipe, temperature=cool, logits=one / cool)
    return kept, tried


def fixed_fusion(kept: Mapping[str, Kept], names: Collection[str], classes: NDArray[np.intp]) -> Fusion:
    """Fuse all of the heads by shares that no held-out line is asked about, since few of them tell by chance."""
    vectors = len(names) - 1
    shares = (
        {name: (1 - _TEXT_OF_FEW) / vectors if name != TEXT else _TEXT_OF_FEW for name in names} if vectors else None
    )
    return fuse({name: kept[name].logits for name in names}, classes, shares)


def best_fusion(kept: Mapping[str, Kept], names: Collection[str], classes: NDArray[np.intp]) -> Fusion:
    """Fuse every set of up to three of the heads, and keep the one with the most merit; the smaller where alike."""
    tried = [
        fuse({name: kept[name].logits for name in one}, classes)
        for count in range(1, _MOST_FUSED + 1)
        for one in combinations(sorted(names), count)
    ]
    return max(tried, key=lambda one: one.merit)
