"""How often cells are judged: which window an instant falls into, when its tick is due, and which one follows."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.pipeline.cadence import Cadence, Cadences, Tick, cadences
from service.core.playbook.volume import Volume
from service.core.records.words import TickKind

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WEEKLY = Cadence(kind=TickKind.DAYS, step=WEEK, lateness=DAY)
DAILY = Cadence(kind=TickKind.DAYS, step=DAY, lateness=DAY)
HOURLY = Cadence(kind=TickKind.HOURS, step=HOUR, lateness=15 * timedelta(minutes=1))


def at(text: str) -> datetime:
    """An instant of May 2026, whose fourth day is a Monday."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=UTC)


def days(text: str) -> Tick:
    return Tick(kind=TickKind.DAYS, ends_at=at(text))


def hours(text: str) -> Tick:
    return Tick(kind=TickKind.HOURS, ends_at=at(text))


def given_by(**volume: Any) -> Cadences:  # noqa: ANN401 - fields of the volume part
    return cadences(Volume.model_validate(volume))


@pytest.mark.parametrize(
    ("cadence", "instant", "tick"),
    [
        pytest.param(WEEKLY, at("04T00:00"), days("11T00:00"), id="a Monday begins a week"),
        pytest.param(WEEKLY, at("10T23:59:59.999999"), days("11T00:00"), id="its last instant is a Sunday's"),
        pytest.param(WEEKLY, at("11T00:00"), days("18T00:00"), id="the next Monday begins another"),
        pytest.param(DAILY, at("06T00:00"), days("07T00:00"), id="midnight begins a day"),
        pytest.param(DAILY, at("06T23:59"), days("07T00:00"), id="which ends with the next"),
        pytest.param(HOURLY, at("06T10:00"), hours("06T11:00"), id="an hour begins on the hour"),
        pytest.param(HOURLY, at("06T10:59:59"), hours("06T11:00"), id="and ends with the next"),
        pytest.param(HOURLY, at("10T23:30"), hours("11T00:00"), id="the last of a week ends with it"),
    ],
)
def test_each_instant_falls_into_one_window(cadence: Cadence, instant: datetime, tick: Tick) -> None:
    assert cadence.tick(instant) == tick
    assert cadence.tick(instant.astimezone(timezone(timedelta(hours=9)))) == tick


def test_several_hours_are_counted_from_midnight() -> None:
    six = given_by(hourly={"every": 6}).hours
    assert six is not None
    assert [six.tick(at(text)) for text in ("06T00:00", "06T05:59", "06T06:00", "06T23:00")] == [
        hours("06T06:00"),
        hours("06T06:00"),
        hours("06T12:00"),
        hours("07T00:00"),
    ]


@pytest.mark.parametrize(
    ("tick", "day"),
    [
        pytest.param(days("11T00:00"), date(2026, 5, 10), id="a week's is a Sunday"),
        pytest.param(days("07T00:00"), date(2026, 5, 6), id="a day's is itself"),
        pytest.param(hours("06T11:00"), date(2026, 5, 6), id="an hour's is its own"),
        pytest.param(hours("07T00:00"), date(2026, 5, 6), id="the last hour's is that which ends with it"),
    ],
)
def test_the_last_day_of_a_window(tick: Tick, day: date) -> None:
    assert tick.last_day == day


def test_a_tick_waits_for_the_end_of_its_window_and_for_the_late() -> None:
    assert WEEKLY.due_at(days("11T00:00")) == at("12T00:00")
    assert DAILY.due_at(days("07T00:00")) == at("08T00:00")
    assert HOURLY.due_at(hours("06T11:00")) == at("06T11:15")


def test_the_next_window_begins_where_one_ends() -> None:
    assert WEEKLY.following(days("11T00:00")) == days("18T00:00")
    assert DAILY.following(days("11T00:00")) == days("12T00:00")
    assert HOURLY.following(hours("06T11:00")) == hours("06T12:00")


def test_a_playbook_that_goes_from_days_to_weeks_ends_the_week_that_a_day_has_begun() -> None:
    assert WEEKLY.following(days("07T00:00")) == days("11T00:00")


def test_a_playbook_says_how_often_days_and_hours_are_judged() -> None:
    assert given_by() == Cadences(days=WEEKLY, hours=HOURLY)
    assert given_by(tick="daily", lateness="6h", hourly={"every": 4, "lateness": "1h"}) == Cadences(
        days=Cadence(kind=TickKind.DAYS, step=DAY, lateness=6 * HOUR),
        hours=Cadence(kind=TickKind.HOURS, step=4 * HOUR, lateness=HOUR),
    )
    assert given_by(hourly={"enabled": False}) == Cadences(days=WEEKLY, hours=None)


def test_the_cadence_of_a_kind_is_none_where_the_playbook_does_not_have_it() -> None:
    both, one = given_by(), given_by(hourly={"enabled": False})
    assert [both.of(TickKind.DAYS), both.of(TickKind.HOURS)] == [WEEKLY, HOURLY]
    assert [one.of(TickKind.DAYS), one.of(TickKind.HOURS)] == [WEEKLY, None]


def test_the_first_tick_after_an_instant_is_that_of_its_hour_where_hours_are_judged() -> None:
    assert given_by().due_after(at("06T10:20")) == at("06T11:15")
    assert given_by(hourly={"enabled": False}).due_after(at("06T10:20")) == at("12T00:00")
    assert given_by(tick="daily", hourly={"enabled": False}).due_after(at("06T10:20")) == at("08T00:00")


def test_the_first_tick_after_an_instant_may_be_that_of_days_where_hours_wait_longer() -> None:
    assert given_by(tick="daily", lateness="0s", hourly={"lateness": "2d"}).due_after(at("06T23:30")) == at("07T00:00")


@given(
    st.sampled_from([WEEKLY, DAILY, HOURLY]),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
)
def test_windows_follow_one_another_without_a_gap(cadence: Cadence, instant: datetime) -> None:
    tick = cadence.tick(instant)
    assert tick.ends_at - cadence.step <= instant < tick.ends_at
    assert cadence.tick(tick.ends_at) == cadence.following(tick)
    assert cadence.following(tick).ends_at - tick.ends_at == cadence.step
