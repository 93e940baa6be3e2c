"""Alerts in, one document out: the same in any order, the worst first, and never longer than people read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.core.digest import (
    MOST_ALERTS,
    MOST_GROUPS,
    MOST_QUOTES,
    Digest,
    Entry,
    Group,
    More,
    Quote,
    Totals,
    compose,
    digest_record,
    text,
)
from service.core.records.words import AlertKind, AlertState, DigestReason, NoticeReason, Severity

AT = datetime(2026, 5, 5, 6, tzinfo=UTC)


def entry(alert_id: str = "a-1", **changes: Any) -> Entry:  # noqa: ANN401 - any field of Entry
    given_: dict[str, Any] = {
        "alert_id": alert_id,
        "revision": 1,
        "reason": NoticeReason.OPENED,
        "severity": Severity.MEDIUM,
        "kind": AlertKind.EVENT,
        "process": "Delivery",
        "category": "Delivery is late",
        "title": "Delivery is late · Delivery: 1 customer, medium",
        "events": 1,
        "customers": 1,
        "first_seen": AT,
        "last_seen": AT,
    }
    return Entry(**(given_ | changes))


def named(digest: Digest) -> list[tuple[str, str]]:
    return [(group.category, group.process) for group in digest.groups]


def test_alerts_of_one_process_and_category_are_one_group() -> None:
    late, worse = (
        entry("a-1", excerpts=("Two days late.",)),
        entry("a-2", severity=Severity.HIGH, events=3, customers=2),
    )
    over = entry("a-3", severity=Severity.LOW, state=AlertState.RESOLVED, reason=NoticeReason.RESOLVED)
    totals = Totals(alerts=3, over=1, events=5, customers=4, severities=(0, 1, 1, 1, 0))
    assert compose([late, worse, over]) == Digest(
        totals=totals,
        groups=(
            Group(
                process="Delivery",
                category="Delivery is late",
                severity=Severity.HIGH,
                totals=totals,
                reasons=((NoticeReason.OPENED, 2), (NoticeReason.RESOLVED, 1)),
                alerts=(worse, late, over),
                quotes=(Quote(text="Two days late.", said=1),),
            ),
        ),
        more=None,
    )


def test_groups_come_by_what_is_open_then_by_severity_then_by_customers_then_by_name() -> None:
    digest = compose(
        [
            entry("a-1", category="Over", severity=Severity.CRITICAL, customers=9, state=AlertState.RESOLVED),
            entry("a-2", category="Rude"),
            entry("a-3", category="Few", severity=Severity.HIGH),
            entry("a-4", category="Late"),
            entry("a-5", category="Many", severity=Severity.HIGH, customers=2),
            entry("a-6", category="Few", severity=Severity.LOW, process="Care"),
        ]
    )
    assert [category for category, _ in named(digest)] == ["Many", "Few", "Late", "Rude", "Few", "Over"]


def test_a_resolved_alert_makes_its_group_no_worse() -> None:
    (group,) = compose([entry("a-1", severity=Severity.CRITICAL, state=AlertState.RESOLVED), entry("a-2")]).groups
    assert (group.severity, [one.alert_id for one in group.alerts]) == (Severity.MEDIUM, ["a-2", "a-1"])


def test_of_an_alert_that_comes_twice_the_newest_revision_counts() -> None:
    newer = entry(revision=2, customers=5, events=7)
    assert compose([newer, entry(revision=1)]) == compose([newer])


def test_a_group_names_twenty_alerts_and_counts_all_and_cuts_long_titles() -> None:
    (group,) = compose([entry(f"a-{at:02}", title="x" * 200) for at in range(25)]).groups
    assert (len(group.alerts), group.totals.alerts) == (MOST_ALERTS, 25)
    assert {one.title for one in group.alerts} == {"x" * 119 + "…"}


def test_what_is_beyond_fifty_groups_is_summed_up() -> None:
    worst = [entry(f"a-{at:02}", category=f"c-{at:02}", severity=Severity.HIGH) for at in range(MOST_GROUPS)]
    rest = [entry("b-1", category="x", customers=2, events=4), entry("b-2", category="y"), entry("b-3", category="x")]
    digest = compose([*rest, *worst])
    assert named(digest) == [(f"c-{at:02}", "Delivery") for at in range(MOST_GROUPS)]
    left = Totals(alerts=3, over=0, events=6, customers=4, severities=(0, 0, 3, 0, 0))
    assert digest.more == More(groups=2, totals=left)


def test_the_worst_alert_speaks_first_and_then_what_most_say() -> None:
    alerts = [
        entry("a-1", severity=Severity.HIGH, excerpts=("The lamp caught fire on the first evening.",)),
        entry("a-2", excerpts=("Nobody answers the phone.", "Where is my parcel?")),
        entry("a-3", excerpts=("where is my PARCEL",)),
        entry("a-4", excerpts=("The courier left it in the rain.",)),
        entry("a-5", excerpts=("My parcel: where is it?", "Where is my parcel?!")),
    ]
    (group,) = compose(alerts).groups
    assert group.quotes == (
        Quote(text="The lamp caught fire on the first evening.", said=1),
        Quote(text="Where is my parcel?", said=3),
        Quote(text="Nobody answers the phone.", said=1),
    )


def test_nothing_makes_an_empty_digest() -> None:
    nothing = Totals(alerts=0, over=0, events=0, customers=0, severities=(0, 0, 0, 0, 0))
    assert compose([]) == Digest(totals=nothing, groups=(), more=None)


ENTRIES = st.builds(
    entry,
    alert_id=st.integers(0, 30).map(lambda number: f"a-{number}"),
    revision=st.integers(1, 3),
    reason=st.sampled_from(NoticeReason),
    severity=st.sampled_from(Severity),
    kind=st.sampled_from(AlertKind),
    process=st.sampled_from(["Delivery", "Returns", "*"]),
    category=st.sampled_from(["Late", "Broken", "*"]),
    title=st.sampled_from(["A title", "Another"]),
    events=st.integers(0, 30),
    customers=st.integers(0, 9),
    excerpts=st.lists(
        st.sampled_from(["It is late.", "it is LATE", "遅い", "", "Broken again, like the last one."]), max_size=3
    ).map(tuple),
    state=st.sampled_from(AlertState),
)


@given(st.lists(ENTRIES, max_size=30).flatmap(lambda entries: st.tuples(st.just(entries), st.permutations(entries))))
def test_the_order_in_which_alerts_come_changes_nothing(given_: tuple[Sequence[Entry], Sequence[Entry]]) -> None:
    ours, theirs = given_
    assert compose(ours) == compose(theirs)
    assert text(compose(ours)) == text(compose(theirs))


@given(st.lists(ENTRIES, max_size=40))
def test_every_alert_is_counted_once_and_the_record_keeps_its_bounds(entries: list[Entry]) -> None:
    digest = compose(entries)
    counted = [group.totals for group in digest.groups] + ([digest.more.totals] if digest.more else [])
    assert digest.totals.alerts == len({one.alert_id for one in entries}) == sum(one.alerts for one in counted)
    assert digest.totals.customers == sum(one.customers for one in counted)
    assert sum(digest.totals.severities) == digest.totals.alerts
    assert all(len(group.quotes) <= MOST_QUOTES for group in digest.groups)
    record = digest_record(digest, digest_id="d-1", team="desk", at=AT, reason=DigestReason.DAILY, playbook="p")
    assert [group.totals.alerts for group in record.groups] == [group.totals.alerts for group in digest.groups]
    assert record.text == text(digest)


def test_the_longest_digest_fits_into_a_record() -> None:
    long = "“Ünbelievable” " * 40
    entries = [
        entry(
            f"a-{at:04}",
            category=f"{at % 60} {long}"[:200],
            process=long[:200],
            title=long,
            kind=AlertKind.LATE_CASE,
            excerpts=tuple(f"{at * 7 + k} {chr(65 + k) * 3} {long}"[:280] for k in range(3)),
        )
        for at in range(2_000)
    ]
    record = digest_record(
        compose([replace(one, events=10**9, customers=10**9) for one in entries]),
        digest_id="d-1",
        team="desk",
        at=AT,
        reason=DigestReason.UNMUTED,
        playbook="p",
    )
    assert len(record.text) < 65_536
    assert len(record.model_dump_json().encode()) < 1_000_000
