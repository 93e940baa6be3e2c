"""What is near a centre is taken for what the centre stands for, whatever is asked beside it."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.core.classify import NearHead
from service.core.classify.near import turned

HEAD = NearHead(
    view="static",
    shift=np.zeros(2, np.float32),
    turn=np.eye(2, dtype=np.float32),
    centres=np.array([[1, 0], [0, 1], [-1, 0]], np.float32),
    weights=np.array([[1, 0], [0, 1], [1, 0]], np.float32),
    bias=np.zeros(2, np.float32),
    sharpness=3.0,
    temperature=0.5,
)


def _logits(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    return HEAD.logits({"static": csr_array(rows)})


def test_a_class_may_lie_on_two_sides_of_another() -> None:
    assert _logits(np.array([[1, 0], [0, 1], [-1, 0]], np.float32)).argmax(axis=1).tolist() == [0, 1, 0]


def test_a_centre_counts_the_less_the_further_it_is() -> None:
    between = np.array([[0.8, 0.6]], np.float32)
    got = [np.exp(6 * (0.8 - 1)) + np.exp(6 * (-0.8 - 1)), np.exp(6 * (0.6 - 1))]
    assert np.allclose(_logits(between), np.log([got]) / 0.5, atol=1e-5)


def test_a_class_far_off_gets_the_least_whatever_is_said_of_it() -> None:
    assert np.allclose(_logits(np.array([[1, 0]], np.float32)), [[0, np.log(0.03) / 0.5]], atol=1e-4)


def test_what_is_turned_has_length_one_and_nothing_stays_nothing() -> None:
    turn = np.diag([2, 1]).astype(np.float32)
    rows = turned(np.array([[2, 1], [1, 1]], np.float32), np.array([1, 1], np.float32), turn)
    assert rows.tolist() == [[1, 0], [0, 0]]


def test_logits_do_not_depend_on_the_batch() -> None:
    rows = np.random.default_rng(1).normal(size=(150, 2)).astype(np.float32)
    together = _logits(rows)
    assert all(np.array_equal(_logits(rows[at : at + 1])[0], together[at]) for at in range(len(rows)))
    assert _logits(rows[:0]).shape == (0, 2)
