"""The lines of replay and export: whole documents of feedback, alerts and notices, and their titles."""

from datetime import timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.describe import (
    alert_document,
    explanation,
    feedback_document,
    instant,
    notice_line,
    recorded_document,
    title,
)
from service.core.records.alerts import Alert, Notice
from service.core.records.decisions import Link, Tried
from service.core.records.feedback import Categorised, Signals
from service.core.records.heard import ModelSaid
from service.core.records.muting import Held
from service.core.records.words import (
    AlertKind,
    AlertState,
    CategoryMethod,
    Flag,
    Level,
    LinkMethod,
    LinkReason,
    LinkStatus,
    ModelUse,
    NoticeReason,
    Reason,
    SentimentSource,
    Verdict,
    Wait,
)
from tests.builders import START, make_contribution, make_feedback

HEAD = {
    "event_id": "e-1",
    "source": "/surveys",
    "subject": "response/1",
    "revision": 1,
    "occurred_at": "2026-05-04T09:00:00Z",
    "kind": "survey",
    "channel": "email",
    "language": "en",
}


def alert(**changes: Any) -> Alert:  # noqa: ANN401 - any field of Alert
    given: dict[str, Any] = {
        "alert_id": "a-1",
        "alert_key": "k-1",
        "episode": 2,
        "kind": AlertKind.EVENT,
        "team": "drivers",
        "route": "owned",
        "process": "shipping",
        "category": "delivery",
        "opened_at": START,
        "first_seen": START,
        "last_seen": START + timedelta(hours=1),
        "events": 3,
        "customers": 2,
        "severities": (0, 0, 2, 1, 0),
        "revision": 1,
    }
    return Alert(**(given | changes))


def test_a_feedback_says_what_was_decided() -> None:
    one = make_contribution(
        make_feedback(channel="email", flags=(Flag.TEXT_REDACTED,), text="Secret words"),
        signals=Signals(
            negativity=1.0,
            scored=True,
            sentiment=-0.5,
            sentiment_source=SentimentSource.LEXICON,
            negative_text=0.1,
            text_source=SentimentSource.MODEL,
        ),
    )
    linked = replace(
        one,
        link=Link(
            status=LinkStatus.LINKED,
            method=LinkMethod.BUSINESS_KEY,
            reason=LinkReason.SOLE_CARRIER,
            instance_id="i1",
            confidence=0.9,
            candidates=("i1",),
        ),
        routed=replace(one.routed, error=True, tried=(Tried(route="new", failed="condition_error"),)),
    )
    assert feedback_document(linked, Verdict.OPENED, Reason.NEW_ALERT, "a-1") == {
        **HEAD,
        "category": "delivery",
        "category_confidence": 0.8,
        "category_method": "keyword",
        "categories": ["delivery"],
        "model": None,
        "stage": None,
        "outcome": None,
        "sentiment": -0.5,
        "sentiment_source": "lexicon",
        "negative": True,
        "severity": "medium",
        "severity_score": 61.6,
        "flags": ["route_error", "score_text_conflict", "text_redacted"],
        "process": "shipping",
        "link": {
            "status": "linked",
            "instance_id": "i1",
            "method": "business_key",
            "reason": "sole_carrier",
            "confidence": 0.9,
            "candidates": ["i1"],
        },
        "team": "desk",
        "route": "root",
        "alert_id": "a-1",
        "verdict": "opened",
        "reason": "new_alert",
    }


def test_an_explanation_names_the_rules_and_no_words_of_the_customer() -> None:
    one = make_contribution(make_feedback(text="Secret words"))
    told = explanation(
        replace(one, routed=replace(one.routed, tried=(Tried(route="new", failed="when"),), ruled_out=2))
    )
    assert told == {
        "category": {"method": "keyword", "matched": ["late"], "model": None},
        "severity": {
            "parts": {"negativity": 1.0, "negative_text": 0.0, "recontact": 0.0, "tier": 0.0, "hot_words": 0.0},
            "sources": {"negativity": "score"},
            "override": None,
            "conflict": None,
            "contacts": 1,
        },
        "route": {
            "reason": "matched",
            "candidates": [],
            "tried": [{"route": "new", "failed": "when"}],
            "ruled_out": 2,
            "key": "key-1",
            "key_fields": {"process": "shipping", "category": "delivery"},
            "copies": [],
        },
        "settled_by": None,
    }


def test_an_explanation_says_what_a_model_made_of_it_but_not_by_which_words_of_the_customer() -> None:
    said = ModelSaid(
        model="ab" * 32, use=ModelUse.DECIDED, categories=("delivery",), confidence=0.91, matched=("courier",)
    )
    categorised = Categorised(
        category="delivery",
        confidence=0.91,
        method=CategoryMethod.MODEL,
        categories=("delivery",),
        matched=("courier",),
        model=said,
    )
    one = replace(make_contribution(make_feedback(text="The courier")), categorised=categorised)
    assert explanation(one)["category"] == {
        "method": "model",
        "matched": [],
        "model": {
            "digest": "ab" * 32,
            "use": "decided",
            "categories": ["delivery"],
            "confidence": 0.91,
            "abstained": None,
        },
    }
    assert feedback_document(one, Verdict.OPENED, Reason.NEW_ALERT, "a-1")["model"] == "ab" * 32


def test_what_is_no_feedback_has_the_same_fields_and_nothing_in_them() -> None:
    recorded = recorded_document(
        make_feedback(channel="email", flags=(Flag.NOT_CUSTOMER_TEXT,)), Verdict.RECORDED, Reason.NOT_FEEDBACK
    )
    assert recorded == {
        **HEAD,
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
        "flags": ["not_customer_text"],
        "process": None,
        "link": {
            "status": "none",
            "instance_id": None,
            "method": "no_key",
            "reason": "no_key",
            "confidence": 0.0,
            "candidates": [],
        },
        "team": None,
        "route": None,
        "alert_id": None,
        "verdict": "recorded",
        "reason": "not_feedback",
    }
    assert recorded.keys() == feedback_document(make_contribution(), Verdict.QUIET, Reason.NOT_NEGATIVE, None).keys()


def test_an_alert_as_it_stands_in_the_end() -> None:
    assert alert_document(alert(), ["e-2", "e-1"]) == {
        "alert_id": "a-1",
        "team": "drivers",
        "route": "owned",
        "kind": "event",
        "level": None,
        "state": "open",
        "severity": "high",
        "category": "delivery",
        "process": "shipping",
        "region": None,
        "key": "k-1",
        "episode": 2,
        "copy": False,
        "opened_at": "2026-05-04T09:00:00Z",
        "first_seen": "2026-05-04T09:00:00Z",
        "last_seen": "2026-05-04T10:00:00Z",
        "resolved_at": None,
        "events": 3,
        "customers": 2,
        "revision": 1,
        "disposition": None,
        "members": ["e-1", "e-2"],
    }


def test_an_alert_without_members_names_the_events_that_it_rests_on() -> None:
    one = alert(kind=AlertKind.AT_RISK, evidence={"cases": [{"event_id": "e-2"}, {"event_id": "e-1"}]})
    assert alert_document(one, [])["members"] == ["e-1", "e-2"]


def test_a_notice_as_one_line() -> None:
    one = alert(kind=AlertKind.VOLUME, level=Level.FORMAL_REVIEW)
    notice = Notice(at=START, reason=NoticeReason.REOPENED, revision=4, alert=one, title="Much")
    assert notice_line(notice) == {
        "at": "2026-05-04T09:00:00Z",
        "team": "drivers",
        "alert_id": "a-1",
        "revision": 4,
        "reason": "reopened",
        "severity": "high",
        "kind": "volume",
        "level": "formal_review",
        "title": "Much",
        "events": 3,
        "customers": 2,
        "held": None,
        "digest_id": None,
    }


def test_a_notice_says_what_kept_it_back_and_how_much_came_meanwhile() -> None:
    held = Held(why=Wait.SILENCED, by="s-1", since=START, events=3, customers=2, events_before=1, customers_before=1)
    notice = Notice(
        at=START, reason=NoticeReason.UNMUTED, revision=4, alert=alert(), title="Much", held=held, digest_id="d-1"
    )
    line = notice_line(notice)
    assert (line["held"], line["digest_id"]) == (
        {"why": "silenced", "by": "s-1", "since": "2026-05-04T09:00:00Z", "events": 2, "customers": 1},
        "d-1",
    )


@pytest.mark.parametrize(
    ("one", "heading"),
    [
        pytest.param(alert(), "Late delivery · Shipping: 2 customers, high", id="an alert of several"),
        pytest.param(
            alert(customers=1, state=AlertState.RESOLVED),
            "Late delivery · Shipping: 1 customer, high — resolved",
            id="of one, and over",
        ),
        pytest.param(
            alert(category="unmapped", process="unassigned"),
            "unmapped · unassigned: 2 customers, high",
            id="what has no name goes by its id",
        ),
        pytest.param(
            alert(kind=AlertKind.VOLUME, level=Level.LOCAL_ADJUSTMENT, region="uk"),
            "Local adjustment: Late delivery · Shipping (uk)",
            id="a review of a region",
        ),
        pytest.param(
            alert(kind=AlertKind.VOLUME, level=Level.FORMAL_REVIEW),
            "Formal review: Late delivery · Shipping",
            id="a formal review",
        ),
        pytest.param(
            alert(kind=AlertKind.LATE_CASE, evidence={"tier": "gold", "limit": "48 hours"}),
            "Gold customer's case in Shipping is past its 48 hours",
            id="a late case",
        ),
        pytest.param(
            alert(kind=AlertKind.LATE_CASE, state=AlertState.RESOLVED, evidence={"tier": "VIP", "limit": "1 hour"}),
            "VIP customer's case in Shipping was past its 1 hour — resolved",
            id="one that is over",
        ),
        pytest.param(
            alert(kind=AlertKind.AT_RISK, events=4, customers=1),
            "A customer has 4 unresolved cases",
            id="a customer at risk",
        ),
        pytest.param(
            alert(kind=AlertKind.AT_RISK, events=4, customers=1, state=AlertState.RESOLVED),
            "A customer had 4 unresolved cases — resolved",
            id="one whom somebody has seen to",
        ),
        pytest.param(
            alert(kind=AlertKind.AT_RISK, events=0, customers=0, state=AlertState.RESOLVED),
            "A customer is no longer at risk",
            id="one who is not any more",
        ),
        pytest.param(
            alert(kind=AlertKind.CONTRADICTION, category="*", evidence={"contradiction": "kept_but_complaints"}),
            "Contradiction: Shipping keeps its SLA, but reviews of its feedback are open",
            id="figures that are better than feedback",
        ),
        pytest.param(
            alert(kind=AlertKind.CONTRADICTION, category="*", evidence={"contradiction": "missed_but_quiet"}),
            "Contradiction: Shipping misses its SLA, but its feedback calls for nothing",
            id="figures that are worse than feedback",
        ),
        pytest.param(
            alert(kind=AlertKind.RECONTACT, level=Level.LOCAL_ADJUSTMENT),
            "Local adjustment, customers come back: Late delivery · Shipping",
            id="a review of recontacts",
        ),
    ],
)
def test_a_title_says_it_in_one_line(one: Alert, heading: str) -> None:
    assert title(one, {"delivery": "Late delivery"}, {"shipping": "Shipping"}) == heading


def test_an_instant_is_written_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert instant(START.astimezone(there)) == "2026-05-04T09:00:00Z"
    assert instant(START + timedelta(microseconds=1)) == "2026-05-04T09:00:00.000001Z"
    assert instant(None) is None
