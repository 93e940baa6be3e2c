"""A head that goes by nearness learns places, and the same ones each time."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.adapters.model_files import load_model, write_model
from service.core.classify import Head, NearHead
from service.training import Trained, train
from service.training.nearness import fit_near
from tests.classifying import MadeUpVectors, lines

DICE = np.random.default_rng(1)
# Two classes across one another: no plane parts them.
CORNERS = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]], np.float32)
CLASSES = np.repeat([0, 0, 1, 1], 40).astype(np.intp)
ROWS = np.repeat(CORNERS, 40, axis=0) + DICE.normal(size=(160, 2)).astype(np.float32) / 5


def _said(head: NearHead, rows: NDArray[np.float32]) -> list[int]:
    found: list[int] = head.logits({"static": csr_array(rows)}).argmax(axis=1).tolist()
    return found


def test_it_tells_classes_apart_that_lie_across_one_another() -> None:
    head = fit_near("static", csr_array(ROWS), CLASSES, 2, freedom=10.0)
    assert _said(head, CORNERS) == [0, 0, 1, 1]
    assert len(head.centres) <= len(ROWS) / 2


def test_a_class_without_lines_never_wins() -> None:
    head = fit_near("static", csr_array(ROWS), CLASSES * 2, 4, freedom=10.0)
    assert _said(head, np.vstack([CORNERS, np.zeros((1, 2), np.float32)]))[:4] == [0, 0, 2, 2]
    assert set(_said(head, DICE.normal(size=(100, 2)).astype(np.float32))) <= {0, 2}


def test_what_differs_within_a_class_counts_less() -> None:
    """The first column tells the classes apart; the second is five times as wide and tells nothing."""
    rows = DICE.normal(size=(400, 2)).astype(np.float32) * np.array([0.3, 5], np.float32)
    classes = np.repeat([0, 1], 200).astype(np.intp)
    rows[:, 0] += classes * 2
    head = fit_near("static", csr_array(rows), classes, 2, freedom=10.0)
    assert abs(head.turn[0, 0]) > 1.5 * abs(head.turn[1, 1])


def test_one_line_a_class_is_enough_to_go_by() -> None:
    head = fit_near("static", csr_array(CORNERS[[0, 2]]), np.array([0, 1]), 2, freedom=10.0)
    assert _said(head, CORNERS[[0, 2]]) == [0, 1]


@pytest.fixture(scope="module")
def both() -> tuple[Trained, Trained]:
    few = [one for one in lines() if one.id.split("-")[2] in "01"]
    return tuple(train(few, seed=1, vectors={"static": MadeUpVectors()}) for _ in range(2))  # type: ignore[return-value]


def test_a_model_with_it_is_the_same_each_time_and_stays_so_in_a_file(both: tuple[Trained, Trained]) -> None:
    one, other = (write_model(each.model, each.report) for each in both)
    assert one == other
    loaded = load_model(one[0], [MadeUpVectors()]).model
    for name, head in both[0].model.heads.items():
        kept = loaded.heads[name]
        assert type(kept) is type(head)
        if isinstance(head, NearHead) and isinstance(kept, NearHead):
            for part in ("shift", "turn", "centres", "weights", "bias"):
                assert np.array_equal(getattr(kept, part), getattr(head, part))
            assert (kept.view, kept.sharpness, kept.temperature) == (head.view, head.sharpness, head.temperature)
    assert {type(one) for one in loaded.heads.values()} == {Head, NearHead}
