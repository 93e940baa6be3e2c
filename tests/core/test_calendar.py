"""Calendars by the local clock: quiet and business hours, shifts and days, over both changes of the clock."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.calendar import ALWAYS, Calendar, calendars_of, compile_calendar
from service.core.playbook import calendars as written
from tests.builders import make_playbook

LONDON, NEW_YORK, KOLKATA = "Europe/London", "America/New_York", "Asia/Kolkata"
LORD_HOWE, SAMOA, BEIRUT = "Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut"
OFFICE: Mapping[str, Any] = {"mon-fri": "09:00-17:30", "sat": "10:00-14:00"}
NIGHTS: Mapping[str, Any] = {"mon-fri": "20:00-07:00", "sat-sun": "00:00-24:00"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def calendar(zone: str = LONDON, **parts: Any) -> Calendar:  # noqa: ANN401 - any part of a calendar
    return compile_calendar(written.Calendar.model_validate({"time_zone": zone, **parts}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        pytest.param(LONDON, "2026-05-06T12:00", None, id="a Wednesday noon is not quiet"),
        pytest.param(LONDON, "2026-05-06T18:59", None, id="nor a minute before eight in summer"),
        pytest.param(LONDON, "2026-05-06T19:00", "2026-05-07T06:00", id="an evening, until seven over midnight"),
        pytest.param(LONDON, "2026-05-07T05:59", "2026-05-07T06:00", id="the morning belongs to the evening before"),
        pytest.param(LONDON, "2026-05-07T06:00", None, id="at seven sharp it is over"),
        pytest.param(LONDON, "2026-05-09T12:00", "2026-05-10T23:00", id="a weekend, until midnight of Monday"),
        pytest.param(LONDON, "2026-05-08T20:00", "2026-05-10T23:00", id="a Friday evening runs on into the weekend"),
        pytest.param(LONDON, "2026-12-02T20:00", "2026-12-03T07:00", id="the same hours in winter"),
        pytest.param(NEW_YORK, "2026-05-07T00:00", "2026-05-07T11:00", id="New York's evening is our night"),
        pytest.param(KOLKATA, "2026-05-06T14:30", "2026-05-07T01:30", id="Kolkata is five and a half hours ahead"),
        pytest.param(LORD_HOWE, "2026-07-08T09:30", "2026-07-08T20:30", id="Lord Howe in winter: ten and a half"),
        pytest.param(LORD_HOWE, "2026-12-09T09:00", "2026-12-09T20:00", id="Lord Howe in summer: eleven"),
    ],
)
def test_quiet_hours_end_when_the_local_clock_says_so(zone: str, at: str, until: str | None) -> None:
    assert calendar(zone, quiet_hours=NIGHTS).quiet_until(utc(at)) == (until and utc(until))


@pytest.mark.parametrize(
    ("zone", "evening", "morning", "hours"),
    [
        pytest.param(LONDON, "2026-03-28T20:00", "2026-03-29T06:00", 10, id="London in spring"),
        pytest.param(LONDON, "2026-10-24T19:00", "2026-10-25T07:00", 12, id="London in autumn"),
        pytest.param(NEW_YORK, "2026-03-08T01:00", "2026-03-08T11:00", 10, id="New York in spring"),
        pytest.param(NEW_YORK, "2026-11-01T00:00", "2026-11-01T12:00", 12, id="New York in autumn"),
        pytest.param(LORD_HOWE, "2026-10-03T09:30", "2026-10-03T20:00", 10.5, id="Lord Howe loses half an hour"),
        pytest.param(LORD_HOWE, "2026-04-04T09:00", "2026-04-04T20:30", 11.5, id="and gains it again"),
        pytest.param(KOLKATA, "2026-03-28T14:30", "2026-03-29T01:30", 11, id="Kolkata never changes its clock"),
    ],
)
def test_a_night_on_which_the_clock_changes_is_longer_or_shorter(
    zone: str, evening: str, morning: str, hours: float
) -> None:
    nights = calendar(zone, quiet_hours={"mon-sun": "20:00-07:00"})
    begin, end = utc(evening), utc(morning)
    assert (nights.quiet_until(begin - MINUTE), nights.quiet_until(begin)) == (None, end)
    assert end - begin == hours * HOUR


def test_what_begins_in_a_gap_begins_after_it_and_what_ends_in_one_ends_with_it() -> None:
    assert calendar(quiet_hours={"sun": "01:30-03:00"}).quiet_until(utc("2026-03-29T01:00")) == utc("2026-03-29T02:00")
    assert calendar(quiet_hours={"sun": "00:00-01:30"}).quiet_until(utc("2026-03-29T00:10")) == utc("2026-03-29T01:00")


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    night = calendar(quiet_hours={"sun": "01:00-01:30"})
    asked = [utc(f"2026-10-25T{at}") for at in ("00:10", "00:40", "01:10", "01:40")]
    assert [night.quiet_until(at) for at in asked] == [utc("2026-10-25T00:30"), None, utc("2026-10-25T01:30"), None]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param("2026-12-24T23:00", "2026-12-29T07:00", id="Christmas, a weekend and a holiday after it in one"),
        pytest.param("2026-12-28T12:00", "2026-12-29T07:00", id="a Monday that is one, and its own night"),
        pytest.param("2026-12-29T12:00", None, id="the day after"),
    ],
)
def test_a_holiday_is_quiet_all_day(at: str, until: str | None) -> None:
    closed = calendar(quiet_hours=NIGHTS, holidays=["2026-12-25", "2026-12-28"])
    assert closed.quiet_until(utc(at)) == (until and utc(until))


def test_holidays_are_the_only_quiet_time_where_quiet_hours_are_empty_and_no_quiet_time_without_any() -> None:
    noon, next_day = utc("2026-12-25T12:00"), utc("2026-12-26T00:00")
    assert calendar(quiet_hours={}, holidays=["2026-12-25"]).quiet_until(noon) == next_day
    assert calendar(business_hours=OFFICE, holidays=["2026-12-25"]).quiet_until(noon) is None


@pytest.mark.parametrize(
    ("zone", "start", "hours", "due"),
    [
        pytest.param(LONDON, "2026-05-06T09:00", 4, "2026-05-06T13:00", id="within a day"),
        pytest.param(LONDON, "2026-05-06T08:00", 8.5, "2026-05-06T16:30", id="a whole day ends with it"),
        pytest.param(LONDON, "2026-05-06T15:00", 4, "2026-05-07T10:30", id="over a night"),
        pytest.param(LONDON, "2026-05-08T16:00", 4.5, "2026-05-09T13:00", id="until the end of a Saturday"),
        pytest.param(LONDON, "2026-05-08T16:00", 5, "2026-05-11T08:30", id="over a Sunday"),
        pytest.param(LONDON, "2026-05-10T11:00", 1, "2026-05-11T09:00", id="begun while closed"),
        pytest.param(LONDON, "2026-12-24T16:30", 2, "2026-12-26T11:00", id="over Christmas"),
        pytest.param(LONDON, "2026-03-27T16:30", 6, "2026-03-30T09:00", id="over the change of the clock in spring"),
        pytest.param(NEW_YORK, "2026-05-06T12:00", 1, "2026-05-06T14:00", id="before New York opens"),
        pytest.param(KOLKATA, "2026-05-06T11:00", 2, "2026-05-07T04:30", id="in Kolkata"),
        pytest.param(LORD_HOWE, "2026-10-02T07:00", 1, "2026-10-03T00:30", id="on Lord Howe, before the change"),
        pytest.param(LORD_HOWE, "2026-10-05T07:00", 0, "2026-10-05T07:00", id="nothing takes no time"),
    ],
)
def test_business_time_passes_in_business_hours_alone(zone: str, start: str, hours: float, due: str) -> None:
    office = calendar(zone, business_hours=OFFICE, holidays=["2026-12-25", "2026-12-28"])
    assert office.add_business(utc(start), hours * HOUR) == utc(due)
    assert office.business_between(utc(start), utc(due)) == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "days", "hours"),
    [
        pytest.param(LONDON, ("2026-03-28T20:00", "2026-03-29T10:00"), 7, id="spring takes an hour of the night"),
        pytest.param(LONDON, ("2026-10-24T20:00", "2026-10-25T10:00"), 9, id="autumn gives one"),
        pytest.param(LORD_HOWE, ("2026-10-03T08:00", "2026-10-04T00:00"), 7.5, id="half an hour on Lord Howe"),
        pytest.param(LORD_HOWE, ("2026-04-04T08:00", "2026-04-05T00:00"), 8.5, id="and half an hour more"),
    ],
)
def test_a_night_shift_works_as_long_as_the_night_is(zone: str, days: tuple[str, str], hours: float) -> None:
    assert calendar(zone, business_hours={"sat": "22:00-06:00"}).business_between(*map(utc, days)) == hours * HOUR


def test_the_part_of_a_span_that_lies_on_a_holiday_goes_by_the_holiday() -> None:
    nights = calendar(business_hours={"thu": "22:00-06:00", "fri": "22:00-06:00"}, holidays=["2026-12-25"])
    assert nights.business_between(utc("2026-12-24T12:00"), utc("2026-12-27T12:00")) == 8 * HOUR


def test_every_hour_counts_without_business_hours_holidays_or_not() -> None:
    always = calendar(quiet_hours=NIGHTS, holidays=["2026-05-07"])
    start = utc("2026-05-06T15:00")
    assert always.add_business(start, 48 * HOUR) == utc("2026-05-08T15:00")
    assert always.business_between(start, utc("2026-05-08T15:00")) == 48 * HOUR
    assert always.business_between(utc("2026-05-08T15:00"), start) == timedelta()


def test_a_year_of_holidays_ends_and_what_would_never_be_due_is_due_in_ten_years() -> None:
    year = [date(2026, 1, 1) + timedelta(days=on) for on in range(365)]
    office = calendar(business_hours=OFFICE, quiet_hours={}, holidays=year)
    assert office.add_business(utc("2026-01-01T00:00"), HOUR) == utc("2027-01-01T10:00")
    assert office.quiet_until(utc("2026-01-01T00:00")) == utc("2027-01-01T00:00")
    slow = calendar(business_hours={"mon": "09:00-09:01"})
    assert slow.add_business(utc("2026-01-01T00:00"), 100 * HOUR) == utc("2026-01-01T00:00") + timedelta(days=3653)


THREE = ["06:00", "14:00", "22:00"]


@pytest.mark.parametrize(
    ("zone", "at", "began"),
    [
        pytest.param(LONDON, "2026-05-06T05:00", "2026-05-06T05:00", id="as the shift begins"),
        pytest.param(LONDON, "2026-05-06T04:59", "2026-05-05T21:00", id="before six it is still that of last night"),
        pytest.param(LONDON, "2026-05-06T20:59", "2026-05-06T13:00", id="in the afternoon"),
        pytest.param(LONDON, "2026-03-29T04:59", "2026-03-28T22:00", id="the night of the spring change: seven hours"),
        pytest.param(LONDON, "2026-10-25T05:59", "2026-10-24T21:00", id="that of the autumn change: nine"),
        pytest.param(NEW_YORK, "2026-05-06T09:00", "2026-05-06T02:00", id="New York's night shift"),
        pytest.param(KOLKATA, "2026-05-06T09:00", "2026-05-06T08:30", id="Kolkata's afternoon"),
        pytest.param(LORD_HOWE, "2026-05-06T09:00", "2026-05-06T03:30", id="Lord Howe's afternoon"),
    ],
)
def test_a_shift_begins_by_the_local_clock(zone: str, at: str, began: str) -> None:
    assert calendar(zone, shifts=THREE).shift_of(utc(at)) == utc(began)


@pytest.mark.parametrize(
    ("zone", "at", "began"),
    [
        (LONDON, "2026-05-05T23:30", "2026-05-05T23:00"),
        (LONDON, "2026-12-05T23:30", "2026-12-05T00:00"),
        (NEW_YORK, "2026-05-06T03:00", "2026-05-05T04:00"),
        (KOLKATA, "2026-05-06T18:30", "2026-05-06T18:30"),
        (LORD_HOWE, "2026-05-06T13:29", "2026-05-05T13:30"),
        # Beirut's clock goes from midnight to one, and the day begins after the gap.
        (BEIRUT, "2026-03-28T22:30", "2026-03-28T22:00"),
        # Samoa had no 30 December 2011.
        (SAMOA, "2011-12-30T10:00", "2011-12-30T10:00"),
        (SAMOA, "2011-12-30T09:59", "2011-12-29T10:00"),
    ],
)
def test_a_day_begins_at_local_midnight(zone: str, at: str, began: str) -> None:
    assert calendar(zone).day_of(utc(at)) == utc(began)


@pytest.mark.parametrize(
    ("zone", "at", "hour", "comes"),
    [
        pytest.param(LONDON, "2026-05-06T07:59", 9, "2026-05-06T08:00", id="today"),
        pytest.param(LONDON, "2026-05-06T08:00", 9, "2026-05-07T08:00", id="never now"),
        pytest.param(NEW_YORK, "2026-05-06T00:00", 9, "2026-05-06T13:00", id="where yesterday is not over yet"),
        pytest.param(KOLKATA, "2026-05-06T00:00", 9, "2026-05-06T03:30", id="in Kolkata"),
        pytest.param(LORD_HOWE, "2026-05-05T23:00", 9, "2026-05-06T22:30", id="on Lord Howe"),
        pytest.param(LONDON, "2026-03-29T00:30", 1, "2026-03-29T01:00", id="in the gap: as it is over"),
        pytest.param(LONDON, "2026-03-29T01:00", 1, "2026-03-30T00:00", id="and not again on that day"),
        pytest.param(LONDON, "2026-10-24T23:30", 1, "2026-10-25T00:00", id="an hour that comes twice: the first time"),
        pytest.param(LONDON, "2026-10-25T00:00", 1, "2026-10-26T01:00", id="and not the second"),
        pytest.param(LORD_HOWE, "2026-10-03T15:00", 2, "2026-10-03T15:30", id="a gap of half an hour"),
        pytest.param(
            LORD_HOWE,
            "2026-04-04T14:00",
            2,
            "2026-04-04T15:30",
            id="two o'clock comes when half past one has come twice",
        ),
        pytest.param(SAMOA, "2011-12-30T08:00", 9, "2011-12-30T10:00", id="on a day that was skipped"),
    ],
)
def test_an_hour_comes_once_a_day(zone: str, at: str, hour: int, comes: str) -> None:
    assert calendar(zone).next_at(utc(at), hour) == utc(comes)


def test_without_a_calendar_it_is_utc_and_every_hour_is_alike() -> None:
    at = utc("2026-05-09T12:00")
    assert calendar("UTC") == ALWAYS
    assert (ALWAYS.quiet_until(at), ALWAYS.add_business(at, HOUR), ALWAYS.shift_of(at), ALWAYS.next_at(at, 9)) == (
        None,
        utc("2026-05-09T13:00"),
        utc("2026-05-09T00:00"),
        utc("2026-05-10T09:00"),
    )


def test_a_team_has_its_own_calendar_or_that_of_fatigue_or_none() -> None:
    uk, india = {"time_zone": LONDON, "quiet_hours": NIGHTS}, {"time_zone": KOLKATA}
    teams = [{"id": "desk", "name": "Desk"}, {"id": "pune", "name": "Pune", "calendar": "india"}]
    parts = {"calendars": {"uk": uk, "india": india}, "teams": teams}
    named = make_playbook(**parts, fatigue={"calendar": "uk"})
    assert calendars_of(named) == {"desk": calendar(quiet_hours=NIGHTS), "pune": calendar(KOLKATA)}
    assert calendars_of(make_playbook(**parts)) == {"desk": ALWAYS, "pune": calendar(KOLKATA)}


# What follows holds of any calendar at any instant; the clock itself, read minute by minute, is the yardstick.
ZONES = st.sampled_from(
    [LONDON, NEW_YORK, KOLKATA, LORD_HOWE, SAMOA, BEIRUT, "Africa/Casablanca", "America/Nuuk", "UTC"]
)
CHANGES = st.sampled_from(
    [
        utc(f"{at}:00")
        for at in (
            "2026-03-29T01", "2026-10-25T01", "2026-03-08T07", "2026-11-01T06", "2026-04-04T15", "2026-10-03T16",
            "2026-03-28T22", "2026-10-24T21", "2026-02-15T02", "2026-03-22T02", "2011-12-30T10", "2026-06-10T12",
        )
    ]
)  # fmt: skip
INSTANTS = st.builds(lambda change, minutes: change + minutes * MINUTE, CHANGES, st.integers(-4000, 4000))
TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
SPANS = st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]).map("-".join)
HOURS = st.dictionaries(st.sampled_from(written.DAYS), st.lists(SPANS, max_size=2).map(tuple), max_size=7)
HOLIDAYS = st.lists(INSTANTS.map(datetime.date), max_size=4).map(tuple)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar that has an hour of business and one that is not quiet in its week."""
    parts = {
        "business_hours": draw(st.none() | HOURS.filter(lambda hours: any(written.week_of(hours)))),
        "quiet_hours": draw(st.none() | HOURS),
        "holidays": draw(HOLIDAYS),
        "shifts": draw(st.lists(TIMES, min_size=1, max_size=4)),
    }
    made = calendar(draw(ZONES), **parts)
    whole = ((0, written.WHOLE_DAY),)
    return made if made.quiet is None or any(day != whole for day in made.quiet) else calendar(shifts=THREE)


def reads(made: Calendar, at: datetime, week: written.Week | None, *, on_holiday: bool) -> bool:
    """Say whether the local clock reads an hour of the week."""
    local = at.astimezone(made.zone)
    if week is None or local.date() in made.holidays:
        return week is not None and on_holiday
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in week[local.weekday()])


@given(calendars(), INSTANTS)
def test_quiet_is_what_the_clock_says_until_it_says_otherwise(made: Calendar, at: datetime) -> None:
    until = made.quiet_until(at)
    assert (until is not None) == reads(made, at, made.quiet, on_holiday=True)
    if until is not None:
        assert not reads(made, until, made.quiet, on_holiday=True)
        assert made.quiet_until(until) is None
        minutes = range(0, int((until - at) / MINUTE), 7)
        assert all(reads(made, at + minute * MINUTE, made.quiet, on_holiday=True) for minute in minutes)
        assert reads(made, until - MINUTE, made.quiet, on_holiday=True)


@given(calendars(), INSTANTS, st.integers(0, 3000))
def test_business_time_is_the_minutes_at_which_the_clock_reads_business_hours(
    made: Calendar, at: datetime, length: int
) -> None:
    minutes = [at + minute * MINUTE for minute in range(length)]
    counted = sum(made.business is None or reads(made, one, made.business, on_holiday=False) for one in minutes)
    assert made.business_between(at, at + length * MINUTE) == counted * MINUTE


SPAN = st.integers(0, 6000).map(lambda seconds: seconds * timedelta(seconds=37))


@given(calendars(), INSTANTS, SPAN, SPAN)
def test_adding_business_time_is_the_inverse_of_measuring_it_and_never_goes_back(
    made: Calendar, at: datetime, span: timedelta, more: timedelta
) -> None:
    due = made.add_business(at, span)
    assert at <= due <= made.add_business(at, span + more)
    assert due <= made.add_business(at + more, span) or span == timedelta()
    assert made.business_between(at, due) == span
    assert made.add_business(at, made.business_between(at, due)) == due


@given(calendars(), INSTANTS, st.integers(0, 3000).map(lambda minutes: minutes * MINUTE))
def test_days_and_shifts_part_time(made: Calendar, at: datetime, on: timedelta) -> None:
    for began in (made.day_of, made.shift_of):
        start = began(at)
        assert (start <= at, began(start), at - start <= timedelta(hours=49)) == (True, start, True)
        assert start <= began(at + on)
        assert began(at + on) == start or began(at + on) > at


@given(calendars(), INSTANTS, st.integers(0, 23))
def test_an_hour_comes_within_a_day_or_so_and_reads_as_asked_but_for_a_gap(
    made: Calendar, at: datetime, hour: int
) -> None:
    comes = made.next_at(at, hour)
    local, before = comes.astimezone(made.zone), (comes - MINUTE).astimezone(made.zone)
    assert at < comes <= at + timedelta(hours=49)
    assert (local.hour, local.minute) == (hour, 0) or local.utcoffset() != before.utcoffset()
    assert comes.tzinfo is UTC
