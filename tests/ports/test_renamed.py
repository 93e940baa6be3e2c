"""What every store counts under the ids of an earlier taxonomy is read under those of the present one."""

from datetime import timedelta

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.scorecard import EVER, CaseTally, Cohort, Dimension, Sample
from service.runtime.batch import run_batch
from tests.builders import START, make_playbook, read_event, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, decide

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
RENAMED = {"delivery": "late.delivery"}


def _new() -> list[dict[str, object]]:
    late, *others = make_playbook().model_dump()["taxonomy"]
    return [{**late, "id": "late.delivery", "replaces": ["delivery"]}, *others]


async def test_a_case_of_the_old_name_came_back_with_the_new_one(rig: Rig) -> None:
    lease = await claimed(rig.store)
    closed = [ticket(event_id="e1", body="late"), ticket("status", event_id="e2", status="solved")]
    for day, event in enumerate(closed):
        lease = (await decide(rig.store, lease, event, at=START + day * DAY)).lease
    rules = compile_playbook(make_playbook(taxonomy=_new()))
    again = read_event(survey("r1", 0, "late", customer="anna"), START + 3 * DAY, rules)
    await run_batch(rig.store, lease, [again], (lease.next_offset or 0) + 1, rules, lambda _: START + 3 * DAY)
    cohort = Cohort(by=Dimension.CATEGORY, period=EVER, days=7, known_until=START + 40 * DAY, renamed=RENAMED)
    found = (await rig.desk.cases(cohort)).tallies
    assert found == [CaseTally(value="late.delivery", closed=1, returned=1, censored=0)]
    (score,) = (await rig.desk.scores(Sample(by=Dimension.CATEGORY, period=EVER, renamed=RENAMED))).tallies
    assert (score.value, score.count) == ("late.delivery", 1)
    async with rig.store.transaction() as transaction:
        told = await transaction.load_closings(START.date(), START.date() + 9 * DAY, 7, RENAMED)
        apart = await transaction.load_closings(START.date(), START.date() + 9 * DAY, 7, {})
    assert [(cell.category, len(one.returned.days)) for cell, one in told.cases.items()] == [("late.delivery", 1)]
    assert [(cell.category, len(one.returned.days)) for cell, one in apart.cases.items()] == [("delivery", 0)]


async def test_contacts_before_and_after_the_change_are_counted_together(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, survey("r1", 0, "late"))).lease
    rules = compile_playbook(make_playbook(taxonomy=_new()))
    again = read_event(survey("r2", 0, "late"), START + DAY, rules)
    await run_batch(rig.store, lease, [again], (lease.next_offset or 0) + 1, rules, lambda _: START + DAY)
    held = await rig.desk.contribution("/surveys", "response/r2", "r2-1")
    assert held is not None
    assert (held.categorised.category, held.assessed.contacts) == ("late.delivery", 2)
