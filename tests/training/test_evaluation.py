"""The figures of `evaluate`, counted by hand."""

import pytest

from service.core.records.words import CategoryMethod
from service.training import Labelled, Said, evaluate

NOTHING = Said(category="unmapped", confidence=0.0, method=CategoryMethod.NONE, sentiment=None, severity_score=None)


def _said(category: str, confidence: float) -> Said:
    return Said(
        category=category, confidence=confidence, method=CategoryMethod.MODEL, sentiment=None, severity_score=None
    )


def _line(label: str | None, language: str = "en") -> Labelled:
    return Labelled(id="1", text="a", language=language, labels=() if label is None else (label,))


def test_an_abstained_text_is_wrong_and_lowers_the_coverage() -> None:
    figures = evaluate([_line("a"), _line("a"), _line("b"), _line("b", "de")], [_said("a", 1.0)] * 3 + [NOTHING])
    assert figures == {
        "n": 4,
        "accuracy": 0.5,
        "accuracy_answered": 0.6667,
        "coverage": 0.75,
        "ece": 0.3333,
        "macro_f1": 0.4,
        "by_class": {
            "a": {"n": 2, "precision": 0.6667, "recall": 1.0, "f1": 0.8},
            "b": {"n": 2, "precision": None, "recall": 0.0, "f1": 0.0},
        },
        "by_language": {
            "de": {"n": 1, "accuracy": 0.0, "accuracy_answered": None, "coverage": 0.0, "ece": None},
            "en": {"n": 3, "accuracy": 0.6667, "accuracy_answered": 0.6667, "coverage": 1.0, "ece": 0.3333},
        },
        "by_method": {
            "model": {"n": 3, "accuracy": 0.6667, "accuracy_answered": 0.6667, "coverage": 1.0, "ece": 0.3333},
            "none": {"n": 1, "accuracy": 0.0, "accuracy_answered": None, "coverage": 0.0, "ece": None},
        },
        "out_of_scope": {"n": 0, "recall": None},
    }


def test_lines_without_a_label_are_counted_apart() -> None:
    figures = evaluate([_line("a"), _line(None), _line(None)], [_said("a", 1.0), NOTHING, _said("a", 0.9)])
    assert (figures["n"], figures["accuracy"]) == (1, 1.0)
    assert figures["out_of_scope"] == {"n": 2, "recall": 0.5}


def test_a_class_that_nobody_meant_is_shown_but_not_averaged() -> None:
    figures = evaluate([_line("a"), _line("a")], [_said("a", 1.0), _said("c", 1.0)])
    assert figures["macro_f1"] == pytest.approx(0.6667)
    assert figures["by_class"]["c"] == {"n": 0, "precision": 0.0, "recall": None, "f1": 0.0}


def test_no_lines_give_no_figures() -> None:
    figures = evaluate([], [])
    assert (figures["n"], figures["accuracy"], figures["macro_f1"], figures["ece"]) == (0, None, None, None)
