"""The laws of deploy/docs/architecture.md, on random streams through the real pipeline and the store in memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.pipeline.read import ReadRecord
from service.core.recontact import cases
from service.core.records.alerts import Alert, Member
from service.core.records.decisions import PartKey, SettledBy
from service.core.records.feedback import Reading
from service.core.records.words import AlertKind, AlertState, Severity, Verdict
from service.ports import Books, add_books
from tests.builders import START, Timeline, read_event, survey
from tests.properties.generous import GenerousStore
from tests.properties.streams import PLAYBOOKS, Happening, Life, arrivals, lives

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOUND = timedelta(hours=20)
AFTER = timedelta(days=60)

# Deterministic, so that a failure is found again; `derandomize` draws the same streams on every run.
few = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

EVERY_PLAYBOOK = pytest.mark.parametrize("playbook", PLAYBOOKS)
Picks = st.lists(st.integers(0, 50), max_size=40)
Cuts = st.lists(st.integers(1, 6), min_size=1, max_size=10)


def run(
    happenings: Sequence[Happening], cuts: Sequence[int], playbook: str, timeline: Timeline | None = None
) -> tuple[Timeline, list[tuple[list[ReadRecord], Books]]]:
    """Decide a stream under the stream clock in batches of the given sizes, taken in turn; timers run before each."""
    timeline = timeline or Timeline(PLAYBOOKS[playbook])
    records = [read_event(one.event, START + one.at, timeline.rules, at) for at, one in enumerate(happenings)]
    batches: list[tuple[list[ReadRecord], Books]] = []
    for batch in _batches(records, cuts):
        books = timeline.batch(batch, clock_of(timeline))
        batches.append((batch, books))
    return timeline, batches


def _batches(records: Sequence[ReadRecord], cuts: Sequence[int]) -> Iterator[list[ReadRecord]]:
    at = turn = 0
    while at < len(records):
        size = cuts[turn % len(cuts)]
        yield list(records[at : at + size])
        at, turn = at + size, turn + 1


def clock_of(timeline: Timeline) -> Callable[[datetime | None], datetime]:
    def now_of(occurred_at: datetime | None) -> datetime:
        timeline.now = max(timeline.now, occurred_at or timeline.now)
        return timeline.now

    return now_of


def members_of(timeline: Timeline) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for member in timeline.store.rows.members.values():
        found.setdefault(member.alert_id, []).append(member)
    return found


@EVERY_PLAYBOOK
@given(told=lives(10 * DAY), picks=Picks, cuts=Cuts)
@few
def test_nothing_vanishes(playbook: str, told: list[Life], picks: list[int], cuts: list[int]) -> None:
    happenings = arrivals(told, picks)
    twice = [*happenings, *happenings[::2]]
    timeline, batches = run(twice, cuts, playbook)
    total = Books()
    for batch, books in batches:
        assert books.consumed == len(batch)
        assert books.consumed == books.accepted + books.duplicate + books.superseded + sum(books.rejected.values())
        assert books.accepted == sum(books.verdicts.values())
        total = add_books(total, books)
    assert total == timeline.store.rows.books
    assert total.duplicate == len(twice) - len(happenings)
    rows = Counter(row.document["verdict"] for row in timeline.store.rows.rows.values())
    recorded = sum(count for (_, verdict), count in total.verdicts.items() if verdict == Verdict.RECORDED)
    assert sum(rows.values()) - rows["recorded"] == total.accepted - recorded


@EVERY_PLAYBOOK
@given(told=lives(40 * DAY, steps=6), picks=Picks, cuts=Cuts)
@few
def test_a_key_has_at_most_one_open_alert(playbook: str, told: list[Life], picks: list[int], cuts: list[int]) -> None:
    timeline, _ = run(arrivals(told, picks), cuts, playbook)
    for _ in range(2):
        still_open = Counter(
            one.alert_key for one in timeline.store.rows.alerts.values() if one.state is AlertState.OPEN
        )
        assert not [key for key, count in still_open.items() if count > 1]
        latest = {key: gate.alert_id for key, gate in timeline.store.rows.gates.items()}
        for alert in timeline.store.rows.alerts.values():
            assert alert.state is AlertState.RESOLVED or latest[alert.alert_key] == alert.alert_id
        timeline.wait(timeline.now - START + AFTER)


@EVERY_PLAYBOOK
@given(told=lives(10 * DAY, steps=5), picks=Picks)
@few
def test_a_critical_event_is_told_or_joins_what_was_told_as_critical(
    playbook: str, told: list[Life], picks: list[int]
) -> None:
    timeline = Timeline(PLAYBOOKS[playbook])
    for at, happening in enumerate(arrivals(told, picks)):
        record = read_event(happening.event, START + happening.at, timeline.rules, at)
        already = told_as_critical(timeline)
        heard = len(timeline.store.rows.notices)
        timeline.batch([record], clock_of(timeline))
        row = timeline.store.rows.rows.get(name_of(record))
        if row is None or row.document["severity"] != "critical" or row.document["verdict"] in ("recorded", "updated"):
            continue
        fresh = {one.alert.alert_id for one in timeline.store.rows.notices[heard:] if one.at == timeline.now}
        if row.document["verdict"] != "stale":
            assert row.document["alert_id"] in fresh | already
        elif row.document["alert_id"] not in fresh | already:
            alert = timeline.store.rows.alerts[row.document["alert_id"]]
            assert alert.flush_at is not None


def is_history(timeline: Timeline, alert_id: str) -> bool:
    """Whether an alert can not be reopened: then it keeps what it held, whatever becomes of that."""
    alert = timeline.store.rows.alerts[alert_id]
    window = timeline.rules.playbook.fatigue.reopen_window
    last = timeline.store.rows.gates[alert.alert_key].alert_id == alert_id
    return alert.resolved_at is not None and not (last and timeline.now - alert.resolved_at <= window)


def told_as_critical(timeline: Timeline) -> set[str]:
    return {one.alert.alert_id for one in timeline.store.rows.notices if one.alert.severity is Severity.CRITICAL}


def name_of(record: ReadRecord) -> tuple[str, str]:
    assert isinstance(record.read, Reading)
    return (record.read.source, record.read.event_id)


@EVERY_PLAYBOOK
@given(told=lives(10 * DAY), picks=Picks, cuts=Cuts, again=Cuts)
@few
def test_what_was_decided_before_adds_no_notice_and_no_row(
    playbook: str, told: list[Life], picks: list[int], cuts: list[int], again: list[int]
) -> None:
    happenings = arrivals(told, picks)
    timeline, _ = run(happenings, cuts, playbook)
    timeline.wait(timeline.now - START + AFTER)
    rows = timeline.store.rows
    before = (dict(rows.rows), dict(rows.alerts), dict(rows.members), dict(rows.contributions), list(rows.notices))
    sent = len(rows.outgoing)
    _, batches = run(happenings, again, playbook, timeline)
    after = (dict(rows.rows), dict(rows.alerts), dict(rows.members), dict(rows.contributions), list(rows.notices))
    assert after == before
    assert len(rows.outgoing) == sent
    assert all(books.duplicate == books.consumed for _, books in batches)


@EVERY_PLAYBOOK
@given(told=lives(BOUND), one=Picks, other=Picks, cuts=Cuts, others=Cuts)
@few
def test_neither_order_nor_batches_change_what_the_alerts_hold(
    playbook: str, told: list[Life], one: list[int], other: list[int], cuts: list[int], others: list[int]
) -> None:
    # The law speaks of subjects: a late link leaves a complaint in the alert that it is in, whatever that is keyed by.
    first, _ = run(arrivals(told, one, processes_first=True), cuts, playbook)
    second, _ = run(arrivals(told, other, processes_first=True), others, playbook)
    assert held(first) == held(second)
    assert shown(first) == shown(second)
    assert at_risk(first) == at_risk(second)
    assert closed(first) == closed(second)
    assert settled(first) == settled(second)


@EVERY_PLAYBOOK
@given(told=lives(BOUND), one=Picks, other=Picks, cuts=Cuts, others=Cuts)
@few
def test_neither_order_nor_batches_change_what_is_linked_to_what(
    playbook: str, told: list[Life], one: list[int], other: list[int], cuts: list[int], others: list[int]
) -> None:
    first, _ = run(arrivals(told, one), cuts, playbook)
    second, _ = run(arrivals(told, other), others, playbook)
    assert shown(first) == shown(second)
    assert settled(first) == settled(second)


def closed(timeline: Timeline) -> dict[PartKey, tuple[datetime, bool]]:
    """When each case was closed, and whether its customer came back."""
    found = cases(timeline.store.rows.contributions.values(), 7 * DAY)
    return {one.state.key: (one.closed_at, one.returned) for one in found}


def settled(timeline: Timeline) -> dict[PartKey, SettledBy]:
    """What has settled which complaint."""
    contributions = timeline.store.rows.contributions.items()
    return {key: one.settled_by for key, one in contributions if one.settled_by is not None}


def held(timeline: Timeline) -> dict[tuple[str, str], tuple[list[str], str, int, int, int, int]]:
    members = members_of(timeline)
    return {
        (alert.alert_key, alert.alert_id): (
            sorted(one.event_id for one in members[alert.alert_id]),
            alert.severity.value,
            alert.events,
            alert.customers,
            alert.instances,
            alert.unfinished,
        )
        for alert in timeline.store.rows.alerts.values()
        if alert.alert_id in members
    }


def at_risk(timeline: Timeline) -> dict[str, tuple[object, ...]]:
    """What the alerts about customers at risk say, as far as anything is left in them."""
    return {
        alert.alert_id: (alert.state, alert.events, alert.process, alert.category, alert.linked, alert.evidence)
        for alert in timeline.store.rows.alerts.values()
        if alert.kind is AlertKind.AT_RISK and alert.events > 0
    }


def shown(timeline: Timeline) -> dict[tuple[str, str], dict[str, object]]:
    """The rows of the feedback that holds, without what was told at the time."""
    current = {(one.feedback.source, one.feedback.event_id) for one in timeline.store.rows.contributions.values()}
    told_then = ("verdict", "alert_id", "reason")
    return {
        name: {field: value for field, value in row.document.items() if field not in told_then}
        for name, row in timeline.store.rows.rows.items()
        if name in current
    }


@EVERY_PLAYBOOK
@given(told=lives(30 * DAY), picks=Picks, one=Cuts, other=Cuts)
@few
def test_batches_change_nothing_at_all_but_what_is_sent_twice(
    playbook: str, told: list[Life], picks: list[int], one: list[int], other: list[int]
) -> None:
    happenings = arrivals(told, picks)
    first, second = run(happenings, one, playbook)[0], run(happenings, other, playbook)[0]
    for timeline in (first, second):
        timeline.wait(timeline.now - START + AFTER)
    assert everything(first) == everything(second)


def everything(timeline: Timeline) -> tuple[object, ...]:
    rows = timeline.store.rows
    told = sorted(rows.notices, key=lambda one: (one.alert.alert_id, one.revision))
    documents = {name: row.document for name, row in rows.rows.items()}
    # How often a decision was sent again does depend on the batches.
    contributions = {key: replace(one, versions=1) for key, one in rows.contributions.items()}
    cases = (rows.instances, rows.gates)
    return (documents, rows.alerts, rows.members, contributions, rows.tallies, cases, told, rows.books)


@given(scores=st.lists(st.integers(0, 4), min_size=2, max_size=12), cuts=Cuts)
@few
def test_one_customer_who_writes_often_is_one_customer(scores: list[int], cuts: list[int]) -> None:
    happenings = [
        Happening(at * HOUR, survey(f"r{at}", score, "late", customer="anna")) for at, score in enumerate(scores)
    ]
    timeline, _ = run(happenings, cuts, "owned")
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.events, alert.customers) == (len(scores), 1)


@EVERY_PLAYBOOK
@given(told=lives(20 * DAY, steps=6), picks=Picks, cuts=Cuts)
@few
def test_cached_counts_equal_a_recount(playbook: str, told: list[Life], picks: list[int], cuts: list[int]) -> None:
    timeline, _ = run(arrivals(told, picks), cuts, playbook)
    members = members_of(timeline)
    for alert in timeline.store.rows.alerts.values():
        if alert.kind is AlertKind.EVENT:
            assert _counts(alert) == _recount(members.get(alert.alert_id, []))
    tallies = Counter(
        (member.alert_id, what, value)
        for member in timeline.store.rows.members.values()
        for what, value in (("customer", member.customer), ("instance", member.instance_id))
        if value is not None
    )
    assert timeline.store.rows.tallies == tallies


def _counts(alert: Alert) -> tuple[object, ...]:
    return (alert.events, alert.customers, alert.instances, alert.unfinished, alert.severities)


def _recount(members: Sequence[Member]) -> tuple[object, ...]:
    return (
        len(members),
        len({one.customer for one in members}),
        len({one.instance_id for one in members} - {None}),
        sum(not one.done for one in members),
        tuple(sum(one.severity is severity for one in members) for severity in Severity),
    )


@EVERY_PLAYBOOK
@given(told=lives(20 * DAY, steps=5), picks=Picks, cuts=Cuts)
@few
def test_what_is_needed_is_all_that_is_read(playbook: str, told: list[Life], picks: list[int], cuts: list[int]) -> None:
    happenings = arrivals(told, picks)
    sparing, _ = run(happenings, cuts, playbook)
    lavish, _ = run(happenings, cuts, playbook, Timeline(PLAYBOOKS[playbook], GenerousStore))
    for timeline in (sparing, lavish):
        timeline.wait(timeline.now - START + AFTER)
    assert everything(sparing) == everything(lavish)
    assert sparing.store.rows.instance_keys == lavish.store.rows.instance_keys


@EVERY_PLAYBOOK
@given(told=lives(10 * DAY), picks=Picks, cuts=Cuts)
@few
def test_every_member_is_a_contribution_that_holds(
    playbook: str, told: list[Life], picks: list[int], cuts: list[int]
) -> None:
    timeline, _ = run(arrivals(told, picks), cuts, playbook)
    rows = timeline.store.rows
    for member in rows.members.values():
        if is_history(timeline, member.alert_id):
            continue
        contribution = rows.contributions[member.key]
        assert (member.event_id, member.customer, member.severity, member.done) == (
            contribution.feedback.event_id,
            contribution.feedback.customer,
            contribution.assessed.severity,
            contribution.is_done,
        )
        assert contribution.assessed.negative
