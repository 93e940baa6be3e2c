"""Sources of process events, and the two that are shipped, on records in the shapes that their engines publish."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from service.core.contracts.cloudevent import decode, decode_mapping
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.placing import key_of, structured
from service.core.contracts.process import ProcessInstance
from service.core.mapping import CompiledSource, Mapped, Skipped, SourceFault, compile_source, map_record
from service.core.playbook.sources import Source
from service.core.records.words import Lifecycle
from tests.core.mapping.shipped import shipped

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
STEP: dict[str, Any] = {"lifecycle": {"path": "state", "map": {"begun": "start", "over": "complete"}}}


def source(step: dict[str, Any] | None = None, **parts: object) -> CompiledSource:
    given = {"kind": "process", "id": "id", "subject": "case", "time": {"value": "at"}, "process": "delivery"}
    compiled = compile_source("engine", Source.model_validate({**given, "step": {**STEP, **(step or {})}, **parts}))
    assert isinstance(compiled, CompiledSource), compiled
    return compiled


def result(compiled: CompiledSource, record: dict[str, Any]) -> Mapped | Skipped | Fault:
    (found,) = map_record(compiled, json.dumps(record).encode(), NOON)
    return found


def step(compiled: CompiledSource, record: dict[str, Any]) -> ProcessInstance:
    found = result(compiled, record)
    assert isinstance(found, Mapped), found
    assert isinstance(found.event.data, ProcessInstance)
    return found.event.data


RECORD = {"id": "e-1", "case": 7, "at": "2026-05-04T09:00:00Z", "state": "begun"}


def test_a_mapped_step_is_the_event_that_the_engine_could_have_published() -> None:
    compiled = source(
        {
            "activity": "task",
            "name": "task_id",
            "at": "since",
            "keys": {"business_key": "order", "ticket": "ticket"},
            "version": "v",
            "withdrawn": "void",
        },
        customer={"ref": "who", "tier": "tier", "region": "land"},
        team="group",
        attributes={"weight": "kg", "carrier": "carrier", "express": "express", "none": "nowhere"},
        key="case",
    )
    record = RECORD | {
        "task": "Pack",
        "task_id": "t-1",
        "since": "2026-05-04T08:30:00Z",
        "order": "SO-1",
        "v": 3,
        "void": "no",
        "who": "c-1",
        "tier": "gold",
        "land": "uk",
        "group": "warehouse",
        "kg": 2.5,
        "carrier": "  DX\nCo ",
        "express": True,
    }
    found = result(compiled, record)
    published = decode_mapping(
        {
            "specversion": "1.0",
            "id": "e-1",
            "source": "/engine",
            "type": "process.instance.v1",
            "subject": "instance/7",
            "time": "2026-05-04T09:00:00Z",
            "data": {
                "instance": "7",
                "process": "delivery",
                "activity": "Pack",
                "lifecycle": "start",
                "step": "t-1",
                "withdrawn": False,
                "time": "2026-05-04T08:30:00Z",
                "keys": {"business_key": "SO-1"},
                "customer": "c-1",
                "tier": "gold",
                "region": "uk",
                "version": "3",
                "team": "warehouse",
                "attributes": {"weight": 2.5, "carrier": "DX Co", "express": True},
            },
        }
    )
    assert isinstance(found, Mapped)
    assert (found.event, found.key, found.instance, found.flags) == (published, "7", None, ())


def test_keys_may_be_bare() -> None:
    compiled = source({"keys": ["order", "tickets[*]"]})
    assert step(compiled, RECORD | {"order": "SO-1", "tickets": ["T-1", "SO-1", " "]}).keys == ("SO-1", "T-1")
    assert step(source({"keys": "order"}), RECORD | {"order": "SO-1"}).keys == ("SO-1",)
    assert step(source({"keys": {"order": "order"}}), RECORD).keys == ()


def test_what_a_source_skips_is_known_by_its_content_and_asked_for_nothing_else() -> None:
    compiled = source({"skip_when": "record.kind == 'job'", "activity": {"cel": "record.task.name + 1"}})
    found = result(compiled, {"kind": "job", "at": "2026-05-04T09:00:00Z", "task": {"name": "x"}})
    assert isinstance(found, Skipped)
    assert (found.source, found.occurred_at) == ("/engine", datetime(2026, 5, 4, 9, tzinfo=UTC))
    assert len(found.event_id) == 64
    for undated in ({"kind": "job"}, {"kind": "job", "at": "soon"}, {"kind": "job", "at": "0009-05-04T09:00:00Z"}):
        found = result(compiled, undated)
        assert isinstance(found, Skipped)
        assert found.occurred_at == NOON


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"state": "paused"}, FaultReason.INVALID_FIELD, "data.lifecycle: missing"),
        ({"case": None}, FaultReason.MISSING_ID, "subject: missing"),
        ({"id": ""}, FaultReason.MISSING_ID, "id: missing"),
        ({"at": "yesterday"}, FaultReason.BAD_TIME, "time: not in its format"),
        ({"since": "yesterday"}, FaultReason.BAD_TIME, "step.at: not in its format"),
        ({"order": "x" * 201}, FaultReason.INVALID_FIELD, "data.keys[0]: string_too_long"),
    ],
)
def test_a_record_that_is_no_step_is_refused_with_its_reason(
    changed: dict[str, Any], reason: FaultReason, detail: str
) -> None:
    found = result(source({"at": "since", "keys": "order"}), RECORD | changed)
    assert found == Fault(reason=reason, detail=detail)


def test_a_word_that_is_none_of_the_contract_s_is_refused() -> None:
    found = result(source({"lifecycle": "state"}), RECORD)
    assert found == Fault(reason=FaultReason.INVALID_FIELD, detail="data.lifecycle: enum")


def test_a_condition_must_say_has_first() -> None:
    found = result(source({"skip_when": "record.kind == 'job'"}), RECORD)
    assert found == Fault(reason=FaultReason.EXPRESSION_FAILED, detail="step.skip_when: absent")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"kind": "process", "subject": "a"}, "step: a source of kind process has one, and no other has"),
        ({"kind": "survey", "subject": "a", "step": STEP}, "step: a source of kind process has one, and no other has"),
        (
            {"kind": "process", "subject": "a", "step": STEP, "texts": ["b"]},
            "texts: a source of kind process tells of no feedback; take it out",
        ),
    ],
)
def test_a_source_has_the_fields_of_its_kind(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Source.model_validate(written)


def test_a_step_belongs_to_a_process() -> None:
    compiled = compile_source("engine", Source.model_validate({"kind": "process", "subject": "a", "step": STEP}))
    assert compiled == (
        SourceFault(where=("step",), message="a step belongs to a process: give one here or to the source"),
    )


def test_the_faults_of_named_keys_have_their_places() -> None:
    written = {"kind": "process", "subject": "a", "process": "p", "step": STEP | {"keys": {"order": "a["}}}
    (fault,) = compile_source("engine", Source.model_validate(written))  # type: ignore[misc]  # it is no source
    assert fault.where == ("step", "keys", "order", "path")


def zeebe(kind: str, intent: str, element: str, **value: object) -> dict[str, Any]:
    return {
        "partitionId": 1,
        "position": 4294971234,
        "sourceRecordPosition": 4294971230,
        "key": 2251799813685260,
        "timestamp": 1777885200123,
        "recordType": "EVENT",
        "valueType": "PROCESS_INSTANCE",
        "intent": intent,
        "rejectionType": "NULL_VAL",
        "rejectionReason": "",
        "brokerVersion": "8.6.0",
        "authorizations": {},
        "recordVersion": 1,
        "value": {
            "bpmnElementType": kind,
            "elementId": element,
            "bpmnProcessId": "order-to-cash",
            "version": 2,
            "processDefinitionKey": 2251799813685249,
            "processInstanceKey": 2251799813685252,
            "flowScopeKey": 2251799813685252,
            "bpmnEventType": "UNSPECIFIED",
            "parentProcessInstanceKey": -1,
            "parentElementInstanceKey": -1,
            "tenantId": "<default>",
            **value,
        },
    }


ZEEBE = shipped("sources/camunda8.yaml", "camunda8")


def test_camunda_8_tells_of_an_element() -> None:
    found = result(ZEEBE, zeebe("USER_TASK", "ELEMENT_COMPLETED", "approve"))
    assert isinstance(found, Mapped)
    assert (found.event.id, found.event.source, found.event.subject) == (
        "1:4294971234",
        "/camunda8",
        "instance/2251799813685252",
    )
    assert found.event.time == datetime(2026, 5, 4, 9, 0, 0, 123000, tzinfo=UTC)
    assert found.key == "2251799813685252"
    assert found.event.data == ProcessInstance(
        instance="2251799813685252",
        process="order-to-cash",
        lifecycle=Lifecycle.COMPLETE,
        activity="approve",
        step="2251799813685260:ELEMENT_COMPLETED",
        version="2",
    )


def test_camunda_8_tells_of_the_instance_without_an_activity() -> None:
    begun = step(ZEEBE, zeebe("PROCESS", "ELEMENT_ACTIVATED", "order-to-cash", businessId="SO-5531"))
    assert (begun.activity, begun.lifecycle, begun.keys) == (None, Lifecycle.START, {"business_key": "SO-5531"})
    over = step(ZEEBE, zeebe("PROCESS", "ELEMENT_TERMINATED", "order-to-cash"))
    assert (over.activity, over.lifecycle) == (None, Lifecycle.CANCEL)


@pytest.mark.parametrize(
    "record",
    [
        *(
            zeebe(kind, "ELEMENT_COMPLETED", "x")
            for kind in (
                *("EXCLUSIVE_GATEWAY", "PARALLEL_GATEWAY", "EVENT_BASED_GATEWAY", "INCLUSIVE_GATEWAY", "SUB_PROCESS"),
                *("EVENT_SUB_PROCESS", "AD_HOC_SUB_PROCESS", "MULTI_INSTANCE_BODY", "START_EVENT", "END_EVENT"),
                "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
            )
        ),
        zeebe("SEQUENCE_FLOW", "SEQUENCE_FLOW_TAKEN", "flow"),
        zeebe("USER_TASK", "ELEMENT_ACTIVATING", "approve"),
        zeebe("USER_TASK", "ELEMENT_COMPLETING", "approve"),
        zeebe("USER_TASK", "COMPLETE_ELEMENT", "approve") | {"recordType": "COMMAND"},
        zeebe("USER_TASK", "CREATED", "x") | {"valueType": "JOB", "value": {"type": "pay", "elementId": "approve"}},
        zeebe("USER_TASK", "CREATED", "x") | {"valueType": "VARIABLE", "value": {"name": "orderId", "value": '"1"'}},
    ],
)
def test_camunda_8_passes_over_what_is_no_activity(record: dict[str, Any]) -> None:
    assert isinstance(result(ZEEBE, record), Skipped)


def test_camunda_8_refuses_what_is_no_record_of_it() -> None:
    found = result(ZEEBE, {"hello": "world"})
    assert found == Fault(reason=FaultReason.EXPRESSION_FAILED, detail="step.skip_when: absent")


def history(event: str, **members: object) -> dict[str, Any]:
    return {
        "id": "i-1",
        "rootProcessInstanceId": "i-1",
        "processInstanceId": "i-1",
        "executionId": "i-1",
        "processDefinitionId": "order:2:d-1",
        "processDefinitionKey": "order",
        "processDefinitionName": "Order",
        "processDefinitionVersion": 2,
        "caseInstanceId": None,
        "eventType": event,
        "sequenceCounter": 1,
        "removalTime": None,
        "durationInMillis": None,
        "startTime": None,
        "endTime": None,
        "tenantId": None,
        **members,
    }


def activity(event: str, kind: str, **members: object) -> dict[str, Any]:
    own = {
        "id": "ship:a-1",
        "activityId": "ship",
        "activityName": "Ship the order",
        "activityType": kind,
        "activityInstanceId": "ship:a-1",
        "activityInstanceState": 0,
        "parentActivityInstanceId": "i-1",
        "taskAssignee": "jane",
        "canceled": False,
    }
    return history(event, **own, **members)


SEVEN = shipped("sources/camunda7.yaml", "camunda7")


def test_camunda_7_tells_of_an_activity() -> None:
    found = result(SEVEN, activity("end", "serviceTask", startTime=1777885100000, endTime=1777885200123))
    assert isinstance(found, Mapped)
    assert (found.event.subject, found.key) == ("instance/i-1", "i-1")
    assert found.event.time == datetime(2026, 5, 4, 9, 0, 0, 123000, tzinfo=UTC)
    assert found.event.data == ProcessInstance(
        instance="i-1",
        process="order",
        lifecycle=Lifecycle.COMPLETE,
        activity="ship",
        step="ship:a-1:end",
        version="2",
    )


def test_camunda_7_writes_times_as_text_or_as_milliseconds() -> None:
    found = result(SEVEN, activity("start", "userTask", startTime="2026-05-04T11:00:00.123+0200"))
    assert isinstance(found, Mapped)
    assert found.event.time == datetime(2026, 5, 4, 9, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "lifecycle"),
    [
        (history("start", startTime=1777885200000, businessKey="SO-1", state="ACTIVE"), Lifecycle.START),
        (history("end", endTime=1777885200000, businessKey="SO-1", state="COMPLETED"), Lifecycle.COMPLETE),
        (history("end", endTime=1777885200000, businessKey="SO-1"), Lifecycle.COMPLETE),
        (history("end", endTime=1777885200000, businessKey="SO-1", state="EXTERNALLY_TERMINATED"), Lifecycle.CANCEL),
        (history("update", businessKey="SO-1", state="SUSPENDED"), Lifecycle.SUSPEND),
        (history("update", businessKey="SO-1", state="ACTIVE"), Lifecycle.RESUME),
    ],
)
def test_camunda_7_tells_of_the_instance_without_an_activity(record: dict[str, Any], lifecycle: Lifecycle) -> None:
    said = step(SEVEN, record)
    assert (said.activity, said.lifecycle, said.keys) == (None, lifecycle, {"business_key": "SO-1"})


def test_camunda_7_cancels_what_it_left() -> None:
    record = activity("end", "receiveTask", endTime=1777885200000) | {"activityInstanceState": 2}
    assert step(SEVEN, record).lifecycle is Lifecycle.CANCEL


def test_camunda_7_names_each_start_and_end_but_no_update() -> None:
    assert step(SEVEN, history("start", startTime=1777885200000)).step == "i-1:start"
    assert step(SEVEN, history("update", state="ACTIVE")).step is None


@pytest.mark.parametrize(
    "record",
    [
        *(
            activity("start", kind, startTime=1777885200000)
            for kind in (
                *("exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway"),
                *("subProcess", "adHocSubProcess", "transaction", "multiInstanceBody", "startEvent", "noneEndEvent"),
                "startTimerEvent",
            )
        ),
        activity("update", "userTask"),
        history("migrate"),
        history("create", id="v-1", variableName="orderId", activityInstanceId="i-1"),
        history("complete", id="t-1", taskId="t-1", taskDefinitionKey="approve"),
        history("end", id="b-1", processInstanceId=None),
    ],
)
def test_camunda_7_passes_over_what_is_no_activity(record: dict[str, Any]) -> None:
    assert isinstance(result(SEVEN, record), Skipped)


@pytest.mark.parametrize(
    "kind",
    [
        *("task", "scriptTask", "businessRuleTask", "manualTask", "sendTask", "callActivity", "intermediateTimer"),
        *("intermediateMessageCatch", "boundaryTimer", "compensationBoundaryCatch"),
    ],
)
def test_camunda_7_keeps_what_is_done_or_waited_for(kind: str) -> None:
    assert step(SEVEN, activity("start", kind, startTime=1777885200000)).activity == "ship"


def test_both_are_marked_as_not_yet_proved() -> None:
    assert ZEEBE.source.unproved
    assert SEVEN.source.unproved


def test_an_event_that_was_mapped_reads_as_a_cloud_event() -> None:
    found = result(ZEEBE, zeebe("USER_TASK", "ELEMENT_COMPLETED", "approve"))
    assert isinstance(found, Mapped)
    assert decode(structured(found.event), ()) == found.event
    assert key_of(found.event) == b"2251799813685252"
