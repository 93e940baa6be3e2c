"""What is known of the lines -> the heads that are tried on them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.core.classify import QUESTION, TEXT
from service.training.solving import Recipe, Solver

# Below that many lines a class, choosing among settings by held-out lines would choose by luck.
FEW_A_CLASS = 30
JOINT = "joint"
# A class with that many times the lines of another drowns it, unless each class weighs the same.
_UNEVEN = 3


def few(classes: NDArray[np.intp]) -> bool:
    """Say whether half of the classes have so few lines that nothing can be chosen by them."""
    return bool(np.median(np.bincount(classes)) < FEW_A_CLASS)


def recipes(
    classes: NDArray[np.intp], *, asks: bool, dense: Sequence[str], taught: Sequence[str] = (), slow: Sequence[str] = ()
) -> Sequence[Recipe]:
    """Return what is tried, by `name`: of those with one name the best is kept, then the names are fused.

    `dense` are quick views, `taught` the one that encoders have taught, `slow` those of encoders.
    """
    counts = np.bincount(classes)
    aside = (QUESTION,) if asks else ()
    vectors = (*dense, *slow, *taught)
    near = [Recipe(name=f"near {view}", views=(view,), freedom=10.0, solver=Solver.NEAR) for view in vectors]
    if few(classes):
        # What goes by nearness knows no question.
        linear = [Recipe(name=view, views=(view, *aside), freedom=100.0) for view in vectors if asks]
        return [Recipe(name=TEXT, views=(TEXT, *aside), freedom=20.0), *linear, *near]
    both = [(f"{TEXT}+{view}", (TEXT, view, *aside)) for view in (*dense, *taught)]
    if slow:
        # All side by side are better than any one beside the text, and the taught view adds nothing to its teachers.
        both.append((JOINT, (TEXT, *dense, *slow, *aside)))
    tried = [Recipe(name=TEXT, views=(TEXT, *aside), freedom=freedom) for freedom in (3.0, 20.0)]
    tried += [Recipe(name=view, views=(view, *aside), freedom=freedom) for view in vectors for freedom in (3.0, 20.0)]
    tried += [
        Recipe(name=name, views=views, freedom=freedom, solver=Solver.MARGIN)
        for name, views in both
        for freedom in (0.2, 0.5)
    ]
    tried += near
    if counts.max() > _UNEVEN * np.quantile(counts, 0.25):
        tried += [
            Recipe(name=f"{name}, balanced", views=views, freedom=freedom, solver=solver, balanced=True)
            for name, views in both or [(TEXT, (TEXT, *aside))]
            for solver, freedom in ((Solver.MARGIN, 0.2), (Solver.LOGISTIC, 3.0))
        ]
    return tried
