"""The ladder that `evaluate` goes up: keywords first, then the model, unless it has a taxonomy of its own."""

from collections.abc import Sequence

from service.assets import playbooks
from service.cli.speech import open_rules
from service.core.records.heard import Asked, Heard
from service.core.records.words import CategoryMethod
from service.training import Labelled, Said, climb, unknown_labels

RULES = open_rules(playbooks() / "retail")
ONE, OTHER = (category.id for category in RULES.playbook.taxonomy[:2])
SILENT = Heard()
LINE = Labelled(id="1", text="Zzz zzz", language="en", labels=(ONE,), number=4)


class Sure:
    """Names one category whatever it is asked."""

    def __init__(self, category: str) -> None:
        self._category = category

    @property
    def digest(self) -> str:
        return "0" * 64

    @property
    def categories(self) -> tuple[str, ...]:
        return (self._category,)

    def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        return [Heard(categories=self.categories, confidence=0.9, sentiment=-0.5, severity=60.0) for _ in asked]


def _said(category: str, confidence: float, method: CategoryMethod, heard: Heard = SILENT) -> Said:
    return Said(
        category=category,
        confidence=confidence,
        method=method,
        sentiment=heard.sentiment,
        severity_score=heard.severity,
    )


def test_without_a_model_keywords_decide_or_nobody() -> None:
    assert climb([LINE], RULES, None) == [_said("unmapped", 0.0, CategoryMethod.NONE)]


def test_the_model_decides_where_no_keyword_speaks() -> None:
    heard = Heard(sentiment=-0.5, severity=60.0)
    assert climb([LINE], RULES, Sure(OTHER)) == [_said(OTHER, 0.9, CategoryMethod.MODEL, heard)]


def test_a_model_of_another_taxonomy_decides_alone() -> None:
    heard = Heard(sentiment=-0.5, severity=60.0)
    assert climb([LINE], RULES, Sure("card_arrival")) == [_said("card_arrival", 0.9, CategoryMethod.MODEL, heard)]


def test_labels_that_nobody_knows_are_listed_with_their_lines() -> None:
    assert unknown_labels([LINE], {OTHER}) == {ONE: [4]}
    assert unknown_labels([LINE], {ONE, OTHER}) == {}
