"""Labelled lines, and what was said of each -> how good it was, in figures.

`accuracy` counts every line that has a label, and a text without a category as wrong; `accuracy_answered` counts those
with one alone, and `coverage` is their share. A category is right when it is the line's first label. Lines without any
are out of scope: `out_of_scope.recall` is the share of them that got no category. `ece` compares the confidence of what
was answered with how much of it was right, in 15 bins of equal width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.core.categorise import UNMAPPED
from service.core.records.words import CategoryMethod
from service.training.labelled import Labelled
from service.training.measures import calibration_error

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the ladder says of one text; `severity_score` is 0..100, `sentiment` -1..1."""

    category: str
    confidence: float
    method: CategoryMethod
    sentiment: float | None
    severity_score: float | None

    @property
    def answered(self) -> bool:
        return self.category != UNMAPPED


def evaluate(lines: Sequence[Labelled], said: Sequence[Said]) -> Mapping[str, Any]:
    """Return the figures over all lines; each share is 0..1, and null where nothing is to be counted."""
    pairs = list(zip(lines, said, strict=True))
    inside = [(line, one) for line, one in pairs if line.labels]
    outside = [one for line, one in pairs if not line.labels]
    by_class = _by_class(inside)
    figures = [found["f1"] for found in by_class.values() if found["n"]]
    return {
        "n": len(inside),
        **_figures(inside),
        "macro_f1": _rounded(sum(figures) / len(figures)) if figures else None,
        "by_class": by_class,
        "by_language": _split(inside, lambda line, _: line.language),
        "by_method": _split(inside, lambda _, one: one.method.value),
        "out_of_scope": {"n": len(outside), "recall": _share([not one.answered for one in outside])},
    }


def _figures(pairs: Sequence[tuple[Labelled, Said]]) -> Mapping[str, Any]:
    right = [one.category == line.labels[0] for line, one in pairs]
    answered = [(one.confidence, hit) for (_, one), hit in zip(pairs, right, strict=True) if one.answered]
    confidence, hits = np.array([one for one, _ in answered]), np.array([hit for _, hit in answered], np.bool_)
    return {
        "accuracy": _share(right),
        "accuracy_answered": _share([hit for _, hit in answered]),
        "coverage": _share([one.answered for _, one in pairs]),
        "ece": _rounded(calibration_error(confidence, hits)) if answered else None,
    }


def _split(
    pairs: Sequence[tuple[Labelled, Said]], by: Callable[[Labelled, Said], str]
) -> Mapping[str, Mapping[str, Any]]:
    parts: dict[str, list[tuple[Labelled, Said]]] = {}
    for line, one in pairs:
        parts.setdefault(by(line, one), []).append((line, one))
    return {name: {"n": len(part), **_figures(part)} for name, part in sorted(parts.items())}


def _by_class(pairs: Sequence[tuple[Labelled, Said]]) -> Mapping[str, Mapping[str, Any]]:
    """Return for each class named or wanted how often each was so, and precision, recall and F1."""
    names = {line.labels[0] for line, _ in pairs} | {one.category for _, one in pairs if one.answered}
    found = {}
    for name in sorted(names):
        wanted = [one.category == name for line, one in pairs if line.labels[0] == name]
        claimed = [line.labels[0] == name for line, one in pairs if one.category == name]
        found[name] = {
            "n": len(wanted),
            "precision": _share(claimed),
            "recall": _share(wanted),
            "f1": _rounded(2 * sum(wanted) / (len(wanted) + len(claimed))),
        }
    return found


def _share(hits: Sequence[bool]) -> float | None:
    return _rounded(sum(hits) / len(hits)) if hits else None


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
