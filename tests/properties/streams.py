"""Seed -> a random stream: surveys and tickets with lives, corrections, withdrawals and comments of few customers.

Few customers, categories and processes, so that contributions meet; each subject's records keep their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from service.core.playbook.model import Playbook
from tests.builders import instance, make_playbook, survey, ticket, with_routes

TEXTS = ("", "late", "refund", "late and awful, terrible", "I want a refund, cancel it", "great, lovely", "fire", "hm")
CUSTOMERS = ("anna", "ben", "cleo", None)
INSTANCES = ("i1", "i2")
_STATUSES = ("open", "pending", "solved", "closed")
_CHANGES = (*("updated", "status", "comment") * 2, "csat", "reopened", "merged", "deleted")
_PRIORITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True, slots=True)
class Happening:
    """One record of a stream: when it happened, after the start of the timeline, and the event without its time."""

    at: timedelta
    event: Mapping[str, Any]


# The records of one subject, in their order.
Life = tuple[Happening, ...]

PLAYBOOKS: Mapping[str, Playbook] = {
    "owned": with_routes({"id": "owned", "team": "owner"}),
    "by instance": with_routes({"id": "owned", "team": "owner"}, group_by=["instance"]),
    "by customer": with_routes({"id": "owned", "team": "owner", "group_by": ["customer"]}),
    "copied": with_routes(
        {"id": "watched", "match": {"category": "safety"}, "team": "drivers", "continue": True},
        {"id": "read-along", "match": {"severity": ["high", "critical"]}, "team": "legal", "continue": True},
        {"id": "owned", "team": "owner", "group_by": ["category"]},
    ),
    "by severity": with_routes(
        {"id": "bad", "match": {"severity": ["high", "critical"]}, "team": "legal"},
        {"id": "owned", "team": "owner"},
    ),
    # What is mild concerns nobody but the lawyers, who hear of what is bad alone.
    "floored": with_routes(
        {"id": "read-along", "match": {"category": "delivery"}, "team": "legal", "continue": True, "floor": "high"},
        {"id": "mild", "match": {"category": "refund"}, "team": "refunds", "floor": "medium"},
        {"id": "all", "team": "owner", "group_by": ["customer"], "floor": "info"},
    ),
    # Limits and numbers such that a handful of records reach them.
    "watched": make_playbook(
        processes=[
            {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "3h"},
            {"id": "returns", "name": "Returns", "team": "refunds"},
        ],
        high_value={"tiers": ["gold"], "severity": "critical"},
        at_risk={"cases": 2, "within": "6h", "team": "legal"},
    ),
    # Some answers come too late to settle anything, and some complaints are taken up and settled again.
    "settled": make_playbook(
        severity={"recontact_days": 1, "overrides": [{"id": "safety", "words": {"en": ["fire"]}}]},
        fatigue={"outcome": {"recovered_within": "16h"}},
        at_risk={"cases": 2, "within": "12h", "team": "legal"},
    ),
}

# What teams are promised by it is checked from the same words, so they are kept as YAML has them.
MUTED_PARTS: Mapping[str, Any] = {
    "processes": [
        {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "3h"},
        {"id": "returns", "name": "Returns", "team": "refunds"},
    ],
    "high_value": {"tiers": ["gold"], "severity": "critical"},
    "at_risk": {"cases": 2, "within": "6h", "team": "legal"},
    "calendars": {
        "office": {
            "time_zone": "Europe/Berlin",
            "quiet_hours": {"mon-fri": "18:00-08:00", "sat-sun": "00:00-24:00"},
            "shifts": ["08:00", "13:00"],
        }
    },
    "teams": [
        {"id": "desk", "name": "Desk"},
        {
            "id": "drivers",
            "name": "Drivers",
            "owns": [{"category": "delivery"}, {"category": "safety"}],
            "calendar": "office",
            "budget": {"per_hour": 1, "per_shift": 2},
        },
        {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}], "budget": {"per_day": 1}},
        {"id": "legal", "name": "Legal", "calendar": "office"},
        {"id": "judges", "name": "Judges"},
    ],
    "routes": {
        "team": "desk",
        "arbitration": "judges",
        "routes": [{"id": "owned", "team": "owner", "group_by": ["category", "customer"]}],
    },
    "fatigue": {"flapping": {"changes": 2, "calm": "12h"}},
    "escalation": {
        "targets": {"critical": {"acknowledge": "1h", "resolve": "8h"}, "high": {"acknowledge": "4h"}},
        "ladders": {"up": {"business": False, "steps": [{"after": "2h", "to": "legal"}]}},
        "ladder": "up",
    },
}
MUTED = make_playbook(**MUTED_PARTS)


def lives(span: timedelta, most: int = 6, steps: int = 4) -> st.SearchStrategy[list[Life]]:
    """Draw the lives of a few subjects within a span of event time."""
    minutes = st.integers(0, int(span.total_seconds() // 60))
    one = st.one_of(_survey_steps(minutes, steps), _ticket_steps(minutes, steps), _instance_steps(minutes))
    return st.lists(one, min_size=1, max_size=most).map(
        lambda drawn: [_life(number, kind, taken) for number, (kind, taken) in enumerate(drawn)]
    )


def arrivals(told: Sequence[Life], picks: Sequence[int], *, processes_first: bool = False) -> list[Happening]:
    """Interleave the lives, each in its own order; each pick chooses whose record comes next."""
    order = [one for life in told if processes_first and _is_process(life) for one in life]
    left = [list(life) for life in told if not (processes_first and _is_process(life))]
    for pick in picks:
        if not left:
            break
        chosen = left[pick % len(left)]
        order.append(chosen.pop(0))
        left = [life for life in left if life]
    return order + [happening for life in left for happening in life]


def _is_process(life: Life) -> bool:
    return bool(life[0].event["source"] == "/engine")


_Step = tuple[int, dict[str, Any]]
_Drawn = tuple[str, list[_Step]]


def _survey_steps(minutes: st.SearchStrategy[int], most: int) -> st.SearchStrategy[_Drawn]:
    step = st.fixed_dictionaries(
        {
            "score": st.sampled_from((None, 0, 1, 3, 6, 9)),
            "text": st.sampled_from(TEXTS),
            "customer": st.sampled_from(CUSTOMERS),
            "state": st.sampled_from(("complete", "complete", "updated", "deleted")),
            "instance": st.sampled_from((None, *INSTANCES)),
            "revision": st.booleans(),
        }
    )
    return st.lists(st.tuples(minutes, step), min_size=1, max_size=most).map(lambda steps: ("survey", steps))


def _ticket_steps(minutes: st.SearchStrategy[int], most: int) -> st.SearchStrategy[_Drawn]:
    step = st.fixed_dictionaries(
        {
            "change": st.sampled_from(_CHANGES),
            "text": st.sampled_from(TEXTS),
            "priority": st.sampled_from((None, *_PRIORITIES)),
            "status": st.sampled_from(_STATUSES),
            "customer": st.sampled_from(CUSTOMERS),
            "instance": st.sampled_from((None, None, *INSTANCES)),
            "rating": st.integers(1, 5),
        }
    )
    return st.lists(st.tuples(minutes, step), min_size=1, max_size=most + 1).map(lambda steps: ("ticket", steps))


def _instance_steps(minutes: st.SearchStrategy[int]) -> st.SearchStrategy[_Drawn]:
    step = st.fixed_dictionaries(
        {
            "name": st.sampled_from(INSTANCES),
            "key": st.sampled_from(("t0", "t1", "t2", "so")),
            "tier": st.sampled_from((None, "gold", "gold", "plain")),
            "lifecycle": st.sampled_from(("start", "start", "complete")),
            "customer": st.sampled_from(CUSTOMERS),
        }
    )
    return st.lists(st.tuples(minutes, step), min_size=1, max_size=3).map(lambda steps: ("instance", steps))


def _life(number: int, kind: str, steps: Sequence[_Step]) -> Life:
    found: list[Happening] = []
    for revision, (minute, step) in enumerate(steps, start=1):
        event_id = f"{kind[0]}{number}-{revision}"
        match kind:
            case "survey":
                event = _survey_event(f"r{number}", event_id, revision, step)
            case "ticket":
                event = _ticket_event(f"t{number}", event_id, revision, step)
            case _:
                tier = {} if step["tier"] is None else {"tier": step["tier"]}
                whose = {} if step["customer"] is None else {"customer": step["customer"]}
                more = {"keys": [step["key"]], "lifecycle": step["lifecycle"], **tier, **whose}
                event = instance(step["name"], event_id=event_id, **more)
        found.append(Happening(timedelta(minutes=minute), event))
    return tuple(found)


def _survey_event(subject: str, event_id: str, revision: int, step: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"state": step["state"]}
    if step["revision"]:
        more["revision"] = revision
    if step["instance"] is not None:
        more["correlation"] = {"instance": step["instance"]}
    return survey(subject, step["score"], step["text"], event_id=event_id, customer=step["customer"], **more)


def _ticket_event(subject: str, event_id: str, revision: int, step: Mapping[str, Any]) -> dict[str, Any]:
    change = "created" if revision == 1 else step["change"]
    more: dict[str, Any] = {"body": step["text"], "status": step["status"] if revision > 1 else "new"}
    if step["priority"] is not None:
        more["priority"] = step["priority"]
    if step["instance"] is not None:
        more["correlation"] = {"instance": step["instance"]}
    match change:
        case "comment":
            del more["status"]
        case "csat":
            more["csat"] = {"raw": step["rating"], "comment": step["text"]}
        case "merged":
            more["merged_into"] = "t99"
        case _:
            pass
    return ticket(change, subject, event_id=event_id, customer=step["customer"], **more)
