"""A whole event of every incoming type, with every part that its contract knows, and the bytes of it in both modes."""

import json
from collections.abc import Mapping
from typing import Any

from service.core.contracts.event_type import IncomingType

# Stands in what a customer wrote and in what names one, so that a leak of either is seen wherever it comes out.
SECRET = "sesame"

_CUSTOMER = {"ref": f"c-{SECRET}-77", "ref_type": "crm", "tier": "gold", "region": "uk", "segment": "retail"}
_CORRELATION = {
    "process": "delivery",
    "instance": "i-1",
    "business_key": "SO-5531",
    "ticket_ref": "T-9",
    "order_ref": "O-1",
    "touchpoint": "checkout",
    "agent_ref": "a-4",
    "extra": {"store": 12, "vip": True, "note": SECRET},
}
_METRICS = [
    {"kind": "nps", "raw": 2},
    {"kind": "csat", "raw": "4", "scale_min": 1, "scale_max": 5},
    {"kind": "ces", "raw": 2, "scale_min": 1, "scale_max": 7, "orientation": "lower_better", "question_id": "q1"},
    {"kind": "binary", "raw": 0},
    {"kind": "rating", "raw": 7.5, "scale_max": 10},
]
_ANSWERS = {
    "revision": 1,
    "state": "complete",
    "submitted_at": "2026-05-04T09:12:31Z",
    "metrics": _METRICS,
    "verbatims": [
        {"text": f"Third time I call about the same refund, {SECRET}.", "language": "en", "question_id": "q2"},
        {"text": "Das Paket kam zu spät.", "language": "de-AT", "pii_classes": ["email"]},
    ],
    "choices": [{"question_id": "q3", "values": ["a", "b"]}],
    "source_labels": ["late delivery", "refund"],
    "correlation": _CORRELATION,
    "channel": "email",
    "consent": {"basis": "contract", "contact_ok": True},
}
_SURVEY = {
    "response_id": "a3a12ec6",
    "survey_id": "lT4Z3j",
    "survey_kind": "transactional",
    "is_final": True,
    **_ANSWERS,
    "customer": _CUSTOMER,
    "country": "GB",
}
_TICKET = {
    "ticket_id": "t-1",
    "ticket_number": "INC0000045",
    "revision": 3,
    "status": "open",
    "prev_status": "new",
    "priority": "high",
    "subject": f"Late again {SECRET}",
    "body": f"It has not arrived, {SECRET}. Mail me at {SECRET}@example.org",
    "language": "en",
    "is_public": True,
    "comment_author_role": "customer",
    "source_labels": ["delivery/late"],
    "group_ref": "g-1",
    "created_at": "2026-05-04T08:00:00Z",
    "updated_at": "2026-05-04T09:00:00+02:00",
    "reopen_count": 1,
    "sla": {"breached": True, "resolution_due": "2026-05-06T09:00:00Z"},
    "csat": {"raw": 1, "comment": f"Bad {SECRET}"},
    "merged_into": "t-0",
    "customer": _CUSTOMER,
    "correlation": _CORRELATION,
}
_DATA: Mapping[IncomingType, dict[str, Any]] = {
    IncomingType.SURVEY_RESPONSE: _SURVEY,
    IncomingType.EMPLOYEE: {"feedback_id": "f-1", "team": "depot", "role": "driver", "region": "uk", **_ANSWERS},
    IncomingType.PROCESS_INSTANCE: {
        "instance": "i-1",
        "process": "delivery",
        "lifecycle": "start",
        "keys": {"order": "O-1", "ticket": "T-9"},
        "time": "2026-05-04T09:00:00Z",
        "customer": _CUSTOMER,
        "tier": "gold",
        "attributes": {"depot": 4},
    },
    IncomingType.PROCESS_DOWNTIME: {
        "process": "delivery",
        "started_at": "2026-05-04T09:00:00Z",
        "ended_at": "2026-05-04T10:00:00Z",
        "downtime_id": "d-1",
        "planned": False,
    },
    IncomingType.ERASURE: {
        "customer": f"c-{SECRET}-77",
        "request_id": "x-1",
        "requested_at": "2026-05-04T09:00:00Z",
        "reason": "asked",
    },
}


def event_of(kind: IncomingType) -> dict[str, Any]:
    """Return a fresh event that its contract takes."""
    whole: dict[str, Any] = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/tool/acme",
        "type": kind.value,
        "subject": "thing/1",
        "time": "2026-05-04T09:12:31.250Z",
        "datacontenttype": "application/json",
        "dataschema": "https://schemas.example/1",
        "partitionkey": "p-1",
        "tenantid": "acme",
        "data": _DATA.get(kind, _TICKET),
    }
    copied: dict[str, Any] = json.loads(json.dumps(whole))
    return copied


def structured(event: object) -> bytes:
    """Write any JSON value, what no JSON should hold among it: NaN, half characters, numbers without an end."""
    return json.dumps(event).encode()


def binary(event: Mapping[str, Any]) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """Write an event as attributes in headers beside its payload; what is no text is written as JSON."""
    headers = [("content-type", b"application/json")]
    for name, value in event.items():
        if name != "data":
            text = value if isinstance(value, str) else json.dumps(value)
            headers.append((f"ce_{name}", text.encode(errors="surrogatepass")))
    return structured(event.get("data")), tuple(headers)
