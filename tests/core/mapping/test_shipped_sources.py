"""Each shipped mapping on a made-up payload of its tool; tests/quality has them on real ones."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from service.core.contracts.answers import Verbatim
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.survey import ResponseState, SurveyResponse
from service.core.contracts.ticket import AuthorRole, Ticket, TicketPriority, TicketStatus
from service.core.mapping import CompiledSource, Mapped, map_record
from service.core.records.words import Flag
from tests.core.mapping.shipped import PLAYBOOKS, shipped, sources

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FILES = sorted(PLAYBOOKS.glob("**/*.yaml"))


def mapped(source: CompiledSource, body: bytes | dict[str, object]) -> Mapped:
    (found,) = map_record(source, body if isinstance(body, bytes) else json.dumps(body).encode(), NOON)
    assert isinstance(found, Mapped), found
    return found


def test_every_shipped_source_compiles() -> None:
    with_sources = [file for file in FILES if "\nsources:" in f"\n{file.read_text()}"]
    assert {name for file in with_sources for name in sources(file)} >= {
        "typeform",
        "typeform-responses",
        "qualtrics",
        "delighted",
        "freshdesk",
        "jira",
        "servicenow",
        "nhs_survey",
    }


def test_typeform() -> None:
    found = mapped(
        shipped("sources/typeform.yaml", "typeform"),
        {
            "event_id": "e-1",
            "event_type": "form_response_partial",
            "form_response": {
                "form_id": "f-1",
                "token": "t-1",
                "submitted_at": "2026-05-04T09:00:00Z",
                "hidden": {"customer_id": "c-1", "order_id": "SO-1"},
                "answers": [
                    {"type": "number", "number": 9, "field": {"id": "q1", "type": "nps"}},
                    {"type": "text", "text": "Late again", "field": {"id": "q2", "type": "long_text"}},
                    {"type": "text", "text": "Jane", "field": {"id": "q3", "type": "short_text"}},
                    {
                        "type": "choice",
                        "choice": {"label": "Delivery"},
                        "field": {"id": "q4", "type": "multiple_choice"},
                    },
                ],
            },
        },
    )
    data = found.event.data
    assert isinstance(data, SurveyResponse)
    assert (found.event.id, found.event.subject, found.key) == ("e-1", "response/t-1", "c-1")
    assert (data.state, data.survey_id) == (ResponseState.PARTIAL, "f-1")
    assert [(metric.kind, metric.raw) for metric in data.metrics] == [("nps", 9.0)]
    assert data.verbatims == (Verbatim(text="Late again", question_id="q2"),)
    assert data.source_labels == ("Delivery",)
    assert data.correlation is not None
    assert data.correlation.order_ref == "SO-1"


def test_typeform_s_page_of_responses() -> None:
    page: dict[str, object] = {
        "items": [{"token": "t-1", "submitted_at": "0001-01-01T00:00:00Z", "landed_at": "2026-05-04T09:00:00Z"}]
    }
    found = mapped(shipped("sources/typeform.yaml", "typeform-responses"), page)
    assert isinstance(found.event.data, SurveyResponse)
    assert found.event.time == datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert found.event.data.state is ResponseState.PARTIAL


def test_qualtrics() -> None:
    source = shipped("sources/qualtrics.yaml", "qualtrics")
    message = json.dumps(
        {"Status": "Complete", "SurveyID": "SV_1", "ResponseID": "R_1", "CompletedDate": "2026-05-04 09:12:31"}
    )
    form = {"Topic": "acme.surveyengine.completedResponse.SV_1", "MSG": message}
    found = mapped(source, urlencode(form).encode())
    assert found.event.subject == "response/R_1"
    assert found.event.time == datetime(2026, 5, 4, 9, 12, 31, tzinfo=UTC)
    assert mapped(source, urlencode({**form, "HMAC": "00"}).encode()).event.id == found.event.id
    other = urlencode({**form, "Topic": "acme.controlpanel.activateSurvey"}).encode()
    assert map_record(source, other) == (Fault(reason=FaultReason.UNKNOWN_TYPE, detail="type: not mapped"),)


def test_delighted() -> None:
    source = shipped("sources/delighted.yaml", "delighted")
    body: dict[str, object] = {
        "event_type": "survey_response.updated",
        "event_id": "e-1",
        "event_data": {
            "id": "5",
            "person": {"id": "c-1"},
            "score": 3,
            "comment": "Slow",
            "updated_at": 1482590009,
            "person_properties": {"order_id": "SO-1"},
            "tags": ["vip"],
        },
    }
    data = mapped(source, body).event.data
    assert isinstance(data, SurveyResponse)
    assert (data.revision, data.state, data.source_labels) == (1482590009, ResponseState.UPDATED, ("vip",))
    assert [(metric.kind, metric.raw) for metric in data.metrics] == [("nps", 3.0)]
    other_type = {**body, "event_data": {"id": "5", "updated_at": 1482590009, "score": 3, "survey_type": "thumbs"}}
    assert mapped(source, other_type).flags == (Flag.SCORE_MISSING,)


@pytest.mark.parametrize(
    ("event", "kind", "role", "flags"),
    [
        ("{ticket_action:created}", IncomingType.TICKET_CREATED, AuthorRole.CUSTOMER, ()),
        ("{ticket_action:updated}", IncomingType.TICKET_UPDATED, AuthorRole.CUSTOMER, ()),
        ("{note_type:public}", IncomingType.TICKET_COMMENT, AuthorRole.CUSTOMER, ()),
        ("{note_type:private}", IncomingType.TICKET_COMMENT, AuthorRole.AGENT, (Flag.NOT_CUSTOMER_TEXT,)),
    ],
)
def test_freshdesk(event: str, kind: IncomingType, role: AuthorRole, flags: tuple[Flag, ...]) -> None:
    body: dict[str, object] = {
        "freshdesk_webhook": {
            "triggered_event": event,
            "ticket_id": 11,
            "ticket_status": "Waiting on Customer",
            "ticket_priority": "Medium",
            "ticket_tags": "late, parcel",
            "ticket_description": "<div>Where is it?</div>",
            "requester_email": "jane@example.com",
        }
    }
    found = mapped(shipped("sources/freshdesk.yaml", "freshdesk"), body)
    data = found.event.data
    assert isinstance(data, Ticket)
    assert (found.event.type, found.event.time, found.flags) == (kind, NOON, flags)
    assert (data.status, data.priority) == (TicketStatus.PENDING, TicketPriority.NORMAL)
    assert (data.body, data.comment_author_role) == ("Where is it?", role)
    assert data.source_labels == ("late", "parcel")


@pytest.mark.parametrize(
    ("event", "changed", "kind"),
    [
        ("jira:issue_created", [], IncomingType.TICKET_CREATED),
        ("jira:issue_updated", ["priority"], IncomingType.TICKET_UPDATED),
        ("jira:issue_updated", ["resolution", "status"], IncomingType.TICKET_STATUS),
        ("jira:issue_deleted", [], IncomingType.TICKET_DELETED),
    ],
)
def test_jira(event: str, changed: list[str], kind: IncomingType) -> None:
    body: dict[str, object] = {
        "timestamp": 1550286940507,
        "webhookEvent": event,
        "issue": {
            "id": "10",
            "key": "T-1",
            "fields": {
                "summary": "Broken",
                "status": {"statusCategory": {"key": "done"}},
                "priority": {"name": "Highest"},
                "labels": ["a"],
                "components": [{"name": "Desk"}],
                "reporter": {"accountId": "c-1"},
            },
        },
        "changelog": {"items": [{"field": name} for name in changed]},
    }
    if not changed:
        del body["changelog"]
    found = mapped(shipped("sources/jira.yaml", "jira"), body)
    data = found.event.data
    assert isinstance(data, Ticket)
    assert (found.event.type, found.event.id) == (kind, f"1550286940507:10:{event}")
    assert (data.status, data.priority, data.group_ref) == (TicketStatus.SOLVED, TicketPriority.URGENT, "Desk")
    assert data.customer is not None
    assert data.customer.ref == "c-1"


@pytest.mark.parametrize("group", ["g-1", {"link": "made up", "value": "g-1"}])
def test_servicenow_s_table(group: object) -> None:
    body: dict[str, object] = {
        "sys_id": "s-1",
        "number": "INC1",
        "state": "6",
        "priority": "1",
        "made_sla": "false",
        "assignment_group": group,
        "sys_updated_on": "2026-05-04 09:00:00",
        "correlation_id": "SO-1",
        "reopen_count": "",
    }
    found = mapped(shipped("sources/servicenow.yaml", "servicenow"), body)
    data = found.event.data
    assert isinstance(data, Ticket)
    assert (data.status, data.priority, data.group_ref) == (TicketStatus.SOLVED, TicketPriority.URGENT, "g-1")
    assert data.sla is not None
    assert data.sla.breached is True


INCIDENT: dict[str, object] = {
    "number": "INC1",
    "incident_state": "Active",
    "reopen_count": "1",
    "sys_mod_count": "3",
    "made_sla": "TRUE",
    "caller_id": "?",
    "opened_at": "29-02-2016 01:16",
    "sys_updated_at": "29-02-2016 01:23",
    "category": "Category 55",
    "subcategory": "?",
    "priority": "1 - Critical",
    "assignment_group": "?",
    "closed_at": "05-03-2016 12:00",
}


def test_an_update_of_an_incident_log_is_a_ticket_and_a_process_instance() -> None:
    found = mapped(shipped("servicenow/sources.yaml", "servicenow"), INCIDENT)
    data = found.event.data
    assert isinstance(data, Ticket)
    assert found.event.id == "INC1:3:29-02-2016 01:23"
    assert (data.status, data.priority, data.group_ref) == (TicketStatus.OPEN, TicketPriority.URGENT, None)
    assert (data.source_labels, data.customer, data.reopen_count) == (("Category 55",), None, 1)
    assert found.instance is not None
    assert (found.instance.instance_id, found.instance.ended_at) == ("INC1", None)


def test_an_incident_ends_when_it_is_closed() -> None:
    closed = {**INCIDENT, "incident_state": "Closed"}
    instance = mapped(shipped("servicenow/sources.yaml", "servicenow"), closed).instance
    assert instance is not None
    assert instance.ended_at == datetime(2016, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "at", "flags"),
    [
        ("30/09/2021", datetime(2021, 9, 29, 23, tzinfo=UTC), ()),
        ("1/14/2022", datetime(2022, 1, 14, tzinfo=UTC), ()),
        ("10/12/2021", datetime(2021, 12, 10, tzinfo=UTC), (Flag.DATE_AMBIGUOUS,)),
    ],
)
def test_a_patient_survey(date: str, at: datetime, flags: tuple[Flag, ...]) -> None:
    body: dict[str, object] = {
        "Comment ID": "C-1",
        "Trust": "NEAS",
        "Respondent ID": "R-1",
        "Date": date,
        "Service type 1": "See and Convey",
        "Service type 2": "",
        "FFT categorical answer": "5",
        "FFT question": "What was\ngood?",
        "FFT answer": "Nothing",
    }
    found = mapped(shipped("nhs/sources.yaml", "nhs_survey"), body)
    data = found.event.data
    assert isinstance(data, SurveyResponse)
    assert (found.event.time, found.flags, found.key) == (at, flags, "R-1")
    assert data.verbatims == (
        Verbatim(text="Nothing", question_id="What was good?", question="What was good?", language="en"),
    )
    assert data.correlation is not None
    assert data.correlation.process == "see-and-convey"
    no_answer = mapped(
        shipped("nhs/sources.yaml", "nhs_survey"),
        {**body, "Date": "30/09/2021", "FFT answer": "Did not answer", "FFT categorical answer": "7"},
    )
    assert no_answer.flags == (Flag.SCORE_MISSING,)
    assert isinstance(no_answer.event.data, SurveyResponse)
    assert no_answer.event.data.verbatims == ()
