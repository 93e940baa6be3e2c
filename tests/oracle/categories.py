"""What a feedback is about: the category that its labels name, else the one whose keywords weigh most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.wording import folded, met, met_in_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    name: str = "unmapped"
    confidence: float = 0.0
    method: str = "none"
    all: tuple[str, ...] = ()


def categorise(taxonomy: Sequence[dict[str, Any]], labels: Sequence[str], text: str, language: str) -> Category:
    """Labels come before keywords, more before less, and of equals the one that the taxonomy has first."""
    given, text = {folded(label) for label in labels}, folded(text)
    by_label: dict[str, int] = {}
    by_keyword: dict[str, int] = {}
    for one in taxonomy:
        named = given & {folded(label) for label in one.get("labels", ())}
        if named:
            by_label[one["id"]] = len(named)
        keywords = met_in_language(one.get("keywords", {}), text, language)
        if keywords and not met(one.get("exclude", ()), text):
            by_keyword[one["id"]] = sum(len(keyword.split()) for keyword in keywords)
    ranked = _ranked(by_label) + [name for name in _ranked(by_keyword) if name not in by_label]
    if not ranked:
        return Category()
    if by_label:
        method, confidence = "label", by_label[ranked[0]] / sum(by_label.values())
    else:
        best, second = (*sorted(by_keyword.values(), reverse=True), 0)[:2]
        method, confidence = "keyword", best / (best + second) * best / (best + 0.5)
    return Category(name=ranked[0], confidence=confidence, method=method, all=tuple(ranked[:3]))


def _ranked(weights: dict[str, int]) -> list[str]:
    # The sort is stable, and the weights were put in in the order of the taxonomy.
    return sorted(weights, key=lambda name: -weights[name])
