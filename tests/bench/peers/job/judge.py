"""The bytes of a record, rules -> what is written of it, or why it is refused.

Severity is 0 to 100: 60 for the worst metric and nothing for the best, or by a ticket's priority; 15 where a category
was found; 5 for each word of anger, up to four. Negative is a metric below the middle of its scale, and a ticket with a
category or of a high priority. What is negative and not below the floor belongs to the alert of its process, category
and region.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from pydantic import ValidationError

from tests.bench.peers.job.events import EVENT, Metric, SurveyEvent, TicketEvent
from tests.bench.peers.job.redact import redact
from tests.bench.peers.job.rules import NO_TEAM, Rules

UNMAPPED = "unmapped"
_WORST, _FOUND, _ANGER, _ANGRIEST, _MOST = 60, 15, 5, 4, 100
_MIDDLE = 0.5
_BY_PRIORITY = {"low": 10, "normal": 25, "high": 50, "urgent": 70, None: 30}
_PRESSING = frozenset({"high", "urgent"})
_ANGRY = re.compile(
    r"(?<!\w)(?:angry|awful|disappointed|never again|ridiculous|terrible|unacceptable"
    r"|enttäuscht|unmöglich|wütend|déçue?|inadmissible|scandaleux|furioso|inaceptable|vergüenza)(?!\w)"
)
# Classes that people are told of, each from its points on.
CRITICAL, HIGH, MEDIUM = 75, 60, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    reason: str
    detail: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One event as it is written; `document`, `explanation` and `classified` are JSON, an unknown region is ''."""

    source: str
    event_id: str
    subject: str
    occurred_at: datetime
    customer: str
    process: str
    category: str
    region: str
    team: str
    severity: int
    negative: bool
    alerts: bool
    document: str
    explanation: str
    classified: str

    @property
    def alert_key(self) -> tuple[str, str, str]:
        return self.process, self.category, self.region


def judge(value: bytes, rules: Rules) -> Judged | Refused:
    try:
        event = EVENT.validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return Refused(reason=first["type"], detail=".".join(map(str, first["loc"])), value=value)
    return _judged(event, _hear(event), rules)


def level_of(severity: int) -> str:
    if severity >= CRITICAL:
        return "critical"
    return "high" if severity >= HIGH else "medium" if severity >= MEDIUM else "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What surveys and tickets have in common; `weight` is what the metric or the priority adds to the severity."""

    subject: str
    text: str
    languages: list[str | None]
    metrics: list[Metric]
    weight: int
    negative: bool


def _hear(event: SurveyEvent | TicketEvent) -> _Heard:
    if isinstance(event, SurveyEvent):
        weight, negative = _by_metrics(event.data.metrics)
        return _Heard(
            subject=event.subject or f"response/{event.data.response_id}",
            text=redact(" ".join([one.text for one in event.data.verbatims])),
            languages=[one.language for one in event.data.verbatims],
            metrics=event.data.metrics,
            weight=weight,
            negative=negative,
        )
    return _Heard(
        subject=event.subject or f"ticket/{event.data.ticket_id}",
        text=redact(f"{event.data.subject}\n{event.data.body}"),
        languages=[event.data.language],
        metrics=[],
        weight=_BY_PRIORITY[event.data.priority],
        negative=event.data.priority in _PRESSING,
    )


def _by_metrics(metrics: list[Metric]) -> tuple[int, bool]:
    lowest = min([_place(metric) for metric in metrics])
    return int(_WORST * (1 - lowest) + 0.5), lowest < _MIDDLE


def _place(metric: Metric) -> float:
    """Return where a score stands on its scale, 0 the worst and 1 the best."""
    if metric.scale_max <= metric.scale_min:
        return _MIDDLE
    place = min(1.0, max(0.0, (metric.raw - metric.scale_min) / (metric.scale_max - metric.scale_min)))
    return place if metric.orientation == "higher_better" else 1 - place


def _categorise(folded: str, rules: Rules) -> tuple[str, list[str]]:
    """Return the category with the most hits, the first of several, and the words that were found."""
    words = rules.found.findall(folded)
    if not words:
        return UNMAPPED, words
    hits = Counter([category for word in words for category in rules.categories_of[word]])
    return min(hits, key=lambda category: (-hits[category], rules.order[category])), words


def _judged(event: SurveyEvent | TicketEvent, heard: _Heard, rules: Rules) -> Judged:
    folded = heard.text.casefold()
    category, words = _categorise(folded, rules)
    angry = _ANGRY.findall(folded)
    for_category = _FOUND if words else 0
    severity = min(_MOST, heard.weight + for_category + _ANGER * min(_ANGRIEST, len(angry)))
    negative = heard.negative or (isinstance(event, TicketEvent) and category != UNMAPPED)
    alerts = negative and severity >= rules.floor
    data = event.data
    process, region = data.correlation.process, data.customer.region or ""
    team = rules.team_of.get(process, NO_TEAM)
    occurred_at = event.time.astimezone(UTC)
    head = {
        "source": event.source,
        "event_id": event.id,
        "subject": heard.subject,
        "type": event.type,
        "occurred_at": occurred_at,
        "customer": data.customer.ref,
        "process": process,
        "category": category,
        "region": region,
        "severity": {"points": severity, "level": level_of(severity)},
        "negative": negative,
    }
    document = {
        **head,
        "tier": data.customer.tier,
        "channel": data.channel,
        "business_key": data.correlation.business_key,
        "metrics": [metric.model_dump() for metric in heard.metrics],
        "text": heard.text,
        "languages": heard.languages,
        "team": team,
    }
    explanation = {
        "category": {"method": "keywords" if words else "none", "words": words, "found": category},
        "severity": {"from": heard.weight, "for_category": for_category, "angry": angry, "points": severity},
        "verdict": {"alerts": alerts, "floor": rules.floor, "reason": _reason(negative=negative, alerts=alerts)},
        "route": {"team": team, "because": f"team of {process}" if team != NO_TEAM else "no team has this process"},
    }
    return Judged(
        source=event.source,
        event_id=event.id,
        subject=heard.subject,
        occurred_at=occurred_at,
        customer=data.customer.ref,
        process=process,
        category=category,
        region=region,
        team=team,
        severity=severity,
        negative=negative,
        alerts=alerts,
        document=orjson.dumps(document).decode(),
        explanation=orjson.dumps(explanation).decode(),
        classified=orjson.dumps({**head, "team": team, "alerts": alerts}).decode(),
    )


def _reason(*, negative: bool, alerts: bool) -> str:
    if alerts:
        return "negative and not below the floor"
    return "below the floor" if negative else "not negative"
