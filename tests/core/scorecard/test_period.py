from datetime import UTC, datetime, timedelta, timezone

from service.core.scorecard.period import Period, PeriodFault, period

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: int) -> datetime:
    return datetime(2026, 5, 1, tzinfo=UTC) + (number - 1) * DAY


def test_the_last_four_weeks_end_with_the_present_day() -> None:
    assert period(None, None, NOW) == Period(since=day(5) - 28 * DAY, until=day(5))


def test_a_period_without_a_beginning_is_of_four_weeks() -> None:
    assert period(None, day(3), NOW) == Period(since=day(3) - 28 * DAY, until=day(3))


def test_a_period_without_an_end_ends_with_the_present_day() -> None:
    assert period(day(2), None, NOW) == Period(since=day(2), until=day(5))


def test_a_day_is_one_of_utc_wherever_the_clock_stands() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-11)))
    assert period(None, None, there) == period(None, None, NOW)
    assert period(day(2).astimezone(timezone(timedelta(hours=5))), None, NOW) == Period(since=day(2), until=day(5))


def test_a_period_without_an_instant_in_it_is_refused() -> None:
    assert period(day(3), day(3), NOW) is PeriodFault.EMPTY
    assert period(day(4), day(3), NOW) is PeriodFault.EMPTY
    assert period(day(9), None, NOW) is PeriodFault.EMPTY


def test_four_hundred_days_are_answered_for_and_no_instant_more() -> None:
    assert period(day(3) - 400 * DAY, day(3), NOW) == Period(since=day(3) - 400 * DAY, until=day(3))
    assert period(day(3) - 400 * DAY - timedelta(microseconds=1), day(3), NOW) is PeriodFault.TOO_LONG
