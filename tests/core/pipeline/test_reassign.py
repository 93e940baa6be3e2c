"""An alert that is given to another team: it moves with its key or is merged; its subjects stay, its news follow."""

from datetime import timedelta

from service.core.identity import alert_id
from service.core.pipeline.act import Acted, ActOutcome, Deed
from service.core.pipeline.reassign import destination
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert, Assigned, Gate
from service.core.records.words import AlertKind, AlertState
from tests.builders import START, Timeline, Told, instance, make_playbook, survey, ticket, with_routes
from tests.core.pipeline.reassigning import give, open_of, standing

TAXONOMY = [{"id": "delivery", "label": {"en": "Late"}, "keywords": {"en": ["late"]}, "process": "shipping"}]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def opened(playbook: Playbook | None = None) -> tuple[Timeline, Alert]:
    """Return a timeline in which the drivers were told of one alert with a ticket and an answer, an hour in."""
    timeline = Timeline(playbook)
    timeline.push(MINUTE, ticket(event_id="t1-1", subject="late", priority="urgent", customer="ben"))
    timeline.push(2 * MINUTE, survey("r1", 0, "late, awful"))
    timeline.wait(HOUR)
    timeline.told()
    return timeline, open_of(timeline, "drivers")


def test_an_alert_moves_with_its_key_and_keeps_its_id() -> None:
    timeline, alert = opened()
    to = destination(alert, "legal")
    acted = give(timeline, alert, "legal", "They asked for it, call +44 20 7946 0958")
    moved = timeline.store.rows.alerts[alert.alert_id]
    assert acted.outcome is ActOutcome.DONE
    assert (moved.alert_key, moved.team, moved.state) == (to.alert_key, "legal", AlertState.OPEN)
    assert moved.assigned == Assigned(
        teams=("drivers",),
        keys=(alert.alert_key,),
        at=START + HOUR,
        by="ana",
        reason="They asked for it, call [phone]",
    )
    assert standing(timeline) == [("legal", "open", "delivery", ["r1-1", "t1-1"])]
    assert {(one.alert_key, one.team) for one in timeline.store.rows.members.values()} == {(to.alert_key, "legal")}
    assert timeline.store.rows.gates == {
        alert.alert_key: Gate(alert_key=alert.alert_key, episodes=1, forward=to.alert_key),
        to.alert_key: Gate(alert_key=to.alert_key, alert_id=alert.alert_id),
    }
    assert timeline.told() == [Told(at=HOUR, team="legal", reason="owner_changed", severity="high", customers=2)]


def test_an_acknowledgement_of_the_team_before_does_not_bind_the_new_one() -> None:
    timeline, alert = opened()
    timeline.act(HOUR, alert.alert_id, Deed.ACK)
    give(timeline, alert, "legal")
    moved = timeline.store.rows.alerts[alert.alert_id]
    assert (moved.acked_by, moved.acked_until) == (None, None)


def test_who_was_never_told_hears_of_it_as_of_any_other() -> None:
    timeline = Timeline()
    timeline.push(MINUTE, survey("r1", 0, "late, awful"))
    give(timeline, open_of(timeline, "drivers"), "legal")
    timeline.wait(HOUR)
    assert timeline.told() == [Told(at=2 * MINUTE, team="legal", reason="opened", severity="high")]


def test_what_lives_in_it_stays_there_and_news_under_the_old_key_follow_it() -> None:
    timeline, alert = opened()
    give(timeline, alert, "legal")
    timeline.push(2 * HOUR, ticket("status", event_id="t1-2", status="pending", customer="ben"))
    timeline.push(3 * HOUR, survey("r2", 0, "late, awful", customer="cleo"))
    assert standing(timeline) == [("legal", "open", "delivery", ["r1-1", "r2-1", "t1-2"])]
    assert open_of(timeline, "legal").customers == 3


def test_a_subject_that_comes_to_belong_to_a_third_team_goes_there() -> None:
    timeline, alert = opened()
    give(timeline, alert, "legal")
    timeline.push(2 * HOUR, ticket("updated", event_id="t1-2", subject="refund", priority="urgent", customer="ben"))
    assert standing(timeline) == [("legal", "open", "delivery", ["r1-1"]), ("refunds", "open", "refund", ["t1-2"])]


def test_once_it_is_over_the_next_alert_of_the_old_key_is_the_old_team_s() -> None:
    timeline, alert = opened()
    give(timeline, alert, "legal")
    timeline.act(2 * HOUR, alert.alert_id, Deed.RESOLVE)
    timeline.push(3 * HOUR, survey("r2", 0, "late, awful", customer="cleo"))
    assert standing(timeline) == [
        ("legal", "resolved", "delivery", ["r1-1", "t1-1"]),
        ("drivers", "open", "delivery", ["r2-1"]),
    ]
    assert open_of(timeline, "drivers").alert_id == alert_id(alert.alert_key, 2)
    # What was in the alert comes back to it, and to whom it was given.
    timeline.push(4 * HOUR, survey("r1", 0, "late, awful, fire", event_id="r1-2"))
    assert standing(timeline)[0] == ("legal", "open", "delivery", ["r1-2", "t1-1"])


def test_the_next_alert_of_the_new_key_has_an_id_of_its_own() -> None:
    timeline, alert = opened()
    give(timeline, alert, "legal")
    key = destination(alert, "legal").alert_key
    timeline.act(HOUR, alert.alert_id, Deed.RESOLVE)
    timeline.turn_to(with_routes({"id": "owned", "team": "legal"}))
    timeline.push(9 * DAY, survey("r2", 0, "late, awful", customer="cleo"))
    assert open_of(timeline, "legal").alert_id == alert_id(key, 1) != alert.alert_id


def _both() -> tuple[Timeline, Alert, Alert]:
    """Return a timeline in which drivers and refunds were each told of an alert about delivery, with ben in both."""
    timeline, ours = opened()
    timeline.turn_to(with_routes({"id": "owned", "team": "refunds"}))
    timeline.push(HOUR, survey("r2", 0, "late, awful", customer="ben"), survey("r3", 0, "late", customer="cleo"))
    timeline.turn_to(make_playbook())
    timeline.wait(2 * HOUR)
    timeline.told()
    return timeline, ours, open_of(timeline, "refunds")


def test_where_the_team_has_such_an_alert_open_the_two_become_one() -> None:
    timeline, ours, theirs = _both()
    acted = give(timeline, ours, "refunds", "Theirs")
    merged, home = (timeline.store.rows.alerts[one.alert_id] for one in (ours, theirs))
    assert acted.alert == merged
    assert (merged.state, merged.merged_into, merged.events, merged.team) == ("resolved", theirs.alert_id, 0, "drivers")
    assert standing(timeline) == [
        ("drivers", "resolved", "delivery", []),
        ("refunds", "open", "delivery", ["r1-1", "r2-1", "r3-1", "t1-1"]),
    ]
    assert (home.events, home.customers, home.unfinished, home.severities) == (4, 3, 4, (0, 0, 1, 3, 0))
    assert [one.event_id for one in home.excerpts] == ["r2-1", "r1-1", "r3-1"]
    assert (home.first_seen, home.last_seen) == (START + MINUTE, START + HOUR)
    assert timeline.told() == [Told(at=2 * HOUR, team="drivers", reason="withdrawn", severity="info", customers=0)]
    timeline.push(3 * HOUR, survey("r4", 0, "late", customer="dora"), survey("r1", 0, "late", event_id="r1-2"))
    assert standing(timeline)[1] == ("refunds", "open", "delivery", ["r1-2", "r2-1", "r3-1", "r4-1", "t1-1"])
    assert timeline.told() == [
        Told(at=3 * HOUR, team="refunds", reason="customers_doubled", severity="high", customers=4)
    ]


def test_an_alert_that_was_merged_is_not_reopened() -> None:
    timeline, ours, theirs = _both()
    give(timeline, ours, "refunds")
    timeline.act(2 * HOUR, theirs.alert_id, Deed.RESOLVE)
    timeline.push(3 * HOUR, survey("r4", 0, "late", customer="dora"))
    assert standing(timeline)[0] == ("drivers", "resolved", "delivery", [])
    assert open_of(timeline, "drivers").alert_id == alert_id(ours.alert_key, 2)


def test_an_alert_can_be_given_on_and_given_back() -> None:
    timeline, alert = opened()
    for team in ("legal", "refunds", "drivers"):
        give(timeline, timeline.store.rows.alerts[alert.alert_id], team)
    back = timeline.store.rows.alerts[alert.alert_id]
    assert (back.alert_key, back.team) == (alert.alert_key, "drivers")
    legal, refunds = (destination(alert, team).alert_key for team in ("legal", "refunds"))
    assert back.assigned is not None
    assert (back.assigned.teams, back.assigned.keys) == (("legal", "refunds"), (legal, refunds))
    assert {key: (gate.alert_id, gate.forward) for key, gate in timeline.store.rows.gates.items()} == {
        alert.alert_key: (alert.alert_id, None),
        legal: (None, refunds),
        refunds: (None, alert.alert_key),
    }
    timeline.push(2 * HOUR, survey("r2", 0, "late, awful", customer="cleo"))
    assert standing(timeline) == [("drivers", "open", "delivery", ["r1-1", "r2-1", "t1-1"])]


def test_news_follow_an_alert_that_was_given_on() -> None:
    timeline, alert = opened()
    for team in ("legal", "refunds"):
        give(timeline, timeline.store.rows.alerts[alert.alert_id], team)
    timeline.push(2 * HOUR, survey("r2", 0, "late, awful", customer="cleo"))
    assert standing(timeline) == [("refunds", "open", "delivery", ["r1-1", "r2-1", "t1-1"])]


def test_a_case_s_alert_stays_with_whom_it_was_given_to() -> None:
    timeline = Timeline(with_routes({"id": "owned", "team": "owner"}, group_by=["customer"]))
    timeline.push(MINUTE, survey("r1", 0, "late, awful"))
    alert = open_of(timeline, "drivers")
    give(timeline, alert, "legal")
    assert timeline.store.rows.gates == {
        alert.alert_key: Gate(alert_key=alert.alert_key, alert_id=alert.alert_id, episodes=1)
    }
    timeline.push(HOUR, survey("r2", 0, "late, awful"))
    assert standing(timeline) == [("legal", "open", "delivery", ["r1-1", "r2-1"])]
    timeline.push(2 * HOUR, survey("r3", 0, "refund, awful"))
    assert standing(timeline) == [("refunds", "open", "delivery", ["r1-1", "r2-1", "r3-1"])]
    assert open_of(timeline, "refunds").assigned is None


def test_a_copy_moves_among_copies_and_a_contribution_in_both_counts_once() -> None:
    timeline = Timeline(
        with_routes(
            {"id": "watched", "match": {"category": "delivery"}, "team": "drivers", "continue": True},
            {"id": "read-along", "match": {"category": "delivery"}, "team": "legal", "continue": True},
            {"id": "also", "team": "refunds"},
        )
    )
    timeline.push(MINUTE, survey("r1", 0, "late, awful", customer="ben"))
    timeline.wait(HOUR)
    timeline.told()
    give(timeline, open_of(timeline, "legal"), "refunds")
    home = open_of(timeline, "refunds")
    assert (home.copy, home.events, home.customers, home.severities) == (True, 1, 1, (0, 0, 0, 1, 0))
    assert standing(timeline).count(("drivers", "open", "delivery", ["r1-1"])) == 1
    assert [(one.team, one.reason) for one in timeline.told()] == [("legal", "withdrawn")]
    timeline.push(2 * HOUR, survey("r2", 0, "late, awful", customer="cleo"))
    assert sorted(one for one in standing(timeline) if one[1] == "open") == [
        ("drivers", "open", "delivery", ["r1-1", "r2-1"]),
        ("refunds", "open", "delivery", ["r1-1", "r2-1"]),
    ]


def test_a_resolved_alert_of_the_new_team_is_followed_and_ends_what_it_had_to_say() -> None:
    timeline, ours, theirs = _both()
    timeline.act(2 * HOUR, theirs.alert_id, Deed.RESOLVE)
    assert [one.reason for one in timeline.told()] == ["resolved"]
    give(timeline, ours, "refunds")
    moved = open_of(timeline, "refunds")
    assert (moved.alert_id, moved.alert_key) == (ours.alert_id, theirs.alert_key)
    assert timeline.store.rows.gates[theirs.alert_key].alert_id == ours.alert_id
    assert timeline.store.rows.alerts[theirs.alert_id].due_at is None


def test_a_review_goes_on_with_the_team_that_it_was_given_to() -> None:
    timeline = Timeline(make_playbook(volume={"hourly": {"enabled": False}, "zero_tolerance": ["safety"]}))
    timeline.push(HOUR, survey("r1", 0, "fire"))
    timeline.wait(8 * DAY)
    (review,) = (one for one in timeline.store.rows.alerts.values() if one.kind is AlertKind.VOLUME)
    timeline.told()
    give(timeline, review, "legal")
    moved = timeline.store.rows.alerts[review.alert_id]
    assert (moved.team, moved.alert_key) == ("legal", destination(review, "legal").alert_key)
    assert moved.alert_key != review.alert_key
    timeline.push(10 * DAY, survey("r2", 0, "fire"))
    timeline.wait(80 * DAY)
    reviews = [one for one in timeline.store.rows.alerts.values() if one.kind is AlertKind.VOLUME]
    assert [(one.alert_id, one.team, one.state) for one in reviews] == [(review.alert_id, "legal", AlertState.RESOLVED)]
    assert {row.document["team"] for row in timeline.store.rows.reviews[1:]} == {"legal"}
    heard = [(one.team, one.reason) for one in timeline.told() if one.team != "drivers"]
    assert (heard[0], heard[-1]) == (("legal", "owner_changed"), ("legal", "resolved"))


def test_a_late_case_stays_with_the_team_that_it_was_given_to() -> None:
    processes = [{"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "2h"}]
    timeline = Timeline(make_playbook(processes=processes, taxonomy=TAXONOMY, high_value={"tiers": ["gold"]}))
    timeline.push(MINUTE, instance("i1", event_id="s", tier="gold"))
    timeline.wait(3 * HOUR)
    late = open_of(timeline, "drivers")
    give(timeline, late, "legal")
    timeline.push(4 * HOUR, instance("i1", event_id="a", tier="gold", activity="Pick"))
    assert open_of(timeline, "legal").alert_id == late.alert_id
    timeline.push(5 * HOUR, instance("i1", event_id="e", lifecycle="complete"))
    assert [(one.team, one.reason) for one in timeline.told()] == [
        ("drivers", "opened"),
        ("legal", "owner_changed"),
        ("legal", "resolved"),
    ]


def test_a_customer_at_risk_stays_with_the_team_that_it_was_given_to() -> None:
    timeline = Timeline(make_playbook(at_risk={"cases": 2, "team": "judges"}))
    timeline.push(MINUTE, survey("r1", 0, "late"), survey("r2", 0, "refund"))
    give(timeline, open_of(timeline, "judges"), "legal")
    timeline.push(HOUR, survey("r3", 0, "late"))
    assert (open_of(timeline, "legal").kind, open_of(timeline, "legal").events) == (AlertKind.AT_RISK, 3)


def test_who_has_an_alert_can_not_be_given_it() -> None:
    timeline, alert = opened()
    acted = give(timeline, alert, "drivers")
    assert acted == Acted(outcome=ActOutcome.SAME_TEAM, alert=alert)
