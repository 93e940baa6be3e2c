"""One event -> what every stage decided about it, by which rule, and what would have to differ; nothing is stored."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from service.core.describe import instant
from service.core.link import steps
from service.core.pipeline.read import ReadRecord
from service.core.pipeline.rules import Rules
from service.core.records.feedback import FeedbackRead, Reading
from service.core.records.words import Change, Severity
from service.ports import Lease, PartitionKey, Store
from service.runtime.batch import run_batch
from service.runtime.due import run_due

_BANDS = {Severity.LOW: 15, Severity.MEDIUM: 30, Severity.HIGH: 60, Severity.CRITICAL: 80}
_EXPLAINED = PartitionKey(cluster="explain", group="explain", topic="explain", partition=0)


class Explainer:
    """Takes events one after another; each sees what those before it left, as it would live."""

    def __init__(self, store: Store, rules: Rules, read_back: Callable[[str, str], Any]) -> None:
        self._store = store
        self._rules = rules
        self._read_back = read_back
        self._lease: Lease | None = None

    async def explain(self, record: ReadRecord, at: datetime | None) -> dict[str, Any]:
        """Decide one record at `at`, or at its own time, and say why."""
        if not isinstance(record.read, Reading):
            said = record.read
            return {"outcome": "rejected", "stage": said.stage.value, "reason": said.reason, "detail": said.detail}
        now = at or record.read.occurred_at
        if self._lease is None:
            (self._lease,) = await self._store.claim([_EXPLAINED])
        await run_due(self._store, self._rules, now)
        offset = (self._lease.next_offset or 0) + 1
        ran = await run_batch(self._store, self._lease, (record,), offset, self._rules, lambda _: now)
        self._lease = ran.lease
        told = [{"team": team, "reason": reason} for team, reason in sorted(ran.notices)]
        return {
            "event": {"source": record.read.source, "id": record.read.event_id, "at": instant(now)},
            "playbook": self._rules.digest,
            "outcome": _outcome(ran.books.duplicate, ran.books.superseded),
            **self._stages(record.read),
            "notices_now": told,
            "next_timer": instant(await self._store.next_due()),
        }

    def _stages(self, reading: Reading) -> dict[str, Any]:
        if not isinstance(reading.said, FeedbackRead):
            return {"verdict": "recorded", "why": f"{reading.said.event_type} is no feedback"}
        read = reading.said
        row = self._read_back(reading.source, reading.event_id)
        decided = dict(row.document) if row is not None else {}
        rules = dict(row.explanation) if row is not None else {}
        feedback = read.feedback
        return {
            "read": {
                "kind": feedback.kind.value,
                "change": feedback.change.value,
                "text": feedback.text,
                "language": feedback.language,
                "customer": feedback.customer,
                "process": feedback.process,
                "scores": [{"kind": one.kind, "raw": one.raw} for one in feedback.metrics],
                "flags": sorted(feedback.flags),
            },
            "signals": {
                "negativity": read.signals.negativity,
                "sentiment": read.signals.sentiment,
                "negative_text": read.signals.negative_text,
                "hot_words": list(read.signals.hot),
                "overrides": list(read.signals.overrides),
            },
            "rules": rules,
            "decided": decided,
            "looked_for_instance_under": [method.value for method, _ in steps(feedback)],
            "would_differ_if": self._differences(read, decided),
        }

    def _differences(self, read: FeedbackRead, decided: dict[str, Any]) -> list[str]:
        """Name the nearest changes of the event that would have changed its verdict."""
        if read.feedback.change is Change.NONE:
            return ["the text were a customer's, and public"]
        severity = self._rules.playbook.severity
        fatigue = self._rules.playbook.fatigue
        score = float(decided.get("severity_score", 0.0))
        found: list[str] = []
        if not decided.get("negative"):
            found.append(f"the score's negativity were above {severity.negative_above:g}")
            if read.signals.negativity is None:
                found.append(f"the text's share of negative words were {severity.negative_text_from:g} or more")
        elif Severity(decided["severity"]).rank < (floor := self._rules.floor(decided["route"])).rank:
            found.append(f"its severity score were {_BANDS[floor]} or more (it is {score:g})")
        above = next((band for band in _BANDS if _BANDS[band] > score), None)
        if above is not None:
            found.append(f"its severity score were {_BANDS[above]} or more, which is {above.value} (it is {score:g})")
        if decided.get("verdict") == "stale":
            found.append(f"it had come within {_days(fatigue.stale_after)} of its time")
        if decided.get("category") == "unmapped":
            found.append("its text held a keyword, or its labels named a label, of a category")
        return found


def _outcome(duplicate: int, superseded: int) -> str:
    if duplicate:
        return "duplicate"
    return "superseded" if superseded else "accepted"


def _days(span: timedelta) -> str:
    return f"{span.total_seconds() / 86400:g} days"
