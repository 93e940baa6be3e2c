"""Texts become sparse rows as scikit-learn's vectorisers would make them, whatever stands beside a text."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from service.core.classify import pieces_of, tokens_of
from service.core.text import fold
from service.training.vocabulary import fit_terms

TEXTS = [
    "My card has not arrived!",
    "my card was declined, why?",
    "I want a refund. A refund!",
    "refund my top-up now",
    "Überweisung dauert zu lange",
]
TERMS = fit_terms([fold(text) for text in TEXTS], least=1)


def test_a_word_gives_its_tokens_one_letter_words_and_marks_included() -> None:
    assert tokens_of("i'm!?") == ("i", "m", "!", "?")


def test_a_word_gives_its_pieces_with_a_space_on_either_side() -> None:
    assert pieces_of("card") == (" ca", "car", "ard", "rd ", " car", "card", "ard ", " card", "card ")


def test_a_word_shorter_than_a_piece_is_a_piece_once() -> None:
    assert pieces_of("a") == (" a ",)
    assert pieces_of("it") == (" it", "it ", " it ")


def test_rows_are_those_of_scikit_learn() -> None:
    folded = [fold(text) for text in TEXTS]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\w+|[!?]").fit(folded)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(folded)
    assert TERMS.words == tuple(words.get_feature_names_out())
    assert TERMS.pieces == tuple(pieces.get_feature_names_out())
    expected = np.hstack([words.transform(folded).toarray(), pieces.transform(folded).toarray()])
    np.testing.assert_allclose(TERMS.rows(folded).toarray(), expected, atol=2e-3)


@given(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=60)), min_size=1, max_size=6))
def test_a_row_is_the_same_in_every_batch(texts: list[str]) -> None:
    folded = [fold(text) for text in texts]
    together = TERMS.rows(folded).toarray()
    for at, text in enumerate(folded):
        assert (TERMS.rows([text]).toarray()[0] == together[at]).all()


def test_a_text_without_a_known_term_has_an_empty_row() -> None:
    assert TERMS.rows(["", "zzzz"]).nnz == 0


def test_a_word_of_a_megabyte_costs_no_more_than_a_long_one() -> None:
    assert len(pieces_of("x" * 1_000_000)) == len(pieces_of("x" * 40))


def test_terms_hold_no_line_break() -> None:
    assert not any(re.search(r"\n", term) for term in fit_terms([fold("a\nb\x85c\u2028d")], least=1).words)
