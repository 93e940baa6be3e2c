"""Erasing a person moves no count: alerts, cells, books and what the next tick says are the same with and without."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.memory import MemoryStore
from service.core.pipeline.rules import compile_playbook
from service.ports import PartitionKey
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.erasing import erase_some
from tests.builders import KEY, START, finish, make_playbook, read_event, survey, ticket

RULES = compile_playbook(make_playbook(at_risk={"cases": 3, "within": "30d", "team": "legal"}))
PARTITION = PartitionKey(cluster="c", group="g", topic="t", partition=0)
PEOPLE = ("anna", "ben", "cy")
TICK = START + timedelta(days=9)

SAID = st.lists(
    st.tuples(
        st.sampled_from(("survey", "ticket", "comment", "deleted")),
        st.integers(0, 3),
        st.sampled_from(PEOPLE),
        st.sampled_from(("late", "late, and broken", "broken", "well")),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=14,
)


def event(place: int, kind: str, number: int, customer: str, text: str) -> dict[str, Any]:
    if kind == "survey":
        return survey(f"r{number}", 0, text, event_id=f"e{place}", customer=customer, revision=place + 1)
    change = {"ticket": "updated", "comment": "comment", "deleted": "deleted"}[kind]
    said = {"body": text, "priority": "urgent", "revision": place + 1}
    return ticket(change, f"t{number}", event_id=f"e{place}", customer=customer, **said)


def heard(said: Sequence[tuple[str, int, str, str, int]], erased: Sequence[str], limit: int) -> MemoryStore:
    """Hear it all, and erase some, before the next tick."""
    store = MemoryStore()
    (lease,) = finish(store.claim([PARTITION]))
    events = [(event(place, *one[:4]), START + timedelta(hours=one[4])) for place, one in enumerate(said)]
    for name in PEOPLE:
        body = {"customer": name if name in erased else f"nobody-{name}"}
        erasure = {"specversion": "1.0", "id": f"q-{name}", "source": "/p", "type": "privacy.erasure.v1", "data": body}
        events.append((erasure, START + timedelta(hours=41)))
    for offset, (one, at) in enumerate(events):
        record = read_event(one, at, RULES, offset)
        ran = finish(run_batch(store, lease, [record], offset + 1, RULES, lambda _, at=at: at))  # type: ignore[misc]
        lease = ran.lease
    while finish(erase_some(store, RULES, KEY, START + timedelta(hours=42), limit)) is not None:
        continue
    finish(run_due(store, RULES, TICK))
    return store


def counted(store: MemoryStore) -> Mapping[str, Any]:
    rows = store.rows
    alerts = rows.alerts.values()
    return {
        "alerts": sorted(
            (one.alert_id, one.state, one.severities, one.events, one.customers, one.instances, one.unfinished)
            for one in alerts
        ),
        "members": sorted((one.alert_id, one.severity, one.score) for one in rows.members.values()),
        "contributions": sorted(
            (str(one.began_at), one.process, one.assessed.score) for one in rows.contributions.values()
        ),
        "people": sorted(len(parts) for parts in rows.of_customer.values() if parts),
        "cells": rows.cells,
        "reviews": rows.reviews,
        "notices": [
            (one.alert.alert_id, one.reason, one.at, one.alert.events, one.alert.customers) for one in rows.notices
        ],
        "books": rows.books,
    }


@settings(deadline=None, max_examples=40)
@given(said=SAID, erased=st.lists(st.sampled_from(PEOPLE), unique=True), limit=st.sampled_from((1, 200)))
def test_counts_are_the_same_with_and_without(
    said: Sequence[tuple[str, int, str, str, int]], erased: Sequence[str], limit: int
) -> None:
    store = heard(said, erased, limit)
    assert counted(store) == counted(heard(said, (), limit))
    everything = repr({name: held for name, held in vars(store.rows).items() if name not in ("due", "late")})
    assert [name for name in erased if KEY.pseudonym(name) in everything] == []
