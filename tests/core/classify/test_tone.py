"""What a tone makes of rows: the mean of the level expected and of the line, and a sentiment's side by its band."""

from typing import TypedDict

import numpy as np
import pytest
from scipy.sparse import csr_array

from service.core.classify import Kernel, Tone

ROW = {"text": csr_array(np.ones((1, 1), np.float32))}


class Scale(TypedDict):
    levels: tuple[float, ...]
    places: tuple[float, ...]


SEVERITY: Scale = {"levels": (0.0, 20.0, 100.0), "places": (0.2, 0.6, 0.9)}
SENTIMENT: Scale = {"levels": (-1.0, 0.0, 1.0), "places": (-1.0, 0.0, 1.0)}


def tone(scale: Scale, logits: tuple[float, ...], line: float, *offsets: float) -> float:
    """Return what is heard of a text that has these logits and this place on the line."""
    weights = np.array([[*logits, line]], np.float32)
    made = Tone(weights={"text": weights}, bias=np.zeros(4, np.float32), offsets=offsets, **scale)
    (value,) = made.values(ROW).tolist()
    return float(value)


@pytest.mark.parametrize(
    ("logits", "line", "severity"),
    [
        pytest.param((0.0, 99.0, 0.0), 0.6, 20.0, id="sure of a level"),
        pytest.param((0.0, 99.0, 0.0), 0.2, 14.0, id="a place in between, three tenths of it the line's"),
        pytest.param((0.0, 99.0, 99.0), 0.75, 60.0, id="between two levels"),
        pytest.param((0.0, 0.0, 99.0), 1.3, 100.0, id="no higher than the highest level"),
        pytest.param((99.0, 0.0, 0.0), -1.3, 0.0, id="no lower than the lowest"),
    ],
)
def test_severity(logits: tuple[float, ...], line: float, severity: float) -> None:
    assert tone(SEVERITY, logits, line) == pytest.approx(severity, abs=0.001)


def test_a_kernel_counts_half() -> None:
    kernel = Kernel(
        centres={"text": np.ones((1, 1), np.float32)}, scales={"text": 1.0}, weights=np.ones(1, np.float32), bias=-0.1
    )
    weights = np.array([[0.0, 99.0, 0.0, 0.6]], np.float32)
    made = Tone(weights={"text": weights}, bias=np.zeros(4, np.float32), kernel=kernel, **SEVERITY)
    # 0.6 by the levels and the line, 0.9 by the kernel: halfway from 20 to 100.
    assert made.values(ROW).tolist() == pytest.approx([60.0], abs=0.001)


@pytest.mark.parametrize(
    ("logits", "line", "offsets", "sentiment"),
    [
        pytest.param((9.0, 0.0, 0.0), -0.9, (0.0, 0.0, 0.0), -0.9697, id="negative"),
        pytest.param((1.0, 0.9, 0.0), 0.0, (0.0, 0.0, 0.0), -0.5, id="negative by little"),
        pytest.param((1.0, 0.9, 0.0), 0.0, (0.0, 0.5, 0.0), -0.05, id="neutral where that is favoured"),
        pytest.param((0.0, 0.0, 0.1), -1.0, (0.0, 0.0, 0.0), 0.5, id="positive by little"),
        pytest.param((0.0, 0.0, 99.0), 3.0, (0.0, 0.0, 0.0), 1.0, id="no more than positive"),
    ],
)
def test_sentiment(
    logits: tuple[float, ...], line: float, offsets: tuple[float, float, float], sentiment: float
) -> None:
    assert tone(SENTIMENT, logits, line, *offsets) == sentiment
