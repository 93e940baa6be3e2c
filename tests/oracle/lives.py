"""A seed -> the lives of a few subjects: what the demo has too little of, in all its mixtures.

Few customers, processes and keys, so that contributions meet: corrections, withdrawals, revisions out of order, changes
of customer and category, remarks, reopened tickets, two instances under one key.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

_TEXTS = (
    "",
    "hm",
    "Disappointed. My parcel is four days late, it is delayed.",
    "I want a refund, unacceptable",
    "The kettle gave me an electric shock",
    "Great service, thank you",
    "my lawyer will take you to court",
    "poor quality, broke after a week. terrible",
    "close my account, never order again, refund",
    "Die Lieferung kam fünf Tage zu spät, unverschämt",
    "invoice wrong, mail me at a.b@example.org",
    "charged twice, call +34 612 345 678",
)
_SCORES = (
    *({"kind": "nps", "raw": raw} for raw in (0, 3, 5, 8, 10)),
    *({"kind": "csat", "raw": raw} for raw in (1, 2, 3, 5)),
    {"kind": "ces", "raw": 2, "orientation": "higher_better"},
    {"kind": "ces", "raw": 2, "orientation": "lower_better"},
    {"kind": "binary", "raw": "0"},
    {"kind": "rating", "raw": 4, "scale_max": 10},
)
_CHANGES = ("updated", "status", "status", "comment", "comment", "csat", "reopened", "merged", "deleted")
_STATUSES = ("new", "open", "open", "solved", "solved", "closed", "pending")
_STATES = (*("complete",) * 5, "updated", "deleted", "partial")


def drawn(seed: int, subjects: int, span: timedelta, start: datetime) -> list[list[Record]]:
    """Draw lives that begin within a span; each subject's records are in the order of their publication."""
    dice = Random(seed)
    return [_life(dice, str(number), span, start) for number in range(subjects)]


def arrived(lives: Sequence[Sequence[Record]], seed: int, apart: timedelta) -> list[Record]:
    """Let the lives arrive beside one another, up to so far apart, after all that is said of processes."""
    dice = Random(seed)
    order = [record for life in lives if _is_process(life) for record in life]
    left = [list(life) for life in lives if not _is_process(life)]
    while left:
        first = min(left, key=lambda life: datetime.fromisoformat(life[0]["time"]) + apart * dice.random())
        order.append(first.pop(0))
        left = [life for life in left if life]
    return order


def _is_process(life: Sequence[Record]) -> bool:
    return bool(life[0]["type"] == "process.instance.v1")


def _life(dice: Random, name: str, span: timedelta, start: datetime) -> list[Record]:
    count, begin, length = dice.randrange(1, 6), start + span * dice.random(), timedelta(days=dice.choice((0.1, 3, 20)))
    make = dice.choice((_survey, _survey, _ticket, _ticket, _ticket, _employee, _process))
    times = sorted(_second(begin + length * dice.random()) for _ in range(count))
    if make is _process:
        times = [start - timedelta(days=1)] * count
    elif dice.random() < 0.3:
        # They come within hours, in any order.
        times = [_second(begin + timedelta(hours=10) * dice.random()) for _ in range(count)]
    customer = _customer(dice)
    life = []
    for number, at in enumerate(times):
        source, kind, data = make(dice, name, number)
        if make is not _process and dice.random() < 0.8:
            data["revision"] = dice.choice((number, number, number, dice.randrange(4)))
        if make in (_survey, _ticket):
            data["customer"] = customer if dice.random() < 0.85 else _customer(dice)
        if make is not _process and dice.random() < 0.6:
            data["correlation"] = _correlation(dice)
        life.append(
            {
                "specversion": "1.0",
                "id": f"{name}-{number}",
                "source": source,
                "type": kind,
                "time": at.isoformat(),
                "data": {field: value for field, value in data.items() if value is not None},
            }
        )
    return life


def _survey(dice: Random, name: str, _number: int) -> tuple[str, str, Record]:
    data: Record = {
        "response_id": name,
        "state": dice.choice(_STATES),
        "survey_kind": dice.choice(("transactional", "relationship")),
        "metrics": [dice.choice(_SCORES)] if dice.random() < 0.8 else [],
        "source_labels": [dice.choice(("refund", "damaged", "nothing"))] if dice.random() < 0.2 else [],
        "verbatims": [{"text": dice.choice(_TEXTS), "language": dice.choice(("en", "en-GB", "de", None))}],
    }
    return "/surveys", "feedback.survey.response.v1", data


def _ticket(dice: Random, name: str, number: int) -> tuple[str, str, Record]:
    change = "created" if number == 0 and dice.random() < 0.8 else dice.choice(_CHANGES)
    data: Record = {
        "ticket_id": name,
        "status": dice.choice(_STATUSES),
        "language": dice.choice(("en", "de")),
        "body": dice.choice(_TEXTS),
        "priority": dice.choice((None, None, "low", "normal", "high", "urgent")),
        "subject": dice.choice((None, None, "refund please")),
        "comment_author_role": dice.choice((None, "customer", "customer", "customer", "agent")),
        "is_public": dice.choice((None, True, True, True, False)),
        "reopen_count": dice.choice((None, None, None, 1)),
        "sla": dice.choice((None, None, None, {"breached": True})),
    }
    if change == "csat":
        data["csat"] = {"raw": dice.randrange(1, 6), "comment": dice.choice(_TEXTS)}
    if change == "merged":
        data["merged_into"] = "another"
    return "/tickets", f"feedback.ticket.{change}.v1", data


def _employee(dice: Random, name: str, _number: int) -> tuple[str, str, Record]:
    data: Record = {
        "feedback_id": name,
        "team": "shop floor",
        "region": "uk",
        "metrics": [{"kind": "csat", "raw": dice.randrange(1, 6)}],
        "verbatims": [{"text": dice.choice(_TEXTS)}],
    }
    return "/staff", "feedback.employee.v1", data


def _process(dice: Random, _name: str, _number: int) -> tuple[str, str, Record]:
    instance, process = dice.choice((("I1", "delivery"), ("I2", "o2c")))
    data: Record = {
        "instance": instance,
        "process": process,
        "lifecycle": "start",
        "keys": {"business_key": dice.choice(("B1", "B2"))},
    }
    return "/engine", "process.instance.v1", data


def _customer(dice: Random) -> Record | None:
    if dice.random() < 0.1:
        return None
    more = {"tier": dice.choice((None, None, "gold")), "region": dice.choice((None, "uk", "de"))}
    return {"ref": f"c{dice.randrange(4)}", **{name: value for name, value in more.items() if value}}


def _correlation(dice: Random) -> Record:
    keys = {
        "process": dice.choice((None, "delivery", "o2c", "Returns", "loyalty", "nonsense")),
        "process_instance_key": dice.choice((None, None, "I1", "I2", "I9")),
        "business_key": dice.choice((None, None, "B1", "B2")),
        "ticket_ref": dice.choice((None, None, None, "B1")),
    }
    return {name: value for name, value in keys.items() if value}


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
