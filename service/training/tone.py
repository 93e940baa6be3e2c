"""Lines with a severity or a sentiment -> the tone that hears it, with and without vectors, and how it did.

Severity is learnt on the levels that people used, or on nine of equal size where they used many. Sentiment is learnt on
three sides that weigh the same, since the neutral one is rare; how far each is favoured is chosen on held-out lines.
Where lines tell of both, each is learnt with a glance at the other as one more view: of a line that the glance was
learnt from, what it sees without that line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import spearmanr

from service.core.classify import LEXICAL, QUESTION, TEXT, Tone, View
from service.core.classify.model import SENTIMENT, SEVERITY, glance_at
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
# What the smallest probability counts as.
_LEAST = 1e-6
_FAVOURS = np.round(np.arange(-1.0, 1.6, 0.1), 1)

_Values = NDArray[np.float64]
_Told = Sequence[tuple[Labelled, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toned:
    """`tones` by what they hear, the plainest first; `report` by the same."""

    tones: Mapping[str, tuple[Tone, ...]]
    report: Mapping[str, Any]


def fit_tones(lines: Sequence[Labelled], views: Mapping[str, View], dense: Collection[str], seed: int) -> Toned:
    """Fit what enough of the lines tell, from the views of words and, where there are any, the quick dense ones."""
    words = [view for view in (TEXT, QUESTION, LEXICAL) if view in views]
    used = [words, *([[*words, *dense]] if dense else [])]
    told = {name: _told(lines, name) for name in (SEVERITY, SENTIMENT)}
    first = {name: [_fit(name, one, views, using, {}, seed) for using in used] for name, one in told.items() if one}
    last = {
        name: [
            _fit(name, told[name], views, using, _seen(other, told[other], glance, told[name], views), seed)
            for using, glance in zip(used, first[other], strict=True)
        ]
        for name, other in ((SEVERITY, SENTIMENT), (SENTIMENT, SEVERITY))
        if len(first) > 1
    }
    found = {**{glance_at(name): ones for name, ones in first.items()}, **last} if last else first
    return Toned(
        tones={name: tuple(one.tone for one in ones) for name, ones in found.items()},
        report={name: ones[-1].report for name, ones in (last or first).items()},
    )


def _told(lines: Sequence[Labelled], name: str) -> _Told:
    """Return the lines that say it, none where they are too few or all say the same."""
    told = [(one, float(getattr(one, name))) for one in lines if getattr(one, name) is not None and one.text.strip()]
    return told if len(told) >= FEWEST and len({value for _, value in told}) > 1 else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """A tone, what it made of its own lines while they were held out, and how good that was."""

    tone: Tone
    signs: NDArray[np.float32]
    report: Mapping[str, Any]


def _seen(name: str, learnt: _Told, glance: _Fitted, asked: _Told, views: Mapping[str, View]) -> Mapping[str, Rows]:
    """Return what a glance sees of lines: of those with the text of one that it was learnt from, without that one."""
    rows = rows_of({view: views[view] for view in glance.tone.weights}, [line for line, _ in asked])
    signs = glance.tone.signs(rows).toarray()
    unseen = {fold(line.text): at for at, (line, _) in enumerate(learnt)}
    for at, (line, _) in enumerate(asked):
        if (there := unseen.get(fold(line.text))) is not None:
            signs[at] = glance.signs[there]
    return {glance_at(name): csr_array(signs)}


def _fit(
    name: str, told: _Told, known: Mapping[str, View], views: Sequence[str], more: Mapping[str, Rows], seed: int
) -> _Fitted:
    sided = name == SENTIMENT
    lines, values = [line for line, _ in told], np.array([value for _, value in told])
    rows = {**rows_of({view: known[view] for view in views}, lines), **more}
    part = folds(np.zeros(len(lines), np.intp), [fold(one.text) for one in lines], _PARTS, seed)
    levels, classes = _sides(values) if sided else _levels(values)
    places = levels if sided else _places(classes)
    aims = values if sided else np.array(places)[classes]
    said, signs = np.zeros(len(values)), np.zeros((len(values), len(levels) + 1), np.float32)
    for one in range(_PARTS):
        out = part == one
        learnt = {view: row[np.flatnonzero(~out)] for view, row in rows.items()}
        asked = {view: row[np.flatnonzero(out)] for view, row in rows.items()}
        tone = _tone(learnt, aims[~out], (levels, places), classes[~out], sided=sided)
        said[out], signs[out] = tone.values(asked), tone.signs(asked).toarray()
    whole = _tone(rows, aims, (levels, places), classes, sided=sided)
    report = {
        "n": len(lines),
        "views": list(rows),
        "levels": list(levels),
        "spearman": round(float(spearmanr(said, values).statistic), 4),
        "mean_absolute_error": round(float(np.abs(said - values).mean()), 4),
    }
    if sided:
        offsets, score = _favoured(np.log(np.maximum(signs[:, :-1], _LEAST)), classes)
        whole = replace(whole, offsets=offsets)
        report |= {"offsets": list(offsets), "macro_f1": round(score, 4)}
    return _Fitted(tone=whole, signs=signs, report=report)


def _tone(
    rows: Mapping[str, Rows],
    aims: _Values,
    scale: tuple[tuple[float, ...], tuple[float, ...]],
    classes: NDArray[np.intp],
    *,
    sided: bool,
) -> Tone:
    levels, places = scale
    head = fit_head(
        Recipe(name="tone", views=tuple(rows), freedom=_FREEDOM, balanced=sided), rows, classes, len(levels)
    )
    line = fit_line(tuple(rows), rows, aims, _FIRMNESS)
    return Tone(
        weights={view: np.hstack([head.weights[view], line.weights[view]]) for view in rows},
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
