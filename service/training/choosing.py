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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One recipe of a name, with its temperature and held-out logits, already divided by it."""

    recipe: Recipe
    temperature: float
    logits: Doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was tried and how it did, for the report."""

    told: str
    fusion: Fusion


def keep_best(logits: Mapping[Recipe, Doubles], classes: NDArray[np.intp]) -> tuple[Mapping[str, Kept], list[Tried]]:
    """Keep, of the recipes with one name, the one with the most merit; the first where two are alike."""
    kept: dict[str, Kept] = {}
    best: dict[str, float] = {}
    tried: list[Tried] = []
    for recipe, one in logits.items():
        cool = temperature(one, classes)
        fusion = fuse({recipe.name: one / cool}, classes)
        tried.append(Tried(told=recipe.told, fusion=fusion))
        if fusion.merit > best.get(recipe.name, -1.0):
            best[recipe.name] = fusion.merit
            kept[recipe.name] = Kept(recipe=recipe, temperature=cool, logits=one / cool)
    return kept, tried


def best_fusion(
    kept: Mapping[str, Kept], names: Collection[str], classes: NDArray[np.intp]
) -> tuple[Fusion, list[Tried]]:
    """Fuse every set of up to three of the heads, and keep the one with the most merit; the smaller where alike."""
    tried: list[Tried] = []
    for count in range(1, _MOST_FUSED + 1):
        for one in combinations(sorted(names), count):
            fusion = fuse({name: kept[name].logits for name in one}, classes)
            tried.append(Tried(told=" with ".join(one), fusion=fusion))
    return max(tried, key=lambda one: one.fusion.merit).fusion, tried
