"""A person is forgotten on each adapter: no row holds a word of it, every count stays, and nothing comes back."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from service.core import publish
from service.core.pipeline.read import ReadRecord, read
from service.core.pipeline.refiling import Refiling
from service.core.pipeline.rules import compile_playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.contacts import MOST_NEAR
from service.core.records.erasing import Erasure
from service.core.records.facts import Facts
from service.core.records.feedback import Message
from service.core.records.handling import Act
from service.core.records.muting import Silence
from service.core.records.words import Deed
from service.ports import Answer, ConflictError, Lease, Saving, Store, erasure_place
from service.runtime.batch import Ran, run_batch
from service.runtime.due import run_due
from service.runtime.erasing import erase_some
from service.runtime.refiling import refile_within
from tests.builders import KEY, START, SURVEYS, instance, make_playbook, read_event, survey, ticket
from tests.listening import listening_rules
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, days, told
from tests.ports.keeping import keep
from tests.ports.traces import where

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        at_risk={"cases": 3, "within": "30d", "team": "legal"},
        identity={"precedence": ["crm", "email"]},
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [
                {
                    "id": "mine",
                    "match": {"category": "delivery"},
                    "team": "drivers",
                    "group_by": ["customer"],
                    "continue": True,
                }
            ],
        },
    )
)
ANNA = KEY.pseudonym("anna")
TEXTS = ("late, and anna is furious", "late again says anna", "so late that it hurts")


async def decide(store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime = START) -> Ran:
    records = [read_event(event, at, RULES, place) for place, event in enumerate(events)]
    while True:
        try:
            return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: at)
        except ConflictError:
            continue


def erasure(customer: str = "anna", event_id: str = "erase-1", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    body = {"customer": customer, "request_id": "q-1", **data}
    return {"specversion": "1.0", "id": event_id, "source": "/privacy", "type": "privacy.erasure.v1", "data": body}


def said_by_anna() -> list[dict[str, Any]]:
    return [
        survey("response-of-anna", 0, TEXTS[0], event_id="event-of-anna-1", revision=1),
        survey("response-of-anna", 0, TEXTS[1], event_id="event-of-anna-2", revision=2),
        ticket(
            "created", "ticket-of-anna", event_id="event-of-anna-3", body=TEXTS[2], priority="urgent", status="open"
        ),
        ticket("comment", "ticket-of-anna", event_id="event-of-anna-4", body=TEXTS[1]),
        ticket("created", "gone-of-anna", event_id="event-of-anna-5", body=TEXTS[0], priority="urgent"),
        ticket("deleted", "gone-of-anna", event_id="event-of-anna-6"),
        instance("i1", event_id="step-1", customer="anna", step="s1", attributes={"door": "anna's"}),
    ]


def said_by_others() -> list[dict[str, Any]]:
    return [survey(f"r{number}", 0, f"late, says {number}", customer=f"customer-{number}") for number in range(3)]


WORDS = ("anna", ANNA)


async def until_done(store: Store, at: datetime, limit: int = 200) -> list[Erasure]:
    found: list[Erasure] = []
    while (one := await erase_some(store, RULES, KEY, at, limit)) is not None:
        found.append(one)
    return found


async def heard(rig: Rig) -> Lease:
    """Let anna and three others speak, be told of and, two of them, be filed otherwise."""
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, *said_by_others(), *said_by_anna())).lease
    for subject, event_id, why in (("response-of-anna", "event-of-anna-2", "anna wants it"), ("r1", "r1-1", None)):
        name = f"response/{subject}"
        asked = Refiling(source=SURVEYS, subject=name, event_id=event_id, by="eve", meant=("refund",), reason=why)
        async with rig.store.transaction() as transaction:
            assert (await refile_within(transaction, asked, START, RULES)).correction is not None
    await run_due(rig.store, RULES, START + HOUR)
    for line in [line async for line in rig.archive.alerts()]:
        if any(name.startswith("event-of-anna") for name in line["members"]):
            note = Act(alert_id=line["alert_id"], at=START + HOUR, deed=Deed.NOTE, by="eve", text="anna called back")
            await keep(rig, acts=[note])
    return lease


async def test_what_people_wrote_on_an_alert_of_the_person_goes_and_that_they_did_stays(rig: Rig) -> None:
    lease = await heard(rig)
    ids = [line["alert_id"] async for line in rig.archive.alerts()]
    await keep(rig, acts=[Act(alert_id="other", at=START, deed=Deed.NOTE, by="eve", text="of somebody else")])
    await decide(rig.store, lease, erasure(), at=START + HOUR)
    done = (await until_done(rig.store, START + 2 * HOUR))[-1]
    acts = [act for name in ids for act in await rig.desk.acts(name, 0, 10)]
    assert {(act.deed, act.by, act.text) for act in acts} == {(Deed.NOTE, "eve", None)}
    assert done.counts["acts"] == len(acts)
    assert [act.text for act in await rig.desk.acts("other", 0, 10)] == ["of somebody else"]


@pytest.mark.parametrize("limit", [1, 200])
async def test_no_row_holds_a_word_of_who_was_erased(rig: Rig, limit: int) -> None:
    lease = await heard(rig)
    assert await where(rig, *WORDS)
    lease = (await decide(rig.store, lease, erasure(), at=START + HOUR)).lease
    done = (await until_done(rig.store, START + 2 * HOUR, limit))[-1]
    assert (done.refs, done.token, done.done_at) == ((), None, START + 2 * HOUR)
    assert await where(rig, *WORDS) == {}


@pytest.mark.parametrize("limit", [MOST_NEAR - 5, 200])
async def test_who_said_more_than_counts_is_forgotten_as_well(rig: Rig, limit: int) -> None:
    lease = await claimed(rig.store)
    for number in range(MOST_NEAR // 10 + 4):
        said = [survey(f"r{number}-{each}-of-anna", 0, TEXTS[each % 3]) for each in range(10)]
        lease = (await decide(rig.store, lease, *said, at=START + days(number))).lease
    await decide(rig.store, lease, erasure(), at=START + days(20))
    done = await until_done(rig.store, START + days(20), limit)
    assert (len(done) > 1, done[-1].done_at) == (limit < MOST_NEAR, START + days(20))
    assert await where(rig, *WORDS) == {}


async def test_the_words_that_a_model_went_by_go_too(rig: Rig) -> None:
    lease, rules = await claimed(rig.store), listening_rules()
    said = [survey("r1", 0, "the courier came"), survey("r2", 0, "late courier"), erasure()]
    records = [read_event(event, START, rules, place) for place, event in enumerate(said)]
    await run_batch(rig.store, lease, records, len(records), rules, lambda _: START)
    assert await where(rig, "courier")
    await until_done(rig.store, START)
    assert await where(rig, "courier") == {}


def counts(found: Mapping[str, Any]) -> dict[str, Any]:
    names = ("team", "kind", "state", "severity", "customers", "events", "instances", "unfinished", "opened_at")
    return {
        "alerts": sorted(tuple(str(one.get(name)) for name in names) for one in found["alerts"]),
        "notices": sorted(
            (one["alert_id"], one["revision"], one["customers"], one["events"]) for one in found["notices"]
        ),
        "feedback": sorted((one["occurred_at"], one["severity"], one["verdict"]) for one in found["feedback"]),
        "books": found["books"],
    }


@pytest.mark.parametrize("limit", [1, 200])
async def test_every_count_stays(rig: Rig, limit: int) -> None:
    lease = await heard(rig)
    await decide(rig.store, lease, erasure(), at=START + HOUR)
    before = counts(await told(rig.archive))
    await until_done(rig.store, START + 2 * HOUR, limit)
    assert counts(await told(rig.archive)) == before


async def test_what_comes_again_brings_nothing_back(rig: Rig) -> None:
    lease = await heard(rig)
    lease = (await decide(rig.store, lease, erasure(), at=START + HOUR)).lease
    await until_done(rig.store, START + 2 * HOUR)
    first = said_by_anna()[:6]
    ran = await decide(rig.store, lease, *first, erasure(), at=START + HOUR)
    assert (ran.books.duplicate, ran.books.accepted) == (7, 0)
    older = survey("response-of-anna", 0, "late before", event_id="event-of-anna-0", revision=2)
    remark = ticket("comment", "ticket-of-anna", event_id="event-of-anna-7", body="late remark")
    ran = await decide(rig.store, ran.lease, older, remark, at=START + HOUR)
    assert (ran.books.superseded, ran.books.accepted) == (2, 0)
    assert await where(rig, *WORDS) == {}


async def test_what_is_said_later_is_of_a_new_customer(rig: Rig) -> None:
    lease = await heard(rig)
    lease = (await decide(rig.store, lease, erasure(), at=START + HOUR)).lease
    await until_done(rig.store, START + 2 * HOUR)
    newer = survey("response-of-anna", 0, "late anew", event_id="event-of-anna-8", revision=3)
    ran = await decide(rig.store, lease, newer, survey("other", 0, "late, too", event_id="o1"), at=START + 3 * HOUR)
    assert ran.books.accepted == 2
    await decide(rig.store, ran.lease, erasure(event_id="erase-2"), at=START + 4 * HOUR)
    done = (await until_done(rig.store, START + 4 * HOUR))[-1]
    assert done.counts["subjects"] == 2
    assert await where(rig, *WORDS) == {}


async def test_who_is_erased_in_part_goes_on_where_it_was_left(rig: Rig) -> None:
    lease = await heard(rig)
    lease = (await decide(rig.store, lease, erasure(), at=START + HOUR)).lease
    first = await erase_some(rig.store, RULES, KEY, START + HOUR, 1)
    assert first is not None
    assert first.done_at is None
    late = survey("late-of-anna", 0, "late while it lasts", event_id="event-of-anna-9")
    await decide(rig.store, lease, late, at=START + HOUR)
    await until_done(rig.store, START + 2 * HOUR, 1)
    assert await where(rig, *WORDS) == {}


def refused(*values: Any) -> list[ReadRecord]:  # noqa: ANN401 - any JSON
    found: list[ReadRecord] = []
    for offset, value in enumerate(values):
        message = Message(
            topic="t", partition=0, offset=offset, key=b"anna", value=orjson.dumps(value), received_at=START
        )
        found += read(message, RULES, KEY)
    return found


async def test_what_was_refused_and_names_the_person_is_emptied_and_stays_in_the_books(rig: Rig) -> None:
    lease = await claimed(rig.store)
    records = refused({"who": "anna", "says": "late anna"}, {"who": "ben", "says": "late"})
    ran = await run_batch(rig.store, lease, records, 2, RULES, lambda _: START)
    await decide(rig.store, ran.lease, erasure(), at=START + HOUR)
    before = await told(rig.archive)
    done = (await until_done(rig.store, START + HOUR))[-1]
    assert done.counts["dead_letters"] == 2
    assert await where(rig, "anna") == {}
    assert await told(rig.archive) == before
    letters = await rig.desk.dead_letters(None, 10)
    assert [(one.letter.payload, one.letter.key, one.letter.sha256) for one in letters] == [(None, None, "")] * 2


async def test_who_is_joined_is_told_of_and_erased_only_if_that_is_asked(rig: Rig) -> None:
    lease = await claimed(rig.store)
    anna: Any = {"ref": "anna", "ref_type": "email", "also": [{"ref": "crm-7", "ref_type": "crm"}]}
    lease = (await decide(rig.store, lease, survey("r1", 0, "late", customer=anna))).lease
    crm = {"ref": "crm-7", "ref_type": "crm"}
    lease = (await decide(rig.store, lease, survey("r2", 0, "late", customer=crm, event_id="e2"))).lease
    lease = (await decide(rig.store, lease, erasure(), at=START + HOUR)).lease
    (done,) = await until_done(rig.store, START + HOUR)
    assert (done.joined, done.counts["evidence"], done.counts["subjects"]) == (1, 1, 1)
    assert await where(rig, KEY.pseudonym("crm-7"))
    lease = (await decide(rig.store, lease, survey("r3", 0, "late", customer=anna), at=START + 2 * HOUR)).lease
    again = erasure(event_id="erase-2", include_joined=True)
    await decide(rig.store, lease, again, at=START + 3 * HOUR)
    (done,) = await until_done(rig.store, START + 3 * HOUR)
    assert (done.joined, done.counts["subjects"]) == (1, 2)
    assert await where(rig, ANNA, KEY.pseudonym("crm-7")) == {}


async def test_silences_and_stored_answers_do_not_name_the_person_any_more(rig: Rig) -> None:
    lease, facts = await heard(rig), Facts()
    silence = Silence(
        silence_id="s",
        matchers={"customer": (ANNA,)},
        author="ana",
        reason="Known.",
        created_at=START,
        starts_at=START,
        ends_at=START + days(1),
    )
    facts.silences.put("s", silence)
    alert_ids = [one["alert_id"] for one in (await told(rig.archive))["alerts"]]
    body = {"alert_ids": alert_ids, "excerpts": [{"event_id": "event-of-anna-3", "text": TEXTS[2]}]}
    async with rig.store.transaction() as transaction:
        await transaction.recall("k")
        await transaction.save(Saving(facts=facts, digest=RULES.digest, now=START))
        await transaction.remember("k", Answer(request="r", status=200, body=orjson.dumps(body).decode()))
    await decide(rig.store, lease, erasure(), at=START + HOUR)
    (done,) = await until_done(rig.store, START + 2 * HOUR)
    assert (done.counts["silences"], done.counts["answers"]) == (1, 1)
    assert await where(rig, *WORDS) == {}


async def test_rows_of_the_key_before_are_erased_as_well(rig: Rig) -> None:
    lease = await heard(rig)
    key = PseudonymKey(key_id="k2", secret=b"the next", former=KEY)
    value = orjson.dumps({**erasure(), "time": START.isoformat()})
    message = Message(topic="t", partition=0, offset=0, key=None, value=value, received_at=START)
    records = read(message, RULES, key)
    await run_batch(rig.store, lease, records, 99, RULES, lambda _: START)
    while await erase_some(rig.store, RULES, key, START) is not None:
        continue
    assert await where(rig, *WORDS) == {}


async def test_the_receipt_says_what_went_and_names_nobody(rig: Rig) -> None:
    lease = await heard(rig)
    await decide(rig.store, lease, erasure(), at=START + HOUR)
    await until_done(rig.store, START + 2 * HOUR, 2)
    (stored,) = await rig.desk.erasures(None, 10)
    key, value = publish.receipt_record(stored)
    assert (await where(rig, "privacy.receipt.v1")).keys() in ({"outbox"}, {"outgoing"})
    body = orjson.loads(value)
    assert (body["type"], body["id"], body["data"]["request_id"]) == ("privacy.receipt.v1", stored.erasure_id, "q-1")
    assert body["data"]["erased"] == dict(stored.counts)
    assert key.decode() == body["data"]["customer_hash"] != ANNA


async def test_requests_are_listed_page_by_page_the_latest_first(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number in range(5):
        asked = erasure("anna", f"erase-{number}")
        lease = (await decide(rig.store, lease, asked, at=START + (number // 2) * HOUR)).lease
    assert await erase_some(rig.store, RULES, KEY, START + days(1)) is not None
    listed = await rig.desk.erasures(None, 10)
    assert [(one.recorded_at, one.done_at) for one in listed] == [
        (START + 2 * HOUR, None),
        (START + HOUR, None),
        (START + HOUR, None),
        (START, START + days(1)),
        (START, None),
    ]
    after, pages = None, []
    while page := await rig.desk.erasures(after, 2):
        pages.append(list(page))
        after = erasure_place(page[-1])
    assert pages == [list(listed[:2]), list(listed[2:4]), list(listed[4:])]


async def test_nobody_known_is_erased_with_a_receipt_too(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), erasure("nobody"))
    (done,) = await until_done(rig.store, START)
    assert set(done.counts.values()) == {0}
    assert await where(rig, KEY.pseudonym("nobody")) == {}


async def test_two_at_once_and_those_who_speak_meanwhile_leave_nothing(postgres_rig: PostgresRig) -> None:
    rig, store = postgres_rig, postgres_rig.store
    lease = await heard(rig)
    lease = (await decide(store, lease, erasure(), erasure("customer-1", "erase-2"), at=START + HOUR)).lease
    leases = [await claimed(store, number) for number in (1, 2)]

    async def speak(lease: Lease, number: int) -> None:
        for at in range(8):
            name = f"anna-{number}-{at}"
            said = survey(name, 0, f"late {name}", event_id=name)
            lease = (await decide(store, lease, said, at=START + HOUR)).lease

    async def stubbornly() -> None:
        while True:
            try:
                if await erase_some(store, RULES, KEY, START + HOUR, 2) is None:
                    return
            except ConflictError:
                continue

    await asyncio.gather(*(speak(one, number) for number, one in enumerate(leases)), stubbornly(), stubbornly())
    assert [one.done_at for one in await rig.desk.erasures(None, 10)] == [START + HOUR] * 2
    # Who spoke after the end of the first is a new customer, and is forgotten by the next request.
    await decide(store, lease, erasure(event_id="erase-3"), at=START + 2 * HOUR)
    await stubbornly()
    assert await where(rig, *WORDS, KEY.pseudonym("customer-1")) == {}
