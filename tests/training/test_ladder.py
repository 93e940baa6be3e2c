"""What `evaluate` says of a line: keywords first, then the model; and how it sounds, by its heads or the playbook."""

from collections.abc import Sequence
from dataclasses import replace

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

    def __init__(self, category: str, sentiment: float | None = -0.5, severity: float | None = 60.0) -> None:
        self._category = category
        self._sentiment = sentiment
        self._severity = severity

    @property
    def digest(self) -> str:
        return "0" * 64

    @property
    def categories(self) -> tuple[str, ...]:
        return (self._category,)

    def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        heard = Heard(categories=self.categories, confidence=0.9, sentiment=self._sentiment, severity=self._severity)
        return [heard for _ in asked]


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


def _sounds(text: str, model: Sure | None) -> tuple[float | None, float | None]:
    (said,) = climb([replace(LINE, text=text)], RULES, model)
    return said.sentiment, said.severity_score


def test_what_no_head_says_is_what_the_service_makes_of_the_text() -> None:
    # One bad word: (1 + 1/2) / 2 of 40 %; a hot word leaves 60 % of what is not bad yet.
    assert _sounds("terrible", None) == (-1.0, 30.0)
    assert _sounds("terrible, close my account", None) == (-1.0, 58.0)
    assert _sounds("terrible", Sure(OTHER, sentiment=None, severity=None)) == (-1.0, 30.0)
    assert _sounds("terrible", Sure("card_arrival", sentiment=None, severity=None)) == (-1.0, 30.0)


def test_each_head_is_heard_before_the_words() -> None:
    assert _sounds("terrible", Sure(OTHER)) == (-0.5, 60.0)
    assert _sounds("terrible", Sure(OTHER, sentiment=None)) == (-1.0, 60.0)
    assert _sounds("terrible", Sure(OTHER, severity=None)) == (-0.5, 30.0)


def test_a_severity_without_a_head_may_be_of_the_models_sentiment() -> None:
    assert _sounds("zzz", Sure(OTHER, severity=None)) == (-0.5, 30.0)


def test_of_what_says_nothing_nothing_is_said() -> None:
    assert _sounds("zzz", None) == (None, None)


def test_labels_that_nobody_knows_are_listed_with_their_lines() -> None:
    assert unknown_labels([LINE], {OTHER}) == {ONE: [4]}
    assert unknown_labels([LINE], {ONE, OTHER}) == {}
