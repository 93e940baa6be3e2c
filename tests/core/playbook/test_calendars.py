"""Hours as a playbook writes them, and the week that comes of them."""

import pytest
from pydantic import ValidationError

from service.core.playbook.calendars import MOST_HOLIDAYS, Calendar, days_of, span_of, week_of
from service.core.playbook.digest import canonical_text
from service.core.playbook.model import Playbook
from tests.builders import make_playbook


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("sat", (5,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sun-thu", (6, 0, 1, 2, 3)),
        ("wed-wed", (2,)),
        ("sat-mon", (5, 6, 0)),
    ],
)
def test_a_range_of_days_may_go_over_the_end_of_the_week(written: str, days: tuple[int, ...]) -> None:
    assert days_of(written) == days


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("09:00-17:30", (540, 1050)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-06:00", (1320, 1800)),
        ("18:00-00:00", (1080, 1440)),
    ],
)
def test_a_span_that_ends_before_it_begins_runs_over_midnight(written: str, minutes: tuple[int, int]) -> None:
    assert span_of(written) == minutes


def test_a_day_has_its_own_hours_and_what_runs_into_it_joined_where_they_meet() -> None:
    week = week_of({"sun": ["23:00-02:00"], "mon": ["12:00-13:00", "01:00-04:00", "13:00-14:00"]})
    assert week == (((0, 240), (720, 840)), (), (), (), (), (), ((1380, 1440),))


@pytest.mark.parametrize(
    ("part", "value", "path", "message"),
    [
        ("time_zone", "Europe/Londn", ("time_zone",), "'Europe/Londn' is not a time zone"),
        ("quiet_hours", {"mo": "20:00-07:00"}, ("quiet_hours", "mo", "[key]"), "'mo' is no day and no range of days"),
        ("quiet_hours", {"mon-": "20:00-07:00"}, ("quiet_hours", "mon-", "[key]"), "'mon-' is no day and no range of"),
        ("business_hours", {"mon": "9-17"}, ("business_hours", "mon", 0), "'9-17' is no span of time; write one"),
        ("business_hours", {"mon": "24:00-08:00"}, ("business_hours", "mon", 0), "'24:00-08:00' is no span of time"),
        ("business_hours", {"mon": ["09:00-10:00", "08:60-09:00"]}, ("business_hours", "mon", 1), "'08:60-09:00' is"),
        ("business_hours", {"mon": "09:00-09:00"}, ("business_hours", "mon", 0), "'09:00-09:00' has no length"),
        ("holidays", ["25 December"], ("holidays", 0), "write a holiday as a date, such as 2026-12-25"),
        ("holidays", [20261225], ("holidays", 0), "write a holiday as a date, such as 2026-12-25"),
        ("shifts", ["24:00"], ("shifts", 0), "'24:00' is no time of day; write one such as 06:00"),
    ],
)  # fmt: skip
def test_what_is_no_zone_day_span_or_date_is_a_fault_at_its_path(
    part: str, value: object, path: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        Calendar.model_validate({"time_zone": "UTC", part: value})
    (fault,) = raised.value.errors()
    assert (fault["loc"], fault["msg"].removeprefix("Value error, ")[: len(message)]) == (path, message)


def test_holidays_are_taken_to_their_limit_and_refused_beyond() -> None:
    days = [f"{2026 + at // 300}-{at // 25 % 12 + 1:02}-{at % 25 + 1:02}" for at in range(MOST_HOLIDAYS + 1)]
    assert len(Calendar.model_validate({"time_zone": "UTC", "holidays": days[:-1]}).holidays) == MOST_HOLIDAYS
    with pytest.raises(ValidationError, match="at most 500 items"):
        Calendar.model_validate({"time_zone": "UTC", "holidays": days})


def test_a_calendar_is_in_the_canonical_text_as_an_author_writes_it_and_loads_again() -> None:
    uk = {"time_zone": "Europe/London", "quiet_hours": {"mon-fri": "20:00-07:00"}, "holidays": ["2026-12-25"]}
    playbook = make_playbook(calendars={"uk": uk}, fatigue={"calendar": "uk"})
    text = canonical_text(playbook)
    assert '"holidays":["2026-12-25"],"quiet_hours":{"mon-fri":["20:00-07:00"]},"shifts":["00:00"]' in text
    assert Playbook.model_validate_json(text) == playbook
