"""Lines with a severity or a sentiment -> the tone that hears it, with and without vectors, and how it did.

Severity is learnt on the levels that people used, or on nine of equal size where they used many. Sentiment is learnt on
three sides that weigh the same, since the neutral one is rare; how far each is favoured is chosen on held-out lines.
Where lines tell of both, each is learnt with a glance at the other as one more view: of a line that the glance was
learnt from, what it sees without that line. Beside vectors, a kernel learns severity too; encoders that are slow give
one more tone, for the texts that they are asked about.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import spearmanr

from service.core.classify import LEXICAL, QUESTION, TAUGHT, TEXT, Kernel, Tone, View
from service.core.classify.model import SENTIMENT, SEVERITY, glance_at
from service.core.classify.terms import Rows
from service.core.text import fold
from service.training.folds import folds, groups
from service.training.labelled import Labelled
from service.training.likening import fit_kernel
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
_FREEDOM, _FREEDOM_OF_SIDES, _FIRMNESS = 3.0, 1.0, 2.0
# What the smallest probability counts as.
_LEAST = 1e-6
_FAVOURS = np.round(np.arange(-1.0, 1.6, 0.1), 1)
# What the figures of the lexicon and the question count in a kernel, whose vectors count 1 in all. Of questions with
# more terms than that, a kernel would be slow.
_OF_LEXICON, _OF_QUESTION, _MOST_OF_QUESTION = 0.3, 0.7, 200

_Values = NDArray[np.float64]
_Told = Sequence[tuple[Labelled, float]]
_FitKernel = Callable[[Mapping[str, Rows], _Values], Kernel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toned:
    """`tones` by what they hear, the plainest first; `report` by the same."""

    tones: Mapping[str, tuple[Tone, ...]]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The views that a tone is learnt from, and what each of its kernel's counts, if it has one."""

    views: Sequence[str]
    scales: Mapping[str, float]
    slow: bool


def fit_tones(
    lines: Sequence[Labelled],
    views: Mapping[str, View],
    dense: Collection[str],
    seed: int,
    slow: Collection[str] = (),
) -> Toned:
    """Fit what enough of the lines tell, from the views of words and, where there are any, the dense ones."""
    looks = _looks(views, dense, slow)
    looked = {view for look in looks for view in (*look.views, *look.scales)}
    told = {name: said for name in (SEVERITY, SENTIMENT) if (said := _told(lines, name))}
    rows = {
        name: rows_of({view: views[view] for view in sorted(looked)}, [line for line, _ in one])
        for name, one in told.items()
    }
    fit = {name: partial(_fit, name, told[name], rows[name], seed) for name in told}
    # Nothing learns from the kernel of a glance.
    glances = [replace(look, scales={}) for look in looks] if len(told) > 1 else looks
    first = {name: [fit[name](look, {}) for look in glances] for name in told}
    last = {
        name: [
            fit[name](look, _seen(other, told[other], glance, told[name], rows[name]))
            for look, glance in zip(looks, first[other], strict=True)
        ]
        for name, other in ((SEVERITY, SENTIMENT), (SENTIMENT, SEVERITY))
        if len(first) > 1
    }
    found = {**{glance_at(name): ones for name, ones in first.items()}, **last} if last else first
    return Toned(
        tones={name: tuple(one.tone for one in ones) for name, ones in found.items()},
        report={name: ones[-1].report for name, ones in (last or first).items()},
    )


def _looks(views: Mapping[str, View], dense: Collection[str], slow: Collection[str]) -> Sequence[_Look]:
    """Return how tones look, the plainest first: by words alone, with quick vectors, with all."""
    words = [view for view in (TEXT, QUESTION, LEXICAL) if view in views]
    looks = [_Look(views=words, scales={}, slow=False)]
    if dense:
        near = _scales(views, [TAUGHT] if TAUGHT in views else dense)
        looks.append(_Look(views=[*words, *dense], scales=near, slow=False))
    if slow:
        looks.append(_Look(views=[*words, *dense, *slow], scales=_scales(views, slow), slow=True))
    return looks


def _scales(views: Mapping[str, View], near: Collection[str]) -> Mapping[str, float]:
    scales = dict.fromkeys(near, round(len(near) ** -0.5, 4))
    if LEXICAL in views:
        scales[LEXICAL] = _OF_LEXICON
    if QUESTION in views and views[QUESTION].width <= _MOST_OF_QUESTION:
        scales[QUESTION] = _OF_QUESTION
    return scales


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


def _seen(name: str, learnt: _Told, glance: _Fitted, asked: _Told, rows: Mapping[str, Rows]) -> Mapping[str, Rows]:
    """Return what a glance sees of lines: of those with the text of one that it was learnt from, without that one."""
    signs = glance.tone.signs(rows).toarray()
    unseen = {fold(line.text): at for at, (line, _) in enumerate(learnt)}
    for at, (line, _) in enumerate(asked):
        if (there := unseen.get(fold(line.text))) is not None:
            signs[at] = glance.signs[there]
    return {glance_at(name): csr_array(signs)}


def _fit(
    name: str, told: _Told, known: Mapping[str, Rows], seed: int, look: _Look, more: Mapping[str, Rows]
) -> _Fitted:
    sided = name == SENTIMENT
    lines, values = [line for line, _ in told], np.array([value for _, value in told])
    rows = {**{view: known[view] for view in look.views}, **more}
    near = {view: known[view] for view in look.scales}
    kernel = partial(fit_kernel, look.scales, seed=seed) if near and not sided else None
    part = folds(np.zeros(len(lines), np.intp), groups(lines), _PARTS, seed)
    levels, classes = _sides(values) if sided else _levels(values)
    places = levels if sided else _places(classes)
    aims = values if sided else np.array(places)[classes]
    said, signs = np.zeros(len(values)), np.zeros((len(values), len(levels) + 1), np.float32)
    for one in range(_PARTS):
        out = part == one
        learnt, asked = _only(rows, ~out), _only(rows, out)
        tone = _tone(learnt, aims[~out], (levels, places), classes[~out], sided=sided)
        if kernel is not None:
            tone = replace(tone, kernel=kernel(_only(near, ~out), aims[~out]))
        said[out], signs[out] = tone.values({**_only(near, out), **asked}), tone.signs(asked).toarray()
    whole = replace(_tone(rows, aims, (levels, places), classes, sided=sided), slow=look.slow)
    if kernel is not None:
        whole = replace(whole, kernel=kernel(near, aims))
    report = {
        "n": len(lines),
        "views": list(rows),
        "kernel": dict(look.scales) if kernel is not None else None,
        "levels": list(levels),
        "spearman": round(float(spearmanr(said, values).statistic), 4),
        "mean_absolute_error": round(float(np.abs(said - values).mean()), 4),
    }
    if sided:
        offsets, score = _favoured(np.log(np.maximum(signs[:, :-1], _LEAST)), classes)
        whole = replace(whole, offsets=offsets)
        report |= {"offsets": list(offsets), "macro_f1": round(score, 4)}
    return _Fitted(tone=whole, signs=signs, report=report)


def _only(rows: Mapping[str, Rows], where: NDArray[np.bool_]) -> Mapping[str, Rows]:
    return {view: row[np.flatnonzero(where)] for view, row in rows.items()}


def _tone(
    rows: Mapping[str, Rows],
    aims: _Values,
    scale: tuple[tuple[float, ...], tuple[float, ...]],
    classes: NDArray[np.intp],
    *,
    sided: bool,
) -> Tone:
    levels, places = scale
    freedom = _FREEDOM_OF_SIDES if sided else _FREEDOM
    head = fit_head(Recipe(name="tone", views=tuple(rows), freedom=freedom, balanced=sided), rows, classes, len(levels))
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
