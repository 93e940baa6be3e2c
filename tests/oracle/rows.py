"""What is decided -> the lines of feedback.jsonl, less verdict, alert_id and reason."""

from datetime import UTC
from typing import Any

from tests.oracle.links import NO_LINK
from tests.oracle.parts import Part
from tests.oracle.saying import Said


def row(part: Part) -> dict[str, Any]:
    said, judged, owner = part.said, part.judgement, part.targets[0]
    if judged is None:
        raise ValueError(f"not judged yet: {said.event_id}")
    return {
        **_head(said),
        "category": said.category.name,
        "category_confidence": round(said.category.confidence, 4),
        "category_method": said.category.method,
        "categories": list(said.category.all),
        "model": None,
        "stage": None,
        "outcome": None,
        "sentiment": said.words.sentiment,
        "sentiment_source": None if said.words.sentiment is None else "words",
        "negative": judged.negative,
        "severity": judged.severity,
        "severity_score": round(judged.score, 4),
        "flags": sorted(said.flags | judged.flags),
        "process": part.process,
        "link": part.link.row(),
        "team": owner.team,
        "route": owner.route,
    }


def bare_row(said: Said) -> dict[str, Any]:
    """What takes back, or is no customer's word, has a row without a judgement."""
    return {
        **_head(said),
        "category": "unmapped",
        "category_confidence": 0.0,
        "category_method": "none",
        "categories": [],
        "model": None,
        "stage": None,
        "outcome": None,
        "sentiment": None,
        "sentiment_source": None,
        "negative": False,
        "severity": "info",
        "severity_score": 0.0,
        "flags": sorted(said.flags),
        "process": said.process,
        "link": NO_LINK.row(),
        "team": None,
        "route": None,
    }


def _head(said: Said) -> dict[str, Any]:
    return {
        "event_id": said.event_id,
        "source": said.source,
        "subject": said.subject,
        "revision": said.revision,
        "occurred_at": said.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "kind": said.kind,
        "channel": said.channel,
        "language": said.language,
    }
