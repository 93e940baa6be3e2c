"""A record's bytes -> an event that keeps its published schema, or the stage and reason for which it is refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.oracle.schemas import first_fault

_SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "binary": (0, 1), "rating": (1, None)}
# Where the time and the subject of an event are if it does not say them itself.
_TIMES = ("updated_at", "submitted_at", "created_at", "time", "started_at", "requested_at")
_SUBJECTS = {
    "response_id": "response",
    "ticket_id": "ticket",
    "feedback_id": "employee",
    "instance": "instance",
    "downtime_id": "downtime",
    "request_id": "erasure",
}

_DEEPEST = 32

Refusal = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    source: str
    id: str
    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def happened(self) -> datetime | None:
        """When a step of an instance happened, which may be told later; None where it never did."""
        if self.data.get("withdrawn"):
            return None
        return moment(self.data["time"]) if self.data.get("time") else self.at


def read(value: bytes) -> Event | Refusal:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ("intake", "bad_encoding")
    if "\0" in text or "\\u0000" in text:
        return ("intake", "nul_byte")
    if _depth(text) > _DEEPEST:
        return ("intake", "too_deep")
    try:
        event = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return ("intake", "broken_json")
    if not isinstance(event, dict):
        return ("intake", "not_an_object")
    fault = first_fault(event) or _scale_fault(event["data"]) or (None if _time(event) else "bad_time")
    return ("intake", fault) if fault else _event(event)


def number(value: Any) -> float:  # noqa: ANN401 - survey tools send "10" for 10
    return float(value)


def scale(metric: Mapping[str, Any], kind: str) -> tuple[float, float]:
    low, high = _SCALES[kind]
    return number(metric.get("scale_min", low)), number(metric.get("scale_max", high))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _depth(text: str) -> int:
    """Return how deep brackets nest outside of strings."""
    deepest = depth = 0
    for part in re.sub(r'"(?:[^"\\\\]|\\\\.)*"', "", text):
        depth += (part in "[{") - (part in "]}")
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _scale_fault(data: Mapping[str, Any]) -> str | None:
    """Say what no JSON Schema can: a score lies on its scale."""
    rated = [(metric, metric["kind"]) for metric in data.get("metrics", ())]
    rated += [(data["csat"], "csat")] if data.get("csat") else []
    for metric, kind in rated:
        low, high = scale(metric, kind)
        if low >= high:
            return "invalid_field"
        if not low <= number(metric["raw"]) <= high:
            return "score_off_scale"
    return None


def _time(event: Mapping[str, Any]) -> str | None:
    return event.get("time") or next((event["data"][name] for name in _TIMES if event["data"].get(name)), None)


def _event(event: Mapping[str, Any]) -> Event:
    data = event["data"]
    named = [f"{kind}/{data[name]}" for name, kind in _SUBJECTS.items() if data.get(name)]
    # A downtime need not have a name; then each word on it is a subject of its own.
    named.append(f"downtime/{event['id']}")
    return Event(
        source=event["source"],
        id=event["id"],
        type=event["type"],
        subject=event.get("subject") or named[0],
        at=moment(_time(event) or ""),
        data=data,
    )
