"""Decisions -> the lines that `replay --out` and `export --out` write: feedback, alerts, notices.

Each is plain JSON values, built in one place, so that replay and the database show the same.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.core.records.alerts import Alert, Notice
from service.core.records.decisions import Contribution, SettledBy
from service.core.records.feedback import Categorised, Feedback
from service.core.records.heard import ModelSaid
from service.core.records.muting import Held
from service.core.records.words import (
    UNMAPPED,
    AlertKind,
    AlertState,
    CategoryMethod,
    Contradiction,
    Flag,
    LinkStatus,
    Reason,
    SentimentSource,
    Severity,
    Verdict,
)

# Stands in a review of several cells for what they do not share.
_SEVERAL = "*"
_CONTRADICTED = {
    Contradiction.KEPT_BUT_COMPLAINTS.value: "keeps its SLA, but reviews of its feedback are open",
    Contradiction.MISSED_BUT_QUIET.value: "misses its SLA, but its feedback calls for nothing",
}


def feedback_document(
    contribution: Contribution,
    verdict: Verdict,
    reason: Reason,
    alert_id: str | None,
) -> dict[str, Any]:
    """Build the line of `feedback.jsonl` for a feedback that was assessed."""
    feedback = contribution.feedback
    flags = {*feedback.flags, *contribution.assessed.flags}
    if contribution.routed.error:
        flags.add(Flag.ROUTE_ERROR)
    document = _head(feedback, contribution.categorised)
    document |= assessed_part(contribution)
    document["sentiment"] = contribution.signals.sentiment
    document["sentiment_source"] = _named(contribution.signals.sentiment_source)
    document["flags"] = sorted(flags)
    document["alert_id"] = alert_id
    document["verdict"], document["reason"] = verdict.value, reason.value
    return document


def recorded_document(feedback: Feedback, verdict: Verdict, reason: Reason) -> dict[str, Any]:
    """Build the line of `feedback.jsonl` for a ticket change that is no feedback, or that withdraws one."""
    none = Categorised(category=UNMAPPED, confidence=0.0, method=CategoryMethod.NONE)
    return {
        **_head(feedback, none),
        "process": feedback.process,
        "severity": Severity.INFO.value,
        "severity_score": 0.0,
        "negative": False,
        "link": _no_link(),
        "team": None,
        "route": None,
        "sentiment": None,
        "sentiment_source": None,
        "flags": sorted(feedback.flags),
        "alert_id": None,
        "verdict": verdict.value,
        "reason": reason.value,
    }


def assessed_part(contribution: Contribution) -> dict[str, Any]:
    """Build what a later look at the same feedback may change: severity, link and owner."""
    assessed, link = contribution.assessed, contribution.link
    return {
        "process": contribution.process,
        "severity": assessed.severity.value,
        "severity_score": round(assessed.score, 4),
        "negative": assessed.negative,
        "link": {
            "status": link.status.value,
            "instance_id": link.instance_id,
            "method": link.method.value,
            "reason": link.reason.value,
            "confidence": link.confidence,
            "candidates": list(link.candidates),
        },
        "team": contribution.routed.owner.team,
        "route": contribution.routed.owner.route,
    }


def explanation(contribution: Contribution) -> dict[str, Any]:
    """Say by which rule each stage decided; no text of the customer's is in it."""
    assessed, routed, method = contribution.assessed, contribution.routed, contribution.categorised.method
    return {
        "category": {
            "method": method.value,
            # What a model goes by are words of the customer's own.
            "matched": [] if method is CategoryMethod.MODEL else list(contribution.categorised.matched),
            "model": _model(contribution.categorised.model),
        },
        "severity": {
            "parts": dict(assessed.parts),
            "sources": dict(assessed.sources),
            "override": assessed.override,
            "conflict": _named(assessed.conflict),
            "contacts": assessed.contacts,
        },
        "route": {
            "reason": routed.reason.value,
            "candidates": list(routed.candidates),
            "tried": [{"route": one.route, "failed": one.failed} for one in routed.tried],
            "ruled_out": routed.ruled_out,
            "key": routed.owner.alert_key,
            "key_fields": dict(routed.owner.fields),
            "copies": [{"team": one.team, "route": one.route} for one in routed.copies],
        },
        "settled_by": _settled_by(contribution.settled_by),
    }


def alert_document(alert: Alert, members: list[str]) -> dict[str, Any]:
    """Build the line of `alerts.jsonl`; an alert without members may name the events that it rests on."""
    return {
        "alert_id": alert.alert_id,
        "team": alert.team,
        "route": alert.route,
        "kind": alert.kind.value,
        "level": alert.level.value if alert.level else None,
        "state": alert.state.value,
        "severity": alert.severity.value,
        "category": alert.category,
        "process": alert.process,
        "region": alert.region,
        "key": alert.alert_key,
        "episode": alert.episode,
        "copy": alert.copy,
        "opened_at": instant(alert.opened_at),
        "first_seen": instant(alert.first_seen),
        "last_seen": instant(alert.last_seen),
        "resolved_at": instant(alert.resolved_at),
        "events": alert.events,
        "customers": alert.customers,
        "revision": alert.revision,
        "disposition": disposition(alert),
        "members": sorted(members or [case["event_id"] for case in alert.evidence.get("cases", ())]),
    }


def disposition(alert: Alert) -> dict[str, Any] | None:
    """Write down what a person said that an alert was; None where nobody has."""
    said = alert.disposed
    if said is None:
        return None
    return {
        "disposition": said.disposition.value,
        "by": said.by,
        "at": instant(said.at),
        "duplicate_of": said.duplicate_of,
        "team": said.team,
    }


def notice_line(notice: Notice) -> dict[str, Any]:
    """Build the line of `notices.jsonl`."""
    alert = notice.alert
    return {
        "at": instant(notice.at),
        "team": notice.team,
        "alert_id": alert.alert_id,
        "revision": notice.revision,
        "reason": notice.reason.value,
        "severity": alert.severity.value,
        "kind": alert.kind.value,
        "level": alert.level.value if alert.level else None,
        "title": notice.title,
        "events": alert.events,
        "customers": alert.customers,
        "held": held_back(notice.held, alert),
        "digest_id": notice.digest_id,
    }


def held_back(held: Held | None, alert: Alert) -> dict[str, Any] | None:
    """Say what keeps, or kept, the news of an alert back, since when, and how much has come meanwhile."""
    if held is None:
        return None
    return {
        "why": held.why.value,
        "by": held.by or None,
        "since": instant(held.since),
        "events": max(0, alert.events - held.events_before),
        "customers": max(0, alert.customers - held.customers_before),
    }


def title(alert: Alert, labels: Mapping[str, str], processes: Mapping[str, str]) -> str:
    """Say in one line what the alert is about."""
    ended = " — resolved" if alert.state is AlertState.RESOLVED else ""
    what = f"{labels.get(alert.category, alert.category)} · {processes.get(alert.process, alert.process)}"
    if alert.kind is not AlertKind.EVENT and alert.level is not None:
        category = "several categories" if alert.category == _SEVERAL else labels.get(alert.category, alert.category)
        process = "several processes" if alert.process == _SEVERAL else processes.get(alert.process, alert.process)
        what = f"{category} · {process}"
        where = f" ({'several regions' if alert.region == _SEVERAL else alert.region})" if alert.region else ""
        why = ", customers come back" if alert.kind is AlertKind.RECONTACT else ""
        return f"{alert.level.value.replace('_', ' ').capitalize()}{why}: {what}{where}"
    if alert.kind is AlertKind.LATE_CASE:
        tier, verb = str(alert.evidence["tier"]), "is" if alert.state is AlertState.OPEN else "was"
        process = processes.get(alert.process, alert.process)
        limit = f"{verb} past its {alert.evidence['limit']}"
        return f"{tier[:1].upper()}{tier[1:]} customer's case in {process} {limit}{ended}"
    if alert.kind is AlertKind.AT_RISK:
        verb = "has" if alert.state is AlertState.OPEN else "had"
        cases = f"A customer {verb} {alert.events} unresolved cases{ended}"
        return cases if alert.events > 0 else "A customer is no longer at risk"
    if alert.kind is AlertKind.CONTRADICTION:
        name = processes.get(alert.process, alert.process)
        return f"Contradiction: {name} {_CONTRADICTED[alert.evidence['contradiction']]}"
    if alert.kind is AlertKind.TAXONOMY:
        found = alert.evidence
        if found["what"] == "tag":
            return f"Taxonomy: {found['subjects']} feedbacks are tagged {found['tag']}; is a category missing?{ended}"
        return f"Taxonomy: {found['share']:.0%} of what {found['source']} says has no category{ended}"
    people = f"{alert.customers} customer{'' if alert.customers == 1 else 's'}"
    return f"{what}: {people}, {alert.severity.value}{ended}"


def instant(at: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    if at is None:
        return None
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat().removesuffix("+00:00") + "Z"


def _head(feedback: Feedback, categorised: Categorised) -> dict[str, Any]:
    return {
        "event_id": feedback.event_id,
        "source": feedback.source,
        "subject": feedback.subject,
        "revision": feedback.revision,
        "occurred_at": instant(feedback.occurred_at),
        "kind": feedback.kind.value,
        "channel": feedback.channel,
        "language": feedback.language,
        "category": categorised.category,
        "category_confidence": round(categorised.confidence, 4),
        "category_method": categorised.method.value,
        "categories": list(categorised.categories),
        "model": None if categorised.model is None else categorised.model.model,
        "stage": categorised.stage,
        "outcome": categorised.outcome,
    }


def _model(said: ModelSaid | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "digest": said.model,
        "use": said.use.value,
        "categories": list(said.categories),
        "confidence": round(said.confidence, 4),
        "abstained": said.abstained.value if said.abstained else None,
    }


def _named(source: SentimentSource | None) -> str | None:
    return source.value if source is not None else None


def _settled_by(settled: SettledBy | None) -> dict[str, Any] | None:
    if settled is None:
        return None
    return {
        "how": settled.how.value,
        "source": settled.source,
        "subject": settled.subject,
        "event_id": settled.event_id,
        "at": instant(settled.at),
    }


def _no_link() -> dict[str, Any]:
    return {
        "status": LinkStatus.NONE.value,
        "instance_id": None,
        "method": "no_key",
        "reason": "no_key",
        "confidence": 0.0,
        "candidates": [],
    }
