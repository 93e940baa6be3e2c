"""What every store knows of feedback that no step could name, and of tags."""

from datetime import timedelta

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.words import UNMAPPED
from service.core.taxonomy import Coverage
from service.core.volume import DayRange
from service.runtime.batch import run_batch
from tests.builders import START, make_playbook, read_event, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, decide

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
ASKED = TaxonomyReview(team="desk", min=4, share=0.5, tags=("no_process",))
SPAN = DayRange(first=START.date(), last=START.date() + 6 * DAY)


async def test_what_has_words_and_no_category_is_counted_by_source_and_its_texts_are_read(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lost = [survey(f"r{at}", 3, f"the gate was shut {at}", customer=f"c{at}") for at in range(3)]
    bare, late = survey("r8", 3, customer="x"), survey("r9", 3, "late", customer="y")
    opened = [ticket(event_id=f"t{at}", ticket_id=f"t{at}", body="late") for at in range(4)]
    remark = ticket("comment", "t0", event_id="c0", body="the gate")
    for day, events in enumerate([[lost[0], bare, *opened], [lost[1], late, remark], [lost[2]]]):
        lease = (await decide(rig.store, lease, *events, at=START + day * DAY)).lease
    await decide(rig.store, lease, survey("r7", 3, "the gate later"), at=START + 9 * DAY)
    async with rig.store.transaction() as transaction:
        found = await transaction.load_uncovered(SPAN, ASKED)
    assert found.heard == {"/surveys": Coverage(named=1, unnamed=3), "/tickets": Coverage(named=4, unnamed=0)}
    assert {source: [one.key.subject for one in texts] for source, texts in found.texts.items()} == {
        "/surveys": ["response/r2", "response/r1", "response/r0"]
    }
    assert {one.categorised.category for one in found.texts["/surveys"]} == {UNMAPPED}
    assert found.tagged == []


async def test_subjects_that_bear_a_tag_are_found_where_tags_are_asked_for(rig: Rig) -> None:
    rules = compile_playbook(make_playbook(taxonomy_review={"team": "desk", "tags": ["no_process"]}))
    lease = await claimed(rig.store)
    events = [
        ticket(event_id="e1", ticket_id="t1", body="late", source_labels=["No_process"]),
        ticket(event_id="e2", ticket_id="t2", body="late", source_labels=["other"]),
        survey("r1", 9, "the gate", source_labels=["no_process"]),
    ]
    records = [read_event(event, START, rules) for event in events]
    await run_batch(rig.store, lease, records, (lease.next_offset or 0) + 3, rules, lambda _: START)
    async with rig.store.transaction() as transaction:
        found = await transaction.load_uncovered(SPAN, ASKED)
        nothing = await transaction.load_uncovered(SPAN, TaxonomyReview(team="desk"))
    assert [one.key.subject for one in found.tagged] == ["ticket/t1", "response/r1"]
    assert nothing.tagged == []
