"""The figures of fatigue, and the busiest week."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from service.bench.fatigue.measures import figures, per_team_and_day, purity, reduction
from service.bench.fatigue.values import QUIET, Span
from service.bench.fatigue.weeks import busiest
from service.core.records.words import AlertKind, NoticeReason, Severity, Verdict
from tests.bench.fatigue.deciding import DAY, HOUR, MINUTE, START, WEEK, decided, grouped, heard, told


def test_a_week_is_measured_as_a_whole() -> None:
    found = figures(
        decided(
            heard(severity=Severity.CRITICAL),
            heard(HOUR, verdict=Verdict.MERGED),
            heard(2 * HOUR, negative=False, verdict=Verdict.QUIET, alert_id=None),
            heard(3 * HOUR, negative=False, verdict=Verdict.RECORDED, alert_id=None),
            heard(8 * DAY),
            told(timedelta(), severity=Severity.CRITICAL),
            told(DAY, "repeat", revision=2, severity=Severity.CRITICAL),
            told(DAY + HOUR, "opened", alert_id="v", kind=AlertKind.VOLUME, team="refunds"),
            told(2 * DAY, "resolved", revision=3),
            told(2 * DAY, "digest", alert_id="d"),
            told(9 * DAY, "opened", alert_id="late"),
            grouped(delivery=2),
            grouped(kind="volume"),
            grouped(8 * DAY, delivery=1),
        ),
        WEEK,
    )
    assert found == {
        "since": "2026-05-04T00:00:00+00:00",
        "until": "2026-05-11T00:00:00+00:00",
        "events": 3,
        "negative": 2,
        "owed": 2,
        "alerts": {"total": 2, "by_kind": {"event": 1, "volume": 1}},
        "notices": {"total": 5, "by_reason": {"digest": 1, "opened": 2, "repeat": 1, "resolved": 1}},
        "interrupts": {
            "total": 3,
            "by_kind": {"event": 2, "volume": 1},
            "by_reason": {"opened": 2, "repeat": 1},
            "per_team_and_day": {
                "teams": 2,
                "days": 7,
                "mean": 0.214,
                "median": 0.0,
                "median_of_days_with_any": 1.0,
                "worst": 1,
                "worst_of": {"team": "refunds", "day": "2026-05-05"},
            },
        },
        "reduction": -0.5,
        "reduction_of_events": 0.0,
        "reduction_without_repeats": 0.5,
        "digests": 1,
        "purity": {"alerts": 1, "weighted": 1.0, "alerts_of_several": 1, "weighted_of_several": 1.0},
        "critical": {
            "events": 1,
            "told": 1,
            "joined_announced": 0,
            "unaccounted": 0,
            "told_later_than_at_once": 0,
            "worst_delay_seconds": 0.0,
        },
        "delay_seconds": {
            "events": 2,
            "told": 1,
            "joined_announced": 1,
            "unaccounted": {},
            "median": 0.0,
            "worst": 0.0,
        },
    }


def test_a_week_without_anything_has_figures_too() -> None:
    found = figures(decided(), WEEK)
    assert (found["reduction"], found["purity"]["weighted"], found["delay_seconds"]["worst"]) == (None, None, None)
    assert found["interrupts"]["per_team_and_day"]["worst_of"] is None


def test_only_ends_and_digests_do_not_interrupt() -> None:
    quiet = {reason for reason in NoticeReason if not told(reason=reason.value).interrupts}
    assert quiet == QUIET == {NoticeReason.RESOLVED, NoticeReason.WITHDRAWN, NoticeReason.DIGEST}


def test_days_without_an_interrupt_count_for_every_team_that_was_told_of_anything() -> None:
    span = Span(since=START + 23 * HOUR, until=START + 2 * DAY)
    interrupts = [("drivers", START + 23 * HOUR), *(("refunds", START + DAY + minute * MINUTE) for minute in range(3))]
    assert per_team_and_day(interrupts, ["drivers", "legal", "refunds"], span) == {
        "teams": 3,
        "days": 2,
        "mean": 0.667,
        "median": 0.0,
        "median_of_days_with_any": 2.0,
        "worst": 3,
        "worst_of": {"team": "refunds", "day": "2026-05-05"},
    }


def test_more_interrupts_than_negative_events_are_no_reduction() -> None:
    assert [reduction(told, heard) for told, heard in ((0, 4), (1, 4), (4, 4), (6, 4), (3, 0))] == [
        1.0,
        0.75,
        0.0,
        -0.5,
        None,
    ]


def test_purity_is_the_share_of_the_commonest_category_weighted_by_members() -> None:
    found = purity([grouped(delivery=3, refund=1), grouped(refund=1), grouped(kind="volume"), grouped(delivery=2)])
    assert found == {"alerts": 3, "weighted": 0.8571, "alerts_of_several": 2, "weighted_of_several": 0.8333}


def test_the_busiest_week_is_of_whole_days_and_the_earliest_of_equal_ones() -> None:
    east = timezone(timedelta(hours=9))
    days = [0, 3, 20, 26, 26.5, 40, 46, 46.9]
    found = busiest(START.astimezone(east) + timedelta(days=day) for day in days)
    assert found == Span(since=START + 20 * DAY, until=START + 27 * DAY)
    assert busiest([]) is None


Times = st.lists(st.integers(0, 60 * 24).map(lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + hour * HOUR), min_size=1)


@given(Times)
@settings(deadline=None)
def test_no_other_seven_days_hold_more(times: list[datetime]) -> None:
    found = busiest(times)
    assert found is not None
    most = sum(at in found for at in times)
    first = datetime(2025, 12, 25, tzinfo=UTC)
    for day in range(70):
        other = Span(since=first + day * DAY, until=first + (day + 7) * DAY)
        assert sum(at in other for at in times) <= most
