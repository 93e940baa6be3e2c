"""Comparisons: who is told more or less, who is heard of no more, and what of it is shown."""

from datetime import timedelta
from typing import Any

from service.core.backtest import Comparison, Observed, Run, compare, observe, report
from service.core.backtest.compare import COUNTED, OF_A_SIDE
from service.core.playbook.model import Playbook
from service.core.records.feedback import FeedbackRead, Reading
from tests.builders import KEY, START, Timeline, make_playbook, read_event, survey, ticket

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Happening = tuple[timedelta, dict[str, Any]]


def observed(playbook: Playbook, *happenings: Happening, until: timedelta = DAY) -> Observed:
    """Run events under a playbook, and sum up what it left behind."""
    timeline = Timeline(playbook)
    customer_of = {}
    for at, event in happenings:
        timeline.push(at, event)
        read = read_event(event, START + at, timeline.rules).read
        if isinstance(read, Reading) and isinstance(read.said, FeedbackRead):
            customer_of[read.source, read.event_id] = read.said.feedback.customer
    timeline.wait(until)
    rows = timeline.store.rows
    return observe(
        Run(
            digest=timeline.rules.digest,
            teams=tuple(team.id for team in playbook.teams),
            consumed=rows.books.consumed,
            rejected=sum(rows.books.rejected.values()),
            first_at=START,
            until=timeline.now,
            rows=tuple(rows.rows.values()),
            alerts=tuple(rows.alerts.values()),
            notices=rows.notices,
            members=tuple(rows.members.values()),
            customer_of=customer_of,
            customer_of_instance={name: one.customer for name, one in rows.instances.items() if one.customer},
        )
    )


def who(name: str) -> str:
    return KEY.pseudonym(name)


def compared(old: Playbook, new: Playbook, *happenings: Happening) -> Comparison:
    return compare(observed(old, *happenings), observed(new, *happenings))


LATE = survey("r1", 3, "late", customer="anna", revision=1)
REFUND = survey("r2", 3, "refund", customer="ben")
STRICT = make_playbook(fatigue={"floor": "high"})


def test_a_customer_of_whom_nobody_is_told_any_more_is_newly_silent_with_their_events() -> None:
    found = report(compared(make_playbook(), STRICT, (0 * MINUTE, LATE), (0 * MINUTE, REFUND)))
    assert found["changed"]["newly_silent_customers"] == {
        "total": 2,
        "examples": [
            {"customer": name, "told_to": [team], "event_ids": [event], "events": 1}
            for name, team, event in sorted([(who("anna"), "drivers", "r1-1"), (who("ben"), "refunds", "r2-1")])
        ],
    }
    assert {team: told["change"]["interrupts"] for team, told in found["teams"].items()} == {
        "desk": 0,
        "drivers": -1,
        "refunds": -1,
        "legal": 0,
        "judges": 0,
    }
    assert found["teams"]["drivers"]["new"]["newly_silent_customers"] == 1
    assert found["old"]["newly_silent_customers"] == 0


def test_who_is_told_of_by_another_team_is_not_silent() -> None:
    elsewhere = make_playbook(routes={"team": "legal", "arbitration": "judges"})
    comparison = compared(make_playbook(), elsewhere, (0 * MINUTE, LATE))
    assert comparison.silent == ()
    found = report(comparison)
    assert (found["old"]["orphans_by_reason"], found["new"]["orphans_by_reason"]) == ({}, {"catch_all": 1})
    (gone,) = found["changed"]["alerts_only_in_old"]["examples"]
    (come,) = found["changed"]["alerts_only_in_new"]["examples"]
    assert (gone["team"], gone["told"], come["team"], come["told"]) == ("drivers", True, "legal", True)


def test_who_took_a_complaint_back_before_anybody_was_told_was_told_of_to_nobody() -> None:
    back = survey("r1", 10, "lovely", customer="anna", revision=2)
    old = observed(make_playbook(), (0 * MINUTE, LATE), (MINUTE / 2, back))
    assert (old.interrupted, old.total.interrupts, old.total.alerts) == ({}, 0, 1)


def test_who_took_a_complaint_back_after_a_team_was_told_was_told_of() -> None:
    back = survey("r1", 10, "lovely", customer="anna", revision=2)
    old = observed(make_playbook(), (0 * MINUTE, LATE), (5 * MINUTE, back))
    assert {name: (told.teams, told.events) for name, told in old.interrupted.items()} == {
        who("anna"): ({"drivers"}, {"r1-1"})
    }
    assert dict(old.total.by_reason) == {"opened": 1, "withdrawn": 1}


def test_a_digest_keeps_a_customer_from_being_silent_and_interrupts_nobody() -> None:
    patient = make_playbook(fatigue={"repeat": []})
    old = observed(patient, (0 * MINUTE, survey("r1", 0, "fire", customer="anna")))
    timeline = Timeline()
    timeline.push_unticked(survey("r1", 0, "fire", customer="anna"), occurred=-8 * DAY)
    timeline.wait(DAY)
    rows = timeline.store.rows
    new = observe(
        Run(
            digest="new",
            teams=("drivers",),
            consumed=1,
            rejected=0,
            first_at=START,
            until=START + DAY,
            rows=tuple(rows.rows.values()),
            alerts=tuple(rows.alerts.values()),
            notices=rows.notices,
            members=tuple(rows.members.values()),
            customer_of={},
        )
    )
    assert (old.total.interrupts, new.total.interrupts, new.total.digests) == (1, 0, 1)
    assert (new.total.critical, new.total.critical_untold) == (1, 0)
    assert (dict(new.interrupted), list(new.told), compare(old, new).silent) == ({}, [who("anna")], ())


def test_a_critical_event_without_a_critical_notice_is_untold() -> None:
    timeline = Timeline()
    timeline.push(0 * MINUTE, survey("r1", 0, "fire"))
    rows = timeline.store.rows
    run = Run(
        digest="",
        teams=("drivers",),
        consumed=1,
        rejected=0,
        first_at=START,
        until=START,
        rows=tuple(rows.rows.values()),
        alerts=tuple(rows.alerts.values()),
        notices=(),
        members=(),
        customer_of={},
    )
    found = observe(run)
    assert (found.total.critical, found.total.critical_untold) == (1, 1)
    assert found.teams["drivers"].critical_untold == 1


def test_a_customer_at_risk_and_one_whose_case_is_late_are_told_of() -> None:
    playbook = make_playbook(
        processes=[
            {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "1h"},
            {"id": "returns", "name": "Returns", "team": "refunds"},
        ],
        high_value={"tiers": ["gold"], "team": "legal"},
        at_risk={"cases": 2, "within": "30d", "team": "legal"},
        fatigue={"floor": "critical"},
    )
    case = ticket(ticket_id="t9", event_id="t9-1", customer={"ref": "carla", "tier": "gold"})
    started = {
        "specversion": "1.0",
        "id": "p1",
        "source": "/engine",
        "type": "process.instance.v1",
        "data": {
            "instance": "i1",
            "process": "shipping",
            "lifecycle": "start",
            "tier": "gold",
            "customer": {"ref": "carla"},
        },
    }
    found = observed(
        playbook,
        (0 * MINUTE, started),
        (0 * MINUTE, survey("r1", 0, "late", customer="dora")),
        (MINUTE, survey("r2", 0, "refund", customer="dora")),
        (2 * MINUTE, case),
    )
    assert {name: told.teams for name, told in found.interrupted.items()} == {
        who("carla"): {"legal"},
        who("dora"): {"legal"},
    }


def test_interrupts_are_counted_by_team_and_day() -> None:
    events = [(at * DAY, survey(f"r{at}", 0, "late", customer=f"c{at}")) for at in range(3)]
    found = observed(make_playbook(fatigue={"repeat": []}), *events, until=3 * DAY)
    assert (found.days, found.busiest_day, found.total.interrupts) == (4, 1, 2)
    assert found.interrupts_a_day == round(2 / (4 * 5), 4)
    assert [day.isoformat() for day in sorted(found.teams["drivers"].per_day)] == ["2026-05-04", "2026-05-05"]


def test_a_run_without_events_compares_with_itself() -> None:
    nothing = observe(
        Run(
            digest="",
            teams=("care",),
            consumed=0,
            rejected=0,
            first_at=None,
            until=None,
            rows=(),
            alerts=(),
            notices=(),
            members=(),
            customer_of={},
        )
    )
    assert report(compare(nothing, nothing))["old"] == {
        "playbook": "",
        "days": 0,
        **dict.fromkeys((*COUNTED, *OF_A_SIDE), 0),
        "notices_by_reason": {},
        "orphans_by_reason": {},
        "interrupts_per_team_day": {"max": 0, "mean": 0.0},
    }


def test_examples_are_bounded_and_the_totals_are_not() -> None:
    events = [(0 * MINUTE, survey(f"r{at}", 0, "late", customer=f"c{at}")) for at in range(25)]
    single = make_playbook(
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [{"id": "o", "team": "owner", "group_by": ["subject"]}],
        }
    )
    never = make_playbook(fatigue={"floor": "critical"})
    found = report(compared(single, never, *events))["changed"]
    assert (found["newly_silent_customers"]["total"], len(found["newly_silent_customers"]["examples"])) == (25, 20)
    assert (found["alerts_only_in_old"]["total"], len(found["alerts_only_in_old"]["examples"])) == (25, 20)


def test_the_variables_of_a_gate_have_both_playbooks_teams_on_either_side() -> None:
    small = make_playbook(
        teams=[{"id": "desk", "name": "Desk"}, {"id": "judges", "name": "Judges"}],
        processes=[],
        routes={"team": "desk", "arbitration": "judges"},
    )
    variables = compare(observed(make_playbook()), observed(small)).variables()
    assert variables["new"]["teams"].keys() == {"desk", "drivers", "judges", "legal", "refunds"}
    assert variables["new"]["teams"].keys() == variables["old"]["teams"].keys()
    assert {type(value) for value in variables["new"]["teams"]["legal"].values()} == {float}


def test_days_are_those_from_the_first_event_to_the_end_of_the_clock() -> None:
    ends = [timedelta(hours=14), timedelta(hours=16)]
    assert [observed(make_playbook(), (0 * MINUTE, LATE), until=end).days for end in ends] == [1, 2]
