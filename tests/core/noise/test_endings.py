"""Endings: which alerts count, as what, and which of them nobody touched."""

from datetime import timedelta

from msgspec.structs import replace

from service.core.noise import EndingTally, Rule, Span, count_endings, rule_noise
from service.core.records.alerts import Alert, Disposed
from service.core.records.words import AlertKind, AlertState, Disposition, Level, Severity
from tests.builders import START

DAY = timedelta(days=1)
SPAN = Span(since=START - 90 * DAY, until=START)
OWNED = Rule(kind=AlertKind.EVENT, route="owned")


def ended(name: str = "a", said: Disposition | None = None, **changes: object) -> Alert:
    """An alert of the drivers about something of medium severity that ended a day ago."""
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
        first_seen=START - 2 * DAY,
        last_seen=START - 2 * DAY,
        resolved_at=START - DAY,
        severities=(0, 0, 1, 0, 0),
    )
    if said is not None:
        alert = replace(alert, disposed=Disposed(disposition=said, by="ana", at=START - DAY), handled_at=START - DAY)
    return replace(alert, **changes)


def test_alerts_that_ended_alike_are_counted_together() -> None:
    alerts = [
        ended("a"),
        ended("b"),
        ended("c", handled_at=START - DAY),
        ended("d", Disposition.NOISE),
        ended("e", Disposition.NOISE, severities=(0, 1, 0, 0, 0)),
        ended("f", team="refunds"),
        ended("g", kind=AlertKind.VOLUME, route="volume", level=Level.FORMAL_REVIEW),
    ]
    found = count_endings(alerts, {"a", "c", "d"}, SPAN)
    formal = Rule(kind=AlertKind.VOLUME, route="volume", level=Level.FORMAL_REVIEW)

    def tally(
        severity: Severity, said: Disposition | None, counts: tuple[int, int, int], **more: object
    ) -> EndingTally:
        one = EndingTally(
            team="drivers",
            rule=OWNED,
            severity=severity,
            disposition=said,
            alerts=counts[0],
            told=counts[1],
            ignored=counts[2],
        )
        return replace(one, **more)

    assert found == [
        tally(Severity.MEDIUM, None, (3, 2, 1)),
        tally(Severity.MEDIUM, Disposition.NOISE, (1, 1, 0)),
        tally(Severity.LOW, Disposition.NOISE, (1, 0, 0)),
        tally(Severity.MEDIUM, None, (1, 0, 0), team="refunds"),
        tally(Severity.MEDIUM, None, (1, 0, 0), rule=formal),
    ]


def test_a_span_has_its_first_instant_and_not_its_last_and_nothing_that_is_open() -> None:
    alerts = [
        ended("first", resolved_at=SPAN.since),
        ended("before", resolved_at=SPAN.since - timedelta(microseconds=1)),
        ended("last", resolved_at=SPAN.until),
        ended("open", state=AlertState.OPEN, resolved_at=None),
    ]
    assert [one.alerts for one in count_endings(alerts, (), SPAN)] == [1]


def test_the_noise_of_a_rule_is_what_was_not_worth_telling_its_team() -> None:
    said = [*[Disposition.NOISE] * 5, Disposition.DUPLICATE, Disposition.WRONG_TEAM, *[Disposition.ACTIONABLE] * 3]
    alerts = [ended(f"a{at}", one) for at, one in enumerate(said)] + [ended(f"b{at}") for at in range(4)]
    (one,) = rule_noise(count_endings(alerts, {"b0", "b1", "a0"}, SPAN))
    assert one.noise is not None
    assert one.ignored is not None
    assert (one.team, one.rule, one.alerts, one.told, one.untouched) == ("drivers", OWNED, 14, 3, 2)
    assert dict(one.dispositions) == {"actionable": 3, "noise": 5, "duplicate": 1, "wrong_team": 1}
    assert (round(one.noise.low, 4), one.noise.figure, round(one.noise.high, 4)) == (0.3968, 0.7, 0.8922)
    assert one.ignored.figure == 2 / 3


def test_a_rule_of_which_nobody_said_anything_has_no_ratio() -> None:
    (one,) = rule_noise(count_endings([ended()], (), SPAN))
    assert (one.noise, one.ignored, one.alerts) == (None, None, 1)


def test_the_rules_with_the_most_alerts_come_first() -> None:
    alerts = [ended("a", team="refunds"), ended("b", route="other"), ended("c"), ended("d", route="other")]
    found = [(one.team, one.rule.route) for one in rule_noise(count_endings(alerts, (), SPAN))]
    assert found == [("drivers", "other"), ("drivers", "owned"), ("refunds", "owned")]
