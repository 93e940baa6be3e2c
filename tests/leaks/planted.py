"""A seed -> events with identifiers wherever a person could type one, some of them refused, and the needles."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from service.core.leaks import Needle
from tests.quality.redaction import numbers

LANGUAGES = tuple(numbers.REGIONS)
_SURE = {
    "email": numbers.email,
    "iban": numbers.iban,
    "card": numbers.card,
    "national_id": numbers.national_id,
    "nhs_number": numbers.nhs_number,
}
# A BSN is nine digits that every eleventh number passes for; its name has to stand beside it.
_BESIDE = {"nl": "BSN "}


@dataclass(slots=True)
class Planting:
    """Records as (topic, key, value), and what must be nowhere."""

    records: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    needles: list[Needle] = field(default_factory=list)

    def needle(self, kind: str, value: str) -> str:
        self.needles.append(Needle(kind, value))
        return value


def planted(seed: int) -> Planting:
    dice = Random(seed)
    planting = Planting()
    for number, (language, kind) in enumerate((one, kind) for one in LANGUAGES for kind in _SURE):
        value = planting.needle(kind, _SURE[kind](dice, language))
        beside = _BESIDE.get(language, "") if kind == "national_id" else ""
        customer = planting.needle("customer_ref", f"CUST-{dice.randrange(10**9):09}")
        for topic, body in _bodies(number, language, f"{beside}{value}", customer):
            # By contract only the key of a survey is a customer.
            key = customer if topic == "feedback.surveys" else f"p{number}"
            planting.records.append((topic, key.encode(), body))
    return planting


def _bodies(number: int, language: str, value: str, customer: str) -> Iterator[tuple[str, bytes]]:
    """Yield an event of each kind, and payloads that are refused, all with the value and the customer in them."""
    said = f"This is late again, take {value} off your list."
    who = {"ref": customer, "ref_type": "crm", "tier": "gold"}
    survey = {
        "response_id": f"p{number}",
        "survey_id": "s",
        "metrics": [{"kind": "csat", "raw": 1, "scale_min": 1, "scale_max": 5}],
        "verbatims": [{"text": said, "language": language}],
        "source_labels": ["late delivery", f"of {value}"],
        "customer": who,
    }
    ticket = {
        "ticket_id": f"p{number}",
        "subject": f"Refund to {value}",
        "body": said,
        "group_ref": value,
        "customer": who,
    }
    step = {
        "process": "delivery",
        "instance": f"p{number}",
        "lifecycle": "complete",
        "activity": "handed over",
        "customer": customer,
        "attributes": {"note": said, "count": 3},
    }
    employee = {"feedback_id": f"p{number}", "team": "depot", "verbatims": [{"text": said, "language": language}]}
    yield "feedback.surveys", _event(f"s{number}", "feedback.survey.response.v1", survey)
    yield "feedback.tickets", _event(f"t{number}", "feedback.ticket.created.v1", ticket)
    yield "feedback.employee", _event(f"e{number}", "feedback.employee.v1", employee)
    yield "process.events", _event(f"i{number}", "process.instance.v1", step)
    yield "feedback.surveys", _event(f"u{number}", "no.such.type", survey)
    yield "feedback.surveys", _event(f"m{number}", "feedback.survey.response.v1", {**survey, "metrics": said})
    escaped = "".join(f"\\u{ord(one):04x}" for one in said)
    yield "feedback.surveys", f'{{"specversion":"1.0","text":"{escaped}","customer":"{customer}"}}'.encode()
    yield "feedback.surveys", f'{{"text":"{said}","customer":"{customer}"'.encode()
    yield "feedback.surveys", f"\0{said} of {customer}".encode()


def _event(name: str, kind: str, data: object) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": name,
            "source": "/planted",
            "type": kind,
            "subject": f"planted/{name}",
            "time": "2026-03-20T09:00:00Z",
            "data": data,
        }
    ).encode()
