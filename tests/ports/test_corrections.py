"""What people say that feedback is about, on every store: kept, found, counted, beside workers at the same subject."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from service.adapters.labelled_lines import act_lines, labelled_lines, read_act
from service.core.corrections import acts_of, count_filings
from service.core.pipeline.act import Acted, Asked, Deed
from service.core.pipeline.refiling import RefiledNow, Refiling, RefilingOutcome
from service.core.pipeline.rules import Rules
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution
from service.core.records.words import CategoryMethod, Disposition
from service.ports import Answer, ConflictError, CorrectionsWanted, Keyed, correction_place
from service.runtime.acting import Acting
from service.runtime.refiling import RefilingActs, refile_within
from service.runtime.rulebook import Rulebook
from tests.builders import START, SURVEYS, survey, ticket
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, decide, decide_stubbornly, partition, retold

pytestmark = pytest.mark.postgres

MINUTE = timedelta(minutes=1)
LATER = START + MINUTE
MEANT = ("delivery", "refund", "safety")


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


def asked_of(number: int, *meant: str, event_id: str | None = None, back: bool = False) -> Refiling:
    return Refiling(
        source=SURVEYS,
        subject=f"response/r{number}",
        event_id=event_id or f"r{number}-1",
        by="ana",
        meant=None if back else meant,
    )


async def say(rig: Rig, asked: Refiling, at: datetime = LATER) -> RefiledNow:
    async with rig.store.transaction() as transaction:
        return await refile_within(transaction, asked, at, RULES)


async def all_of(rig: Rig, wanted: CorrectionsWanted | None = None) -> list[Correction]:
    """Read all pages, of two each."""
    wanted, after, found = wanted or CorrectionsWanted(), None, list[Correction]()
    while page := await rig.desk.corrections(wanted, after, 2):
        found += page
        after = correction_place(page[-1])
    return found


async def held(rig: Rig, number: int, event_id: str | None = None) -> Contribution:
    one = await rig.desk.contribution(SURVEYS, f"response/r{number}", event_id or f"r{number}-1")
    assert one is not None
    return one


async def test_what_was_said_is_kept_as_it_was_made_and_ended(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), *map(complaint, range(3)))
    made = [(await say(rig, asked_of(number, "refund"), START + number * MINUTE)).correction for number in range(3)]
    assert await all_of(rig) == made[::-1]
    taken = await say(rig, asked_of(1, back=True), START + 5 * MINUTE)
    again = await say(rig, asked_of(1), START + 6 * MINUTE)
    assert again.correction is not None
    assert (again.correction.number, again.correction.meant) == (2, ())
    assert await all_of(rig) == [again.correction, made[2], taken.correction, made[0]]
    usable = [one.key.subject for one in await all_of(rig, CorrectionsWanted(usable=True))]
    assert usable == ["response/r1", "response/r2", "response/r0"]


async def test_corrections_are_found_by_when_what_and_how(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), *map(complaint, range(3)), survey("r3", 0, "hm"))
    for number, meant in enumerate(("refund", "safety", "refund", "refund")):
        await say(rig, asked_of(number, meant), START + number * MINUTE)
    asked = (
        (CorrectionsWanted(category="refund"), [3, 2, 0]),
        (CorrectionsWanted(category="unmapped"), [3]),
        (CorrectionsWanted(method=CategoryMethod.NONE), [3]),
        (CorrectionsWanted(since=START + MINUTE, until=START + 3 * MINUTE), [2, 1]),
    )
    for wanted, numbers in asked:
        assert [one.event_id for one in await all_of(rig, wanted)] == [f"r{number}-1" for number in numbers]


async def test_what_fails_leaves_all_as_it_was(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), complaint(1))
    before = (await held(rig, 1), await retold(rig.archive, "alerts"))

    async def failing() -> None:
        async with rig.store.transaction() as transaction:
            await refile_within(transaction, asked_of(1, "refund"), LATER, RULES)
            raise RuntimeError("the power is out")

    with pytest.raises(RuntimeError, match="the power is out"):
        await failing()
    assert (await held(rig, 1), await retold(rig.archive, "alerts")) == before
    assert await all_of(rig) == []


async def test_under_a_key_it_is_done_once(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), complaint(1))
    made: list[Correction] = []

    async def now() -> datetime:
        return LATER

    acts = RefilingActs(rig.store, Rulebook(RULES, _no_other_rules), now, made.append)
    keyed = Keyed(key="k", request="r")
    first = await acts(asked_of(1, "refund"), keyed, lambda done: done.outcome.value)
    again = await acts(asked_of(1, "refund"), keyed, lambda done: done.outcome.value)
    assert isinstance(first, RefiledNow)
    assert (again, made) == (Answer(request="r", status=200, body="done"), [first.correction])


async def test_a_store_counts_what_was_filed_as_the_core_does(rig: Rig) -> None:
    drawn, lease = random.Random(7), await claimed(rig.store)
    texts = ("late", "refund", "late, refund please", "fire", "hm", "awful")
    events = [
        survey(f"r{number}", drawn.randrange(11), drawn.choice(texts), customer=f"c{number % 5}")
        for number in range(20)
    ]
    tickets = [
        ticket("created", "t1", event_id="t1", subject="late"),
        ticket("comment", "t1", event_id="t1-more", body="hello"),
    ]
    lease = (await decide(rig.store, lease, *events, tickets[0])).lease
    for number in drawn.sample(range(20), 12):
        await say(rig, asked_of(number, *drawn.sample(MEANT, drawn.randrange(3))))
    on_ticket = Refiling(source="/tickets", subject="ticket/t1", event_id="t1", by="ana", meant=("refund",))
    await say(rig, on_ticket)
    await decide(rig.store, lease, tickets[1])
    known = [await held(rig, number) for number in range(20)]
    for event_id in ("t1", "t1-more"):
        one = await rig.desk.contribution("/tickets", "ticket/t1", event_id)
        assert one is not None
        known.append(one)
    for span in ((START, START + MINUTE), (START + MINUTE, START + 2 * MINUTE)):
        found, wanted = await rig.desk.filings(*span), count_filings(known, *span)
        assert sorted(found.tallies, key=repr) == sorted(wanted.tallies, key=repr)
        assert sorted(found.keywords, key=repr) == sorted(wanted.keywords, key=repr)


async def test_what_a_team_acted_on_and_what_people_said_are_lines_to_train_by(rig: Rig) -> None:
    lease = await claimed(rig.store)
    said = [
        survey("r1", 0, "the parcel came 3 days late, awful", customer="c1"),
        survey("r2", 0, "The parcel came 5 days late, awful!", customer="c2"),
        survey("r3", 0, "you are late, terrible", customer="c3"),
        survey("r4", 0, "refund, awful", customer="c4"),
    ]
    await decide(rig.store, lease, *said)
    await say(rig, asked_of(3, "refund"))
    (line,) = [one for one in await retold(rig.archive, "alerts") if one["category"] == "delivery"]

    async def now() -> datetime:
        return LATER

    alert = await rig.desk.alert(line["alert_id"])
    assert alert is not None
    asked = Asked(
        alert_id=alert.alert_id,
        deed=Deed.RESOLVE,
        revision=alert.revision,
        by="ana",
        disposition=Disposition.ACTIONABLE,
    )
    acted = await Acting(rig.store, Rulebook(RULES, _no_other_rules), now)(asked, alert.alert_key, None, lambda _: "")
    assert isinstance(acted, Acted)
    assert [one.feedback.event_id for one in await rig.desk.confirmed(None, 10)] == ["r1-1", "r2-1"]
    assert await rig.desk.confirmed(LATER + MINUTE, 10) == []
    corrected = {
        "id": "/surveys#r3-1",
        "text": "you are late, terrible",
        "language": "en",
        "labels": ["refund"],
    }
    confirmed = {
        "id": "/surveys#r1-1",
        "text": "the parcel came 3 days late, awful",
        "language": "en",
        "labels": ["delivery"],
    }
    assert [one async for one in labelled_lines(rig.desk, None, {}, with_confirmed=False)] == [corrected]
    assert [one async for one in labelled_lines(rig.desk, None, {}, with_confirmed=True)] == [corrected, confirmed]
    acts = [read_act(one) async for one in act_lines(rig.desk)]
    assert tuple(acts) == acts_of(await all_of(rig))


async def test_what_was_said_of_a_withdrawn_subject_is_no_line_to_train_by(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), complaint(1))).lease
    await say(rig, asked_of(1, "refund"))
    gone = survey("r1", 0, "late, awful", event_id="r1-gone", customer="customer-1", state="disqualified")
    await decide(rig.store, lease, gone, at=LATER)
    assert (await say(rig, asked_of(1, "refund"))).outcome is RefilingOutcome.WITHDRAWN
    assert len(await all_of(rig)) == 1
    assert [one async for one in labelled_lines(rig.desk, None, {}, with_confirmed=True)] == []


@pytest.mark.every_postgres
async def test_a_worker_that_waits_for_a_person_finds_what_was_said(postgres_rig: PostgresRig) -> None:
    lease = (await decide(postgres_rig.store, await claimed(postgres_rig.store), complaint(1))).lease
    more = survey("r1", 1, "late, awful", event_id="r1-2", customer="customer-1")
    async with postgres_rig.store.transaction() as transaction:
        await refile_within(transaction, asked_of(1, "refund"), LATER, RULES)
        deciding = asyncio.create_task(decide_stubbornly(postgres_rig.store, lease, more, at=LATER))
        await _until_waiting(postgres_rig, 1)
    await deciding
    one = await held(postgres_rig, 1, "r1-2")
    assert (one.categorised.category, one.categorised.method, one.routed.owner.team) == (
        *("refund", CategoryMethod.PERSON, "refunds"),
    )


@pytest.mark.every_postgres
async def test_a_person_who_waits_for_a_worker_is_told_that_a_later_state_holds(postgres_rig: PostgresRig) -> None:
    lease = (await decide(postgres_rig.store, await claimed(postgres_rig.store), complaint(1))).lease
    more = survey("r1", 0, "refund, awful", event_id="r1-2", customer="customer-1")
    # A worker waits for the person who has the subject, and the next person for the worker.
    async with postgres_rig.store.transaction() as transaction:
        await refile_within(transaction, asked_of(1, "safety"), LATER, RULES)
        deciding = asyncio.create_task(decide_stubbornly(postgres_rig.store, lease, more, at=LATER))
        await _until_waiting(postgres_rig, 1)
        asking = asyncio.create_task(say(postgres_rig, asked_of(1, "delivery")))
        await _until_waiting(postgres_rig, 2)
    await deciding
    told = await asking
    # PostgreSQL lets those who wait have a row in any order: who was second finds what the other has left.
    assert told.outcome in (RefilingOutcome.DONE, RefilingOutcome.SUPERSEDED)
    one = await held(postgres_rig, 1, "r1-2")
    assert (one.categorised.category, one.categorised.method) == ("refund", CategoryMethod.KEYWORD)
    assert (await say(postgres_rig, asked_of(1, "delivery"))).outcome is RefilingOutcome.SUPERSEDED


@pytest.mark.every_postgres
async def test_workers_and_people_at_the_same_subjects_lose_nothing_and_count_right(postgres_rig: PostgresRig) -> None:
    await decide(postgres_rig.store, await claimed(postgres_rig.store), *map(complaint, range(6)))
    leases = await postgres_rig.store.claim([partition(number) for number in range(3)])

    async def work(number: int) -> None:
        lease = leases[number]
        for step in range(5):
            dice = random.Random(f"{number}-{step}")
            events = [
                survey(
                    f"r{dice.randrange(6)}",
                    0,
                    dice.choice(("late, awful", "refund, awful")),
                    event_id=f"{number}-{step}-{at}",
                    customer=f"customer-{dice.randrange(6)}",
                )
                for at in range(3)
            ]
            lease = (await decide_stubbornly(postgres_rig.store, lease, *events, at=LATER + step * MINUTE)).lease

    done = 0

    async def refile(number: int) -> None:
        nonlocal done
        for step in range(12):
            dice = random.Random(f"p-{number}-{step}")
            which = dice.randrange(6)
            event_id = await postgres_rig.pool.fetchval(
                "SELECT event_id FROM subject WHERE subject = $1", f"response/r{which}"
            )
            asked = asked_of(which, dice.choice(MEANT), event_id=event_id, back=dice.random() < 0.3)
            try:
                done += (await say(postgres_rig, asked, LATER + step * MINUTE)).outcome is RefilingOutcome.DONE
            except ConflictError:
                continue

    await asyncio.gather(*(work(number) for number in range(3)), *(refile(number) for number in range(2)))
    assert done > 0
    wrong = await postgres_rig.pool.fetch(
        """
        SELECT a.alert_id FROM alert a LEFT JOIN member m ON m.alert_id = a.alert_id
        GROUP BY a.alert_id, a.events, a.customers
        HAVING a.events <> count(m.alert_id) OR a.customers <> count(DISTINCT m.customer)
        """
    )
    assert wrong == []
    homeless = await postgres_rig.pool.fetchval(
        """
        SELECT count(*) FROM contribution c WHERE (
          SELECT count(*) FROM member m JOIN alert a USING (alert_id)
          WHERE m.source = c.source AND m.subject = c.subject AND m.part = c.part AND a.state = 'open') <> 1
        """
    )
    assert homeless == 0


async def _until_waiting(rig: PostgresRig, count: int) -> None:
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(20):
        while True:
            if await rig.pool.fetchval(waiting) >= count:
                return
            await asyncio.sleep(0.01)
