"""Severity and sentiment of comments that were not learnt from, with and without the question that they answer.

The figures are bounds that what is measured must keep, a little below what was reached when they were written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from service.adapters.encoders import StaticVectors, static_vectors
from service.adapters.english import valences
from service.core.classify import TAUGHT, Vectors
from service.core.text import fold
from service.training import Labelled
from service.training.looking import dense_views, lexical_view, read_views, rows_of
from service.training.measures import macro_f1
from service.training.teaching import Lesson, teach
from service.training.tone import fit_tones
from tests.quality.classification.patients import Split, criticality, survey

pytestmark = pytest.mark.quality

_SEVERITIES, _SENTIMENTS = 9, 3
STATIC = "static"

Values = NDArray[np.float64]
Record = Callable[[str, object], None]


def heard(
    name: str, split: Split, encoders: Mapping[str, Vectors], *, asked: bool, besides: Sequence[Labelled] = ()
) -> tuple[Values, Values, Sequence[Labelled]]:
    """Learn from one part and return what is heard in the other by the default, and with all encoders asked.

    Without the question where it is not `asked`. `besides` are further lines to learn from, those left out whose text
    is held back. The default is taught by the encoders, as `train` does it.
    """
    learnt, held = ([one if asked else replace(one, question="") for one in part] for part in split)
    kept = {fold(one.text) for one in held}
    learnt += [replace(one, question="") for one in besides if fold(one.text) not in kept]
    static = static_vectors()
    assert isinstance(static, StaticVectors)
    dense = dense_views({STATIC: static, **encoders})
    views = read_views(learnt, _SEVERITIES) | lexical_view(valences()) | dense
    known = rows_of(dense, learnt)
    lesson = Lesson(vectors=static, plain=known[STATIC], taught_by={one: known[one] for one in encoders})
    views[TAUGHT] = teach([one.text for one in learnt], lesson)
    tones = fit_tones(learnt, views, (STATIC,), seed=1, slow=sorted(encoders)).tones
    seen = rows_of(views, held)
    found = []
    for slow in (False, True):
        best = {what: [one for one in some if slow >= one.slow][-1] for what, some in tones.items()}
        glances = {what: one.signs(seen) for what, one in best.items() if what.startswith("glance:")}
        found.append(best[name].values({**seen, **glances}))
    return found[0], found[1], held


@pytest.mark.parametrize(
    ("asked", "besides", "least", "least_of_the_extra"),
    [
        pytest.param(False, False, 0.70, 0.74, id="text alone"),
        pytest.param(True, False, 0.858, 0.865, id="with the question"),
    ],
)
def test_severity_follows_the_criticality_that_people_gave(
    shared_data: Path,
    encoders: dict[str, Vectors],
    record_property: Record,
    least: float,
    least_of_the_extra: float,
    *,
    asked: bool,
    besides: bool,
) -> None:
    others = [one for part in survey(shared_data) for one in part] if besides else []
    *both, held = heard("severity", criticality(shared_data), encoders, asked=asked, besides=others)
    wanted = [one.severity for one in held]
    default, extra = (float(spearmanr(values, wanted).statistic) for values in both)
    show(record_property, "severity, Spearman", default, extra)
    assert len(held) == 884
    assert default >= least
    assert extra >= least_of_the_extra


@pytest.mark.parametrize(
    ("asked", "besides", "least", "least_of_the_extra"),
    [
        pytest.param(False, False, 0.66, 0.71, id="text alone"),
        pytest.param(True, False, 0.695, 0.72, id="with the question"),
        pytest.param(False, True, 0.68, 0.705, id="text alone, with lines of severity beside"),
    ],
)
def test_sentiment_is_on_the_side_that_people_saw_it_on(
    shared_data: Path,
    encoders: dict[str, Vectors],
    record_property: Record,
    least: float,
    least_of_the_extra: float,
    *,
    asked: bool,
    besides: bool,
) -> None:
    others = [one for part in criticality(shared_data) for one in part] if besides else []
    *both, held = heard("sentiment", survey(shared_data), encoders, asked=asked, besides=others)
    wanted = np.sign(np.array([one.sentiment for one in held], np.float64)).astype(np.intp) + 1
    default, extra = (
        macro_f1((values > -0.25).astype(np.intp) + (values > 0.25), wanted, _SENTIMENTS) for values in both
    )
    show(record_property, "sentiment, macro-F1", default, extra)
    assert len(held) == 654
    assert default >= least
    assert extra >= least_of_the_extra


def show(record: Record, what: str, default: float, extra: float) -> None:
    record(what, (default, extra))
    print(f"{what}: the default {default:.3f}, with the encoders {extra:.3f}")  # noqa: T201 - figures are the point
