"""A static table is fitted to what an encoder says of texts, and the texts are always the same."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from service.training.table import fit_table, probe_texts, texts

WORDNET = {
    "data.noun": "  1 A licence.\n"
    '00001 03 n 02 card 0 plastic_card 0 000 | a small piece of plastic; "he paid by card"\n'
    "00002 03 n 01 refund 0 000 | money that is given back\n",
    "data.verb": "00003 29 v 01 pay 0 000 | give money\n",
    "data.adj": "00004 00 a 01 late(p) 0 000 | after the due time\n",
    "data.adv": "00005 02 r 01 again 0 000 | once more\n",
    "cntlist.rev": "card%1:06:00:: 1 9\npay%2:40:00:: 1 5\nlate%3:00:00:: 1 4\n",
}


def test_texts_are_the_same_each_time_and_hold_definitions_examples_and_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_SENTENCES", "_RUNS"):
        monkeypatch.setattr(texts, name, 50)
    pieces = ["[PAD]"] * 1_996 + ["money", "##s", "time"]
    made = probe_texts(WORDNET, pieces)
    assert made == probe_texts(WORDNET, pieces)
    assert len(made) == 50 + 50 + 11
    assert {"he paid by card", "card plastic card", "refund: money that is given back", "late"} <= set(made)


def test_sums_of_rows_point_where_the_encoder_points() -> None:
    drawn = np.random.default_rng(3)
    of_pieces = drawn.standard_normal((40, 6)).astype(np.float32)
    numbers = [drawn.integers(0, 39, drawn.integers(2, 6)).tolist() for _ in range(600)]
    said = np.array([of_pieces[one].sum(axis=0) + 2 for one in numbers], np.float32)
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    table = fit_table(numbers, said, of_pieces, silent=[39])
    rows = table.rows.astype(np.float32) * table.scales.astype(np.float32)[:, None]
    assert not rows[39].any()
    likeness = [_cosine(rows[a].sum(0), rows[b].sum(0)) for a, b in itertools.pairwise(numbers)]
    centred = said - said.mean(axis=0)
    wanted = [_cosine(a, b) for a, b in itertools.pairwise(centred)]
    assert np.corrcoef(likeness, wanted)[0, 1] > 0.8


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other) / max(float(np.linalg.norm(one)) * float(np.linalg.norm(other)), 1e-9)
