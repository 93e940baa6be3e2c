"""An answer to a survey -> what becomes of its customer: another answer or a ticket, and what takes these back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from service.demo.envelopes import HELP_DESK

Body = dict[str, Any]

_TAKEN_BACK = 0.4


def outcomes(dice: Random, response: Body, soon: timedelta, end: datetime) -> Iterator[Body]:
    """Tell of one answer what its customer did, each step about `soon` after the one before, and before the end.

    Nobody knows what becomes of somebody without a name.
    """
    if "customer" not in response["data"]:
        return
    make = _tickets if dice.random() < 0.4 and response["data"].get("correlation") else _answers
    at = datetime.fromisoformat(response["time"])
    for body in make(dice, response):
        at += soon * (0.3 + dice.random())
        if at >= end:
            return
        stamp = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        said_at = "updated_at" if "ticket_id" in body["data"] else "submitted_at"
        yield {**body, "time": stamp, "data": {**body["data"], said_at: stamp}}


def is_bad(response: Body) -> bool:
    """Tell whether a score is in the lower half of its scale."""
    metrics = response["data"]["metrics"]
    return any(2 * one["raw"] < one["scale_min"] + one["scale_max"] for one in metrics)


def _answers(dice: Random, response: Body) -> Iterator[Body]:
    """Answer the same survey anew: mostly content, now and then not after all."""
    name = f"{response['data']['response_id']}-anew"
    given = {**response["data"], "response_id": name, "revision": 1, "state": "complete", "verbatims": []}
    metrics = [{**one, "raw": one["scale_max"]} for one in response["data"]["metrics"]]
    said = {**response, "subject": f"response/{name}"}
    yield {**said, "id": f"{name}-1", "data": {**given, "metrics": metrics}}
    if dice.random() < _TAKEN_BACK:
        state = dice.choice(("updated", "updated", "deleted"))
        low = [{**one, "raw": one["scale_min"]} for one in metrics]
        changed = {**given, "revision": 2, "state": state, "metrics": low}
        yield {**said, "id": f"{name}-2", "data": changed}


def _tickets(dice: Random, response: Body) -> Iterator[Body]:
    """Ask the help desk about the same case; it solves that, and may have to do so again."""
    name = f"{response['data']['response_id']}-asked"
    given = {
        "ticket_id": name,
        "priority": dice.choice(("low", "low", "urgent")),
        "customer": response["data"]["customer"],
        "correlation": response["data"]["correlation"],
    }
    changes = [("created", "new"), ("status", "solved")]
    if dice.random() < _TAKEN_BACK:
        changes += [("reopened", "open"), ("status", "closed")][: dice.choice((1, 2))]
    for revision, (change, status) in enumerate(changes, start=1):
        yield {
            "specversion": "1.0",
            "id": f"{name}-{revision}",
            "source": HELP_DESK,
            "type": f"feedback.ticket.{change}.v1",
            "subject": f"ticket/{name}",
            "data": {**given, "status": status, "revision": revision},
        }
