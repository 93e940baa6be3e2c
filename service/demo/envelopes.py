"""What happened -> CloudEvents 1.0 as an upstream tool would publish them, as plain JSON values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.demo.customers import Customer

SURVEYS, TICKETS, EMPLOYEES = "feedback.surveys", "feedback.tickets", "feedback.employee"
PROCESSES, ERASURES = "process.events", "privacy.erasures"
SURVEY_TOOL, HELP_DESK, STAFF_TOOL = "/demo/surveys", "/demo/helpdesk", "/demo/staff"
ENGINE, PRIVACY_DESK = "/demo/engine", "/demo/privacy"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEvent:
    """One record of the stream: `at` is when it is published, a value of bytes is a broken payload."""

    topic: str
    key: str | None
    at: datetime
    value: Json | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The process instance that a feedback is about; `ticket` is that of a contact with customer care."""

    process: str
    instance: str
    order: str
    customer: Customer
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of an instance and who took it; with None for `activity` it is one of the instance as a whole."""

    lifecycle: str
    activity: str | None = None
    team: str | None = None


def envelope(kind: str, source: str, event_id: str, subject: str, time: str, data: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }


def person(customer: Customer) -> Json:
    found: Json = {"ref": customer.ref, "region": customer.region}
    if customer.tier is not None:
        found["tier"] = customer.tier
    return found


def process_step(case: Case, event_id: str, time: str, step: Step, version: str) -> Json:
    data: Json = {
        "instance": case.instance,
        "process": case.process,
        "lifecycle": step.lifecycle,
        "keys": {"business_key": case.order},
        "time": time,
        "customer": case.customer.ref,
        "region": case.customer.region,
        "version": version,
    }
    if case.ticket is not None:
        data["keys"]["ticket"] = case.ticket
    more = {"tier": case.customer.tier, "activity": step.activity, "team": step.team}
    data |= {name: value for name, value in more.items() if value is not None}
    return envelope("process.instance.v1", ENGINE, event_id, f"instance/{case.instance}", time, data)


def csat(raw: int) -> Json:
    return {"kind": "csat", "raw": raw, "scale_min": 1, "scale_max": 5, "orientation": "higher_better"}


def ces(raw: int) -> Json:
    return {"kind": "ces", "raw": raw, "scale_min": 1, "scale_max": 7, "orientation": "higher_better"}


def nps(raw: int) -> Json:
    return {"kind": "nps", "raw": raw, "scale_min": 0, "scale_max": 10, "orientation": "higher_better"}
