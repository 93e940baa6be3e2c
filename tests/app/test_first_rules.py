"""The playbook to start with, the models beside it, and a database whose reply to putting it up is lost."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from service.adapters.memory import MemoryModels, MemoryShelf, MemoryStore
from service.app import PlaybookError
from service.app.playbooks import first_rules, rules_from
from service.assets import playbooks
from service.core.playbook.digest import canonical_text
from service.core.records.doer import SERVICE, Doer
from service.ports import OutcomeUnknownError, OutOfReachError
from service.runtime.classifiers import Classifiers
from tests.builders import START
from tests.listening import digest_of, listening, model_file, open_words

RETAIL = playbooks() / "retail"


class CutOffShelf(MemoryShelf):
    """Loses the reply of each activation, after it took effect or before."""

    def __init__(self, *, takes_effect: bool) -> None:
        super().__init__(MemoryStore())
        self._takes_effect = takes_effect

    async def activate(
        self, digest: str, name: str, documents: Mapping[str, str], at: datetime, doer: Doer = SERVICE
    ) -> None:
        if self._takes_effect:
            await super().activate(digest, name, documents, at, doer)
        raise OutcomeUnknownError("the reply was lost")


def classifiers(store: MemoryStore) -> Classifiers:
    return Classifiers(MemoryModels(store), open_words, lambda: START)


async def test_a_start_goes_on_where_the_playbook_is_active_after_all() -> None:
    rules = await first_rules(RETAIL, CutOffShelf(takes_effect=True), classifiers(MemoryStore()), START)
    assert rules.playbook.name == "Retail"


async def test_a_start_that_did_not_put_its_playbook_up_says_that_the_database_is_out_of_reach() -> None:
    with pytest.raises(OutOfReachError, match="the playbook was not activated"):
        await first_rules(RETAIL, CutOffShelf(takes_effect=False), classifiers(MemoryStore()), START)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A playbook that names a model, which is not there yet."""
    (tmp_path / "playbook.yaml").write_text(canonical_text(listening()))
    (tmp_path / "models").mkdir()
    return tmp_path


async def test_the_models_beside_a_playbook_are_stored_and_the_one_that_it_names_is_in_force(folder: Path) -> None:
    (folder / "models" / "shop.model").write_bytes(model_file())
    (folder / "models" / "spoilt.model").write_bytes(b"{")
    store = MemoryStore()
    rules = await first_rules(folder, MemoryShelf(store), classifiers(store), START)
    assert rules.classifier is not None
    assert rules.classifier.digest == digest_of(model_file())
    assert [(one.name, one.digest) for one in await MemoryModels(store).models()] == [("shop", digest_of(model_file()))]


async def test_a_start_after_that_needs_neither_playbook_nor_model_from_the_disk(folder: Path) -> None:
    (folder / "models" / "shop.model").write_bytes(model_file())
    store = MemoryStore()
    first = await first_rules(folder, MemoryShelf(store), classifiers(store), START)
    again = await first_rules(None, MemoryShelf(store), classifiers(store), START)
    assert (again.digest, again.classifier) == (first.digest, first.classifier)


@pytest.mark.parametrize("playbook", ["", "playbook.yaml"])
async def test_a_start_without_the_model_says_where_to_put_it(folder: Path, playbook: str) -> None:
    store = MemoryStore()
    with pytest.raises(PlaybookError, match=r"classifier\.model: the model [0-9a-f]{64} is not stored; put its file"):
        await first_rules(folder / playbook, MemoryShelf(store), classifiers(store), START)
    assert await MemoryShelf(store).active() is None


async def test_a_playbook_that_turns_active_waits_for_its_model(folder: Path) -> None:
    (folder / "models" / "shop.model").write_bytes(model_file())
    store = MemoryStore()
    rules = await first_rules(folder, MemoryShelf(store), classifiers(store), START)
    with pytest.raises(OutOfReachError, match="is not stored"):
        await rules_from(MemoryShelf(store), classifiers(MemoryStore()))(rules.digest)
