"""One shape for every channel: scores and keys kept, customers hidden, states, remarks and withdrawals told apart."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.contracts.cloudevent import decode_mapping
from service.core.contracts.faults import Fault
from service.core.normalise import Extras, Stepped, normalise
from service.core.pseudonym import PseudonymKey, customer_references, of_team
from service.core.records.feedback import Downtime, Feedback, Instance, Keys, Metric, Recorded
from service.core.records.identities import Reference
from service.core.records.steps import Step
from service.core.records.words import Change, FeedbackKind, Flag, Lifecycle
from tests.builders import KEY, START, downtime, instance, survey, ticket

HOUR = timedelta(hours=1)
RECEIVED = START + timedelta(minutes=5)
ALIASES = {"shipping": "shipping", "versand": "shipping"}
MICROSECONDS = 1_777_885_200_000_000


Said = Feedback | Recorded | Stepped | Downtime


def normalised(event: Mapping[str, Any], **extras: Any) -> Said:  # noqa: ANN401 - any of Extras
    decoded = decode_mapping({"time": START.isoformat(), **event})
    assert not isinstance(decoded, Fault)
    return normalise(decoded, RECEIVED, KEY, ALIASES, Extras(**extras))


def feedback(event: Mapping[str, Any], **extras: Any) -> Feedback:  # noqa: ANN401 - any of Extras
    found = normalised(event, **extras)
    assert isinstance(found, Feedback)
    return found


def test_references_that_bear_a_type_become_pseudonyms() -> None:
    also = [{"ref": "A-7", "ref_type": "account"}, {"ref": "x", "ref_type": " "}]
    named: dict[str, Any] = {"ref": "e@x", "ref_type": "E-Mail", "also": also}
    told = ticket("created", event_id="e2", customer=named), instance("i1", event_id="e3", customer=named)
    for event in (survey("r1", 0, customer=named), *told):
        decoded = decode_mapping({"time": START.isoformat(), **event})
        assert not isinstance(decoded, Fault)
        assert customer_references(decoded, KEY) == (
            Reference("account", KEY.pseudonym("A-7")),
            Reference("e-mail", KEY.pseudonym("e@x")),
        )


@pytest.mark.parametrize(
    "event",
    [
        survey("r1", 0, customer="anna"),
        survey("r1", 0, customer=None),
        instance("i1", event_id="e1", customer="anna"),
        downtime("d1", event_id="e1"),
    ],
)
def test_a_reference_without_a_type_is_none_that_could_be_joined(event: Mapping[str, Any]) -> None:
    decoded = decode_mapping({"time": START.isoformat(), **event})
    assert not isinstance(decoded, Fault)
    assert customer_references(decoded, KEY) == ()


def test_a_survey_keeps_its_scores_its_words_and_its_handles() -> None:
    event = survey(
        "r1",
        None,
        revision=3,
        survey_id="s-1",
        survey_kind="relationship",
        metrics=[{"kind": "ces", "raw": "2", "orientation": "lower_better"}, {"kind": "nps", "raw": 10}],
        verbatims=[
            {"text": "Late", "question": "What was bad?"},
            {"text": "  ", "question": "Why?"},
            {"text": "Sehr spät", "language": "de_AT", "question": "What was bad?"},
        ],
        source_labels=["parcel"],
        customer={"ref": "anna", "tier": "gold", "region": "uk", "segment": "retail"},
        channel="email",
        correlation={
            "process": "Versand",
            "instance": "i1",
            "business_key": "SO-1",
            "order_ref": "O-1",
            "ticket_ref": "T-1",
            "touchpoint": "door",
        },
    )
    assert normalised(event, attributes={"product": "A-1"}, flags=(Flag.DATE_AMBIGUOUS,)) == Feedback(
        event_id="r1-3",
        source="/surveys",
        subject="response/r1",
        revision=3,
        occurred_at=START,
        received_at=RECEIVED,
        kind=FeedbackKind.SURVEY,
        change=Change.STATE,
        event_type="feedback.survey.response.v1",
        text="Late\nSehr spät",
        question="What was bad?",
        language="de",
        channel="email",
        metrics=(
            Metric(kind="ces", raw=2, scale_min=1, scale_max=7, higher_is_better=False),
            Metric(kind="nps", raw=10, scale_min=0, scale_max=10, higher_is_better=True),
        ),
        labels=("parcel",),
        customer=KEY.pseudonym("anna"),
        tier="gold",
        region="uk",
        segment="retail",
        process="shipping",
        keys=Keys(
            instance="i1",
            business_key="SO-1",
            business_within="shipping",
            ticket="T-1",
            order="O-1",
            order_within="shipping",
        ),
        survey="s-1",
        relationship=True,
        touchpoint="door",
        attributes={"product": "A-1"},
        flags=(Flag.DATE_AMBIGUOUS,),
    )


def test_a_ticket_keeps_its_state_and_is_a_handle_itself() -> None:
    event = ticket(
        "updated",
        event_id="e-1",
        subject="Parcel",
        body="Where is it?",
        status="solved",
        priority="urgent",
        group_ref="g-1",
        reopen_count=2,
        sla={"breached": True},
        ticket_number="1001",
    )
    assert normalised(event) == Feedback(
        event_id="e-1",
        source="/tickets",
        subject="ticket/t1",
        revision=MICROSECONDS,
        occurred_at=START,
        received_at=RECEIVED,
        kind=FeedbackKind.TICKET,
        change=Change.STATE,
        event_type="feedback.ticket.updated.v1",
        text="Parcel\nWhere is it?",
        language="en",
        customer=KEY.pseudonym("anna"),
        keys=Keys(ticket="1001", is_own=True),
        group="g-1",
        priority="urgent",
        status="solved",
        done=True,
        sla_breached=True,
        reopen_count=2,
    )


@pytest.mark.parametrize(
    ("event", "change"),
    [
        pytest.param(survey(state="partial"), Change.STATE, id="an answer in the making is a state"),
        pytest.param(survey(state="deleted"), Change.WITHDRAW, id="a deleted answer withdraws"),
        pytest.param(survey(state="disqualified"), Change.WITHDRAW, id="so does a disqualified one"),
        pytest.param(ticket("created", event_id="e"), Change.STATE, id="a new ticket is a state"),
        pytest.param(ticket("status", event_id="e", status="open"), Change.STATE, id="so is its status"),
        pytest.param(ticket("reopened", event_id="e"), Change.STATE, id="and its reopening"),
        pytest.param(ticket("comment", event_id="e", body="hm"), Change.REMARK, id="a comment is a remark"),
        pytest.param(ticket("csat", event_id="e", csat={"raw": 1}), Change.REMARK, id="so is a rating"),
        pytest.param(ticket("deleted", event_id="e"), Change.WITHDRAW, id="a deleted ticket withdraws"),
        pytest.param(ticket("status", event_id="e", status="deleted"), Change.WITHDRAW, id="by its status as well"),
        pytest.param(ticket("merged", event_id="e", merged_into="t2"), Change.WITHDRAW, id="a merged one too"),
        pytest.param(
            ticket("comment", event_id="e", body="hm", comment_author_role="agent"),
            Change.NONE,
            id="an agent's is none",
        ),
        pytest.param(
            ticket("comment", event_id="e", body="hm", is_public=False), Change.NONE, id="nor is a note for few eyes"
        ),
    ],
)
def test_what_an_event_does_to_its_subject(event: Mapping[str, Any], change: Change) -> None:
    assert feedback(event).change is change
    assert feedback(event, recorded=True).change is Change.NONE


def test_words_that_are_not_a_customer_s_are_left_out() -> None:
    private = feedback(ticket(event_id="e", body="call him", is_public=False))
    assert (private.text, private.flags) == ("", (Flag.NOT_CUSTOMER_TEXT,))
    by_agent = feedback(ticket("comment", event_id="e", body="done", comment_author_role="agent"))
    assert (by_agent.text, by_agent.flags) == ("", (Flag.NOT_CUSTOMER_TEXT,))


def test_a_rating_brings_its_score_and_its_own_words() -> None:
    rated = feedback(ticket("csat", event_id="e", body="the old text", csat={"raw": "2", "comment": "slow"}))
    assert (rated.text, rated.metrics) == (
        "slow",
        (Metric(kind="csat", raw=2, scale_min=1, scale_max=5, higher_is_better=True),),
    )


def test_nobody_is_a_customer_of_its_own_and_stays_the_same_one() -> None:
    first, again, other = (
        feedback(survey(name, customer=None, revision=n)) for n, name in ((1, "a"), (2, "a"), (1, "b"))
    )
    assert first.customer.startswith("anonymous:")
    assert first.flags == (Flag.ANONYMOUS,)
    assert first.customer == again.customer != other.customer


def test_employees_are_nobody_in_particular() -> None:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/pulse",
        "type": "feedback.employee.v1",
        "data": {"feedback_id": "f-1", "team": "packing", "verbatims": [{"text": "The scanner is slow."}]},
    }
    found = feedback(event)
    assert (found.kind, found.group, found.text, found.flags) == (
        FeedbackKind.EMPLOYEE,
        "packing",
        "The scanner is slow.",
        (Flag.ANONYMOUS,),
    )
    assert found.customer == of_team("packing")
    event["data"] = {"feedback_id": "f-1"}
    assert feedback(event).customer.startswith("anonymous:")


EARLIER = START - HOUR
BEGUN = {"started_at": START, "begun_at": START}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, BEGUN, id="its start"),
        pytest.param({"lifecycle": "schedule"}, {"started_at": START}, id="what is planned has not begun anew"),
        pytest.param({"activity": "pack"}, {"started_at": START}, id="nor has what begins an activity"),
        pytest.param({"tier": "gold"}, {**BEGUN, "tier": "gold"}, id="its tier"),
        pytest.param({"lifecycle": "complete"}, {"ended_at": START, "completed_at": START}, id="its end"),
        pytest.param({"lifecycle": "cancel"}, {"ended_at": START}, id="its end before time"),
        pytest.param(
            {"lifecycle": "complete", "activity": "pack"}, {"started_at": START}, id="the end of an activity is not its"
        ),
        pytest.param(
            {"keys": {"order": "SO-1", "ticket": "T-1"}, "customer": "anna", "process": "Versand"},
            {**BEGUN, "keys": ("SO-1", "T-1"), "customer": KEY.pseudonym("anna")},
            id="its keys, and its customer under the same pseudonym",
        ),
        pytest.param({"region": "uk"}, {**BEGUN, "region": "uk"}, id="its region"),
        pytest.param({"lifecycle": "fail"}, {"ended_at": START}, id="a failure is no completion"),
        pytest.param({"process": "unheard-of"}, {**BEGUN, "process": "unheard-of"}, id="any process"),
        pytest.param(
            {"time": EARLIER.isoformat()},
            {"started_at": EARLIER, "begun_at": EARLIER},
            id="what is told later began when it did",
        ),
        pytest.param(
            {"lifecycle": "complete", "time": EARLIER.isoformat()},
            {"ended_at": EARLIER, "completed_at": EARLIER},
            id="and ended when it did",
        ),
        pytest.param(
            {"lifecycle": "complete", "withdrawn": True, "keys": ["T-1"]},
            {"keys": ("T-1",)},
            id="what never was has no time",
        ),
    ],
)
def test_an_instance(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    known = Instance(instance_id="i1", process="shipping", updated_at=START)
    assert stepped(**changes).instance == replace(known, **expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"name": "unnamed:e-1"}, id="without a name it is its event's own"),
        pytest.param({"step": "s-1"}, {"name": "s-1"}, id="with one it is what its corrections share"),
        pytest.param(
            {"step": "\u00e4" * 101},
            {"name": "long:ca1341e52c9b1ea71cfc2c590e300efc9bf827c495de098aa57349c937bc3c0b"},
            id="a long name is hidden in its fingerprint",
        ),
        pytest.param(
            {"step": "s-1", "time": "2026-05-04T10:00:00+02:00", "withdrawn": True},
            {"name": "s-1", "at": START - HOUR, "withdrawn": True},
            id="told later that it never was",
        ),
        pytest.param(
            {
                "activity": "pack",
                "lifecycle": "assign",
                "team": "floor",
                "process": "Versand",
                "attributes": {"a": 1, "b": 2.5, "c": True, "d": None, "e": "x", "f": 10**30, "g": -(2**63)},
            },
            {
                "name": "unnamed:e-1",
                "activity": "pack",
                "lifecycle": Lifecycle.ASSIGN,
                "team": "floor",
                "attributes": {"a": 1, "b": 2.5, "c": True, "d": None, "e": "x", "f": str(10**30), "g": -(2**63)},
            },
            id="what was done, by whom, and what is known",
        ),
    ],
)
def test_a_step(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    known = Step(
        instance_id="i1",
        process="shipping",
        source="/engine",
        event_id="e-1",
        name="",
        at=START,
        told_at=START,
        lifecycle=Lifecycle.START,
    )
    assert stepped(**changes).step == replace(known, **expected)


def stepped(**changes: Any) -> Stepped:  # noqa: ANN401 - fields of the contract
    found = normalised(instance("i1", event_id="e-1", **changes))
    assert isinstance(found, Stepped)
    return found


def test_a_downtime_as_its_source_names_it() -> None:
    event = downtime("d1", event_id="e-1", process="Versand", started=-HOUR, ended=-HOUR / 2, region="uk", planned=True)
    assert normalised(event) == Downtime(
        source="/engine",
        downtime_id="d1",
        process="shipping",
        region="uk",
        started_at=START - HOUR,
        ended_at=START - HOUR / 2,
        planned=True,
        occurred_at=START,
        event_id="e-1",
    )


def test_a_downtime_without_a_name_is_named_by_its_process_region_and_start() -> None:
    def named(**changes: Any) -> str:  # noqa: ANN401 - fields of the contract
        found = normalised(downtime(None, event_id="e-1", **changes))
        assert isinstance(found, Downtime)
        return found.downtime_id

    assert (
        named()
        == named(ended=HOUR, planned=True)
        == named(process="Versand")
        == named(started_at="2026-05-04T11:00:00+02:00")
    )
    assert len({named(), named(region="uk"), named(process="returns"), named(started=HOUR)}) == 4


def test_what_is_none_of_these_is_recorded_by_name_and_time() -> None:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/desk",
        "type": "privacy.erasure.v1",
        "data": {"customer": "anna", "request_id": "e-1"},
    }
    assert normalised(event) == Recorded(
        event_id="e-1", source="/desk", event_type="privacy.erasure.v1", occurred_at=START
    )


def test_a_pseudonym_names_its_key_and_hides_the_rest() -> None:
    other = PseudonymKey(key_id="k2", secret=b"other")
    assert KEY.pseudonym("anna") == "k1:" + KEY.pseudonym("anna")[3:]
    assert KEY.pseudonym("anna") == KEY.pseudonym("anna") != KEY.pseudonym("ben")
    assert other.pseudonym("anna")[3:] != KEY.pseudonym("anna")[3:]
    assert "anna" not in KEY.pseudonym("anna")
    assert "tests" not in repr(KEY)


def test_a_revision_of_its_own_is_kept_and_else_time_orders() -> None:
    later = {"time": datetime(2026, 5, 4, 9, 0, 0, 1, UTC).isoformat()}
    assert feedback(survey(revision=7)).revision == 7
    assert feedback(survey()).revision == MICROSECONDS
    assert feedback({**survey(), **later}).revision == MICROSECONDS + 1
