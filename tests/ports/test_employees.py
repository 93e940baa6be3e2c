"""What employees say is in no cell, on every store, by days and by hours."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import START, survey
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, decide

pytestmark = pytest.mark.postgres


def employee(name: str, team: str) -> dict[str, Any]:
    said = {"metrics": [{"kind": "csat", "raw": 1}], "verbatims": [{"text": "late", "language": "en"}]}
    data = {"feedback_id": name, "team": team, **said}
    return {"specversion": "1.0", "id": name, "source": "/staff", "type": "feedback.employee.v1", "data": data}


async def test_no_store_counts_employees_among_customers(rig: Rig) -> None:
    lease = await claimed(rig.store)
    staff = [employee(f"s{at}", f"team-{at}") for at in range(5)]
    await decide(rig.store, lease, *staff, survey("r1", 0, "late", customer="anna"))
    async with rig.store.transaction() as transaction:
        watched = await transaction.load_cells(START.date(), START.date())
        hours = await transaction.load_hours(START + timedelta(hours=1), 1)
        busy = await transaction.load_hours(START + timedelta(hours=1), 2)
    assert [(cell.category, len(one.days)) for cell, one in watched.contacts.items()] == [("delivery", 1)]
    assert [(cell.category, len(one.days)) for cell, one in hours.contacts.items()] == [("delivery", 1)]
    assert (sum(watched.hours), busy.contacts) == (1, {})
