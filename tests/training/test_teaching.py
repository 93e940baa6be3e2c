"""A view learns from an encoder to see in words what the encoder sees, and asks it no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from service.adapters.model_files import load_model, write_model
from service.core.classify import TAUGHT, TaughtView
from service.core.records.heard import Asked
from service.training import Trained, train
from service.training.looking import asked_of, dense_views, rows_of
from service.training.teaching import Lesson, teach
from tests.classifying import MadeUpVectors, lines

LINES = lines()
STATIC = MadeUpVectors()


@dataclass(frozen=True)
class Teacher:
    """It knows of each text which of the three things it is about, and nothing else."""

    dimension: int = 3
    digest: str = "teacher"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        about = {one.text: sorted({line.labels[0] for line in LINES}).index(one.labels[0]) for one in LINES}
        return np.eye(3, dtype=np.float32)[[about.get(text, 0) for text in texts]]


def _view() -> TaughtView:
    rows = rows_of(dense_views({"static": STATIC, "teacher": Teacher()}), LINES)
    taught_by = {"teacher": rows["teacher"]}
    return teach([one.text for one in LINES], Lesson(vectors=STATIC, plain=rows["static"], taught_by=taught_by))


@cache
def _trained() -> Trained:
    return train(LINES, seed=1, vectors={"static": STATIC}, teachers={"teacher": Teacher()})


def test_what_is_taught_is_met_on_words_that_were_heard_in_other_texts() -> None:
    card, plastic, refund = _view().rows([Asked(text=one) for one in ("the card", "plastic", "a refund")]).toarray()
    assert card @ plastic > 0.8
    assert card @ refund < 0


def test_rows_have_length_one_or_none_and_do_not_depend_on_the_batch() -> None:
    view = _view()
    asked = [*asked_of(LINES), Asked(text="")]
    together = view.rows(asked).toarray()
    norms = np.linalg.norm(together, axis=1)
    assert np.allclose(norms[:-1], 1, atol=1e-5)
    assert norms[-1] == 0
    for at, one in enumerate(asked):
        assert np.array_equal(view.rows([one]).toarray()[0], together[at])


def test_a_taught_model_is_the_same_from_its_file_and_needs_no_teacher() -> None:
    trained = _trained()
    assert trained.report["teachers"] == {"teacher": "teacher"}
    assert trained.report["columns"][TAUGHT] == 3
    asked = asked_of(LINES)
    file, digest = write_model(trained.model, trained.report)
    loaded = load_model(file, [STATIC])
    assert (loaded.missing, loaded.model.digest) == ({}, digest)
    assert list(loaded.model.hear(asked)) == list(trained.model.hear(asked))


def test_without_what_it_begins_with_the_view_is_missing_and_the_model_answers_without_it() -> None:
    file, _ = write_model(_trained().model, {})
    loaded = load_model(file)
    assert set(loaded.missing) == {"static", TAUGHT}
    (heard,) = loaded.model.hear([Asked(text="the refund never came!")])
    assert heard.categories[0] == "refund"


def test_teachers_without_static_vectors_teach_nothing() -> None:
    assert TAUGHT not in train(LINES, seed=1, vectors={}, teachers={"teacher": Teacher()}).model.views
