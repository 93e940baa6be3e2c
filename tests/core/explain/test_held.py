"""What an explanation says of an alert that its team is not told of."""

from datetime import timedelta

from msgspec.structs import replace

from service.core.explain.document import Muted
from service.core.explain.held import muted
from service.core.pipeline.rules import compile_playbook
from service.core.records.muting import Muters, Silence, Silences, Source, Spent
from service.core.records.words import AlertKind, Level, Severity
from tests.builders import START, make_playbook
from tests.core.test_notify import CRITICAL, alert

HOUR = timedelta(hours=1)
NIGHT = {"time_zone": "UTC", "quiet_hours": {"mon-sun": "09:00-11:00"}}
RULES = compile_playbook(
    make_playbook(calendars={"night": NIGHT}, fatigue={"calendar": "night", "budget": {"per_day": 1}})
)
REVIEW = Source(
    alert_id="review-1",
    kind=AlertKind.VOLUME,
    level=Level.FORMAL_REVIEW,
    team="desk",
    process="shipping",
    category="delivery",
    region=None,
    severity=Severity.HIGH,
)
SILENCE = Silence(
    silence_id="silence-1",
    matchers={"process": ("shipping",)},
    author="ana",
    reason="the depot moves",
    created_at=START,
    starts_at=START,
    ends_at=START + 8 * HOUR,
)
ALL = Muters(silences=Silences([SILENCE]), sources=(REVIEW,), spent={"desk": Spent(day=(START - 9 * HOUR, 1))})


def test_all_that_holds_an_alert_back_is_named_in_the_order_of_the_decision() -> None:
    one = alert(acked_until=START + 2 * HOUR, acked_by="ben")
    assert muted(one, START, ALL, RULES) == (
        Muted(kind="inhibited", by="review-1", until=None, why="an open review speaks for its cell"),
        Muted(kind="silenced", by="silence-1", until=START + 8 * HOUR, why="ana silenced it: the depot moves"),
        Muted(
            kind="quiet_hours",
            by="night",
            until=START + 2 * HOUR,
            why="desk has quiet hours by the calendar night",
        ),
        Muted(
            kind="over_budget",
            by="day",
            until=START + 24 * HOUR,
            why="desk has had the interrupts that its budget has for the day",
        ),
        Muted(
            kind="acknowledged",
            by="ben",
            until=START + 2 * HOUR,
            why="ben has it in hand, which holds reminders until 2026-05-04T11:00:00Z",
        ),
    )


def test_nothing_holds_back_what_is_critical() -> None:
    assert muted(alert(severities=CRITICAL), START, ALL, RULES) == ()


def test_nothing_holds_back_where_nothing_is_in_force() -> None:
    assert muted(alert(), START + 3 * HOUR, Muters(), RULES) == ()
    assert muted(None, START, ALL, RULES) == ()


def test_a_silence_that_has_ended_holds_nothing() -> None:
    over = Muters(silences=Silences([replace(SILENCE, ends_at=START + HOUR)]))
    assert muted(alert(), START + 3 * HOUR, over, RULES) == ()
