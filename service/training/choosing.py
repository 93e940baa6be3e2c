"""What recipes say of held-out lines -> the heads that are kept and how they are fused, stage by stage."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from service.core.classify.heads import Doubles
from service.training.fusing import Fusion, fuse, temperature
from service.training.solving import Recipe

_MOST_FUSED = 3
# The sets of three are many more than the heads.
_MOST_TRIED = 9
# Tried: shares by errors to the power of -1 to -6; -2 to -4 are alike.
_STEEP = 3


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


def weighed_fusion(kept: Mapping[str, Kept], names: Collection[str], classes: NDArray[np.intp]) -> Fusion:
    """Fuse all of the heads, each the more the less it errs on held-out lines, since few of them tell by chance.

    With ten lines a class that is worth a third of a point beside fixed shares, and a whole one where encoders are
    among the heads.
    """
    errors = {name: np.mean(kept[name].logits.argmax(axis=1) != classes) for name in names}
    weights = {name: float(max(error, 1 / len(classes)) ** -_STEEP) for name, error in errors.items()}
    total = sum(weights.values())
    shares = {name: round(weight / total, 4) for name, weight in weights.items()}
    return fuse({name: kept[name].logits for name in names}, classes, shares)


def best_fusion(kept: Mapping[str, Kept], names: Collection[str], classes: NDArray[np.intp]) -> Fusion:
    """Fuse every set of up to three of the best heads; keep the one with the most merit, the smaller where alike."""
    alone = {name: fuse({name: kept[name].logits}, classes) for name in sorted(names)}
    best = sorted(sorted(alone, key=lambda name: -alone[name].merit)[:_MOST_TRIED])
    together = [
        fuse({name: kept[name].logits for name in one}, classes)
        for count in range(2, _MOST_FUSED + 1)
        for one in combinations(best, count)
    ]
    return max([*alone.values(), *together], key=lambda one: one.merit)
