"""Feedback, events and timelines for tests: full defaults, overridden by name; the timeline runs the real pipeline."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson

from service.adapters.memory import MemoryStore
from service.core.assess import assess
from service.core.link import LinkRules, link
from service.core.pipeline.act import Acted, Asked, Deed, act
from service.core.pipeline.read import ReadRecord, read, read_payload
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.playbook.severity import SeverityRules
from service.core.pseudonym import PseudonymKey
from service.core.records.decisions import Contribution, PartKey, Routed, Target
from service.core.records.facts import Facts
from service.core.records.feedback import Categorised, Feedback, FeedbackRead, Message, Metric, Reading, Signals
from service.core.records.registry import Registry
from service.core.records.words import CategoryMethod, Change, FeedbackKind, RouteReason
from service.ports import Books, PartitionKey, Saving
from service.runtime.batch import run_batch
from service.runtime.due import run_due

T = TypeVar("T")

# A Monday, so that weekly ticks are easy to place.
START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KEY = PseudonymKey(key_id="k1", secret=b"tests")
PARTITION = PartitionKey(cluster="test", group="test", topic="test", partition=0)
SURVEYS, TICKETS = "/surveys", "/tickets"


def make_feedback(**changes: Any) -> Feedback:  # noqa: ANN401 - any field of Feedback
    given: dict[str, Any] = {
        "event_id": "e-1",
        "source": SURVEYS,
        "subject": "response/1",
        "revision": 1,
        "occurred_at": START,
        "received_at": START,
        "kind": FeedbackKind.SURVEY,
        "change": Change.STATE,
        "event_type": "feedback.survey.response.v1",
        "language": "en",
        "customer": "k1:anna",
    }
    return Feedback(**(given | changes))


def make_metric(kind: str, raw: float, low: float, high: float, *, higher_is_better: bool = True) -> Metric:
    return Metric(kind=kind, raw=raw, scale_min=low, scale_max=high, higher_is_better=higher_is_better)


def make_categorised(category: str = "delivery") -> Categorised:
    return Categorised(
        category=category, confidence=0.8, method=CategoryMethod.KEYWORD, categories=(category,), matched=("late",)
    )


def make_reading(
    feedback: Feedback | None = None, category: str = "delivery", signals: Signals | None = None
) -> Reading:
    feedback = feedback or make_feedback()
    said = FeedbackRead(
        feedback=feedback,
        categorised=make_categorised(category),
        signals=signals or Signals(negativity=1.0, scored=True),
    )
    return Reading(event_id=feedback.event_id, source=feedback.source, occurred_at=feedback.occurred_at, said=said)


def make_target(**changes: Any) -> Target:  # noqa: ANN401 - any field of Target
    given: dict[str, Any] = {
        "alert_key": "key-1",
        "route": "root",
        "team": "desk",
        "fields": {"process": "shipping", "category": "delivery"},
    }
    return Target(**(given | changes))


def make_contribution(
    feedback: Feedback | None = None,
    category: str = "delivery",
    signals: Signals | None = None,
    contacts: int = 1,
    targets: Sequence[Target] | None = None,
) -> Contribution:
    feedback = feedback or make_feedback()
    signals = signals or Signals(negativity=1.0, scored=True)
    owner, *copies = targets or (make_target(),)
    part = feedback.event_id if feedback.change is Change.REMARK else ""
    return Contribution(
        key=PartKey(feedback.source, feedback.subject, part),
        began_at=feedback.occurred_at,
        began_as=category,
        feedback=feedback,
        categorised=make_categorised(category),
        signals=signals,
        link=link(feedback, feedback.occurred_at, Registry(), LinkRules(window=timedelta(days=14))),
        assessed=assess(feedback, signals, contacts, SeverityRules()),
        routed=Routed(owner=owner, copies=tuple(copies), reason=RouteReason.MATCHED),
        process="shipping",
    )


def make_playbook(**changes: Any) -> Playbook:  # noqa: ANN401 - any part of a playbook, as YAML holds it
    """Build a shop of four teams: each category has an owner, and what nobody owns is the desk's."""
    given: dict[str, Any] = {
        "name": "A small shop",
        "taxonomy": [
            {
                "id": "delivery",
                "label": {"en": "Late delivery"},
                "keywords": {"en": ["late"], "de": ["zu spät"], "fr": ["en retard"], "es": ["tarde"]},
                "process": "shipping",
            },
            {"id": "refund", "label": {"en": "Refund"}, "keywords": {"en": ["refund"]}, "process": "returns"},
            {"id": "safety", "label": {"en": "Safety"}, "keywords": {"en": ["fire"]}, "process": "shipping"},
        ],
        "processes": [
            {"id": "shipping", "name": "Shipping", "team": "drivers"},
            {"id": "returns", "name": "Returns", "team": "refunds"},
        ],
        "severity": {
            "overrides": [{"id": "safety", "words": {"en": ["fire"]}}],
            "hot_words": [{"id": "cancel", "words": {"en": ["cancel"]}}],
            "sentiment": {"en": {"negative": ["awful", "angry", "terrible"], "positive": ["great", "lovely", "kind"]}},
        },
        "teams": [
            {"id": "desk", "name": "Desk"},
            {"id": "drivers", "name": "Drivers", "owns": [{"category": "delivery"}, {"category": "safety"}]},
            {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}]},
            {"id": "legal", "name": "Legal"},
            {"id": "judges", "name": "Judges"},
        ],
        "routes": {"team": "desk", "arbitration": "judges", "routes": [{"id": "owned", "team": "owner"}]},
    }
    return Playbook.model_validate(given | changes)


def with_routes(*routes: Mapping[str, Any], **root: Any) -> Playbook:  # noqa: ANN401 - fields of a route
    return make_playbook(routes={"team": "desk", "arbitration": "judges", "routes": list(routes), **root})


def survey(
    subject: str = "r1",
    score: int | None = 0,
    text: str = "",
    *,
    event_id: str | None = None,
    customer: str | Mapping[str, str] | None = "anna",
    **data: Any,  # noqa: ANN401 - fields of the contract
) -> dict[str, Any]:
    """Build an NPS answer without its time; `event_id` is the subject and its revision unless given."""
    body: dict[str, Any] = {"response_id": subject, "metrics": [], "verbatims": []} | data
    if score is not None:
        body["metrics"] = [{"kind": "nps", "raw": score}]
    if text:
        body["verbatims"] = [{"text": text, "language": data.get("language", "en")}]
    return _event(
        event_id or f"{subject}-{data.get('revision', 1)}", SURVEYS, "feedback.survey.response.v1", body, customer
    )


def ticket(
    change: str = "created",
    ticket_id: str = "t1",
    *,
    event_id: str,
    customer: str | Mapping[str, str] | None = "anna",
    **data: Any,  # noqa: ANN401 - fields of the contract
) -> dict[str, Any]:
    body: dict[str, Any] = {"ticket_id": ticket_id, "language": "en"} | data
    if change == "comment":
        body = {"comment_author_role": "customer", "is_public": True} | body
    return _event(event_id, TICKETS, f"feedback.ticket.{change}.v1", body, customer)


def instance(name: str, *, event_id: str, process: str = "shipping", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    body = {"instance": name, "process": process, "lifecycle": "start"} | data
    return _event(event_id, "/engine", "process.instance.v1", body, None)


def downtime(
    name: str | None,
    *,
    event_id: str,
    process: str = "shipping",
    started: timedelta = timedelta(),
    ended: timedelta | None = None,
    **data: Any,  # noqa: ANN401 - fields of the contract
) -> dict[str, Any]:
    """Build a downtime whose times count from the start; without an end it still lasts."""
    body: dict[str, Any] = {"process": process, "started_at": (START + started).isoformat()}
    if name is not None:
        body["downtime_id"] = name
    if ended is not None:
        body["ended_at"] = (START + ended).isoformat()
    return _event(event_id, "/engine", "process.downtime.v1", body | data, None)


def read_event(event: Mapping[str, Any], at: datetime, rules: Rules, offset: int = 0) -> ReadRecord:
    value = orjson.dumps({**event, "time": at.isoformat()})
    message = Message(topic="t", partition=0, offset=offset, key=None, value=value, received_at=at)
    (record,) = read(message, rules, KEY)
    return record


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run what the store in memory never lets wait, without an event loop."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("the store in memory made somebody wait")


def _event(
    event_id: str, source: str, kind: str, body: Mapping[str, Any], customer: str | Mapping[str, str] | None
) -> dict[str, Any]:
    party = {"ref": customer} if isinstance(customer, str) else customer
    who = {} if party is None else {"customer": party}
    return {"specversion": "1.0", "id": event_id, "source": source, "type": kind, "data": {**who, **body}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice; `at` counts from the start of the timeline."""

    at: timedelta
    team: str
    reason: str
    severity: str
    customers: int = 1


class Timeline:
    """A clock, a store and the real pipeline: push events at a time, and see who is told what, when."""

    def __init__(self, playbook: Playbook | None = None, new_store: Callable[[], MemoryStore] = MemoryStore) -> None:
        self.rules = compile_playbook(playbook or make_playbook())
        self.store = new_store()
        self.now = START
        (self.lease,) = finish(self.store.claim([PARTITION]))
        self._seen = 0

    def push(self, at: timedelta, *events: Mapping[str, Any], occurred: timedelta | None = None) -> Books:
        """Decide events in one batch at a time after the start; they happened then, unless `occurred` says when."""
        self.wait(at)
        return self.push_unticked(*events, occurred=at if occurred is None else occurred)

    def push_unticked(self, *events: Mapping[str, Any], occurred: timedelta) -> Books:
        """Decide events that happened at a time now, without what a ticker would have done before."""
        happened = START + occurred
        return self.batch([read_event(event, happened, self.rules) for event in events], lambda _: self.now)

    def push_raw(self, source: str, at: timedelta, **payload: Any) -> Books:  # noqa: ANN401 - what a tool sends
        """Decide a tool's own payload, whose field `at` says that it happened at a time after the start, then."""
        self.wait(at)
        value = orjson.dumps({**payload, "at": self.now.isoformat()})
        message = Message(topic="t", partition=0, offset=0, key=None, value=value, received_at=self.now)
        return self.batch(read_payload(message, self.rules.sources[source], self.rules, KEY), lambda _: self.now)

    def turn_to(self, playbook: Playbook) -> None:
        self.rules = compile_playbook(playbook)

    def batch(self, records: Sequence[ReadRecord], now_of: Callable[[datetime | None], datetime]) -> Books:
        offset = (self.lease.next_offset or 0) + len(records)
        ran = finish(run_batch(self.store, self.lease, records, offset, self.rules, now_of))
        self.lease = ran.lease
        return ran.books

    def wait(self, until: timedelta) -> None:
        self.now = max(self.now, START + until)
        finish(run_due(self.store, self.rules, self.now))

    def act(self, at: timedelta, alert_id: str, deed: Deed, text: str | None = None) -> Acted:
        """Let ana do something to an alert, having seen its last notice."""
        self.wait(at)
        alert = self.store.rows.alerts[alert_id]
        asked = Asked(alert_id=alert_id, deed=deed, revision=alert.revision, by="ana", text=text)
        return finish(self._acted(asked, alert.alert_key))

    async def _acted(self, asked: Asked, alert_key: str) -> Acted:
        facts = Facts()
        async with self.store.transaction() as transaction:
            await transaction.load_alerts(facts, (alert_key,))
            acted = act(facts, asked, self.now, self.rules)
            await transaction.save(Saving(facts=facts, digest=self.rules.digest, now=self.now))
        return acted

    def told(self) -> list[Told]:
        """Return the notices since the last look, in the order in which they were due."""
        fresh = self.store.rows.notices[self._seen :]
        self._seen += len(fresh)
        return [
            Told(
                at=notice.at - START,
                team=notice.team,
                reason=notice.reason.value,
                severity=notice.alert.severity.value,
                customers=notice.alert.customers,
            )
            for notice in sorted(fresh, key=lambda one: (one.at, one.team))
        ]
