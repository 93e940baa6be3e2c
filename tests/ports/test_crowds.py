"""Customers who say more than any person does: little is loaded of them, and how records come in batches is all one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.adapters.memory import MemoryStore
from service.core.pipeline.rules import compile_playbook
from service.core.records.contacts import MOST_NEAR
from service.core.records.needs import Needs
from service.ports import Store
from service.runtime.batch import run_batch
from tests.builders import KEY, START, make_playbook, read_event, survey
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, told

pytestmark = pytest.mark.postgres

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = compile_playbook(
    make_playbook(
        fatigue={"outcome": {"recovered_within": "30d"}}, at_risk={"cases": 3, "within": "30d", "team": "legal"}
    )
)
NOW = START + 10 * DAY
KIOSK = KEY.pseudonym("anna")
# One an hour, twice as many as count, and one that comes late.
HOURS = (*range(2 * MOST_NEAR + 20), MOST_NEAR)

Said = tuple[Mapping[str, Any], datetime]


def answer(number: int, hour: int) -> Said:
    """Two bad answers and a good one, by turns, about two processes."""
    process = ("shipping", "returns")[number % 2]
    text, score = ("great", 10) if number % 3 == 2 else ("late", 0)
    return survey(f"r{number}", score, text, correlation={"process": process}), START + hour * HOUR


async def decide(store: Store, said: Sequence[Said], size: int) -> None:
    lease = await claimed(store)
    for first in range(0, len(said), size):
        at_hand = list(enumerate(said))[first : first + size]
        records = [read_event(event, at, RULES, place) for place, (event, at) in at_hand]
        lease = (await run_batch(store, lease, records, first + len(records), RULES, lambda _: NOW)).lease


@pytest.mark.parametrize("size", [60, 1_000])
async def test_batches_change_nothing_about_a_crowd(rig: Rig, size: int) -> None:
    said = [answer(number, hour) for number, hour in enumerate(HOURS)]
    whole = MemoryStore()
    await decide(whole, said, 7)
    await decide(rig.store, said, size)
    assert await told(rig.archive) == await told(whole)


async def test_of_a_crowd_what_is_nearest_is_loaded(postgres_rig: PostgresRig) -> None:
    store, many = postgres_rig.store, 8 * MOST_NEAR
    await decide(store, [answer(number, number) for number in range(many)], many)
    middle = many // 2
    close, far = START + middle * HOUR, START + (middle + 30) * HOUR

    async def loaded(*instants: datetime) -> list[int]:
        wanted = Needs(customers={KIOSK: frozenset(instants)}, reach=60 * DAY)
        async with store.transaction() as transaction:
            facts = await transaction.load(wanted)
        subjects = {key.subject for key in facts.contributions}
        assert {member.key.subject for member in facts.members.values()} <= subjects
        return sorted(int(subject.removeprefix("response/r")) for subject in subjects)

    assert await loaded(close) == [*range(middle - MOST_NEAR, middle + 1 + MOST_NEAR)]
    # Each hour in which something is said has its own neighbours, which the two share for the most part.
    assert await loaded(close, far) == [*range(middle - MOST_NEAR, middle + 30 + 1 + MOST_NEAR)]
    # Without an answer in between, only what is near to either end is loaded.
    assert await loaded(START - 2 * DAY, START + (many + 48) * HOUR) == [
        *range(MOST_NEAR),
        *range(many - MOST_NEAR, many),
    ]


async def test_of_whoever_says_little_all_within_reach_is_loaded(postgres_rig: PostgresRig) -> None:
    store = postgres_rig.store
    await decide(store, [answer(number, number) for number in range(MOST_NEAR)], MOST_NEAR)
    async with store.transaction() as transaction:
        facts = await transaction.load(Needs(customers={KIOSK: frozenset({START + 90 * HOUR})}, reach=60 * HOUR))
    assert sorted(facts.contributions[key].began_at for key in facts.contributions) == [
        START + hour * HOUR for hour in range(30, MOST_NEAR)
    ]
