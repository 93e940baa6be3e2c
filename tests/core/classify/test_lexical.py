"""How words sound by a lexicon: which count, what a negation does, and nothing of a language that it does not know."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.classify.lexical import WIDTH, LexicalView
from service.core.records.heard import Asked

VIEW = LexicalView(("bad", "good", "kind"), (-2.0, 2.0, 1.0))
COMPOUND, WITHOUT = 0, 7


def figures(text: str) -> list[float]:
    """Return the figures as they are made, before their share is taken."""
    found: list[float] = (VIEW.rows([Asked(text=text)]).toarray()[0] * 2).tolist()
    return found


def compound(text: str) -> float:
    return figures(text)[COMPOUND]


@pytest.mark.parametrize(
    ("text", "sum_of_valences"),
    [
        pytest.param("GOOD and kind", 3.0, id="words in any case"),
        pytest.param("good, bad", 0.0, id="of either side"),
        pytest.param("not good", -1.48, id="a negation turns round"),
        pytest.param("it wasn't all that good", -1.48, id="up to three words behind it"),
        pytest.param("not what I would call good", 2.0, id="and no further"),
        pytest.param("kind but bad", -2.5, id="what is behind a but weighs more"),
        pytest.param("goodness", 0.0, id="a part of a word is no word"),
        pytest.param("bonté", 0.0, id="another language"),
        pytest.param("", 0.0, id="nothing"),
    ],
)
def test_the_words_of_a_text_add_up(text: str, sum_of_valences: float) -> None:
    assert compound(text) == pytest.approx(sum_of_valences / np.sqrt(sum_of_valences**2 + 15))


def test_a_text_without_a_known_word_says_so() -> None:
    assert [figures(text)[WITHOUT] for text in ("late again", "", "good", "good and bad")] == [1.0, 1.0, 0.0, 0.0]


@given(st.lists(st.text(alphabet="god bakin't!?but ", max_size=60), max_size=5))
def test_every_text_has_its_own_bounded_row(texts: list[str]) -> None:
    rows = VIEW.rows([Asked(text=text) for text in texts])
    assert rows.shape == (len(texts), WIDTH)
    assert np.isfinite(rows.data).all()
    assert np.abs(rows.data).max(initial=0) <= 3
    for at, text in enumerate(texts):
        assert (VIEW.rows([Asked(text=text)]).toarray()[0] == rows.toarray()[at]).all()
