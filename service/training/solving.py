"""Rows and classes -> a head; rows and figures -> a line. scikit-learn does the arithmetic of what is linear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from service.core.classify import Head, NearHead
from service.core.classify.terms import Rows
from service.training.nearness import fit_near
from service.training.rounding import short

_PATIENCE = 300
_TOLERANCE = 1e-3


class Solver(StrEnum):
    """Multinomial logistic regression, one support vector machine a class, or nearness to centres in one view."""

    LOGISTIC = "logistic"
    MARGIN = "margin"
    NEAR = "nearness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one head is fitted: on which views, how little it is regularised, and whether each class weighs the same."""

    name: str
    views: tuple[str, ...]
    freedom: float
    solver: Solver = Solver.LOGISTIC
    balanced: bool = False

    @property
    def told(self) -> str:
        balanced = ", balanced" if self.balanced else ""
        return f"{self.solver.value} on {'+'.join(self.views)}, C={self.freedom:g}{balanced}"


def fit_recipe(recipe: Recipe, rows: Mapping[str, Rows], classes: NDArray[np.intp], count: int) -> Head | NearHead:
    """Fit one head; a class that has no row in `classes` gets a bias that never wins."""
    match recipe.solver:
        case Solver.NEAR:
            (view,) = recipe.views
            return fit_near(view, rows[view], classes, count, recipe.freedom)
        case Solver.LOGISTIC | Solver.MARGIN:
            return fit_head(recipe, rows, classes, count)
        case _:
            assert_never(recipe.solver)


def fit_head(recipe: Recipe, rows: Mapping[str, Rows], classes: NDArray[np.intp], count: int) -> Head:
    """Fit a linear head."""
    solver: LogisticRegression | LinearSVC
    weight = "balanced" if recipe.balanced else None
    if recipe.solver is Solver.MARGIN:
        # It visits rows in an order that it draws, from a seed of its own.
        solver = LinearSVC(C=recipe.freedom, class_weight=weight, random_state=0)
    else:
        solver = LogisticRegression(C=recipe.freedom, class_weight=weight, max_iter=_PATIENCE, tol=_TOLERANCE)
    solver.fit(_beside(rows, recipe.views), classes)
    coefficients, bias = solver.coef_, solver.intercept_
    if len(solver.classes_) == 2:  # noqa: PLR2004 - scikit-learn gives one row for two classes.
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
    whole = np.zeros((coefficients.shape[1], count), np.float32)
    whole[:, solver.classes_] = coefficients.T
    biases = np.full(count, -30.0, np.float32)
    biases[solver.classes_] = bias
    return Head(weights=_parted(whole, rows, recipe.views), bias=short(biases))


def fit_line(views: Sequence[str], rows: Mapping[str, Rows], values: NDArray[np.float64], firmness: float) -> Head:
    """Fit ridge regression; the head has one column, the value."""
    solver = Ridge(alpha=firmness, solver="sparse_cg", tol=1e-4).fit(_beside(rows, views), values)
    weights = _parted(solver.coef_[:, None].astype(np.float32), rows, views)
    return Head(weights=weights, bias=short(np.array([solver.intercept_])))


def _beside(rows: Mapping[str, Rows], views: Sequence[str]) -> csr_matrix:
    return csr_matrix(hstack([rows[view] for view in views], format="csr"))


def _parted(whole: NDArray[np.float32], rows: Mapping[str, Rows], views: Sequence[str]) -> Mapping[str, Any]:
    parts, start = {}, 0
    for view in views:
        end = start + rows[view].shape[1]
        parts[view] = np.ascontiguousarray(short(whole[start:end]))
        start = end
    return parts
