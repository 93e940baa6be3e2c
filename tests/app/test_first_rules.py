"""The playbook to start with, where the database's reply to putting it up is lost."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from service.adapters.memory import MemoryShelf, MemoryStore
from service.app.playbooks import first_rules
from service.assets import playbooks
from service.ports import OutcomeUnknownError, OutOfReachError
from tests.builders import START

RETAIL = playbooks() / "retail"


class CutOffShelf(MemoryShelf):
    """Loses the reply of each activation, after it took effect or before."""

    def __init__(self, *, takes_effect: bool) -> None:
        super().__init__(MemoryStore())
        self._takes_effect = takes_effect

    async def activate(self, digest: str, name: str, documents: Mapping[str, str], at: datetime) -> None:
        if self._takes_effect:
            await super().activate(digest, name, documents, at)
        raise OutcomeUnknownError("the reply was lost")


async def test_a_start_goes_on_where_the_playbook_is_active_after_all() -> None:
    rules = await first_rules(RETAIL, CutOffShelf(takes_effect=True), START)
    assert rules.playbook.name == "Retail"


async def test_a_start_that_did_not_put_its_playbook_up_says_that_the_database_is_out_of_reach() -> None:
    with pytest.raises(OutOfReachError, match="the playbook was not activated"):
        await first_rules(RETAIL, CutOffShelf(takes_effect=False), START)
