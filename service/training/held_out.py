"""Labelled lines and recipes -> what each recipe says of lines that it was not fitted on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.core.classify import TAUGHT, View
from service.core.classify.heads import Doubles
from service.core.classify.stages import likeness
from service.core.classify.terms import Rows
from service.training.familiar import prototypes
from service.training.folds import folds, groups
from service.training.labelled import Labelled
from service.training.looking import read_views, rows_of
from service.training.solving import Recipe, fit_recipe
from service.training.teaching import Lesson, teach

PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Lines in scope with their `classes`; `dense` are their rows by dense view, which no fitting changes.

    The last `named` of the lines are the names of the classes: they are learnt, and nothing is asked about them.
    """

    lines: Sequence[Labelled]
    classes: NDArray[np.intp]
    count: int
    dense: Mapping[str, Rows] = field(repr=False)
    lesson: Lesson | None = None
    named: int = 0

    @property
    def own(self) -> int:
        """The number of lines that people labelled."""
        return len(self.lines) - self.named

    def only(self, places: NDArray[np.intp]) -> "Known":
        return Known(
            lines=[self.lines[at] for at in places],
            classes=self.classes[places],
            count=self.count,
            dense={name: rows[places] for name, rows in self.dense.items()},
            lesson=self.lesson and self.lesson.only(places),
        )

    def views(self) -> dict[str, View]:
        """Fit the views that are fitted to lines."""
        views = read_views(self.lines, self.count)
        if self.lesson is not None:
            views[TAUGHT] = teach([one.text for one in self.lines], self.lesson)
        return views

    def rows(self, views: Mapping[str, View]) -> dict[str, Rows]:
        return {**rows_of(views, self.lines), **self.dense}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Logits by recipe, and the likeness to the nearest prototype by dense view; rows in the order of the lines."""

    logits: Mapping[Recipe, Doubles]
    nearest: Mapping[str, Doubles]


def hold_out(known: Known, tried: Sequence[Recipe], seed: int, progress: Callable[[str], None]) -> HeldOut:
    """Fit every recipe on all parts but one, in turn, and ask it about that one."""
    size = known.own
    names = np.arange(size, len(known.lines))
    logits = {recipe: np.zeros((size, known.count)) for recipe in tried}
    nearest = {view: np.zeros(size) for view in known.dense}
    part = folds(known.classes[:size], groups(known.lines[:size]), PARTS, seed)
    for one in range(PARTS):
        progress(f"part {one + 1} of {PARTS}: {len(tried)} heads")
        held = np.flatnonzero(part == one)
        if not len(held):
            continue
        learnt, asked = known.only(np.append(np.flatnonzero(part != one), names)), known.only(held)
        views = learnt.views()
        rows, of_held = learnt.rows(views), asked.rows(views)
        for recipe in tried:
            head = fit_recipe(recipe, rows, learnt.classes, known.count)
            logits[recipe][held] = head.logits(of_held)
        for view, found in nearest.items():
            found[held] = likeness(of_held[view], prototypes(rows[view], learnt.classes, seed))
    return HeldOut(logits=logits, nearest=nearest)
