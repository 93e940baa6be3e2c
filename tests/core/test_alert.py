"""Where a contribution goes: opened, joined, stayed, handed over, left, reopened; counts move only with members."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.alert import Placed, When, close, is_news, place
from service.core.identity import alert_id
from service.core.playbook.model import Fatigue
from service.core.records.alerts import Alert, Excerpt, Gate, Member
from service.core.records.decisions import Contribution, Moved, PartKey, Target
from service.core.records.facts import Facts
from service.core.records.feedback import Signals
from service.core.records.words import AlertKind, AlertState, Change, Reason, Severity
from tests.builders import START, make_contribution, make_feedback, make_target

DAY = timedelta(days=1)
LIMITS = Fatigue()
MILD, BAD = Signals(negativity=2 / 3, scored=True), Signals(negativity=1.0, scored=True)
CRITICAL = Signals(negativity=1.0, scored=True, overrides=("safety",))
FIRST = alert_id("key-1", 1)


def put(
    facts: Facts,
    contribution: Contribution,
    *targets: Target,
    at: timedelta = timedelta(),
    late: bool = False,
    own: bool = True,
) -> Placed:
    facts.put_contribution(contribution)
    moved = Moved(key=contribution.key, contribution=contribution, own=own)
    return place(facts, moved, targets or (make_target(),), When(now=START + at, at=START + at), LIMITS, late=late)


def take(facts: Facts, contribution: Contribution, at: timedelta = timedelta()) -> Placed:
    moved = Moved(key=contribution.key, contribution=None, own=True)
    return place(facts, moved, (), When(now=START + at, at=START + at), LIMITS)


def ticket(name: str = "1", signals: Signals = BAD, **changes: Any) -> Contribution:  # noqa: ANN401 - any field of Feedback
    given: dict[str, Any] = {"subject": f"ticket/{name}", "event_id": f"e-{name}", "customer": f"k1:{name}"}
    return make_contribution(make_feedback(**(given | changes)), signals=signals)


def closed(facts: Facts, name: str = FIRST, at: timedelta = timedelta()) -> None:
    facts.alerts.put(name, close(facts.alerts[name], START + at))


def test_the_first_one_opens_an_alert() -> None:
    facts, one = Facts(), ticket(text="Late again", region="uk")
    assert put(facts, one) == Placed(
        alert_id=FIRST, reason=Reason.NEW_ALERT, touched=(FIRST,), homes={FIRST: Reason.NEW_ALERT}
    )
    assert facts.alerts[FIRST] == Alert(
        alert_id=FIRST,
        alert_key="key-1",
        episode=1,
        kind=AlertKind.EVENT,
        team="desk",
        route="root",
        process="shipping",
        category="delivery",
        region="uk",
        fields={"process": "shipping", "category": "delivery"},
        opened_at=START,
        first_seen=START,
        last_seen=START,
        events=1,
        customers=1,
        unfinished=1,
        severities=(0, 0, 0, 1, 0),
        excerpts=(Excerpt(event_id="e-1", score=60.0, text="Late again"),),
        close_at=START + 14 * DAY,
    )
    assert facts.members_of("/surveys", "ticket/1") == (
        Member(
            key=PartKey("/surveys", "ticket/1"),
            alert_id=FIRST,
            alert_key="key-1",
            copy=False,
            event_id="e-1",
            customer="k1:1",
            instance_id=None,
            severity=Severity.HIGH,
            score=60.0,
            done=False,
            team="desk",
        ),
    )
    assert facts.gates["key-1"] == Gate(alert_key="key-1", alert_id=FIRST, episodes=1)
    assert dict(facts.tallies.written) == {(FIRST, "customer", "k1:1"): 1}


def test_the_next_ones_join_it_and_one_customer_counts_once() -> None:
    facts = Facts()
    put(facts, ticket("1"))
    assert put(facts, ticket("2", MILD)).reason is Reason.JOINED_ALERT
    put(facts, ticket("3", customer="k1:1"))
    alert = facts.alerts[FIRST]
    assert (alert.events, alert.customers, alert.severities) == (3, 2, (0, 0, 1, 2, 0))


def test_a_correction_replaces_what_was_there() -> None:
    facts = Facts()
    put(facts, ticket(text="Teribly late"))
    again = put(facts, ticket(signals=MILD, event_id="e-2", text="Terribly late"))
    alert = facts.alerts[FIRST]
    assert again.reason is Reason.ALREADY_MEMBER
    assert (alert.events, alert.severities, alert.excerpts) == (
        1,
        (0, 0, 1, 0, 0),
        (Excerpt(event_id="e-2", score=40.0, text="Terribly late"),),
    )


def test_what_is_withdrawn_leaves_nothing_behind() -> None:
    facts, one = Facts(), ticket(text="Late")
    put(facts, one)
    assert take(facts, one) == Placed(alert_id=None, reason=Reason.WITHDRAWN, touched=(FIRST,), homes={})
    alert = facts.alerts[FIRST]
    assert (alert.events, alert.customers, alert.unfinished, alert.severities) == (0, 0, 0, (0, 0, 0, 0, 0))
    assert (alert.excerpts, list(facts.members), list(facts.tallies)) == ((), [], [])
    assert take(facts, one) == Placed(alert_id=None, reason=Reason.NOT_NEGATIVE, touched=(), homes={})


def test_a_subject_stays_in_its_open_alert_whatever_its_new_category() -> None:
    facts = Facts()
    put(facts, ticket())
    moved = put(facts, ticket(event_id="e-2"), make_target(alert_key="key-2"))
    assert (moved.alert_id, moved.reason) == (FIRST, Reason.ALREADY_MEMBER)
    assert "key-2" not in facts.gates


def test_a_remark_joins_the_alert_of_its_subject() -> None:
    facts = Facts()
    put(facts, ticket())
    remark = ticket(change=Change.REMARK, event_id="c-1")
    assert put(facts, remark, make_target(alert_key="key-2")).alert_id == FIRST
    assert facts.alerts[FIRST].events == 2


def test_a_new_owner_of_a_team_s_alert_gets_one_of_its_own() -> None:
    facts = Facts()
    put(facts, ticket("1"))
    put(facts, ticket("2"))
    theirs = make_target(alert_key="key-2", team="legal")
    moved = put(facts, ticket("1", event_id="e-2"), theirs)
    assert (moved.alert_id, moved.reason, moved.touched) == (
        alert_id("key-2", 1),
        Reason.NEW_ALERT,
        tuple(sorted((FIRST, alert_id("key-2", 1)))),
    )
    assert (facts.alerts[FIRST].events, facts.alerts[alert_id("key-2", 1)].team) == (1, "legal")


def test_an_alert_of_one_case_is_handed_over_and_back() -> None:
    facts = Facts()
    case = make_target(team_in_key=False)
    put(facts, ticket(), case)
    put(facts, ticket(event_id="e-2"), replace(case, team="legal", route="law"))
    assert (facts.alerts[FIRST].team, facts.alerts[FIRST].route) == ("legal", "law")
    put(facts, ticket(event_id="e-3"), case)
    assert (facts.alerts[FIRST].team, facts.alerts[FIRST].events) == ("desk", 1)


def test_each_copy_has_an_alert_of_its_own_and_keeps_it() -> None:
    facts = Facts()
    copies = [make_target(alert_key=f"copy-{n}", team="legal", copy=True) for n in (1, 2)]
    placed = put(facts, ticket(), make_target(), *copies)
    assert (placed.alert_id, placed.copies) == (FIRST, 2)
    again = put(facts, ticket(event_id="e-2"), make_target(), *copies)
    assert again.homes == dict.fromkeys((FIRST, alert_id("copy-1", 1), alert_id("copy-2", 1)), Reason.ALREADY_MEMBER)
    fewer = put(facts, ticket(event_id="e-3"), make_target(), copies[1])
    assert (fewer.copies, facts.alerts[alert_id("copy-1", 1)].events) == (1, 0)


@pytest.mark.parametrize(
    ("contribution", "reason"),
    [
        pytest.param(ticket("2"), Reason.REOPENED_ALERT, id="a new one"),
        pytest.param(ticket("1", CRITICAL, event_id="e-2"), Reason.REOPENED_ALERT, id="an old one that got worse"),
        pytest.param(ticket("1", event_id="e-2"), Reason.ALREADY_MEMBER, id="not an old one that is as it was"),
        pytest.param(ticket("1", MILD, event_id="e-2"), Reason.ALREADY_MEMBER, id="nor one that got better"),
        pytest.param(ticket("2", CRITICAL, done=True), Reason.REOPENED_ALERT, id="a critical one, though it is done"),
    ],
)
def test_what_wakes_a_resolved_alert_within_its_window(contribution: Contribution, reason: Reason) -> None:
    facts = Facts()
    put(facts, ticket("1"))
    closed(facts)
    assert put(facts, contribution, at=7 * DAY).reason is reason
    woken = reason is Reason.REOPENED_ALERT
    alert = facts.alerts[FIRST]
    assert (alert.state is AlertState.OPEN, alert.resolved_at is None, alert.close_at) == (
        woken,
        woken,
        START + 21 * DAY if woken else None,
    )


def test_after_the_window_news_opens_the_next_episode_and_the_old_alert_keeps_its_history() -> None:
    facts, second = Facts(), alert_id("key-1", 2)
    one = ticket("1", done=True)
    put(facts, ticket("1"))
    put(facts, one)
    closed(facts)
    assert put(facts, one, at=8 * DAY).reason is Reason.SUBJECT_CHANGED
    assert put(facts, ticket("1", event_id="e-2"), at=8 * DAY).reason is Reason.NEW_ALERT
    assert [each.alert_id for each in facts.members_of("/surveys", "ticket/1")] == sorted((FIRST, second))
    assert (facts.alerts[FIRST].events, facts.alerts[FIRST].state) == (1, AlertState.RESOLVED)
    assert facts.gates["key-1"] == Gate(alert_key="key-1", alert_id=second, episodes=2)


def test_no_more_than_the_latest_alert_of_a_key_is_ever_reopened() -> None:
    facts = Facts()
    put(facts, ticket("1"))
    closed(facts)
    put(facts, ticket("2"), at=8 * DAY)
    # A clock that runs a little behind still finds the first one within its window.
    assert put(facts, ticket("1", CRITICAL), at=7 * DAY).alert_id == alert_id("key-1", 2)


@pytest.mark.parametrize("open_already", [pytest.param(False, id="nobody there"), pytest.param(True, id="one there")])
def test_what_was_done_before_it_was_seen_opens_and_joins_nothing(open_already: bool) -> None:  # noqa: FBT001 - a case
    facts = Facts()
    if open_already:
        put(facts, ticket("2"))
    one = ticket("1", done=True)
    assert put(facts, one) == Placed(alert_id=None, reason=Reason.SUBJECT_CHANGED, touched=(), homes={})


@pytest.mark.parametrize("open_already", [pytest.param(False, id="nobody there"), pytest.param(True, id="one there")])
def test_what_comes_late_stays_where_it_is_and_joins_nothing(open_already: bool) -> None:  # noqa: FBT001 - a case
    facts = Facts()
    if open_already:
        put(facts, ticket("2"))
    assert put(facts, ticket("1"), late=True).alert_id is None
    put(facts, ticket("1"))
    assert put(facts, ticket("1", event_id="e-2"), late=True).reason is Reason.ALREADY_MEMBER


def test_an_alert_without_work_is_left_open_for_whoever_tells_of_it() -> None:
    facts = Facts()
    put(facts, ticket("1"))
    put(facts, ticket("1", event_id="e-2", done=True))
    assert (facts.alerts[FIRST].unfinished, facts.alerts[FIRST].state) == (0, AlertState.OPEN)


def test_linked_instances_are_counted_once_and_listed_up_to_five() -> None:
    facts = Facts()
    cases = [ticket(str(n)) for n in range(8)]
    cases = [replace(one, link=replace(one.link, instance_id=f"i{max(n, 1)}")) for n, one in enumerate(cases)]
    for one in cases:
        put(facts, one)
    assert (facts.alerts[FIRST].instances, facts.alerts[FIRST].linked) == (7, ("i1", "i2", "i3", "i4", "i5"))
    take(facts, cases[0])
    assert (facts.alerts[FIRST].instances, facts.alerts[FIRST].linked[0]) == (7, "i1")
    take(facts, cases[1])
    assert (facts.alerts[FIRST].instances, facts.alerts[FIRST].linked) == (6, ("i2", "i3", "i4", "i5"))


def test_the_worst_three_excerpts_are_kept() -> None:
    facts = Facts()
    for name, signals in (("1", MILD), ("2", BAD), ("3", MILD), ("4", BAD)):
        put(facts, ticket(name, signals, text=f"text {name}"))
    assert [one.text for one in facts.alerts[FIRST].excerpts] == ["text 2", "text 4", "text 1"]


def member(severity: Severity, *, done: bool = False) -> Member:
    facts = Facts()
    put(facts, ticket(done=False))
    return replace(facts.members_of("/surveys", "ticket/1")[0], severity=severity, done=done)


@pytest.mark.parametrize(
    ("contribution", "earlier", "own", "news"),
    [
        pytest.param(ticket(), None, True, True, id="what is new"),
        pytest.param(ticket(done=True), None, True, False, id="not what is new but done"),
        pytest.param(ticket(signals=CRITICAL, done=True), None, True, True, id="what is new and critical, done or not"),
        pytest.param(ticket(), member(Severity.HIGH), True, False, id="not what is as it was"),
        pytest.param(ticket(), member(Severity.MEDIUM), True, True, id="what got worse"),
        pytest.param(ticket(), member(Severity.HIGH, done=True), True, True, id="what is at work again"),
        pytest.param(
            ticket(signals=CRITICAL), member(Severity.CRITICAL), True, True, id="each event of a critical subject"
        ),
        pytest.param(ticket(signals=CRITICAL), member(Severity.CRITICAL), False, False, id="not its second assessment"),
        pytest.param(
            ticket(signals=CRITICAL, done=True), member(Severity.CRITICAL), True, False, id="nor its being done"
        ),
    ],
)
def test_what_is_news(contribution: Contribution, earlier: Member | None, own: bool, news: bool) -> None:  # noqa: FBT001 - a case
    assert is_news(contribution, earlier, own=own) is news
