"""Judging: which state holds, what a partial one leaves as it was, remarks, late contacts, and what must be loaded."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.link.keys import customer_key, instance_key, ticket_key
from service.core.pipeline.judge import Entry, Judged, judge, needs
from service.core.pipeline.rules import compile_playbook
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.facts import Facts
from service.core.records.feedback import Reading, Rejected
from service.core.records.needs import Needs
from service.core.records.words import LinkStatus, Outcome, Severity, Stage
from tests.builders import KEY, START, downtime, instance, make_metric, make_playbook, read_event, survey, ticket

RULES = compile_playbook(make_playbook())
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STATE, T1 = PartKey("/surveys", "response/r1"), PartKey("/tickets", "ticket/t1")
ANNA, BEN = KEY.pseudonym("anna"), KEY.pseudonym("ben")


def reading(event: Mapping[str, Any], at: timedelta = timedelta()) -> Reading:
    read = read_event(event, START + at, RULES).read
    assert isinstance(read, Reading)
    return read


def judged(facts: Facts, *readings: Reading | Rejected) -> list[Judged]:
    entries = [Entry(position=at, read=read, now=START) for at, read in enumerate(readings)]
    return judge(entries, needs(readings, RULES).identities, facts, RULES)


def outcomes(facts: Facts, *readings: Reading | Rejected) -> list[Outcome]:
    return [one.outcome for one in judged(facts, *readings)]


def held(facts: Facts, key: PartKey = STATE) -> Contribution:
    return facts.contributions[key]


def after(*readings: Reading) -> Facts:
    facts = Facts()
    judged(facts, *readings)
    return facts


def test_each_record_has_one_outcome() -> None:
    facts = Facts()
    refused = Rejected(stage=Stage.INTAKE, reason="not_json")
    new, older = reading(survey(revision=2)), reading(survey(revision=1))
    engine, down = reading(instance("i1", event_id="i-1")), reading(downtime("d1", event_id="d-1"))
    note = reading(ticket("comment", event_id="n-1", body="hm", comment_author_role="agent"))
    assert outcomes(facts, refused, new, new, older, engine, note, down, down) == [
        Outcome.REJECTED,
        Outcome.ACCEPTED,
        Outcome.DUPLICATE,
        Outcome.SUPERSEDED,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.DUPLICATE,
    ]
    assert list(facts.contributions) == [STATE]
    assert list(facts.downtimes.written) == [("/engine", "d1")]


def test_an_identity_that_somebody_had_before_is_a_duplicate() -> None:
    one = reading(survey())
    (found,) = judge([Entry(position=0, read=one, now=START)], [], Facts(), RULES)
    assert found.outcome is Outcome.DUPLICATE


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        pytest.param({"revision": 1}, {"revision": 2}, "b", id="the higher revision"),
        pytest.param({"revision": 2}, {"revision": 1}, "a", id="also when it comes first"),
        pytest.param({"at": 0}, {"at": 1}, "b", id="without revisions the later one"),
        pytest.param({"at": 1}, {"at": 0}, "a", id="also when that comes first"),
        pytest.param({"revision": 1, "at": 0}, {"revision": 1, "at": 1}, "b", id="with one revision the later one"),
        pytest.param({"revision": 1}, {"revision": 1}, "b", id="with one time the greater id"),
    ],
)
def test_which_state_holds(first: dict[str, Any], second: dict[str, Any], holds: str) -> None:
    events = [
        reading(
            survey("r1", 0, event_id=name, **{k: v for k, v in given.items() if k != "at"}), given.get("at", 0) * DAY
        )
        for name, given in (("a", first), ("b", second))
    ]
    facts = after(*events)
    assert held(facts).feedback.event_id == holds
    assert facts.subjects["/surveys", "response/r1"].event_id == holds
    assert held(facts).began_at == min(one.occurred_at for one in events)


def test_what_is_withdrawn_takes_its_remarks_along_and_no_remark_brings_it_back() -> None:
    facts = after(
        reading(ticket(event_id="1", revision=1)),
        reading(ticket("comment", event_id="2", body="late"), MINUTE),
        reading(ticket("deleted", event_id="3", revision=2), 2 * MINUTE),
    )
    assert list(facts.contributions) == []
    assert outcomes(facts, reading(ticket("comment", event_id="4", body="late"), DAY)) == [Outcome.SUPERSEDED]
    assert outcomes(facts, reading(ticket("updated", event_id="5", revision=3), 3 * DAY)) == [Outcome.ACCEPTED]
    assert held(facts, T1).began_at == START + 3 * DAY
    assert facts.subjects["/tickets", "ticket/t1"] == Subject(
        source="/tickets",
        subject="ticket/t1",
        revision=3,
        occurred_at=START + 3 * DAY,
        event_id="5",
        began_at=START + 3 * DAY,
    )


def test_a_partial_state_leaves_the_rest_as_it_was() -> None:
    full = ticket(
        event_id="1",
        body="late, awful, cancel it",
        priority="urgent",
        status="open",
        reopen_count=1,
        customer={"ref": "anna", "tier": "gold", "region": "uk"},
        channel="email",
        correlation={"process": "shipping", "instance": "i1"},
    )
    thin = ticket("status", event_id="2", status="solved", customer=None)
    facts = after(reading(instance("i1", event_id="0", process="returns")), reading(full))
    before = held(facts, T1)
    judged(facts, reading(thin, MINUTE))
    now = held(facts, T1)
    assert now.feedback == replace(
        before.feedback,
        event_id="2",
        event_type="feedback.ticket.status.v1",
        revision=now.feedback.revision,
        occurred_at=START + MINUTE,
        received_at=START + MINUTE,
        status="solved",
        done=True,
    )
    assert (now.categorised, now.signals, now.link, now.process, now.assessed) == (
        before.categorised,
        before.signals,
        before.link,
        "returns",
        before.assessed,
    )


def test_a_state_without_a_score_leaves_the_score_as_it_was() -> None:
    facts = after(reading(survey("r1", 3, revision=1)), reading(survey("r1", None, "late", revision=2)))
    assert (held(facts).feedback.metrics, held(facts).feedback.text) == ((make_metric("nps", 3, 0, 10),), "late")
    judged(facts, reading(survey("r1", 9, revision=3)))
    assert held(facts).feedback.metrics == (make_metric("nps", 9, 0, 10),)


def test_what_a_state_says_anew_replaces_the_old() -> None:
    facts = after(reading(survey("r1", 0, "late, awful", revision=1)), reading(survey("r1", 9, "refund", revision=2)))
    assert (held(facts).categorised.category, held(facts).assessed.negative, held(facts).feedback.text) == (
        "refund",
        False,
        "refund",
    )


@pytest.mark.parametrize(
    ("body", "category"),
    [
        pytest.param("still waiting", "delivery", id="what names no category is about that of its ticket"),
        pytest.param("I want a refund", "refund", id="what names one is about that"),
    ],
)
def test_a_remark_is_its_ticket_s_customer_s(body: str, category: str) -> None:
    facts = after(
        reading(ticket(event_id="1", body="late", priority="urgent", correlation={"process": "shipping"})),
        reading(ticket("comment", event_id="2", body=body, customer=None), MINUTE),
    )
    remark = held(facts, PartKey("/tickets", "ticket/t1", "2"))
    assert (remark.feedback.customer, remark.categorised.category, remark.process) == (ANNA, category, "shipping")
    assert remark.signals.negativity is None


@pytest.mark.parametrize(
    ("at", "done"),
    [pytest.param(1, True, id="before the end"), pytest.param(3, False, id="after the end")],
)
def test_a_remark_that_comes_after_the_end_of_its_ticket(at: int, done: bool) -> None:  # noqa: FBT001 - an expected value
    facts = after(
        reading(ticket(event_id="1", status="open")),
        reading(ticket("status", event_id="2", status="solved"), 2 * MINUTE),
        reading(ticket("comment", event_id="3", body="late"), at * MINUTE),
    )
    assert held(facts, PartKey("/tickets", "ticket/t1", "3")).feedback.done is done


def test_the_end_of_a_ticket_ends_its_remarks_once() -> None:
    facts = after(
        reading(ticket(event_id="1", status="open")),
        reading(ticket("comment", event_id="2", body="late"), MINUTE),
        reading(ticket("status", event_id="3", status="solved"), 2 * MINUTE),
        reading(ticket("csat", event_id="4", csat={"raw": 1}), 3 * MINUTE),
        reading(ticket("status", event_id="5", status="closed"), 4 * MINUTE),
    )
    done = {
        key.part: one.feedback.done for key, one in ((key, facts.contributions[key]) for key in facts.contributions)
    }
    assert done == {"": True, "2": True, "4": False}


def nps(number: int, text: str = "late", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return survey(f"r{number}", 0, text, **more)


def test_an_earlier_contact_that_comes_late_makes_the_later_ones_worse() -> None:
    facts = after(reading(nps(1, "late, awful"), 2 * DAY), reading(nps(2), 3 * DAY), reading(nps(3), 9 * DAY))
    (found,) = judged(facts, reading(nps(4), DAY))
    assert [(one.key.subject, one.own) for one in found.moved] == [
        ("response/r4", True),
        ("response/r1", False),
        ("response/r2", False),
    ]
    contacts = {key.subject: facts.contributions[key].assessed.contacts for key in facts.contributions}
    assert contacts == {"response/r4": 1, "response/r1": 2, "response/r2": 3, "response/r3": 2}
    assert found.moved[1].contribution == held(facts)
    assert held(facts).assessed.severity is Severity.HIGH


def test_a_contact_that_is_taken_back_makes_the_later_ones_better() -> None:
    facts = after(reading(nps(1, revision=1)), reading(nps(2), DAY))
    assert held(facts, PartKey("/surveys", "response/r2")).assessed.contacts == 2
    judged(facts, reading(nps(1, state="deleted", revision=2), 2 * DAY))
    assert held(facts, PartKey("/surveys", "response/r2")).assessed.contacts == 1


def test_only_what_changed_is_moved() -> None:
    facts = after(*(reading(nps(number), number * DAY) for number in range(4)))
    (found,) = judged(facts, reading(nps(9), timedelta(hours=1)))
    # From the third contact on nothing gets worse, but the count is shown.
    assert [one.key.subject for one in found.moved] == ["response/r9", "response/r1", "response/r2", "response/r3"]
    (again,) = judged(facts, reading(survey("r0", 0, "late", event_id="other"), MINUTE))
    assert [one.key.subject for one in again.moved] == ["response/r0"]


def test_a_superseded_state_still_says_when_its_subject_began() -> None:
    facts = after(reading(nps(1, revision=2), 2 * DAY), reading(nps(2), DAY))
    (found,) = judged(facts, reading(nps(1, revision=1)))
    assert (found.outcome, [one.key.subject for one in found.moved]) == (
        Outcome.SUPERSEDED,
        ["response/r1", "response/r2"],
    )
    assert (held(facts).began_at, held(facts).feedback.revision, held(facts).assessed.contacts) == (START, 2, 1)
    assert held(facts, PartKey("/surveys", "response/r2")).assessed.contacts == 2


def test_a_subject_is_looked_for_under_every_key_that_it_has_named() -> None:
    facts = after(
        reading(instance("i1", event_id="0", keys=["T-7"], process="returns")),
        reading(instance("i2", event_id="1", keys=["T-7"])),
        reading(ticket(event_id="2", correlation={"ticket_ref": "T-7"})),
    )
    assert held(facts, T1).link.status is LinkStatus.AMBIGUOUS
    judged(facts, reading(ticket("updated", event_id="3", correlation={"instance": "i1"}), MINUTE))
    assert (held(facts, T1).link.instance_id, held(facts, T1).process) == ("i1", "returns")
    judged(facts, reading(ticket("updated", event_id="4"), 2 * MINUTE))
    assert (held(facts, T1).link.instance_id, held(facts, T1).process) == ("i1", "returns")


@pytest.mark.parametrize(
    ("event", "process"),
    [
        pytest.param(survey(text="late", correlation={"process": "returns"}), "returns", id="the one it names"),
        pytest.param(survey(text="refund"), "returns", id="else that of its category"),
        pytest.param(survey(text="hm", correlation={"process": "unheard-of"}), "unassigned", id="else none"),
    ],
)
def test_the_process_of_a_feedback(event: Mapping[str, Any], process: str) -> None:
    assert held(after(reading(event))).process == process


def test_what_a_batch_needs() -> None:
    events = [
        reading(ticket(event_id="2", correlation={"instance": "i1"}), DAY),
        reading(ticket("updated", event_id="1", customer="ben")),
        reading(instance("i9", event_id="3", keys=["t1"])),
    ]
    said = frozenset({START, START + DAY})
    of_i9 = (instance_key("i9"), "business\nshipping\nt1", ticket_key("t1"))
    named = (instance_key("i1"), ticket_key("t1"), customer_key(BEN))
    assert needs([*events, Rejected(stage=Stage.INTAKE, reason="not_json")], RULES) == Needs(
        identities=(("/engine", "3"), ("/tickets", "1"), ("/tickets", "2")),
        link_keys=tuple(sorted({*named, *of_i9})),
        tickets=("t1",),
        told=tuple(sorted(of_i9)),
        instances=("i9",),
        kin={BEN: (START, START)},
        times={("/tickets", "ticket/t1"): (START, START + DAY)},
        window=14 * DAY,
        subjects=(("/tickets", "ticket/t1"),),
        customers={ANNA: said, BEN: said},
        named={("/tickets", "ticket/t1"): frozenset((ANNA, BEN))},
        marks=tuple(sorted({mark for one in events for mark in (*one.event_marks, *one.subject_marks)})),
        reach=7 * DAY,
    )


def test_stored_contributions_widen_what_is_needed() -> None:
    old = held(after(reading(ticket(event_id="0", customer="cleo"), -30 * DAY)), T1)
    wanted = needs([reading(ticket("updated", event_id="1"))], RULES)
    said = frozenset({START - 30 * DAY, START})
    assert wanted.with_stored([old]) == {ANNA: said, KEY.pseudonym("cleo"): said}
    assert wanted.with_stored([]) == {ANNA: frozenset({START})}
