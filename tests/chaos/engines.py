"""Steps of instances and what is said of them -> all that engines send, and feedback that names its case as people do.

Keys are used again and shared, customers have two cases at once, an engine says late whose a case is; a survey tool may
know a case by its order, by a ticket that was merged, or by the words alone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Body = dict[str, Any]

_USED_AGAIN, _SHARED, _TWO_AT_ONCE, _CORRECTED = 0.05, 0.04, 0.06, 0.05
_NAMED_OTHERWISE = 0.3
# A key's earlier carrier ended longer ago than anybody still speaks of it.
_EARLIER, _ENDED_FOR = timedelta(days=30), timedelta(days=20)


class Engines:
    """What is known of orders while a story is told; `soon` is how long after a step an engine may say more of it."""

    def __init__(self, dice: Random, soon: timedelta) -> None:
        self._dice = dice
        self._soon = soon
        self._orders: dict[str, str] = {}

    def steps(self, step: Body) -> Iterator[Body]:
        """Tell a step, and after the first one of an instance what else its engine says."""
        data = step["data"]
        is_first = data["instance"] not in self._orders
        self._orders[data["instance"]] = data["keys"]["business_key"]
        if not is_first or data["lifecycle"] != "start":
            yield step
            return
        at, drawn = datetime.fromisoformat(step["time"]), self._dice.random()
        if drawn < _USED_AGAIN:
            yield _other(step, "earlier", at - _EARLIER)
            yield _other(step, "earlier", at - _ENDED_FOR, lifecycle="complete")
        elif drawn < _USED_AGAIN + _SHARED:
            yield _other(step, "of-another", at + self._soon * self._dice.random(), customer=f"{data['customer']}-x")
        elif drawn < _USED_AGAIN + _SHARED + _TWO_AT_ONCE:
            yield _other(step, "beside", at + self._soon * self._dice.random(), keys=["another order"])
        elif drawn < _USED_AGAIN + _SHARED + _TWO_AT_ONCE + _CORRECTED:
            # Whose it is, and under which key, is said right only later.
            yield {**step, "data": {**data, "customer": f"{data['customer']}-y", "keys": {"ticket": "no order yet"}}}
            yield _said(step, "corrected", at + self._soon * self._dice.random(), lifecycle="assign")
            return
        yield step

    def about(self, response: Body) -> Body:
        """Let some answers that a tool knew the instance of name it in another way."""
        correlation = response["data"].get("correlation") or {}
        order = self._orders.get(correlation.get("process_instance_key", ""))
        if order is None or self._dice.random() >= _NAMED_OTHERWISE:
            return response
        process = {"process": correlation["process"]}
        match self._dice.randrange(5):
            case 0:
                return _naming(response, {**process, "business_key": order})
            case 1:
                return _naming(response, {"ticket_ref": order})
            case 2:
                return _naming(response, process)
            case 3:
                return _naming(response, process, text=order.lower().replace("-", " "))
            case _:
                at = self._dice.randrange(3, len(order) - 1)
                return _naming(response, process, text=order[:at] + order[at + 1 :])

    def merged(self, ticket: Body, merge: Body, at: datetime) -> Iterator[Body]:
        """Merge a ticket into the one of its order, and let its customer be asked about the one that is gone."""
        data = ticket["data"]
        into = data["correlation"]["business_key"]
        yield {**merge, "data": {**merge["data"], "merged_into": into}}
        if "customer" not in data:
            return
        name = f"{data['ticket_id']}-contact"
        answer = {
            "response_id": name,
            "survey_kind": "transactional",
            "revision": 1,
            "metrics": [{"kind": "csat", "raw": self._dice.randrange(1, 6), "scale_min": 1, "scale_max": 5}],
            "verbatims": [],
            "customer": data["customer"],
            "correlation": {"process": data["correlation"]["process"], "ticket_ref": data["ticket_id"]},
            "submitted_at": _stamp(at),
        }
        said = {"specversion": "1.0", "source": "/demo/surveys", "type": "feedback.survey.response.v1"}
        yield {**said, "id": f"{name}-1", "subject": f"response/{name}", "time": _stamp(at), "data": answer}


def _other(step: Body, name: str, at: datetime, **said: object) -> Body:
    """Tell a step of another instance that has all in common with this one but what is said."""
    instance = f"{step['data']['instance']}-{name}"
    told = _said(step, name, at, instance=instance, **said)
    return {**told, "subject": f"instance/{instance}"}


def _said(step: Body, name: str, at: datetime, **said: object) -> Body:
    data = {**step["data"], **said, "time": _stamp(at)}
    return {**step, "id": f"{step['id']}-{name}-{data['lifecycle']}", "time": _stamp(at), "data": data}


def _naming(response: Body, correlation: Body, text: str | None = None) -> Body:
    data = {**response["data"], "correlation": correlation}
    if text is not None:
        words = {"language": "en"} | (data["verbatims"][0] if data.get("verbatims") else {"text": ""})
        data["verbatims"] = [{**words, "text": f"{words['text']} {text}".strip()}]
    return {**response, "data": data}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
