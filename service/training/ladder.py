"""Labelled lines, a playbook's keywords and a model -> what the ladder says of each: keyword, model or `unmapped`."""

from collections.abc import Collection, Sequence

from service.core.categorise import UNMAPPED, KeywordRules, categorise
from service.core.records.heard import Classifier, Heard
from service.core.records.words import CategoryMethod
from service.training.evaluation import Said
from service.training.labelled import Labelled
from service.training.looking import asked_of

_BATCH = 500
_SILENT = Heard()


def climb(lines: Sequence[Labelled], keywords: KeywordRules, model: Classifier | None) -> Sequence[Said]:
    """Say of each line what a feedback with its text would be given; the line's own labels are not looked at.

    A model that names categories which the playbook does not have was trained on a taxonomy of its own, and then
    decides alone.
    """
    own = model is not None and not set(model.categories) <= set(keywords.categories)
    heard: list[Heard] = []
    for start in range(0, len(lines), _BATCH):
        part = lines[start : start + _BATCH]
        heard.extend([_SILENT] * len(part) if model is None else model.hear(asked_of(part)))
    return [_said(line, one, None if own else keywords) for line, one in zip(lines, heard, strict=True)]


def unknown_labels(lines: Sequence[Labelled], known: Collection[str]) -> dict[str, list[int]]:
    """Return the labels that nobody knows, each with the numbers of its lines."""
    unknown: dict[str, list[int]] = {}
    for line in lines:
        for label in line.labels:
            if label not in known:
                unknown.setdefault(label, []).append(line.number)
    return dict(sorted(unknown.items()))


def _said(line: Labelled, heard: Heard, keywords: KeywordRules | None) -> Said:
    category, confidence, method = UNMAPPED, 0.0, CategoryMethod.NONE
    if keywords is not None:
        found = categorise(keywords, (), line.text, line.language)
        category, confidence, method = found.category, found.confidence, found.method
    if method is CategoryMethod.NONE and heard.categories:
        category, confidence, method = heard.categories[0], heard.confidence, CategoryMethod.MODEL
    return Said(
        category=category,
        confidence=confidence,
        method=method,
        sentiment=heard.sentiment,
        severity_score=heard.severity,
    )
