"""What a lead expects of reviews, told as months of feedback through the real pipeline."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.follow_up import review_state
from service.core.pipeline.act import ActOutcome, Deed
from service.core.playbook.model import Playbook
from service.core.records.words import Level, ReviewState
from service.runtime.due import run_due
from tests.builders import START, Timeline, downtime, finish, instance, make_playbook, survey

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
DAYS_ONLY: dict[str, Any] = {"hourly": {"enabled": False}}


def shop(**volume: Any) -> Playbook:  # noqa: ANN401 - fields of the volume part
    return make_playbook(volume=DAYS_ONLY | volume)


def late(name: str, customer: str | None = None) -> dict[str, Any]:
    return survey(name, 0, "late again", customer=customer or f"c-{name}")


def content(name: str) -> dict[str, Any]:
    return survey(name, 10, "fine", customer=f"c-{name}", correlation={"process": "shipping"})


def steady(timeline: Timeline, weeks: int, a_week: int, *, first: int = 0) -> None:
    """So many customers complain each week, on different days."""
    for week in range(first, first + weeks):
        for number in range(a_week):
            timeline.push(week * WEEK + (number % 5) * DAY, late(f"w{week}-{number}"))


def levels(timeline: Timeline) -> list[tuple[str, str, str]]:
    """The reviews of one cell: when, what the tick did, at which level the episode is."""
    return [
        (row.document["window_end"], row.document["transition"], row.document["episode_level"])
        for row in timeline.store.rows.reviews
        if row.document["cell"]["process"] == "shipping" and row.document["cell"]["category"] == "delivery"
    ]


def last(timeline: Timeline) -> Mapping[str, Any]:
    return timeline.store.rows.reviews[-1].document


def test_one_customer_who_complains_twenty_times_calls_for_nothing() -> None:
    timeline = Timeline(shop())
    steady(timeline, 8, 1)
    for day in range(20):
        timeline.push(8 * WEEK + day * DAY, late(f"again-{day}", customer="the angry one"))
    timeline.wait(14 * WEEK)
    assert levels(timeline) == []


def test_five_customers_where_one_in_two_weeks_is_usual_are_local_and_formal_if_five_more_come() -> None:
    timeline = Timeline(shop())
    for week in range(54):
        for number in range(6):
            name = f"refund-{week}-{number}"
            timeline.push(week * WEEK + number * HOUR, survey(name, 0, "refund", customer=f"c-{name}"))
        for number in range(5 if week >= 52 else week % 2):
            timeline.push(week * WEEK + (number + 1) * DAY, late(f"w{week}-{number}"))
    timeline.wait(55 * WEEK)
    assert levels(timeline)[:2] == [
        ("2027-05-09", "opened", "local_adjustment"),
        ("2027-05-16", "raised", "formal_review"),
    ]


def season(timeline: Timeline, weeks: range, complaints: int) -> None:
    for week in weeks:
        for number in range(complaints):
            timeline.push(week * WEEK + (number % 5) * DAY, late(f"w{week}-{number}"))


def test_a_season_that_trebles_deliveries_and_complaints_alike_calls_for_nothing() -> None:
    timeline = Timeline(shop())
    for week in range(24):
        busy = 3 if week >= 16 else 1
        for number in range(10 * busy):
            done = instance(f"i{week}-{number}", event_id=f"e{week}-{number}", lifecycle="complete")
            timeline.push(week * WEEK + (number % 5) * DAY, done)
        season(timeline, range(week, week + 1), 4 * busy)
    timeline.wait(26 * WEEK)
    assert levels(timeline) == []


def test_the_same_season_without_knowing_of_deliveries_is_told_as_one_whose_exposure_is_unknown() -> None:
    timeline = Timeline(shop())
    season(timeline, range(16), 4)
    season(timeline, range(16, 24), 12)
    opened = [row.document for row in timeline.store.rows.reviews if row.document["transition"] == "opened"]
    assert opened
    assert all("exposure_unknown" in one["flags"] for one in opened if one["method"] != "pooled_bayes_factor")


def test_answers_to_surveys_are_the_exposure_where_complaints_come_by_surveys() -> None:
    timeline = Timeline(shop())
    for week in range(24):
        busy = 3 if week >= 16 else 1
        for number in range(12 * busy):
            timeline.push(week * WEEK + (number % 5) * DAY, content(f"ok{week}-{number}"))
        season(timeline, range(week, week + 1), 4 * busy)
    timeline.wait(26 * WEEK)
    assert levels(timeline) == []


@pytest.mark.parametrize(
    ("raw", "orientation"), [(1, "higher_better"), (7, "lower_better")], ids=["ease of 1", "effort of 7"]
)
def test_the_same_answer_is_as_bad_in_either_orientation(raw: int, orientation: str) -> None:
    timeline = Timeline(shop())
    metric = {"kind": "ces", "raw": raw, "scale_min": 1, "scale_max": 7, "orientation": orientation}
    timeline.push(HOUR, survey("r1", None, "late", metrics=[metric]))
    (row,) = timeline.store.rows.rows.values()
    assert (row.document["severity"], row.document["severity_score"]) == ("high", 60.0)


def test_one_critical_feedback_is_enough_where_nothing_is_tolerated() -> None:
    timeline = Timeline(shop(zero_tolerance=["safety"]))
    steady(timeline, 8, 1)
    timeline.push(8 * WEEK, survey("burnt", 0, "the box was on fire"))
    timeline.wait(9 * WEEK + 2 * DAY)
    found = last(timeline)
    assert (found["cell"]["category"], found["level"], found["reason"]) == ("safety", "formal_review", "zero_tolerance")


def test_a_rule_for_one_process_holds_for_its_cells_and_the_review_names_it() -> None:
    timeline = Timeline(shop(thresholds=[{"id": "calm", "process": "shipping", "h_local": 0.5, "h_formal": 30.0}]))
    steady(timeline, 12, 2)
    steady(timeline, 2, 8, first=12)
    timeline.wait(15 * WEEK)
    found = next(row.document for row in timeline.store.rows.reviews if row.document["cell"]["category"] == "delivery")
    assert found["level"] == "local_adjustment"
    assert {name: found["thresholds"][name] for name in ("rule", "h_local", "h_formal")} == {
        "rule": "calm",
        "h_local": 0.5,
        "h_formal": 30.0,
    }
    assert found["playbook"] == timeline.rules.digest


def test_a_new_process_is_watched_from_its_own_first_feedback() -> None:
    timeline = Timeline(shop())
    steady(timeline, 20, 2)
    for week in range(20, 22):
        for number in range(4):
            name = f"refund-{week}-{number}"
            timeline.push(week * WEEK + number * DAY, survey(name, 0, "refund", customer=f"c-{name}"))
    timeline.wait(23 * WEEK)
    assert all(row.document["cell"]["process"] != "returns" for row in timeline.store.rows.reviews)


def test_daily_ticks_tell_within_two_days() -> None:
    timeline = Timeline(shop(tick="daily"))
    steady(timeline, 12, 2)
    for number in range(14):
        timeline.push(12 * WEEK + number * HOUR, late(f"burst-{number}"))
    timeline.wait(12 * WEEK + 3 * DAY)
    assert levels(timeline)[0][1] == "opened"


def test_ticks_that_were_missed_for_three_days_run_in_order_and_only_the_newest_tells() -> None:
    timeline = Timeline(shop(tick="daily"))
    steady(timeline, 12, 2)
    timeline.wait(12 * WEEK + DAY)
    for number in range(14):
        timeline.push(12 * WEEK + DAY + number * timedelta(minutes=5), late(f"burst-{number}"))
    timeline.told()
    now = START + 12 * WEEK + 5 * DAY
    finish(run_due(timeline.store, timeline.rules, now, after_stop=True))
    assert [(day, transition) for day, transition, _ in levels(timeline)] == [
        ("2026-07-28", "opened"),
        ("2026-07-29", "continued"),
        ("2026-07-30", "continued"),
    ]
    told = [
        one for one in timeline.told() if one.customers >= 14 and one.reason == "opened" and one.severity == "medium"
    ]
    assert [one.at for one in told] == [12 * WEEK + 4 * DAY + 15 * HOUR + timedelta(minutes=1)]


class TestDowntime:
    """Twelve weeks of two, then an outage of two days about which twelve complain; reviews say what they make of it."""

    def outage(self, timeline: Timeline, *, told: bool = True, until: timedelta = 13 * WEEK + 2 * DAY) -> None:
        steady(timeline, 12, 2)
        if told:
            timeline.push(12 * WEEK, downtime("d1", event_id="d1-1", started=12 * WEEK))
        for number in range(12):
            timeline.push(12 * WEEK + number * 3 * HOUR, late(f"outage-{number}"))
        if told:
            over = downtime("d1", event_id="d1-2", started=12 * WEEK, ended=12 * WEEK + 2 * DAY)
            timeline.push(12 * WEEK + 2 * DAY, over)
        timeline.push(12 * WEEK + 4 * DAY, late("w12-0"))
        timeline.wait(until)

    def test_an_outage_that_is_tagged_is_a_local_adjustment_that_says_so(self) -> None:
        timeline, untold = Timeline(shop(local_min_customers=3, h_formal=30)), Timeline(shop(h_formal=30))
        self.outage(timeline)
        self.outage(untold, told=False)
        found, other = last(timeline), last(untold)
        assert (found["level"], found["transition"], found["x"]) == ("local_adjustment", "opened", 13)
        # Monday and Tuesday, Wednesday up to nine, and a day after that.
        assert found["downtime"] == {"days": 4, "x": 12}
        assert (set(found["flags"]) - set(other["flags"]), other["downtime"]) == ({"downtime"}, None)
        figures = ("x", "expected", "statistic", "p", "limit", "level")
        assert {name: found[name] for name in figures} == {name: other[name] for name in figures}

    def test_an_outage_that_is_left_out_calls_for_nothing(self) -> None:
        timeline = Timeline(shop(downtime={"mode": "exclude"}))
        self.outage(timeline)
        assert levels(timeline) == []

    def test_trouble_beside_an_outage_that_is_left_out_is_found_and_flagged(self) -> None:
        timeline = Timeline(shop(downtime={"mode": "exclude", "after": "0s"}))
        steady(timeline, 12, 2)
        over = downtime("d1", event_id="d1", started=12 * WEEK, ended=12 * WEEK + 10 * HOUR)
        timeline.push(12 * WEEK, *(late(f"outage-{number}") for number in range(5)))
        timeline.push(12 * WEEK + 10 * HOUR, over)
        timeline.push(12 * WEEK + 3 * DAY, *(late(f"after-{number}") for number in range(14)))
        timeline.wait(13 * WEEK + 2 * DAY)
        found = last(timeline)
        assert (found["level"] is not None, found["x"], found["downtime"]) == (True, 14, {"days": 1, "x": 0})
        assert "downtime" in found["flags"]

    def test_zero_tolerance_knows_no_downtime(self) -> None:
        timeline = Timeline(shop(zero_tolerance=["safety"], downtime={"mode": "exclude"}))
        steady(timeline, 8, 1)
        timeline.push(8 * WEEK, downtime("d1", event_id="d1", started=8 * WEEK - 9 * HOUR, ended=9 * WEEK))
        timeline.push(8 * WEEK, survey("burnt", 0, "the box was on fire"))
        timeline.wait(9 * WEEK + 2 * DAY)
        found = last(timeline)
        assert (found["level"], found["reason"], found["x"]) == ("formal_review", "zero_tolerance", 0)

    def test_a_downtime_that_brings_what_the_last_ones_brought_calls_for_nothing_where_days_are_weighed(self) -> None:
        stratified, tagged = (Timeline(shop(downtime={"mode": mode, "after": "0s"})) for mode in ("stratify", "tag"))
        for timeline in (stratified, tagged):
            for week in range(31):
                if week in (6, 9, 12, 30):
                    at = week * WEEK
                    timeline.push(at, downtime(f"d{week}", event_id=f"d{week}", started=at, ended=at + 5 * HOUR))
                    timeline.push(at + HOUR, *(late(f"m{week}-{number}") for number in range(15)))
                steady(timeline, 1, 2, first=week)
            timeline.wait(32 * WEEK)
        end = "2026-12-06"
        assert [(day, transition) for day, transition, _ in levels(stratified) if day >= end] == []
        assert [(day, transition) for day, transition, _ in levels(tagged) if day >= end] == [(end, "opened")]
        assert last(tagged)["downtime"] == {"days": 1, "x": 16}

    @pytest.mark.parametrize(
        "corrected",
        [
            pytest.param({"ended": 12 * WEEK}, id="it was none"),
            pytest.param({"ended": 12 * WEEK + HOUR, "process": "returns"}, id="it was another's"),
            pytest.param({"ended": 12 * WEEK + HOUR / 2}, id="it was over soon"),
        ],
    )
    def test_a_downtime_that_is_corrected_in_time_is_as_if_that_alone_had_been_said(
        self, corrected: dict[str, Any]
    ) -> None:
        timeline = Timeline(shop(downtime={"mode": "exclude"}))
        self.outage(timeline, until=12 * WEEK + 5 * DAY)
        timeline.push(12 * WEEK + 5 * DAY, downtime("d1", event_id="d1-3", started=12 * WEEK, **corrected))
        timeline.wait(13 * WEEK + 2 * DAY)
        found = last(timeline)
        assert (found["transition"], found["x"], found["downtime"]) == ("opened", 13, None)

    def test_an_outage_that_a_downtime_explains_says_so_by_the_hour(self) -> None:
        timeline = Timeline(make_playbook(volume={"downtime": {"mode": "exclude"}}))
        steady(timeline, 10, 5)
        timeline.push(10 * WEEK, downtime("d1", event_id="d1", started=10 * WEEK))
        for number in range(14):
            timeline.push(10 * WEEK + HOUR + number * timedelta(minutes=10), late(f"burst-{number}"))
        timeline.wait(10 * WEEK + 5 * HOUR)
        found = last(timeline)
        assert (found["level"], found["method"], "downtime" in found["flags"]) == (
            "local_adjustment",
            "hourly_bayes_factor",
            True,
        )


class TestHours:
    def burst(self, timeline: Timeline, at: timedelta, count: int) -> None:
        for number in range(count):
            timeline.push(at + number * timedelta(minutes=10), late(f"burst-{number}"))

    def test_an_outage_is_told_within_the_hour_and_closed_after_a_clear_day(self) -> None:
        timeline = Timeline(make_playbook())
        steady(timeline, 10, 5)
        timeline.wait(10 * WEEK)
        timeline.told()
        self.burst(timeline, 10 * WEEK + HOUR, 14)
        timeline.wait(10 * WEEK + 5 * HOUR)
        opened = last(timeline)
        assert (opened["transition"], opened["level"], opened["method"]) == (
            "continued",
            "local_adjustment",
            "hourly_bayes_factor",
        )
        tellings = [one for one in timeline.told() if one.reason == "opened" and one.customers > 4]
        assert tellings[0].at <= 10 * WEEK + 3 * HOUR + timedelta(minutes=30)
        timeline.wait(10 * WEEK + 3 * DAY)
        assert last(timeline)["transition"] == "closed"

    def test_an_outage_that_was_over_before_anybody_looked_is_told_by_the_newest_hour(self) -> None:
        timeline = Timeline(make_playbook(fatigue={"floor": "critical"}))
        steady(timeline, 10, 5)
        timeline.wait(10 * WEEK)
        timeline.told()
        timeline.push(10 * WEEK, *(late(f"burst-{number}") for number in range(14)))
        finish(run_due(timeline.store, timeline.rules, START + 10 * WEEK + 30 * HOUR, after_stop=True))
        opened = [row.document["hours"][1] for row in timeline.store.rows.reviews if row.document["hours"]]
        assert opened
        assert [one.reason for one in timeline.told()] == ["opened"]

    def test_a_quiet_month_of_hours_tells_nothing(self) -> None:
        timeline = Timeline(make_playbook())
        steady(timeline, 16, 5)
        timeline.wait(17 * WEEK)
        assert [row for row in timeline.store.rows.reviews if row.document["hours"] is not None] == []

    def test_before_the_first_tick_of_days_no_hour_is_judged(self) -> None:
        timeline = Timeline(make_playbook())
        self.burst(timeline, HOUR, 20)
        timeline.wait(8 * HOUR)
        assert timeline.store.rows.reviews == []


class TestFollowUp:
    """Somebody closes the local adjustment about three complaints a week that were nine for two weeks."""

    @staticmethod
    def closed(**volume: Any) -> tuple[Timeline, str]:  # noqa: ANN401 - fields of the volume part
        timeline = Timeline(shop(**volume))
        steady(timeline, 10, 3)
        steady(timeline, 2, 9, first=10)
        # A Tuesday, the day after the tick.
        timeline.wait(12 * WEEK + DAY)
        (alert,) = (one for one in timeline.store.rows.alerts.values() if one.kind.value == "volume")
        assert (alert.level, timeline.act(12 * WEEK + DAY, alert.alert_id, Deed.RESOLVE).outcome) == (
            Level.LOCAL_ADJUSTMENT,
            ActOutcome.DONE,
        )
        return timeline, alert.alert_id

    def test_if_nothing_has_changed_two_whole_weeks_after_call_for_a_formal_review(self) -> None:
        timeline, before = self.closed()
        steady(timeline, 3, 9, first=12)
        timeline.wait(15 * WEEK + DAY)
        assert levels(timeline) == [
            ("2026-07-26", "opened", "local_adjustment"),
            ("2026-08-02", "closed", "local_adjustment"),
            ("2026-08-16", "opened", "formal_review"),
        ]
        found = last(timeline)
        assert (found["reason"], found["window"], found["x"], found["limit"]) == (
            "recurrence",
            ["2026-08-03", "2026-08-16"],
            18,
            1.5,
        )
        follow_up = timeline.store.rows.alerts[found["alert_id"]].follow_up
        assert follow_up is not None
        assert (follow_up.recurred, follow_up.previous) == (1, before)

    def test_without_that_leg_it_takes_as_long_as_ever(self) -> None:
        timeline, _ = self.closed(recurrence={"enabled": False})
        steady(timeline, 3, 9, first=12)
        timeline.wait(15 * WEEK + DAY)
        assert [one[1:] for one in levels(timeline)][2:] != [("opened", "formal_review")]

    def test_if_complaints_are_as_before_two_whole_weeks_after_prove_it(self) -> None:
        timeline, alert_id = self.closed()
        steady(timeline, 4, 3, first=12)
        timeline.wait(16 * WEEK)
        assert [one[:2] for one in levels(timeline)] == [
            ("2026-07-26", "opened"),
            ("2026-08-02", "closed"),
            ("2026-08-16", "verified"),
        ]
        alert = timeline.store.rows.alerts[alert_id]
        assert review_state(alert) is ReviewState.VERIFIED
        assert alert.follow_up is not None
        assert alert.follow_up.verified_at == datetime(2026, 8, 17, tzinfo=UTC)

    def test_silence_proves_it_too(self) -> None:
        timeline, alert_id = self.closed()
        timeline.wait(16 * WEEK)
        assert review_state(timeline.store.rows.alerts[alert_id]) is ReviewState.VERIFIED

    def test_weeks_of_before_the_act_open_nothing_again(self) -> None:
        timeline, alert_id = self.closed()
        # The rest of the week in which somebody acted is as bad.
        steady(timeline, 1, 9, first=12)
        steady(timeline, 2, 3, first=13)
        timeline.wait(15 * WEEK + DAY)
        assert [one[1] for one in levels(timeline)] == ["opened", "closed", "verified"]
        assert timeline.store.rows.alerts[alert_id].state.value == "resolved"
