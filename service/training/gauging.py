"""Lines with a severity or a sentiment -> gauges, with and without vectors, and how they did on held-out lines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from service.core.classify import QUESTION, TEXT, Gauge, View
from service.core.classify.terms import Rows
from service.core.text import fold
from service.training.folds import folds
from service.training.labelled import Labelled
from service.training.looking import rows_of
from service.training.solving import fit_gauge

# Fewer would say nothing of lines that were not seen.
FEWEST = 50
_PARTS = 5
_FIRMNESS = (1.0, 2.0, 5.0)
_SPANS: Mapping[str, tuple[int, int]] = {"severity": (0, 100), "sentiment": (-1, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauged:
    """`gauges` by what they gauge, the plainest first; `report` by the same."""

    gauges: Mapping[str, tuple[Gauge, ...]]
    report: Mapping[str, Any]


def fit_gauges(lines: Sequence[Labelled], views: Mapping[str, View], dense: Collection[str], seed: int) -> Gauged:
    """Fit what enough of the lines tell, from the views of words and, where there are any, the quick dense ones."""
    gauges: dict[str, tuple[Gauge, ...]] = {}
    report: dict[str, Any] = {}
    for name, span in _SPANS.items():
        told = [one for one in lines if getattr(one, name) is not None and one.text.strip()]
        if len(told) < FEWEST:
            continue
        values = np.array([getattr(one, name) for one in told], np.float64)
        part = folds(np.zeros(len(told), np.intp), [fold(one.text) for one in told], _PARTS, seed)
        words = [view for view in (TEXT, QUESTION) if view in views]
        rows = rows_of({view: views[view] for view in (*words, *dense)}, told)
        found = [_fit(used, rows, values, part, span) for used in (words, *([[*words, *dense]] if dense else []))]
        gauges[name] = tuple(gauge for gauge, _ in found)
        report[name] = {"n": len(told), **found[-1][1]}
    return Gauged(gauges=gauges, report=report)


def _fit(
    views: Sequence[str],
    rows: Mapping[str, Rows],
    values: NDArray[np.float64],
    part: NDArray[np.intp],
    span: tuple[int, int],
) -> tuple[Gauge, Mapping[str, Any]]:
    held: dict[float, NDArray[np.float64]] = {firmness: np.zeros(len(values)) for firmness in _FIRMNESS}
    for one in range(_PARTS):
        out = part == one
        learnt = {view: rows[view][np.flatnonzero(~out)] for view in views}
        asked = {view: rows[view][np.flatnonzero(out)] for view in views}
        for firmness, said in held.items():
            said[out] = fit_gauge(views, learnt, values[~out], firmness, span).values(asked)
    firmness = min(held, key=lambda one: float(np.square(held[one] - values).mean()))
    said = held[firmness]
    return fit_gauge(views, rows, values, firmness, span), {
        "views": list(views),
        "alpha": firmness,
        "spearman": round(float(spearmanr(said, values).statistic), 4),
        "mean_absolute_error": round(float(np.abs(said - values).mean()), 4),
    }
