"""What the arbiter is told where a process' times and its feedback contradict each other, as weeks of both go by."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from service.core.pipeline.contradictions import contradiction_gates, find_contradictions, promises, span_of
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, NoticeReason, Severity
from service.core.volume import DayRange
from service.runtime.due import run_due
from tests.builders import START, Timeline, finish, instance, make_playbook, survey

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# A tick is due at midnight, a day after its window.
DUE = 8 * DAY - 9 * HOUR
PROCESSES = [
    {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "48h"},
    {"id": "returns", "name": "Returns", "team": "refunds"},
]


def shop(*, volume: Mapping[str, Any] | None = None, **contradictions: Any) -> Playbook:  # noqa: ANN401 - fields of the part
    return make_playbook(
        processes=PROCESSES,
        volume={"hourly": {"enabled": False}, **(volume or {})},
        contradictions={"arbiter": "legal", **contradictions},
    )


class Weeks(Timeline):
    """A timeline that is told of whole weeks: who complained, who was content, what was completed in time or late."""

    def week(
        self, number: int, *, bad: int = 2, good: int = 8, done: int = 20, late: int = 0, unstarted: int = 0
    ) -> None:
        events: list[tuple[timedelta, Mapping[str, Any]]] = []
        for at in range(bad):
            name = f"b{number}-{at}"
            events.append((number * WEEK + at % 5 * DAY, survey(name, 0, "late again", customer=name)))
        for at in range(good):
            name = f"g{number}-{at}"
            said = survey(name, 10, "fine", customer=name, correlation={"process": "shipping"})
            events.append((number * WEEK + at % 5 * DAY, said))
        for at in range(done + unstarted):
            name, began = f"i{number}-{at}", number * WEEK + at % 3 * DAY
            if at < done:
                events.append((began, instance(name, event_id=f"s-{name}")))
            over = began + (72 if at < late else 24) * HOUR
            events.append((over, instance(name, event_id=f"c-{name}", lifecycle="complete")))
        for when, event in sorted(events, key=lambda one: one[0]):
            self.push(when, event)

    def alerts(self) -> list[Alert]:
        return [one for one in self.store.rows.alerts.values() if one.kind is AlertKind.CONTRADICTION]

    def heard(self) -> list[tuple[int, str, str]]:
        """What the arbiter was told, by the number of the week whose tick it was."""
        return [
            ((notice.at - START - DUE) // WEEK, notice.reason.value, notice.title)
            for notice in self.store.rows.notices
            if notice.alert.team == "legal" and notice.reason not in (NoticeReason.REPEAT, NoticeReason.DIGEST)
        ]


KEPT = "Contradiction: Shipping keeps its SLA, but reviews of its feedback are open"
MISSED = "Contradiction: Shipping misses its SLA, but its feedback calls for nothing"


def told_of_a_burst(playbook: Playbook, **weeks: int) -> Weeks:
    """Twelve usual weeks, two with six times as many complaints, and eight usual ones."""
    timeline = Weeks(playbook)
    for number in range(22):
        timeline.week(number, **{"bad": 12 if number in (12, 13) else 2, **weeks})
    timeline.wait(23 * WEEK)
    return timeline


def test_times_are_kept_and_reviews_are_open_until_two_ticks_know_of_none() -> None:
    timeline = told_of_a_burst(shop())
    closed = next(row for row in timeline.store.rows.reviews if row.document["transition"] == "closed")
    last = (closed.ends_at - START) // WEEK
    # The last week that calls for something keeps the review open for one more, and the alert for two after that.
    assert timeline.heard() == [(12, "opened", KEPT), (last + 1, "resolved", KEPT)]


def test_the_alert_says_what_it_rests_on() -> None:
    timeline = Weeks(shop())
    for number in range(13):
        timeline.week(number, bad=12 if number == 12 else 2)
    timeline.wait(12 * WEEK + DUE + HOUR)
    (alert,) = timeline.alerts()
    assert (alert.team, alert.severity, alert.state, alert.process, alert.category, alert.fields) == (
        "legal",
        Severity.MEDIUM,
        AlertState.OPEN,
        "shipping",
        "*",
        {"process": "shipping"},
    )
    assert alert.evidence == {
        "contradiction": "kept_but_complaints",
        "says": "100 % of 80 completed instances were inside 48 hours, while 1 review of its feedback is open.",
        "window": ["2026-07-06", "2026-08-02"],
        "held_on": "2026-08-02",
        "sla": {
            "light": "green",
            "reason": "kept",
            "seconds": 172_800,
            "completed": 80,
            "inside": 80,
            "share": 1.0,
            "low": 0.9542,
            "high": 1.0,
            "goal": 0.95,
        },
        "feedback": {"light": "red", "reason": "review_open", "count": 50, "reviews": 1},
        "playbook": timeline.rules.digest,
    }


@pytest.mark.parametrize(
    "weeks",
    [
        pytest.param({"done": 18}, id="too few completed to be sure"),
        pytest.param({"late": 1}, id="the interval holds the goal"),
        pytest.param({"done": 0, "unstarted": 20}, id="nobody knows when they began"),
    ],
)
def test_reviews_are_open_and_times_are_undecided(weeks: dict[str, int]) -> None:
    assert told_of_a_burst(shop(), **weeks).heard() == []


def quiet_weeks(playbook: Playbook, late: Mapping[int, int], weeks: int = 14, **usual: int) -> Weeks:
    timeline = Weeks(playbook)
    for number in range(weeks):
        timeline.week(number, **{**usual, "late": late.get(number, 0)})
    timeline.wait((weeks + 1) * WEEK)
    return timeline


def test_times_are_missed_and_nothing_is_called_for() -> None:
    timeline = quiet_weeks(shop(), dict.fromkeys(range(6, 14), 6))
    assert timeline.heard() == [(7, "opened", MISSED)]
    (alert,) = timeline.alerts()
    assert alert.evidence["says"] == (
        "Only 70 % of 80 completed instances were inside 48 hours, while 40 feedbacks called for nothing: "
        "what is measured may not be what customers feel."
    )


def test_times_are_missed_and_too_little_is_heard_to_say_more() -> None:
    assert quiet_weeks(shop(), dict.fromkeys(range(14), 6), good=5).heard() == []


def test_where_a_review_was_lately_quiet_is_no_contradiction_yet() -> None:
    timeline = told_of_a_burst(shop(weeks=2, min_feedback=10), late=6)
    closed = max(row.ends_at for row in timeline.store.rows.reviews)
    opened = [week for week, reason, _ in timeline.heard() if reason == "opened"]
    # Before the burst, and again once two whole weeks have gone by without a review.
    assert opened[0] < 12
    after = [
        (notice.at - START - DUE) // WEEK
        for notice in timeline.store.rows.notices
        if notice.alert.kind is AlertKind.CONTRADICTION and notice.alert.opened_at > closed
    ]
    assert min(after) == (closed - START) // WEEK + 2


def test_a_single_tick_that_does_not_hold_closes_nothing() -> None:
    # In one week hardly anything is late.
    timeline = quiet_weeks(shop(weeks=1, min_completed=20, min_feedback=10), {**dict.fromkeys(range(4, 14), 10), 9: 1})
    assert [reason for _, reason, _ in timeline.heard()] == ["opened"]
    (alert,) = timeline.alerts()
    assert (alert.state, alert.evidence["held_on"]) == (AlertState.OPEN, "2026-08-09")


def test_two_ticks_in_a_row_that_do_not_hold_close_it() -> None:
    late = {**dict.fromkeys(range(4, 14), 10), 9: 1, 10: 1}
    timeline = quiet_weeks(shop(weeks=1, min_completed=20, min_feedback=10), late)
    assert [(week, reason) for week, reason, _ in timeline.heard()] == [
        (4, "opened"),
        (10, "resolved"),
        (11, "reopened"),
    ]


def test_with_daily_ticks_it_closes_after_fourteen_days() -> None:
    timeline = quiet_weeks(shop(volume={"tick": "daily"}), dict.fromkeys(range(4), 10), weeks=12)
    opened, resolved = (
        notice
        for notice in timeline.store.rows.notices
        if notice.alert.team == "legal" and notice.reason not in (NoticeReason.REPEAT, NoticeReason.DIGEST)
    )
    assert (opened.reason, resolved.reason) == (NoticeReason.OPENED, NoticeReason.RESOLVED)
    held_on = date.fromisoformat(resolved.alert.evidence["held_on"])
    assert resolved.at - datetime.combine(held_on, time(), START.tzinfo) == 14 * DAY + 2 * DAY


def test_what_is_no_longer_compared_closes_by_itself() -> None:
    timeline = quiet_weeks(shop(), dict.fromkeys(range(14), 10))
    (alert,) = timeline.alerts()
    timeline.rules = compile_playbook(make_playbook())
    timeline.wait(20 * WEEK)
    assert alert.close_at is not None
    assert [one.resolved_at for one in timeline.alerts()] == [alert.close_at]


def test_of_missed_ticks_the_newest_alone_tells() -> None:
    timeline = Weeks(shop(weeks=2, min_feedback=10))
    for number in range(6):
        timeline.week(number)
    # What was late is told of in one batch, after which nobody looks for three weeks.
    for at in range(60):
        name = f"late-{at}"
        timeline.push(5 * WEEK + 6 * DAY, instance(name, event_id=f"s-{name}"), occurred=4 * WEEK + at % 5 * DAY)
        done = instance(name, event_id=f"c-{name}", lifecycle="complete")
        timeline.push(5 * WEEK + 6 * DAY, done, occurred=5 * WEEK + at % 5 * DAY)
    finish(run_due(timeline.store, timeline.rules, START + 7 * WEEK + 2 * DAY, after_stop=True))
    (alert,) = timeline.alerts()
    assert (alert.opened_at, timeline.heard()) == (START + 5 * WEEK + DUE, [(6, "opened", MISSED)])


def test_nothing_is_asked_of_the_store_where_the_playbook_does_not_ask() -> None:
    silent = compile_playbook(make_playbook(processes=PROCESSES))
    assert promises(silent) == {}
    assert find_contradictions({}, (), START.date(), silent) == []


def test_a_process_without_an_sla_is_not_compared() -> None:
    rules = compile_playbook(shop(weeks=2))
    end = date(2026, 5, 17)
    assert promises(rules) == {"shipping": timedelta(hours=48)}
    assert span_of(end, rules) == DayRange(first=date(2026, 5, 4), last=end)
    (one,) = find_contradictions({}, (), end, rules)
    assert (one.process, one.compared.contradiction, contradiction_gates([one])) == ("shipping", None, (one.alert_key,))
