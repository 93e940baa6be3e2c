"""Severity and sentiment of comments that were not learnt from, with and without the question that they answer.

The figures are bounds that what is measured must keep, a little below what was reached when they were written.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from service.adapters.encoders import StaticVectors, static_vectors
from service.adapters.english import valences
from service.core.text import fold
from service.training import Labelled
from service.training.looking import dense_views, lexical_view, read_views, rows_of
from service.training.measures import macro_f1
from service.training.tone import fit_tones
from tests.quality.classification.patients import Split, criticality, survey

pytestmark = pytest.mark.quality

_SEVERITIES, _SENTIMENTS = 9, 3


def heard(
    name: str, split: Split, *, asked: bool, besides: Sequence[Labelled] = ()
) -> tuple[NDArray[np.float64], Sequence[Labelled]]:
    """Learn from one part and return what is heard in the other; without the question where it is not asked.

    `besides` are further lines to learn from, those left out whose text is held back.
    """
    learnt, held = ([one if asked else replace(one, question="") for one in part] for part in split)
    kept = {fold(one.text) for one in held}
    learnt += [replace(one, question="") for one in besides if fold(one.text) not in kept]
    vectors = static_vectors()
    assert isinstance(vectors, StaticVectors)
    views = read_views(learnt, _SEVERITIES) | lexical_view(valences()) | dense_views({"static": vectors})
    tones = fit_tones(learnt, views, ("static",), seed=1).tones
    rows = rows_of(views, held)
    rows |= {glance: best.signs(rows) for glance, (*_, best) in tones.items() if glance.startswith("glance:")}
    return tones[name][-1].values(rows), held


@pytest.mark.parametrize(
    ("asked", "besides", "spearman"),
    [
        pytest.param(False, False, 0.69, id="text alone"),
        pytest.param(True, False, 0.85, id="with the question"),
        pytest.param(False, True, 0.69, id="text alone, with lines of sentiment beside"),
        pytest.param(True, True, 0.85, id="with the question, with lines of sentiment beside"),
    ],
)
def test_severity_follows_the_criticality_that_people_gave(
    shared_data: Path, spearman: float, *, asked: bool, besides: bool
) -> None:
    others = [one for part in survey(shared_data) for one in part] if besides else []
    values, held = heard("severity", criticality(shared_data), asked=asked, besides=others)
    assert len(held) == 884
    assert spearmanr(values, [one.severity for one in held]).statistic >= spearman


@pytest.mark.parametrize(
    ("asked", "besides", "f1"),
    [
        pytest.param(False, False, 0.69, id="text alone"),
        pytest.param(True, False, 0.71, id="with the question"),
        pytest.param(False, True, 0.70, id="text alone, with lines of severity beside"),
        pytest.param(True, True, 0.70, id="with the question, with lines of severity beside"),
    ],
)
def test_sentiment_is_on_the_side_that_people_saw_it_on(
    shared_data: Path, f1: float, *, asked: bool, besides: bool
) -> None:
    others = [one for part in criticality(shared_data) for one in part] if besides else []
    values, held = heard("sentiment", survey(shared_data), asked=asked, besides=others)
    wanted = np.sign(np.array([one.sentiment for one in held], np.float64)).astype(np.intp) + 1
    sides = (values > -0.25).astype(np.intp) + (values > 0.25)
    assert len(held) == 654
    assert macro_f1(sides, wanted, _SENTIMENTS) >= f1
