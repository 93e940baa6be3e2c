import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from service.core.contracts.cloudevent import Event, decode
from service.ports import OutOfReachError, TooLargeError
from tests.api.world import World, world_on
from tests.builders import instance, make_playbook, survey, ticket
from tests.infrastructure.postgres import TestServers

TIME = "2026-05-04T09:00:00Z"
ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
SECRET = "a secret of the tool"
SURVEY_TOOL = {
    "kind": "survey",
    "subject": "token",
    "id": "token",
    "time": {"value": "at"},
    "scores": [{"kind": "nps", "value": "nps", "scale_min": 0, "scale_max": 10, "orientation": "higher_better"}],
    "texts": ["words"],
    "customer": {"ref": "who"},
    "key": "who",
}
SIGNATURE = {"header": "X-Signature", "encoding": "base64", "prefix": "sha256=", "secret_env": "TOOL_SECRET"}
SOURCES = {
    "raw": SURVEY_TOOL | {"topic": "tool.raw"},
    "mapped": SURVEY_TOOL,
    "signed": SURVEY_TOOL | {"topic": "tool.signed", "signature": SIGNATURE},
    "form": SURVEY_TOOL | {"topic": "tool.form", "format": "form"},
    "engine": {
        "kind": "process",
        "subject": "case",
        "time": {"value": "at"},
        "process": "shipping",
        "step": {"lifecycle": "state", "skip_when": "record.kind == 'job'"},
    },
}


def event(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return survey("r1", 0, "late", **more) | {"time": TIME}


def answer_of(name: str = "t1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"token": name, "at": TIME, "nps": 2, "words": "late, awful", "who": "anna"} | more


@pytest.fixture
async def tools(postgres_servers: TestServers) -> AsyncIterator[World]:
    async with world_on("memory", postgres_servers, make_playbook(sources=SOURCES)) as world:
        yield world


async def test_one_event_is_sent_as_it_came_under_its_customer(small_world: World) -> None:
    body = orjson.dumps(event())
    answer = await small_world.client.post("/v1/events", content=body, headers={"Content-Type": ONE})
    assert (answer.status_code, answer.json()) == (
        202,
        {
            "accepted": 1,
            "events": [{"source": "/surveys", "id": "r1-1", "topic": "feedback.surveys"}],
            "refused": [],
        },
    )
    assert small_world.sent.records == [("feedback.surveys", b"anna", body)]
    assert small_world.sent.headers == [(("content-type", b"application/cloudevents+json"),)]


@pytest.mark.parametrize("kind", [BATCH, "application/json", "application/json; charset=utf-8"])
async def test_each_event_of_a_batch_goes_to_the_topic_of_its_type(small_world: World, kind: str) -> None:
    batch = [
        event(),
        ticket(event_id="e2", ticket_id="T-2") | {"time": TIME},
        instance("SO-1", event_id="e3") | {"time": TIME},
    ]
    answer = await small_world.client.post("/v1/events", content=orjson.dumps(batch), headers={"Content-Type": kind})
    assert answer.status_code == 202
    assert [(topic, key) for topic, key, _ in small_world.sent.records] == [
        ("feedback.surveys", b"anna"),
        ("feedback.tickets", b"T-2"),
        ("process.events", b"SO-1"),
    ]
    assert [orjson.loads(value or b"") for _, _, value in small_world.sent.records] == batch


async def test_one_bad_event_of_a_batch_refuses_all_and_each_fault_is_a_problem(small_world: World) -> None:
    bad = event() | {"type": "feedback.unheard-of.v1"}
    nameless = {name: value for name, value in event().items() if name != "id"}
    body = orjson.dumps([event(), bad, nameless])
    answer = await small_world.client.post("/v1/events", content=body, headers={"Content-Type": BATCH})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:feedback-router:problem:invalid-events",
        "title": "No event was taken, since one or more break their contract",
        "status": 422,
        "detail": "2 of 3",
        "errors": [
            {
                "type": "urn:feedback-router:problem:invalid-event",
                "title": "The event breaks its contract",
                "status": 422,
                "detail": "type: union_tag_invalid",
                "index": 1,
                "stage": "intake",
                "reason": "unknown_type",
            },
            {
                "type": "urn:feedback-router:problem:invalid-event",
                "title": "The event breaks its contract",
                "status": 422,
                "detail": "id: missing",
                "index": 2,
                "stage": "intake",
                "reason": "missing_id",
            },
        ],
    }
    assert small_world.sent.records == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (BATCH, b"[]", 400),
        (BATCH, b"{}", 400),
        (BATCH, b"[", 400),
        (BATCH, b"[" * 40 + b"]" * 40, 400),
        (BATCH, b"[" + b"{}," * 500 + b"{}]", 400),
        (ONE, b"", 422),
        (ONE, b"{", 422),
        (ONE, b"\xff", 422),
        ("text/plain", b"{}", 415),
        ("", b"{}", 415),
    ],
)
async def test_what_is_no_event_is_refused(small_world: World, kind: str, body: bytes, status: int) -> None:
    answer = await small_world.client.post("/v1/events", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert small_world.sent.records == []


async def test_no_problem_repeats_what_a_customer_wrote(small_world: World) -> None:
    private = event() | {"data": {"response_id": 7, "verbatims": [{"text": "my secret", "language": 9}], "secret": 1}}
    answer = await small_world.client.post("/v1/events", json=private)
    assert (answer.status_code, "secret" in answer.text) == (422, False)


async def test_a_broker_that_is_away_is_said_and_may_be_asked_again(small_world: World) -> None:
    small_world.sent.away = OutOfReachError("no broker")
    answer = await small_world.client.post("/v1/events", json=event())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:feedback-router:problem:out-of-reach"


async def test_an_event_that_kafka_can_not_take_is_not_asked_for_again(small_world: World) -> None:
    small_world.sent.away = TooLargeError()
    answer = await small_world.client.post("/v1/events", json=event())
    assert (answer.status_code, answer.json()["detail"]) == (413, "Kafka takes no record of this size")


async def test_a_payload_goes_to_its_sources_topic_as_it_was_sent(tools: World) -> None:
    body = b'  {"token":"t1","at":"2026-05-04T09:00:00Z","nps":2,"who":"anna"}\n'
    answer = await tools.client.post("/v1/intake/raw", content=body)
    assert (answer.status_code, answer.json()["events"]) == (
        202,
        [{"source": "/raw", "id": "t1", "topic": "tool.raw"}],
    )
    assert tools.sent.records == [("tool.raw", b"anna", body)]


async def test_a_form_goes_to_its_sources_topic_as_it_was_sent(tools: World) -> None:
    body = b"token=t1&at=2026-05-04T09%3A00%3A00Z&nps=2&words=late&who=anna"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await tools.client.post("/v1/intake/form", content=body, headers=headers)
    assert (answer.status_code, tools.sent.records) == (202, [("tool.form", b"anna", body)])


async def test_a_list_of_records_is_one_message_and_what_does_not_read_is_named(tools: World) -> None:
    body = orjson.dumps([answer_of(), {"at": TIME}, answer_of("t2", who="ben")])
    answer = await tools.client.post("/v1/intake/raw", content=body)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    assert [(one["index"], one["reason"]) for one in answer.json()["refused"]] == [(1, "missing_id")]
    assert tools.sent.records == [("tool.raw", None, body)]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"at":"2026-05-04T09:00:00Z"}', b"\xff"])
async def test_a_payload_in_which_nothing_reads_is_refused(tools: World, body: bytes) -> None:
    answer = await tools.client.post("/v1/intake/raw", content=body)
    assert (answer.status_code, answer.json()["type"], tools.sent.records) == (
        422,
        "urn:feedback-router:problem:invalid-events",
        [],
    )


async def test_without_a_topic_the_records_become_events_that_mean_the_same(tools: World) -> None:
    answer = await tools.client.post("/v1/intake/mapped", json=[answer_of(), answer_of("t2", who="ben")])
    assert answer.status_code == 202
    assert [(topic, key) for topic, key, _ in tools.sent.records] == [
        ("feedback.surveys", b"anna"),
        ("feedback.surveys", b"ben"),
    ]
    told = [decode(value) for _, _, value in tools.sent.records]
    assert [(one.id, one.source, one.subject) for one in told if isinstance(one, Event)] == [
        ("t1", "/mapped", "response/t1"),
        ("t2", "/mapped", "response/t2"),
    ]


async def test_without_a_topic_what_a_source_skips_is_taken_and_sent_nowhere(tools: World) -> None:
    step = {"kind": "step", "case": "i1", "at": TIME, "state": "start"}
    body = orjson.dumps([{"kind": "job", "at": TIME}, step])
    answer = await tools.client.post("/v1/intake/engine", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["accepted"], len(answer.json()["events"])) == (202, 2, 1)
    assert [(topic, key) for topic, key, _ in tools.sent.records] == [("process.events", b"i1")]


async def test_without_a_topic_one_unreadable_record_refuses_all(tools: World) -> None:
    answer = await tools.client.post("/v1/intake/mapped", json=[answer_of(), {"at": TIME}])
    assert (answer.status_code, tools.sent.records) == (422, [])


def _signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"X-Signature": "sha256=" + base64.b64encode(digest).decode(), "Authorization": ""}


async def test_a_valid_signature_stands_for_the_token(tools: World) -> None:
    tools.secrets["TOOL_SECRET"] = SECRET
    body = orjson.dumps(answer_of())
    answer = await tools.client.post("/v1/intake/signed", content=body, headers=_signed(body))
    assert (answer.status_code, tools.sent.records) == (202, [("tool.signed", b"anna", body)])


@pytest.mark.parametrize("token", [{}, {"Authorization": ""}])
async def test_a_signature_is_asked_for_whether_or_not_there_is_a_token(tools: World, token: dict[str, str]) -> None:
    tools.secrets["TOOL_SECRET"] = SECRET
    missing = await tools.client.post("/v1/intake/signed", json=answer_of(), headers=token)
    wrong = await tools.client.post("/v1/intake/signed", json=answer_of(), headers=_signed(b"another body") | token)
    assert [(one.status_code, one.json()["detail"]) for one in (missing, wrong)] == [(401, "missing"), (401, "wrong")]
    assert tools.sent.records == []


async def test_a_signature_without_a_secret_to_check_it_lets_nothing_in(tools: World) -> None:
    body = orjson.dumps(answer_of())
    known = await tools.client.post("/v1/intake/signed", json=answer_of())
    unknown = await tools.client.post("/v1/intake/signed", content=body, headers=_signed(body, ""))
    assert (known.status_code, unknown.status_code, tools.sent.records) == (503, 401, [])


@pytest.mark.parametrize(("path", "known", "unknown"), [("raw", 202, 401), ("nothing", 404, 401)])
async def test_only_who_bears_a_token_learns_which_sources_there_are(
    tools: World, path: str, known: int, unknown: int
) -> None:
    one = await tools.client.post(f"/v1/intake/{path}", json=answer_of())
    other = await tools.client.post(f"/v1/intake/{path}", json=answer_of(), headers={"Authorization": ""})
    assert (one.status_code, other.status_code) == (known, unknown)
