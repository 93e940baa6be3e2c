"""How alerts ended, on each adapter: the counts are the core's, whatever counts them."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from service.core.noise import EndingTally, ReviewOutcome, Rule, Span
from service.core.records.alerts import Alert, Disposed, Notice
from service.core.records.facts import Facts, ReviewRow
from service.core.records.words import AlertKind, AlertState, Disposition, Level, NoticeReason, Severity
from service.ports import Saving
from tests.builders import START
from tests.ports.conftest import Rig

DAY = timedelta(days=1)
SPAN = Span(since=START - 10 * DAY, until=START)
NOISE, ACTIONABLE = Disposition.NOISE, Disposition.ACTIONABLE
OWNED = Rule(kind=AlertKind.EVENT, route="owned")
LOCAL = Rule(kind=AlertKind.VOLUME, route="volume", level=Level.LOCAL_ADJUSTMENT)


def ended(name: str, said: Disposition | None = None, **changes: Any) -> Alert:  # noqa: ANN401 - fields of an alert
    alert = Alert(
        alert_id=name,
        alert_key=name,
        episode=1,
        kind=AlertKind.EVENT,
        team="drivers",
        route="owned",
        process="shipping",
        category="delivery",
        state=AlertState.RESOLVED,
        opened_at=START - 2 * DAY,
        first_seen=START,
        last_seen=START,
        resolved_at=START - DAY,
        severities=(0, 0, 1, 0, 0),
    )
    if said is not None:
        alert = replace(alert, disposed=Disposed(disposition=said, by="ana", at=START), handled_at=START)
    return replace(alert, **changes)


async def keep(rig: Rig, alerts: list[Alert], told: dict[str, NoticeReason], reviews: list[ReviewRow]) -> None:
    facts = Facts()
    for alert in alerts:
        facts.alerts.put(alert.alert_id, alert)
        if alert.alert_id in told:
            facts.notices.append(Notice(at=START, reason=told[alert.alert_id], revision=1, alert=alert, title="t"))
    facts.reviews += reviews
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START))


def tally(
    severity: Severity, said: Disposition | None, counts: tuple[int, int, int], rule: Rule = OWNED
) -> EndingTally:
    alerts, told, ignored = counts
    return EndingTally(
        team="drivers", rule=rule, severity=severity, disposition=said, alerts=alerts, told=told, ignored=ignored
    )


async def test_alerts_that_ended_are_counted_by_rule_severity_and_disposition(rig: Rig) -> None:
    alerts = [
        ended("a"),
        ended("b"),
        ended("c", handled_at=START),
        ended("d", NOISE),
        ended("e", NOISE, severities=(0, 1, 0, 0, 0)),
        ended("f", kind=AlertKind.VOLUME, route="volume", level=Level.LOCAL_ADJUSTMENT),
        ended("early", resolved_at=SPAN.since - DAY),
        ended("late", resolved_at=SPAN.until),
        ended("open", state=AlertState.OPEN, resolved_at=None),
    ]
    told = {
        "a": NoticeReason.OPENED,
        "b": NoticeReason.DIGEST,
        "c": NoticeReason.REPEAT,
        "d": NoticeReason.RESOLVED,
        "open": NoticeReason.OPENED,
    }
    await keep(rig, alerts, told, [])
    found = await rig.desk.endings(SPAN)
    assert sorted(found, key=str) == sorted(
        [
            tally(Severity.MEDIUM, None, (3, 2, 1)),
            tally(Severity.MEDIUM, NOISE, (1, 0, 0)),
            tally(Severity.LOW, NOISE, (1, 0, 0)),
            tally(Severity.MEDIUM, None, (1, 0, 0), LOCAL),
        ],
        key=str,
    )


def finding(alert_id: str, week: int, **changes: Any) -> ReviewRow:  # noqa: ANN401 - fields of a review's document
    document: dict[str, Any] = {
        "cell": {"process": "shipping", "category": alert_id, "region": None},
        "level": "local_adjustment",
        "method": "averaged_bayes_factor",
        "reason": "statistic",
        "statistic": 2.5,
        "x": 5,
        "hours": None,
        "siblings": [],
        "thresholds": {"rule": "volume"},
    }
    return ReviewRow(ends_at=START + 7 * week * DAY, alert_id=alert_id, document=document | changes)


async def test_reviews_of_which_somebody_said_what_they_were_have_their_strongest_evidence(rig: Rig) -> None:
    named = {"a": NOISE, "b": ACTIONABLE, "c": NOISE, "d": NOISE, "e": NOISE, "f": NOISE, "unsaid": None}
    reviews = [ended(name, said, kind=AlertKind.VOLUME, route="volume") for name, said in named.items()]
    rows = [
        finding("a", 0),
        finding("a", 1, statistic=3.25, x=4),
        finding("a", 2, level=None, statistic=9.0, x=99),
        finding("b", 0, thresholds={"rule": "quiet-desk"}),
        finding("c", 0, hours=["2026-05-01T00:00:00Z", "2026-05-01T05:00:00Z"]),
        finding("d", 0, siblings=[{"x": 3}]),
        finding("e", 0),
        finding("e", 1, reason="zero_tolerance"),
        finding("f", 0, method="fixed_count", reason="fixed_count", statistic=None),
        finding("unsaid", 0),
        finding("an event", 0),
    ]
    await keep(rig, [*reviews, ended("an event", NOISE)], {}, rows)
    first = ReviewOutcome(alert_id="a", rule="volume", disposition=NOISE, statistic=3.25, x=5)
    second = ReviewOutcome(alert_id="b", rule="quiet-desk", disposition=ACTIONABLE, statistic=2.5, x=5)
    assert list(await rig.desk.review_outcomes(SPAN, 10)) == [first, second]
    assert list(await rig.desk.review_outcomes(SPAN, 1)) == [first]
