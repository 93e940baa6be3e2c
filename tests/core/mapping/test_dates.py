from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.mapping.dates import Clockwork, Moment, parse_moment, read_moment
from service.core.playbook.origins import Scalar

LONDON = ZoneInfo("Europe/London")
US_OR_UK = Clockwork(
    chosen=(("us", "%m/%d/%Y"), ("uk", "%d/%m/%Y")), default="%d/%m/%Y", zone=LONDON, ambiguous_default=True
)


@pytest.mark.parametrize(
    ("value", "written", "at"),
    [
        ("2026-05-04T09:12:31Z", "rfc3339", datetime(2026, 5, 4, 9, 12, 31, tzinfo=UTC)),
        ("2026-05-04t09:12:31.25z", "rfc3339", datetime(2026, 5, 4, 9, 12, 31, 250_000, tzinfo=UTC)),
        ("2019-02-15T19:15:40.470-0800", "rfc3339", datetime(2019, 2, 16, 3, 15, 40, 470_000, tzinfo=UTC)),
        ("2026-05-04 09:12", "rfc3339", datetime(2026, 5, 4, 8, 12, tzinfo=UTC)),
        ("2026-05-04", "rfc3339", datetime(2026, 5, 3, 23, 0, tzinfo=UTC)),
        (1482590009, "unix", datetime(2016, 12, 24, 14, 33, 29, tzinfo=UTC)),
        ("1482590009", "unix", datetime(2016, 12, 24, 14, 33, 29, tzinfo=UTC)),
        (1550286940507, "unix_ms", datetime(2019, 2, 16, 3, 15, 40, 507_000, tzinfo=UTC)),
        (" 29-02-2016 01:23 ", "%d-%m-%Y %H:%M", datetime(2016, 2, 29, 1, 23, tzinfo=UTC)),
        ("01/07/2022", "%d/%m/%Y", datetime(2022, 6, 30, 23, 0, tzinfo=UTC)),
        ("1/14/2022", "%m/%d/%Y", datetime(2022, 1, 14, tzinfo=UTC)),
        ("2022-01-14 10:00 +0300", "%Y-%m-%d %H:%M %z", datetime(2022, 1, 14, 7, tzinfo=UTC)),
    ],
)
def test_a_text_in_its_format_is_a_moment_in_utc(value: str | int, written: str, at: datetime) -> None:
    assert parse_moment(value, written, LONDON) == at


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    assert parse_moment("2026-10-25 01:30", "%Y-%m-%d %H:%M", LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("14/01/2022", "%m/%d/%Y"),
        ("tomorrow", "rfc3339"),
        ("2026-W05-1", "rfc3339"),
        ("2026-13-01", "rfc3339"),
        ("0001-01-01T00:00:00+23:00", "rfc3339"),
        ("99999999999999", "unix"),
        (10**11, "unix"),
        ("nan", "unix"),
        (True, "unix"),
        (None, "rfc3339"),
        ("", "%Y"),
    ],
)
def test_what_does_not_fit_its_format_is_no_moment(value: str | int | None, written: str) -> None:
    moment = parse_moment(value, written, LONDON)
    assert moment is None or moment.year > 2200


def test_the_chosen_format_is_taken_and_leaves_no_doubt() -> None:
    assert read_moment(US_OR_UK, "03/04/2022", "%m/%d/%Y") == Moment(at=datetime(2022, 3, 4, tzinfo=UTC))


def test_a_default_that_could_mean_another_day_is_ambiguous() -> None:
    at = datetime(2022, 4, 2, 23, 0, tzinfo=UTC)
    assert read_moment(US_OR_UK, "03/04/2022", None) == Moment(at=at, ambiguous=True)


@pytest.mark.parametrize("text", ["14/01/2022", "05/05/2022"])
def test_a_default_that_could_mean_nothing_else_is_not(text: str) -> None:
    moment = read_moment(US_OR_UK, text, None)
    assert moment is not None
    assert not moment.ambiguous


def test_a_source_that_does_not_ask_for_the_flag_gets_none() -> None:
    sure = Clockwork(chosen=US_OR_UK.chosen, default="%d/%m/%Y", zone=LONDON, ambiguous_default=False)
    assert read_moment(sure, "03/04/2022", None) == Moment(at=datetime(2022, 4, 2, 23, 0, tzinfo=UTC))


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_moment_written_and_read_is_the_same_to_the_second(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    for value, written in (
        (whole.isoformat(), "rfc3339"),
        (int(whole.timestamp()), "unix"),
        (int(whole.timestamp()) * 1000, "unix_ms"),
        (whole.strftime("%d.%m.%Y %H:%M:%S"), "%d.%m.%Y %H:%M:%S"),
    ):
        read = parse_moment(value, written, ZoneInfo("UTC"))
        assert read is not None
        assert abs(read - whole) < timedelta(milliseconds=1)


@given(
    st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none()),
    st.sampled_from(["rfc3339", "unix", "unix_ms", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S%z", "%j %U"]),
)
def test_no_value_makes_reading_raise(value: Scalar, written: str) -> None:
    moment = parse_moment(value, written, LONDON)
    assert moment is None or moment.tzinfo is UTC
