"""The shipped table is ours, knows what is near what, and says the same of a text in every batch."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.encoders import StaticVectors, Unavailable, Why, static, static_vectors


def _table() -> StaticVectors:
    found = static_vectors()
    assert isinstance(found, StaticVectors)
    return found


TABLE = _table()


def test_the_table_has_a_row_for_each_piece() -> None:
    assert TABLE.table.shape == (30_522, 256)
    assert TABLE.dimension == 256
    assert len(TABLE.digest) == 64


def test_what_means_alike_is_near() -> None:
    card, lost, food = TABLE.embed(["My card was stolen", "I lost my debit card", "The food was cold"])
    assert card @ lost > 0.6
    assert card @ food < 0.3


def test_case_accents_and_a_text_without_a_known_piece() -> None:
    cafe, plain, nothing, unknown = TABLE.embed(["CAFÉ", "cafe", "", "\u3164"])
    assert np.array_equal(cafe, plain)
    assert not nothing.any()
    assert not unknown.any()


@given(st.lists(st.text(max_size=60), min_size=1, max_size=20), st.data())
def test_a_vector_does_not_depend_on_the_batch_and_has_length_one_or_none(
    texts: list[str], data: st.DataObject
) -> None:
    together = TABLE.embed(texts)
    at = data.draw(st.integers(0, len(texts) - 1))
    assert np.array_equal(TABLE.embed([texts[at]])[0], together[at])
    norms = np.linalg.norm(together, axis=1)
    assert np.all((np.abs(norms - 1) < 1e-5) | (norms == 0))


def test_a_table_that_is_not_ours_is_not_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(static, "files", lambda _: tmp_path)
    for content in (None, b"another table"):
        if content is not None:
            (tmp_path / "words.npz").write_bytes(content)
        found = static_vectors()
        assert found == Unavailable(Why.ANOTHER_FILE, "words.npz is missing or altered: install the package again")
