"""Classifiers by digest: opened once, stored once, and refused where they are missing or know other categories."""

import pytest
from structlog.testing import CapturingLogger

from service.adapters.memory import MemoryModels, MemoryStore
from service.ports import ModelFault, OpenedModel, StoredModel
from service.runtime.classifiers import Classifiers, ModelMissingError
from tests.builders import START, make_playbook
from tests.listening import digest_of, listening, model_file, open_words

MODEL = model_file()


class Rig:
    """Classifiers over models in memory; `opened` counts how often one was opened."""

    def __init__(self) -> None:
        self.models = MemoryModels(MemoryStore())
        self.opened = 0
        self.classifiers = Classifiers(self.models, self._open, lambda: START)

    def _open(self, body: bytes) -> OpenedModel:
        self.opened += 1
        return open_words(body)


async def test_a_model_is_stored_once_under_the_name_that_it_had_first() -> None:
    rig = Rig()
    stored = StoredModel(digest=digest_of(MODEL), name="shop", size=len(MODEL), report={"words": 2}, stored_at=START)
    assert await rig.classifiers.keep("shop", MODEL) == (stored, True)
    assert await rig.classifiers.keep("other", MODEL) == (stored, False)


async def test_what_can_not_be_opened_is_not_stored() -> None:
    rig = Rig()
    with pytest.raises(ModelFault, match="it is not JSON"):
        await rig.classifiers.keep("shop", b"{")
    assert await rig.models.models() == []


async def test_a_playbook_is_compiled_with_its_model_which_is_opened_once() -> None:
    rig = Rig()
    await rig.classifiers.keep("shop", MODEL)
    rules = [await rig.classifiers.compiled(listening(name=name)) for name in ("One shop", "Another")]
    assert [one.classifier and one.classifier.digest for one in rules] == [digest_of(MODEL)] * 2
    assert (rig.opened, rig.classifiers.missing(rules[0])) == (2, ())


async def test_a_playbook_without_a_classifier_opens_none() -> None:
    rig = Rig()
    rules = await rig.classifiers.compiled(make_playbook())
    assert (rules.classifier, rig.classifiers.missing(rules), rig.opened) == (None, (), 0)


async def test_a_model_that_is_not_stored_is_refused_with_what_to_do() -> None:
    with pytest.raises(ModelMissingError, match=r"is not stored; put its file .* as models/NAME\.model"):
        await Rig().classifiers.compiled(listening())


async def test_a_model_that_knows_other_categories_is_refused_with_the_first_of_them() -> None:
    rig, body = Rig(), model_file({f"c{at}": ["word"] for at in range(12)})
    await rig.classifiers.keep("shop", body)
    with pytest.raises(ModelFault, match="lacks: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more;"):
        await rig.classifiers.compiled(listening(body))


async def test_a_model_without_its_vectors_works_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = CapturingLogger()
    monkeypatch.setattr("service.runtime.classifiers.log", told)
    rig, body = Rig(), model_file(missing=["vectors"])
    await rig.classifiers.keep("shop", body)
    rules = await rig.classifiers.compiled(listening(body))
    assert rig.classifiers.missing(rules) == ("vectors",)
    assert [(one.args, one.kwargs["missing"]) for one in told.calls] == [(("classifier_is_incomplete",), ["vectors"])]


async def test_what_is_stored_under_the_digest_of_another_model_is_refused() -> None:
    rig = Rig()
    stored = StoredModel(digest=digest_of(MODEL), name="shop", size=1, report={}, stored_at=START)
    await rig.models.store(stored, model_file(confidence=0.5))
    with pytest.raises(ModelFault, match="is another one; store it again"):
        await rig.classifiers.compiled(listening())
