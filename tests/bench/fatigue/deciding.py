"""Events, notices and alerts as the measures of fatigue see them, with full defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from service.bench.fatigue.values import Decided, Grouped, Heard, Span, Told
from service.core.records.words import AlertKind, NoticeReason, Severity, Verdict

# A Monday.
START = datetime(2026, 5, 4, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = Span(since=START, until=START + 7 * DAY)


def heard(after: timedelta = timedelta(), **changes: Any) -> Heard:  # noqa: ANN401 - any field
    given: dict[str, Any] = {"severity": Severity.HIGH, "negative": True, "verdict": Verdict.OPENED, "alert_id": "a"}
    return Heard(at=START + after, **(given | changes))


def told(after: timedelta = MINUTE, reason: str = "opened", **changes: Any) -> Told:  # noqa: ANN401 - any field
    given: dict[str, Any] = {
        "revision": 1,
        "team": "drivers",
        "alert_id": "a",
        "kind": AlertKind.EVENT,
        "severity": Severity.HIGH,
    }
    return Told(at=START + after, reason=NoticeReason(reason), **(given | changes))


def grouped(after: timedelta = timedelta(), kind: str = "event", **categories: int) -> Grouped:
    return Grouped(kind=AlertKind(kind), opened_at=START + after, categories=categories)


def decided(*things: Heard | Told | Grouped) -> Decided:
    return Decided(
        heard=tuple(one for one in things if isinstance(one, Heard)),
        told=tuple(one for one in things if isinstance(one, Told)),
        grouped=tuple(one for one in things if isinstance(one, Grouped)),
    )
