"""What an Alertmanager's webhooks say, and a real one on a clock of its own: an hour of alerts in six seconds."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.bench.fatigue.alertmanager import AlertmanagerUnavailable, compare, find
from service.bench.fatigue.alertmanager.feed import Labels, Post
from service.bench.fatigue.alertmanager.notifications import Notification, Sent, classified, heard, read
from service.bench.fatigue.alertmanager.running import run, version
from service.bench.fatigue.values import Span
from service.core.pipeline.rules import compile_playbook
from tests.bench.fatigue.deciding import HOUR, MINUTE, START, WEEK
from tests.builders import make_playbook

RULES = compile_playbook(make_playbook())
NOTHING = timedelta()


def labels(number: int, team: str = "drivers", severity: str = "high") -> Labels:
    said = {"alertname": "feedback", "id": str(number), "key_category": "delivery", "route": "root"}
    return tuple(sorted((said | {"severity": severity, "team": team}).items()))


def sent(after: timedelta, *firing: int, group: str = "g") -> Notification:
    return Notification(at=START + after, team="drivers", group=group, firing=frozenset(map(labels, firing)))


def fires(after: timedelta, number: int, **more: str) -> Post:
    return Post(at=START + after, labels=labels(number, **more), began_at=START + after, ends=False)


def ends(after: timedelta, number: int, **more: str) -> Post:
    return Post(at=START + after, labels=labels(number, **more), began_at=START, ends=True)


def test_a_notification_is_told_by_what_fires_against_the_last_of_its_group() -> None:
    course = [sent(MINUTE, 1), sent(HOUR, 1, 2), sent(2 * HOUR, 1, 2), sent(3 * HOUR, 2), sent(4 * HOUR, 3)]
    course += [sent(5 * HOUR), sent(6 * HOUR, 3), sent(7 * HOUR, 1, group="h")]
    assert [what for _, what in classified(reversed(course))] == [
        *(Sent.FIRST, Sent.MORE, Sent.REPEAT, Sent.FEWER),
        *(Sent.MORE, Sent.RESOLVED, Sent.FIRST, Sent.FIRST),
    ]
    assert [what for what in Sent if what.interrupts] == [Sent.FIRST, Sent.MORE, Sent.REPEAT]


def test_a_webhook_is_read_as_what_fires_in_a_group() -> None:
    body: Mapping[str, Any] = {
        "groupKey": "{}/{team}:{key}",
        "alerts": [
            {"status": "firing", "labels": {"b": "2", "a": "1"}},
            {"status": "resolved", "labels": {"a": "3"}},
        ],
    }
    assert read(START, "drivers", body) == Notification(
        at=START, team="drivers", group="{}/{team}:{key}", firing=frozenset({(("a", "1"), ("b", "2"))})
    )


def test_its_week_is_measured_against_our_negative_events() -> None:
    posted = [fires(NOTHING, 1), fires(HOUR, 2), ends(2 * HOUR, 1), fires(3 * HOUR, 3, severity="critical")]
    course = [sent(MINUTE, 1), sent(HOUR + 15 * MINUTE, 1, 2), sent(3 * HOUR, 2), sent(WEEK.until - START, 1)]
    assert heard(course, posted, 4, WEEK) == {
        "alerts_posted": 3,
        "alerts_ended": 1,
        "groups": 1,
        "notifications": {"first": 1, "more": 1, "fewer": 1},
        "interrupts": {
            "total": 2,
            "per_team_and_day": {
                "teams": 1,
                "days": 7,
                "mean": 0.286,
                "median": 0.0,
                "median_of_days_with_any": 2.0,
                "worst": 2,
                "worst_of": {"team": "drivers", "day": "2026-05-04"},
            },
        },
        "reduction": 0.5,
        "reduction_without_repeats": 0.5,
        "critical": {"alerts": 1, "told": 0, "never_told": 1, "median": None, "worst": None},
        "delay_seconds": {"alerts": 3, "told": 2, "never_told": 1, "median": 480.0, "worst": 900.0},
    }


def test_an_alert_that_ended_before_it_was_told_is_not_told_when_it_comes_back() -> None:
    posted = [fires(NOTHING, 1), ends(MINUTE, 1), fires(HOUR, 1)]
    assert heard([sent(HOUR + MINUTE, 1)], posted, 1, WEEK)["delay_seconds"] == {
        "alerts": 2,
        "told": 1,
        "never_told": 1,
        "median": 60.0,
        "worst": 60.0,
    }


def test_a_real_one_groups_waits_adds_and_resolves_600_times_as_fast(alertmanager: Path) -> None:
    posted = [
        fires(NOTHING, 1),
        fires(NOTHING, 2, team="refunds"),
        fires(NOTHING, 3),
        fires(20 * MINUTE, 4),
        ends(20 * MINUTE, 2, team="refunds"),
    ]
    span = Span(since=START, until=START + HOUR)
    found, _ = run(alertmanager, posted, RULES, span, threading.Event())
    told = [(one.team, what, sorted(dict(each)["id"] for each in one.firing)) for one, what in classified(found)]
    assert sorted(told) == [
        ("drivers", Sent.FIRST, ["1", "3"]),
        ("drivers", Sent.MORE, ["1", "3", "4"]),
        ("refunds", Sent.FIRST, ["2"]),
        ("refunds", Sent.RESOLVED, []),
    ]
    assert within(found, "drivers") == [True, True]


def within(found: list[Notification], team: str) -> list[bool]:
    """Whether each notification came no sooner than its timers let it, nor much later but for a busy machine."""
    first, more = sorted(one.at for one in found if one.team == team)
    return [between(first, MINUTE, 20 * MINUTE), between(more, 20 * MINUTE, 59 * MINUTE)]


def between(moment: datetime, low: timedelta, high: timedelta) -> bool:
    return START + low <= moment <= START + high


def test_a_run_that_is_stopped_ends_at_once(alertmanager: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(AlertmanagerUnavailable, match="the run was stopped"):
        compare(alertmanager, [fires(HOUR, 1)], RULES, WEEK, 1, stop)
    assert version(alertmanager).startswith("alertmanager, version 0.")


def test_a_program_that_does_not_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "alertmanager"
    program.write_text("#!/bin/sh\necho no templates >&2; exit 3\n")
    program.chmod(0o755)
    with pytest.raises(AlertmanagerUnavailable, match="did not start: no templates"):
        compare(program, [], RULES, WEEK, 1, threading.Event())


def test_without_the_program_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ALERTMANAGER_BIN", str(tmp_path / "nowhere"))
    with pytest.raises(AlertmanagerUnavailable, match="nowhere is not there; install Debian's prometheus-alertmanager"):
        find()
