"""Persons on each adapter: instances are found under every reference of one, in whatever order things are heard of."""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from service.core.persons import Persons
from service.core.pipeline.rules import compile_playbook
from service.core.records.facts import Facts
from service.core.records.identities import Evidence, Reference, Split
from service.core.records.needs import Needs
from service.ports import ConflictError, Lease, Saving, Store
from service.runtime.batch import Ran, run_batch
from tests.builders import KEY, START, instance, make_playbook, read_event, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, retold

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(make_playbook(identity={"precedence": ["crm", "account", "email"], "shared_above": 2}))
TYPES = {"c": "crm", "a": "account", "e": "email"}


def party(*names: str) -> dict[str, Any]:
    """Name a customer by references, each by a letter for its type and a number."""
    first, *also = ({"ref": name, "ref_type": TYPES[name[0]]} for name in names)
    return {**first, "also": also}


async def decide(
    store: Store, lease: Lease, *events: Mapping[str, Any], at: timedelta = timedelta(), late: timedelta = timedelta()
) -> Ran:
    """Decide events so long after the start, again as often as the store asks for it; they happened `late` before."""
    now = START + at
    records = [read_event(event, now - late, RULES, place) for place, event in enumerate(events)]
    while True:
        try:
            return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: now)
        except ConflictError:
            continue


def said(name: str, *names: str) -> dict[str, Any]:
    return survey(name, 0, "late, awful", customer=party(*names))


def desk(event_id: str, *names: str) -> dict[str, Any]:
    """A ticket in which references are named together."""
    return ticket("created", event_id, event_id=event_id, customer=party(*names))


def engine(name: str, *names: str) -> dict[str, Any]:
    return instance(name, event_id=f"{name}-start", customer=party(*names))


async def link_of(rig: Rig, event_id: str) -> tuple[str, str, str | None]:
    """Return the method, the reason and the instance."""
    link = next(row["link"] for row in await retold(rig.archive, "feedback") if row["event_id"] == event_id)
    return (link["method"], link["reason"], link["instance_id"])


SOLE = ("customer", "sole_candidate", "i1")
NONE = ("not_found", "none_at_the_time", None)


async def test_an_instance_is_found_under_any_reference_of_the_person_in_any_order(rig: Rig) -> None:
    told = {
        "r1": engine("i1", "c1"),
        "r2": desk("t1", "c1", "a1"),
        "r3": desk("t2", "a1", "e1"),
    }
    found = []
    for number, order in enumerate(permutations([*told.values(), None])):
        lease = await claimed(rig.store, number)
        tag = f"-{number}"
        for step, event in enumerate(order):
            named = said(f"r{tag}", f"e1{tag}") if event is None else _renamed(event, tag)
            lease = (await decide(rig.store, lease, named, at=step * HOUR, late=step * HOUR)).lease
        found.append(await link_of(rig, f"r{tag}-1"))
    assert found == [("customer", "sole_candidate", f"i1-{number}") for number in range(24)]


def _renamed(event: Mapping[str, Any], tag: str) -> dict[str, Any]:
    """Give an event, its instance and all references of its customer names of their own."""
    data = dict(event["data"])
    customer = data["customer"]
    also = [{**one, "ref": one["ref"] + tag} for one in customer["also"]]
    data["customer"] = {**customer, "ref": customer["ref"] + tag, "also": also}
    for name in ("instance", "ticket_id"):
        if name in data:
            data[name] += tag
    return {**event, "id": event["id"] + tag, "data": data}


async def test_a_mailbox_that_turns_out_to_be_shared_loses_what_was_found_by_it(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), engine("i1", "a1"), desk("t1", "a1", "e1"))).lease
    lease = (await decide(rig.store, lease, said("r1", "e1"), at=HOUR)).lease
    assert await link_of(rig, "r1-1") == SOLE
    lease = (await decide(rig.store, lease, desk("t2", "a2", "e1"), at=2 * HOUR)).lease
    assert await link_of(rig, "r1-1") == NONE
    # Both accounts turn out to be one customer's.
    await decide(rig.store, lease, desk("t3", "c1", "a1"), desk("t4", "c1", "a2"), at=3 * HOUR)
    assert await link_of(rig, "r1-1") == SOLE


async def test_a_link_does_not_change_once_it_has_waited(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), engine("i1", "a1"), desk("t1", "a1", "e1"))).lease
    lease = (await decide(rig.store, lease, said("r1", "e1"), at=HOUR)).lease
    await decide(rig.store, lease, desk("t2", "a2", "e1"), at=days(4))
    assert await link_of(rig, "r1-1") == SOLE


async def test_of_instances_that_share_a_key_that_of_the_person_is_taken(rig: Rig) -> None:
    mine = {**engine("i1", "c1")}
    other = engine("i2", "c2")
    for one in (mine, other):
        one["data"] = {**one["data"], "keys": ["SO-7"]}
    lease = (await decide(rig.store, await claimed(rig.store), mine, other, desk("t1", "c1", "e1"))).lease
    correlation = {"process": "shipping", "business_key": "SO-7"}
    await decide(rig.store, lease, survey("r1", 0, customer=party("e1"), correlation=correlation), at=HOUR)
    assert await link_of(rig, "r1-1") == ("business_key", "customer_agrees", "i1")


async def test_evidence_and_feedback_of_two_partitions_miss_neither_one_another(rig: Rig) -> None:
    for number in range(6):
        tag = f"-{number}"
        leases = [await claimed(rig.store, 3 * number + each) for each in range(3)]
        events = [
            _renamed(engine("i1", "c1"), tag),
            _renamed(desk("t1", "c1", "e1"), tag),
            said(f"r{tag}", f"e1{tag}"),
        ]
        await asyncio.gather(*(decide(rig.store, lease, one) for lease, one in zip(leases, events, strict=True)))
        assert await link_of(rig, f"r{tag}-1") == ("customer", "sole_candidate", f"i1{tag}")


def reference(name: str) -> Reference:
    return Reference(TYPES[name[0]], KEY.pseudonym(name))


@pytest.mark.parametrize("seed", range(4))
async def test_a_store_loads_all_that_a_person_hangs_on(rig: Rig, seed: int) -> None:
    drawn, rule = random.Random(seed), RULES.identity
    assert rule is not None
    names = [f"{letter}{number}" for letter in TYPES for number in range(6)]
    whole: dict[tuple[Reference, Reference], Evidence] = {}
    for _ in range(22):
        first, second = sorted(map(reference, drawn.sample(names, 2)))
        if first.type != second.type:
            said = Evidence(first=first, second=second, source="/s", event_id="e", at=START)
            whole[said.pair] = said
    pairs = [drawn.sample([one.ref for one in pair], 2) for pair in drawn.sample(sorted(whole), 3)]
    splits = {
        (one, other): Split(ref=one, other=other, author="ana", reason="no", at=START, lifted_at=lifted)
        for (one, other), lifted in zip(pairs, (None, None, START), strict=True)
    }
    async with rig.store.transaction() as transaction:
        facts = Facts()
        for pair, said in whole.items():
            facts.evidence.put(pair, said)
        for parted, split in splits.items():
            facts.splits.put(parted, split)
        await transaction.save(Saving(facts=facts, digest=RULES.digest, now=START))
    known = Persons(rule, whole.values(), splits.values())
    for name in names:
        ref = KEY.pseudonym(name)
        async with rig.store.transaction() as transaction:
            loaded = await transaction.load(Needs(joined=(ref,), kin={ref: (START, START)}, identity=rule))
        found = Persons(rule, loaded.evidence.values(), loaded.splits.values())
        assert (found.kin(ref), found.walked(ref)) == (known.kin(ref), known.walked(ref))
        assert found.standing(reference(name)) == known.standing(reference(name))


async def test_of_evidence_the_earliest_is_kept_and_a_split_as_it_was_last_left(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), desk("t2", "a1", "e1"), at=HOUR)).lease
    await decide(rig.store, lease, desk("t1", "e1", "a1"), desk("t3", "a1", "e1"))
    split = Split(ref=KEY.pseudonym("e1"), other=KEY.pseudonym("a1"), author="ana", reason="no", at=START)
    needs = Needs(joined=split.pair, identity=RULES.identity)
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(needs)
        first, second = sorted((reference("a1"), reference("e1")))
        kept = Evidence(first=first, second=second, source="/tickets", event_id="t1", at=START)
        assert list(facts.evidence.values()) == [kept]
        facts.splits.put(split.pair, split)
        await transaction.save(Saving(facts=facts, digest=RULES.digest, now=START))
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(needs)
        assert (list(facts.evidence.values()), list(facts.splits.values())) == ([kept], [split])


async def test_of_what_is_shared_no_more_is_loaded_than_tells_that_it_is(rig: Rig) -> None:
    guests = [desk(f"t{number}", "a1", f"e{number}") for number in range(9)]
    await decide(rig.store, await claimed(rig.store), *guests, desk("t9", "c1", "a1"))
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(Needs(joined=(KEY.pseudonym("a1"),), identity=RULES.identity))
    named = {one.ref for pair in facts.evidence for one in pair}
    assert KEY.pseudonym("c1") in named
    assert RULES.identity is not None
    assert len(named & {KEY.pseudonym(f"e{number}") for number in range(9)}) > RULES.identity.shared_above
