"""The shipped mappings on real exports and on what the tools really send."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from service.core.contracts.event_type import IncomingType
from service.core.contracts.ticket import Ticket
from service.core.mapping import CompiledSource, Mapped, map_record
from service.core.records.words import Flag
from tests.core.mapping.shipped import shipped

pytestmark = pytest.mark.quality

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def all_mapped(source: CompiledSource, bodies: Iterable[bytes]) -> list[Mapped]:
    found = [result for body in bodies for result in map_record(source, body, NOON)]
    assert [result for result in found if not isinstance(result, Mapped)] == []
    return [result for result in found if isinstance(result, Mapped)]


def lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines()


def test_every_patient_survey_answer_maps_to_the_day_it_was_given(shared_data: Path) -> None:
    bodies = lines(shared_data / "nhs_survey.raw.jsonl")
    found = all_mapped(shipped("nhs/sources.yaml", "nhs_survey"), bodies)
    dates = Counter[str]()
    for body, result in zip(bodies, found, strict=True):
        first, second, year = map(int, json.loads(body)["Date"].split("/"))
        local = result.event.time.astimezone(LONDON)
        assert (local.hour, local.minute, local.year) == (0, 0, year)
        is_us = second > 12
        assert (local.day, local.month) == ((second, first) if is_us else (first, second))
        is_open = max(first, second) <= 12 and first != second
        assert (Flag.DATE_AMBIGUOUS in result.flags) == is_open
        dates["us" if is_us else "open" if is_open else "uk" if first > 12 else "same"] += 1
    assert dates == {"uk": 3115, "us": 167, "open": 1390, "same": 75}
    assert sum(Flag.SCORE_MISSING in result.flags for result in found) == 253
    assert len({result.event.id for result in found}) == 4747


def test_every_update_of_the_incident_log_maps(shared_data: Path) -> None:
    bodies = lines(shared_data / "servicenow_incidents.raw.jsonl")
    found = all_mapped(shipped("servicenow/sources.yaml", "servicenow"), bodies)
    assert len({result.event.id for result in found}) == 5998
    assert len({result.event.subject for result in found}) == 890
    states = Counter[str]()
    for body, result in zip(bodies, found, strict=True):
        data, instance = result.event.data, result.instance
        assert isinstance(data, Ticket)
        assert instance is not None
        assert data.status is not None
        assert data.priority is not None
        states[data.status] += 1
        record = json.loads(body)
        assert (instance.ended_at is not None) == (record["incident_state"] == "Closed")
        assert data.sla is not None
        assert data.sla.breached == (record["made_sla"] == "FALSE")
        assert "?" not in (*data.source_labels, data.group_ref)
    assert states == {"new": 1638, "open": 1544, "solved": 929, "pending": 910, "closed": 897, "hold": 80}


def test_the_highest_revision_of_an_incident_is_its_last_update(shared_data: Path) -> None:
    found = all_mapped(
        shipped("servicenow/sources.yaml", "servicenow"), lines(shared_data / "servicenow_incidents.raw.jsonl")
    )
    by_subject = defaultdict(list)
    for at, result in enumerate(found):
        assert isinstance(result.event.data, Ticket)
        by_subject[result.event.subject].append((result.event.data.revision, result.event.time, at))
    wrong = [subject for subject, updates in by_subject.items() if max(updates)[2] != max(at for _, _, at in updates)]
    assert wrong == []


def test_typeform(shared_data: Path) -> None:
    folder = shared_data / "payloads" / "typeform"
    webhooks = [file.read_bytes() for file in sorted(folder.glob("form_response_*.json"))]
    found = all_mapped(shipped("sources/typeform.yaml", "typeform"), webhooks)
    assert [result.event.subject for result in found] == [
        "response/9q3v9bp5alonta6239q3q1rfly2c2ukh",
        "response/a3a12ec67a1365927098a606107fac15",
    ]
    page = (folder / "responses_api_example.json").read_bytes()
    responses = all_mapped(shipped("sources/typeform.yaml", "typeform-responses"), [page])
    assert [str(getattr(result.event.data, "state", "")) for result in responses] == ["complete"] * 3 + ["partial"]


def test_qualtrics(shared_data: Path) -> None:
    body = json.loads((shared_data / "payloads" / "qualtrics" / "completedResponse_form_body.json").read_bytes())
    form = urlencode({"Topic": body["Topic"], "MSG": body["MSG"], "HMAC": "0"}).encode()
    (found,) = all_mapped(shipped("sources/qualtrics.yaml", "qualtrics"), [form])
    assert found.event.time == datetime(2019, 6, 26, 13, 28, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tool", "types"),
    [
        ("delighted", [IncomingType.SURVEY_RESPONSE, IncomingType.SURVEY_RESPONSE]),
        ("freshdesk", [IncomingType.TICKET_COMMENT, IncomingType.TICKET_CREATED]),
        ("jira", [IncomingType.TICKET_CREATED, IncomingType.TICKET_UPDATED, IncomingType.TICKET_STATUS]),
        ("servicenow", [IncomingType.TICKET_UPDATED]),
    ],
)
def test_what_the_tools_post(shared_data: Path, tool: str, types: list[IncomingType]) -> None:
    bodies = [file.read_bytes() for file in sorted((shared_data / "payloads" / tool).glob("*.json"))]
    found = all_mapped(shipped(f"sources/{tool}.yaml", tool), bodies)
    assert [result.event.type for result in found] == types
    assert all(result.flags in ((), (Flag.NOT_CUSTOMER_TEXT,)) for result in found)
