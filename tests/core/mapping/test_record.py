import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from service.core.contracts.answers import CsatMetric, Verbatim
from service.core.contracts.cloudevent import decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.parties import Customer, OtherRef
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import Ticket, TicketStatus
from service.core.mapping import CompiledSource, Mapped, Skipped, compile_source, map_record
from service.core.playbook.sources import Source
from service.core.records.feedback import Instance
from service.core.records.words import Flag

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CSAT = {"kind": "csat", "value": "score", "scale_min": 1, "scale_max": 5, "orientation": "higher_better"}


def source(**parts: object) -> CompiledSource:
    compiled = compile_source("tool", Source.model_validate({"kind": "survey", "subject": "id", **parts}))
    assert isinstance(compiled, CompiledSource), compiled
    return compiled


def results(compiled: CompiledSource, record: object) -> tuple[Mapped | Skipped | Fault, ...]:
    return map_record(compiled, json.dumps(record).encode(), NOON)


def mapped(compiled: CompiledSource, record: object) -> Mapped:
    (found,) = results(compiled, record)
    assert isinstance(found, Mapped), found
    return found


def response(compiled: CompiledSource, record: object) -> SurveyResponse:
    payload = mapped(compiled, record).event.data
    assert isinstance(payload, SurveyResponse)
    return payload


def ticket(compiled: CompiledSource, record: object) -> Ticket:
    payload = mapped(compiled, record).event.data
    assert isinstance(payload, Ticket)
    return payload


def fault(compiled: CompiledSource, record: object) -> tuple[FaultReason, str]:
    (found,) = results(compiled, record)
    assert isinstance(found, Fault), found
    return found.reason, found.detail


def test_a_mapped_record_is_the_event_that_the_tool_could_have_published() -> None:
    compiled = source(
        id="event",
        revision="rev",
        time={"value": "at"},
        scores=[CSAT],
        texts=[{"value": "comment", "html": True}],
        language={"const": "en"},
        customer={"ref": "person.id", "tier": "person.tier"},
        correlation={"order": "order"},
        labels=["tags[*]"],
        survey={"const": "s-1"},
        channel="via",
        process="delivery",
        attributes={"shop": "shop"},
        key="person.id",
    )
    record = {
        "event": "e-1",
        "id": 77,
        "rev": "3",
        "at": "2026-05-04T11:00:00+02:00",
        "score": "2",
        "comment": "<p>Too&nbsp;late</p>",
        "person": {"id": "c-1", "tier": "gold"},
        "order": 5531,
        "tags": ["late", "parcel", "late"],
        "via": "email",
        "shop": " Shop\n 1 ",
    }
    published = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/tool",
        "type": "feedback.survey.response.v1",
        "subject": "response/77",
        "time": "2026-05-04T09:00:00Z",
        "data": {
            "response_id": "77",
            "survey_id": "s-1",
            "revision": 3,
            "metrics": [{"kind": "csat", "raw": 2, "scale_min": 1, "scale_max": 5, "orientation": "higher_better"}],
            "verbatims": [{"text": "Too late", "language": "en"}],
            "source_labels": ["late", "parcel"],
            "customer": {"ref": "c-1", "tier": "gold"},
            "correlation": {"order_ref": "5531", "process": "delivery"},
            "channel": "email",
        },
    }
    found = mapped(compiled, record)
    assert found == Mapped(event=found.event, attributes={"shop": "Shop 1"}, key="c-1")
    assert found.event == decode(json.dumps(published).encode())


def test_without_an_id_the_payload_less_what_is_ignored_names_the_event() -> None:
    compiled = source(ignore=["meta.attempt"])
    first = mapped(compiled, {"id": 1, "meta": {"attempt": 1, "by": "x"}}).event.id
    again = mapped(compiled, {"meta": {"by": "x", "attempt": 2}, "id": 1}).event.id
    other = mapped(compiled, {"id": 1, "meta": {"attempt": 1, "by": "y"}}).event.id
    assert first == again != other
    assert len(first) == 64


def test_an_id_of_several_values_needs_them_all() -> None:
    compiled = source(id=["number", "count"])
    assert mapped(compiled, {"id": 1, "number": "INC1", "count": 0}).event.id == "INC1:0"
    assert fault(compiled, {"id": 1, "number": "INC1", "count": ""}) == (FaultReason.MISSING_ID, "id: missing")


def test_a_record_without_a_subject_is_refused() -> None:
    assert fault(source(), {"name": "x"}) == (FaultReason.MISSING_ID, "subject: missing")


def test_a_payload_without_a_time_has_that_of_its_receipt() -> None:
    assert mapped(source(), {"id": 1}).event.time == NOON
    assert mapped(source(time={"value": "at", "absent": "received"}), {"id": 1}).event.time == NOON


def test_a_time_that_should_be_there_is_not_made_up() -> None:
    compiled = source(time={"value": "at"})
    assert fault(compiled, {"id": 1}) == (FaultReason.BAD_TIME, "time: missing")
    assert fault(compiled, {"id": 1, "at": "soon"}) == (FaultReason.BAD_TIME, "time: not in its format")
    assert map_record(source(), b'{"id":1}') == (Fault(reason=FaultReason.BAD_TIME, detail="time: missing"),)


@pytest.mark.parametrize(
    ("text", "at", "flags"),
    [
        ("10/17/2021", datetime(2021, 10, 17, tzinfo=UTC), ()),
        ("17/10/2021", datetime(2021, 10, 17, tzinfo=UTC), ()),
        ("10/11/2021", datetime(2021, 11, 10, tzinfo=UTC), (Flag.DATE_AMBIGUOUS,)),
        ("10/10/2021", datetime(2021, 10, 10, tzinfo=UTC), ()),
    ],
)
def test_a_condition_on_the_record_chooses_the_format(text: str, at: datetime, flags: tuple[Flag, ...]) -> None:
    compiled = source(
        time={
            "value": "Date",
            "formats": [{"when": "record.Date.matches('^[0-9]+/(1[3-9]|[23][0-9])/')", "format": "%m/%d/%Y"}],
            "default": "%d/%m/%Y",
            "ambiguous_default": True,
        }
    )
    found = mapped(compiled, {"id": 1, "Date": text})
    assert (found.event.time, found.flags) == (at, flags)


def test_a_condition_that_can_not_be_judged_refuses_the_record() -> None:
    compiled = source(time={"value": "at", "formats": [{"when": "record.zone == 'UK'", "format": "%d/%m/%Y"}]})
    where = "time.formats[0].when"
    assert fault(compiled, {"id": 1, "at": "x"}) == (FaultReason.EXPRESSION_FAILED, f"{where}: absent")
    compiled = source(recorded_when="record.a + 1 > 2")
    assert fault(compiled, {"id": 1, "a": "x"}) == (FaultReason.EXPRESSION_FAILED, "recorded_when: TypeError")


def test_a_value_that_asks_for_an_absent_field_is_absent() -> None:
    compiled = source(channel={"cel": "record.via.kind", "default": "email"})
    assert response(compiled, {"id": 1}).channel == "email"
    assert response(compiled, {"id": 1, "via": {"kind": "phone"}}).channel == "phone"


@pytest.mark.parametrize(
    ("score", "raw"),
    [(4, 4.0), ("4", 4.0), (" 4.0 ", 4.0), ("Very good", 5.0), ("6", None), (7, None), ("", None), ("good", None)],
)
def test_a_score_is_a_number_a_word_for_one_or_missing(score: object, raw: float | None) -> None:
    compiled = source(scores=[{**CSAT, "missing": [6, "7"], "words": {"very good": 5}}])
    found = mapped(compiled, {"id": 1, "score": score})
    assert isinstance(found.event.data, SurveyResponse)
    assert [metric.raw for metric in found.event.data.metrics] == ([] if raw is None else [raw])
    assert found.flags == ((Flag.SCORE_MISSING,) if raw is None else ())


def test_a_score_off_its_scale_is_refused_since_the_scale_must_be_wrong() -> None:
    assert fault(source(scores=[CSAT]), {"id": 1, "score": 9})[0] is FaultReason.SCORE_OFF_SCALE


def test_a_score_counts_only_where_its_condition_holds() -> None:
    nps = {"kind": "nps", "value": "score", "scale_min": 0, "scale_max": 10, "orientation": "higher_better"}
    compiled = source(scores=[{**nps, "when": "record.type == 'nps'"}, {**CSAT, "when": "record.type == 'csat'"}])
    metric = CsatMetric.model_validate_json('{"kind":"csat","raw":3,"scale_min":1,"scale_max":5}')
    assert response(compiled, {"id": 1, "type": "csat", "score": 3}).metrics == (metric,)


def test_answers_are_joined_to_their_questions() -> None:
    compiled = source(
        texts=[{"value": "answers[*type=text].text", "question_id": "answers[*type=text].field.ref"}],
        scores=[{**CSAT, "value": "answers[field.ref={definition[title='How good?'].ref}].number"}],
    )
    record = {
        "id": 1,
        "definition": [{"ref": "q0", "title": "Why?"}, {"ref": "q1", "title": "How good?"}],
        "answers": [
            {"type": "text", "text": "Late", "field": {"ref": "q0"}},
            {"type": "number", "number": 2, "field": {"ref": "q1"}},
            {"type": "text", "text": "Rude", "field": {"ref": "q2"}},
        ],
    }
    found = response(compiled, record)
    assert found.verbatims == (Verbatim(text="Late", question_id="q0"), Verbatim(text="Rude", question_id="q2"))
    assert [metric.raw for metric in found.metrics] == [2.0]


def test_no_question_is_named_where_some_are_left_out() -> None:
    compiled = source(texts=[{"value": "answers[*].text", "question": "answers[*].ref"}])
    found = response(compiled, {"id": 1, "answers": [{"text": "Late", "ref": "q0"}, {"text": "Rude"}]})
    assert found.verbatims == (Verbatim(text="Late"), Verbatim(text="Rude"))


def test_a_text_that_means_no_answer_is_none() -> None:
    compiled = source(texts=[{"value": {"path": "comment", "missing": ["Did not answer"]}}])
    for comment in ("did not answer ", "  ", None, ["x", "did not answer"][1:]):
        assert response(compiled, {"id": 1, "comment": comment}).verbatims == ()


def test_a_text_longer_than_the_contract_is_cut_and_flagged() -> None:
    found = mapped(source(texts=["comment"]), {"id": 1, "comment": "word " * 20_000})
    assert isinstance(found.event.data, SurveyResponse)
    assert 65_000 < len(found.event.data.verbatims[0].text) <= 65_536
    assert found.flags == (Flag.TEXT_CUT,)


def test_the_first_path_that_is_there_is_taken() -> None:
    compiled = source(customer={"ref": {"paths": ["caller.value", "caller", "email"], "missing": ["?"]}})
    for caller, ref in (({"value": "c-1"}, "c-1"), ("c-2", "c-2"), ("?", "e@x"), ({}, "e@x")):
        customer = response(compiled, {"id": 1, "caller": caller, "email": "e@x"}).customer
        assert customer is not None
        assert customer.ref == ref


def test_further_references_of_a_customer_are_those_that_the_record_has() -> None:
    also = [{"ref": "crm", "ref_type": "crm"}, {"ref": "desk.id", "ref_type": "account"}]
    compiled = source(customer={"ref": "mail", "ref_type": "email", "also": also})
    customer = response(compiled, {"id": 1, "mail": "e@x", "crm": "", "desk": {"id": 7}}).customer
    assert customer == Customer(ref="e@x", ref_type="email", also=(OtherRef(ref="7", ref_type="account"),))


def test_a_customer_without_a_reference_is_none() -> None:
    assert response(source(customer={"ref": "c", "region": "r"}), {"id": 1, "r": "uk"}).customer is None


def test_tags_in_one_text_are_parted() -> None:
    compiled = source(labels=[{"path": "tags", "split": ","}, "kind"])
    assert response(compiled, {"id": 1, "tags": "late, rude,,", "kind": "bug"}).source_labels == ("late", "rude", "bug")


TICKET = source(
    kind="ticket",
    type={"path": "action", "map": {"new": "feedback.ticket.created.v1", "rated": "feedback.ticket.csat.v1"}},
    scores=[CSAT],
    ticket={
        "status": {"path": "state", "map": {"In Arbeit": "open"}, "default": "new"},
        "priority": {"path": "impact", "map": {1: "urgent"}},
        "group": "group",
        "reopen_count": "reopened",
        "sla_breached": {"path": "made_sla", "map": {"TRUE": False, "FALSE": True}},
        "subject": "title",
        "body": "html",
        "html": True,
        "author_role": {"const": "customer"},
        "public": "public",
    },
)


def test_the_words_of_a_ticket_system_become_ours() -> None:
    record = {
        "id": "T-1",
        "action": "new",
        "state": "in arbeit",
        "impact": 1,
        "group": "Group 1",
        "reopened": "2",
        "made_sla": "false",
        "title": "Broken",
        "html": "<b>It broke</b>",
        "public": "yes",
        "score": None,
    }
    expected = {
        "ticket_id": "T-1",
        "status": "open",
        "priority": "urgent",
        "group_ref": "Group 1",
        "reopen_count": 2,
        "sla": {"breached": True},
        "subject": "Broken",
        "body": "It broke",
        "is_public": True,
        "comment_author_role": "customer",
    }
    assert mapped(TICKET, record).event.type is IncomingType.TICKET_CREATED
    assert ticket(TICKET, record) == Ticket.model_validate_json(json.dumps(expected))


def test_a_rated_ticket_carries_its_score() -> None:
    found = ticket(TICKET, {"id": "T-1", "action": "rated", "score": 1})
    assert found.csat is not None
    assert (found.csat.raw, found.csat.scale_max, found.status) == (1.0, 5.0, TicketStatus.NEW)


def test_a_kind_of_event_that_the_source_does_not_name_is_refused() -> None:
    assert fault(TICKET, {"id": "T-1", "action": "viewed"}) == (FaultReason.UNKNOWN_TYPE, "type: not mapped")


def test_what_the_contract_refuses_is_refused_here_too() -> None:
    assert fault(source(revision="rev"), {"id": 1, "rev": "first"})[0] is FaultReason.WRONG_TYPE
    assert fault(source(), {"id": "x" * 300})[0] is FaultReason.INVALID_FIELD


def test_text_of_staff_is_flagged_and_not_read_as_a_customer_s() -> None:
    compiled = source(kind="ticket", recorded_when="has(record.note) && record.note == 'private'")
    assert mapped(compiled, {"id": 1, "note": "private"}).flags == (Flag.NOT_CUSTOMER_TEXT,)
    assert mapped(compiled, {"id": 1}).flags == ()


def test_employee_feedback_names_a_team_and_no_person() -> None:
    compiled = source(kind="employee", team="desk", texts=["note"], customer={"ref": "author", "region": "site"})
    found = mapped(compiled, {"id": 1, "desk": "Returns", "note": "Slow tool", "author": "jane", "site": "uk"})
    assert found.event.type is IncomingType.EMPLOYEE
    assert found.event.subject == "employee/1"
    assert "jane" not in repr(found)


def test_a_record_may_be_a_process_instance_as_well() -> None:
    compiled = source(
        time={"value": "updated", "default": "%d-%m-%Y %H:%M"},
        process="incident",
        instance={
            "id": "id",
            "started_at": "opened",
            "ended_at": {"path": "closed", "missing": ["?"]},
            "keys": "keys[*]",
        },
    )
    record = {
        "id": "INC1",
        "updated": "29-02-2016 02:00",
        "opened": "29-02-2016 01:00",
        "closed": "?",
        "keys": ["a", "a"],
    }
    assert mapped(compiled, record).instance == Instance(
        instance_id="INC1",
        process="incident",
        started_at=datetime(2016, 2, 29, 1, tzinfo=UTC),
        keys=("a",),
        updated_at=datetime(2016, 2, 29, 2, tzinfo=UTC),
        begun_at=datetime(2016, 2, 29, 1, tzinfo=UTC),
    )
    bad = {**record, "closed": "later"}
    assert fault(compiled, bad) == (FaultReason.BAD_TIME, "instance.ended_at: not in its format")


def test_a_form_with_json_in_a_field_is_read_in_place() -> None:
    compiled = source(format="form", embedded="MSG", subject="MSG.id", survey="Topic")
    body = urlencode({"Topic": "s-1", "MSG": json.dumps({"id": "R_1"})}).encode()
    (found,) = map_record(compiled, body, NOON)
    assert isinstance(found, Mapped)
    assert found.event.subject == "response/R_1"


def test_a_list_of_records_is_taken_apart_and_one_bad_record_spoils_no_other() -> None:
    for body in ([{"id": 1}, 7, {"id": 2}], {"items": [{"id": 1}, 7, {"id": 2}]}):
        compiled = source(items="items") if isinstance(body, dict) else source()
        first, second, third = results(compiled, body)
        assert isinstance(first, Mapped)
        assert second == Fault(reason=FaultReason.NOT_AN_OBJECT, detail="record: not an object")
        assert isinstance(third, Mapped)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", FaultReason.BROKEN_JSON),
        (b"{", FaultReason.BROKEN_JSON),
        (b"\xff", FaultReason.BAD_ENCODING),
        (b'{"id":"\\u0000"}', FaultReason.NUL_BYTE),
        (b'{"id":"\\ud800"}', FaultReason.BROKEN_JSON),
        (b'{"id":NaN}', FaultReason.BROKEN_JSON),
        (b"[" * 50 + b"]" * 50, FaultReason.TOO_DEEP),
        (b" " * 2_000_000, FaultReason.TOO_LARGE),
        (b"[" + b"1," * 1000 + b"1]", FaultReason.TOO_LARGE),
        (b"7", FaultReason.NOT_AN_OBJECT),
        (b"[]", FaultReason.NOT_AN_OBJECT),
    ],
)
def test_a_body_that_can_not_be_read_is_refused_whole(body: bytes, reason: FaultReason) -> None:
    (found,) = map_record(source(), body, NOON)
    assert isinstance(found, Fault)
    assert found.reason is reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"a=1", FaultReason.WRONG_TYPE),
        (b"MSG=%7B", FaultReason.BROKEN_JSON),
        (b"MSG=" + b"%5B" * 50, FaultReason.TOO_DEEP),
        (b"MSG=%FF", FaultReason.BAD_ENCODING),
        (b"\xff", FaultReason.BAD_ENCODING),
        (b"MSG=%00", FaultReason.NUL_BYTE),
        (b"a=1&" * 600, FaultReason.TOO_LARGE),
    ],
)
def test_a_form_that_can_not_be_read_is_refused(body: bytes, reason: FaultReason) -> None:
    (found,) = map_record(source(format="form", embedded="MSG", subject="MSG.id"), body, NOON)
    assert isinstance(found, Fault)
    assert found.reason is reason


def test_a_fault_never_repeats_what_a_customer_wrote() -> None:
    compiled = source(time={"value": "at"}, scores=[CSAT], revision="rev")
    secrets = (
        {"id": 1, "at": "sesame"},
        {"id": 1, "at": "2026-01-01", "rev": "sesame"},
        {"sesame": 1, "at": "2026-01-01"},
    )
    for record in secrets:
        assert "sesame" not in repr(results(compiled, record))
