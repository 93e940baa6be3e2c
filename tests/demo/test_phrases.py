"""What customers write, against the retail playbook that is to understand it."""

import pytest

from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.categorise import UNMAPPED, categorise
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.text import fold
from service.demo import plot
from service.demo.phrases import PHRASEBOOKS

# These override every score; any other complaint is as bad as its score, priority and tone say.
_GRAVE = {"product_safety", "legal_threat", "discrimination", "fraud_suspicion"}


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    found = load(playbooks() / "retail")
    assert found.faults == ()
    assert found.playbook is not None
    return found.playbook


@pytest.fixture(scope="module")
def rules(playbook: Playbook) -> Rules:
    return compile_playbook(playbook)


def _categories(rules: Rules, sentence: str) -> tuple[str, ...]:
    return categorise(rules.keywords, (), sentence, None).categories


def _has(words: tuple[str, ...], sentence: str) -> bool:
    return any(fold(word) in fold(sentence) for word in words)


@pytest.mark.parametrize("language", PHRASEBOOKS)
def test_every_complaint_is_about_its_own_category_and_no_other(language: str, rules: Rules) -> None:
    complaints = PHRASEBOOKS[language].complaints

    assert set(complaints) == set(rules.labels)
    assert {sentence: _categories(rules, sentence) for sentences in complaints.values() for sentence in sentences} == {
        sentence: (category,) for category, sentences in complaints.items() for sentence in sentences
    }


@pytest.mark.parametrize("language", PHRASEBOOKS)
def test_whatever_else_is_written_is_about_no_category(language: str, rules: Rules) -> None:
    book = PHRASEBOOKS[language]
    others = (
        *book.openings, *book.feelings, *book.closings, *book.hot, *book.vague, *book.praise, *book.neutral,
        *book.questions, *book.chasers, *book.replies, *book.subjects, *book.products, *book.cities,
    )  # fmt: skip

    assert [sentence for sentence in others if _categories(rules, sentence)] == []
    assert categorise(rules.keywords, (), " ".join(others), language).category == UNMAPPED


@pytest.mark.parametrize("language", PHRASEBOOKS)
def test_feelings_sound_bad_and_praise_sounds_good(language: str, playbook: Playbook) -> None:
    book, lexicon = PHRASEBOOKS[language], playbook.severity.sentiment[language]

    assert all(_has(lexicon.negative, sentence) for sentence in book.feelings)
    assert all(_has(lexicon.positive, sentence) for sentence in book.praise)
    assert not any(_has(lexicon.negative, sentence) for sentence in (*book.praise, *book.neutral, *book.questions))


@pytest.mark.parametrize("language", PHRASEBOOKS)
def test_only_grave_complaints_have_words_that_override_a_score(language: str, playbook: Playbook) -> None:
    words = tuple(word for override in playbook.severity.overrides for word in override.words[language])
    complaints = PHRASEBOOKS[language].complaints

    assert {
        category for category, sentences in complaints.items() if all(_has(words, one) for one in sentences)
    } == _GRAVE
    assert {
        category for category, sentences in complaints.items() if any(_has(words, one) for one in sentences)
    } == _GRAVE


def test_the_plot_uses_only_what_the_playbook_knows(playbook: Playbook) -> None:
    processes = {process.id for process in playbook.processes}
    labels = {category.id: category.labels for category in playbook.taxonomy}
    decks = (*plot.SAID.values(), plot.SAID_IN_OUTAGE, plot.SAID_OF_US)

    assert set(plot.PROCESSES) == set(plot.SAID) == processes
    assert {said for deck in decks for said in deck} - plot.OCCASIONS <= set(labels)
    assert all(label in labels[category] for category, label in plot.LABELS.items())
    assert {category for _, category, _ in plot.SINGULAR} <= set(labels)
