"""One event -> what every stage decided about it, by which rule, and what would have to differ; nothing is stored."""

from datetime import datetime
from typing import Any

from service.core.describe import instant
from service.core.explain import Why, category, explain
from service.core.link.keys import named_keys
from service.core.pipeline.read import ReadRecord
from service.core.pipeline.rules import Rules
from service.core.records.facts import FeedbackRow
from service.core.records.feedback import FeedbackRead, Reading
from service.core.records.words import Change
from service.ports import Desk, Lease, PartitionKey, Store
from service.runtime.batch import run_batch
from service.runtime.due import run_due

_EXPLAINED = PartitionKey(cluster="explain", group="explain", topic="explain", partition=0)


class Explainer:
    """Takes events one after another; each sees what those before it left, as it would live."""

    def __init__(self, store: Store, rules: Rules, desk: Desk) -> None:
        self._store = store
        self._rules = rules
        self._desk = desk
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
            **await self._stages(record.read, now),
            "notices_now": told,
            "next_timer": instant(await self._store.next_due()),
        }

    async def _stages(self, reading: Reading, now: datetime) -> dict[str, Any]:
        if not isinstance(reading.said, FeedbackRead):
            return {"verdict": "recorded", "why": f"{reading.said.event_type} is no feedback"}
        read = reading.said
        row = await self._desk.explanation(reading.source, reading.event_id)
        why = await self._why(row, now) if row is not None else None
        feedback = read.feedback
        return {
            "read": {
                "kind": feedback.kind.value,
                "change": feedback.change.value,
                "text": feedback.text,
                "question": feedback.question,
                "language": feedback.language,
                "customer": feedback.customer,
                "process": feedback.process,
                "scores": [{"kind": one.kind, "raw": one.raw} for one in feedback.metrics],
                "flags": sorted(feedback.flags),
            },
            "category": category(read.categorised).model_dump(mode="json"),
            "signals": {
                "negativity": read.signals.negativity,
                "sentiment": read.signals.sentiment,
                "sentiment_source": read.signals.sentiment_source,
                "negative_text": read.signals.negative_text,
                "text_source": read.signals.text_source,
                "hot_words": list(read.signals.hot),
                "overrides": list(read.signals.overrides),
            },
            "rules": dict(row.explanation) if row is not None else {},
            "decided": dict(row.document) if row is not None else {},
            "looked_for_instance_under": [method.value for method, _ in named_keys(feedback)],
            "would_differ_if": _differences(feedback.change, why),
            "why": why.model_dump(mode="json") if why is not None else None,
        }

    async def _why(self, row: FeedbackRow, now: datetime) -> Why | None:
        subject = row.document["subject"]
        held = await self._desk.contribution(row.source, subject, row.event_id)
        if held is None:
            return None
        homes = [one for one in await self._desk.homes(row.source, subject) if one.event_id == row.event_id]
        own = next((one.alert_id for one in homes if not one.copy), None)
        alert = await self._desk.alert(own) if own is not None else None
        return explain(held, self._rules, now, row.document, alert, await self._desk.muters())


def _differences(change: Change, why: Why | None) -> list[str]:
    if change is Change.NONE:
        return ["the text were a customer's, and public"]
    return list(why.would_differ_if.verdict) if why is not None else []


def _outcome(duplicate: int, superseded: int) -> str:
    if duplicate:
        return "duplicate"
    return "superseded" if superseded else "accepted"
