"""Lines with a severity or a sentiment -> the tone that hears it, with and without vectors, and how it did.

Severity is learnt on the levels that people used, or on nine of equal size where they used many. Sentiment is learnt on
three sides that weigh the same, since the neutral one is rare; how far each is favoured is chosen on held-out lines.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from service.core.classify import LEXICAL, QUESTION, TEXT, Tone, View
from service.core.classify.terms import Rows
from service.core.text import fold
from service.training.folds import folds
from service.training.labelled import Labelled
from service.training.looking import rows_of
from service.training.measures import macro_f1
from service.training.solving import Recipe, fit_head, fit_line

# Fewer would say nothing of lines that were not seen.
FEWEST = 50
_PARTS = 5
_MOST_LEVELS, _LEVELS = 11, 9
_SIDES = (-1.0, 0.0, 1.0)
# A sentiment that is nearer to none than this is neutral.
_NEUTRAL = 0.25
_FREEDOM, _FIRMNESS = 3.0, 2.0
_FAVOURS = np.round(np.arange(-1.0, 1.6, 0.1), 1)

_Values = NDArray[np.float64]
_Rows = Mapping[str, Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toned:
    """`tones` by what they hear, the plainest first; `report` by the same."""

    tones: Mapping[str, tuple[Tone, ...]]
    report: Mapping[str, Any]


def fit_tones(lines: Sequence[Labelled], views: Mapping[str, View], dense: Collection[str], seed: int) -> Toned:
    """Fit what enough of the lines tell, from the views of words and, where there are any, the quick dense ones."""
    tones: dict[str, tuple[Tone, ...]] = {}
    report: dict[str, Any] = {}
    words = [view for view in (TEXT, QUESTION, LEXICAL) if view in views]
    for name in ("severity", "sentiment"):
        told = [one for one in lines if getattr(one, name) is not None and one.text.strip()]
        values = np.array([getattr(one, name) for one in told], np.float64)
        if len(told) < FEWEST or len(np.unique(values)) == 1:
            continue
        part = folds(np.zeros(len(told), np.intp), [fold(one.text) for one in told], _PARTS, seed)
        rows = rows_of({view: views[view] for view in (*words, *dense)}, told)
        found = [
            _fit(used, rows, values, part, sided=name == "sentiment")
            for used in (words, *([[*words, *dense]] if dense else []))
        ]
        tones[name] = tuple(tone for tone, _ in found)
        report[name] = {"n": len(told), **found[-1][1]}
    return Toned(tones=tones, report=report)


def _fit(
    views: Sequence[str], rows: _Rows, values: _Values, part: NDArray[np.intp], *, sided: bool
) -> tuple[Tone, Mapping[str, Any]]:
    levels, classes = _sides(values) if sided else _levels(values)
    places = levels if sided else _places(classes)
    aims = values if sided else np.array(places)[classes]
    said = np.zeros(len(values))
    chances = np.zeros((len(values), len(levels)))
    for one in range(_PARTS):
        out = part == one
        learnt = {view: rows[view][np.flatnonzero(~out)] for view in views}
        asked = {view: rows[view][np.flatnonzero(out)] for view in views}
        tone = _tone(views, learnt, aims[~out], (levels, places), classes[~out], sided=sided)
        said[out], chances[out] = tone.values(asked), tone.chances(asked)
    whole = _tone(views, rows, aims, (levels, places), classes, sided=sided)
    told = {
        "views": list(views),
        "levels": list(levels),
        "spearman": round(float(spearmanr(said, values).statistic), 4),
        "mean_absolute_error": round(float(np.abs(said - values).mean()), 4),
    }
    if not sided:
        return whole, told
    offsets, score = _favoured(chances, classes)
    return replace(whole, offsets=offsets), {**told, "offsets": list(offsets), "macro_f1": round(score, 4)}


def _tone(
    views: Sequence[str],
    rows: _Rows,
    aims: _Values,
    scale: tuple[tuple[float, ...], tuple[float, ...]],
    classes: NDArray[np.intp],
    *,
    sided: bool,
) -> Tone:
    levels, places = scale
    head = fit_head(
        Recipe(name="tone", views=tuple(views), freedom=_FREEDOM, balanced=sided), rows, classes, len(levels)
    )
    line = fit_line(views, rows, aims, _FIRMNESS)
    return Tone(
        weights={view: np.hstack([head.weights[view], line.weights[view]]) for view in views},
        bias=np.append(head.bias, line.bias),
        levels=levels,
        places=places,
    )


def _levels(values: _Values) -> tuple[tuple[float, ...], NDArray[np.intp]]:
    """Return the levels, rising, and which of them each value is at; of many values neighbours share a level."""
    used, at = np.unique(values, return_inverse=True)
    if len(used) > _MOST_LEVELS:
        cuts = np.unique(np.quantile(values, np.arange(1, _LEVELS) / _LEVELS))
        _, at = np.unique(np.searchsorted(cuts, values, side="right"), return_inverse=True)
        used = np.bincount(at, weights=values) / np.bincount(at)
    return tuple(used.tolist()), at.astype(np.intp)


def _places(classes: NDArray[np.intp]) -> tuple[float, ...]:
    """Return where in the order of all lines, from 0 to 1, the middle of each level's lines stands."""
    counts = np.bincount(classes)
    return tuple(((np.cumsum(counts) - counts / 2) / len(classes)).tolist())


def _sides(values: _Values) -> tuple[tuple[float, ...], NDArray[np.intp]]:
    return _SIDES, (values > -_NEUTRAL).astype(np.intp) + (values >= _NEUTRAL)


def _favoured(chances: _Values, classes: NDArray[np.intp]) -> tuple[tuple[float, ...], float]:
    """Return what to add to the sides' logarithms for the best macro-F1, and that; the least where several are best."""
    tried = [(float(negative), float(neutral), 0.0) for negative, neutral in product(_FAVOURS, _FAVOURS)]
    scores = [macro_f1((chances + np.array(one)).argmax(axis=1), classes, len(_SIDES)) for one in tried]
    best = max(range(len(tried)), key=lambda at: (round(scores[at], 6), -sum(map(abs, tried[at]))))
    return tried[best], scores[best]
