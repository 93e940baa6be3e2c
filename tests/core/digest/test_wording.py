"""The text of a digest, as somebody reads it in the morning."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.core.digest import Entry, compose, text
from service.core.records.words import AlertKind, AlertState, NoticeReason, Severity

AT = datetime(2026, 5, 5, 6, tzinfo=UTC)
LATE = Entry(
    alert_id="a-1",
    revision=1,
    reason=NoticeReason.OPENED,
    severity=Severity.MEDIUM,
    kind=AlertKind.EVENT,
    process="Delivery",
    category="Delivery is late",
    title="Delivery is late · Delivery: 1 customer, medium",
    events=1,
    customers=1,
    excerpts=("My kettle is 5 days late, where is it?",),
    first_seen=AT,
    last_seen=AT,
)


def test_a_morning_s_digest_reads_from_the_worst_to_what_is_over() -> None:
    entries = [
        LATE,
        replace(
            LATE,
            alert_id="a-2",
            events=3,
            customers=2,
            excerpts=("My toaster is 9 days late, where is it?", "No word from you."),
        ),
        replace(LATE, alert_id="a-3", severity=Severity.HIGH, reason=NoticeReason.SEVERITY_INCREASED, excerpts=()),
        replace(
            LATE,
            alert_id="a-4",
            kind=AlertKind.LATE_CASE,
            title="Gold customer's case in Delivery is past its 72 hours",
            excerpts=(),
        ),
        replace(
            LATE, alert_id="a-5", category="Unsafe product", severity=Severity.CRITICAL, excerpts=("It caught\nfire.",)
        ),
        replace(
            LATE,
            alert_id="a-6",
            category="Points missing",
            state=AlertState.RESOLVED,
            reason=NoticeReason.RESOLVED,
            excerpts=(),
        ),
        replace(LATE, alert_id="a-7", kind=AlertKind.CONTRADICTION, category="*", process="*", customers=0, events=0),
    ]
    assert text(compose(entries)) == (
        """\
7 alerts, 7 customers, 8 events: 1 critical, 1 high, 5 medium; 1 over.

Unsafe product · Delivery: 1 alert, critical (new), 1 customer
“It caught fire.”

Delivery is late · Delivery: 4 alerts, 1 high (3 new, 1 worse), 5 customers
- Gold customer's case in Delivery is past its 72 hours
“My toaster is 9 days late, where is it?” (2 say so)
“No word from you.”

Several categories · several processes: 1 alert, medium (new)
- Delivery is late · Delivery: 1 customer, medium
“My kettle is 5 days late, where is it?”

Points missing · Delivery: 1 alert, medium (over), 1 customer
"""
    )


def test_the_further_down_the_shorter() -> None:
    entries = [
        replace(
            LATE,
            alert_id=f"a-{at:02}",
            category=f"Trouble {at:02}",
            kind=AlertKind.AT_RISK,
            excerpts=("Nobody answers.", "It is cold."),
        )
        for at in range(52)
    ]
    paragraphs = text(compose(entries)).rstrip("\n").split("\n\n")
    assert [len(paragraph.splitlines()) for paragraph in paragraphs] == [1, *[4] * 5, *[2] * 10, *[1] * 36]
    assert paragraphs[-1] == "And 2 further processes and categories: 2 alerts, 2 customers."


def test_titles_that_are_the_same_are_named_once_and_three_of_all() -> None:
    titles = ["One", "One", "Two", "Three", "Four", "Five", "Five"]
    entries = [
        replace(LATE, alert_id=f"a-{at}", kind=AlertKind.LATE_CASE, title=title, excerpts=())
        for at, title in enumerate(titles)
    ]
    lines = text(compose(entries)).splitlines()[3:]
    assert lines == ["- One (2)", "- Two", "- Three", "- and 3 more"]


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        pytest.param("Short.", "“Short.”", id="a short one stays as it is"),
        pytest.param("x" * 90 + ". " + "y" * 90, "“" + "x" * 90 + ". …”", id="behind a sentence"),
        pytest.param("word, " * 40, "“" + "word, " * 25 + "word…”", id="behind a word"),
        pytest.param("遅" * 100 + "。" + "い" * 90, "“" + "遅" * 100 + "。 …”", id="behind a Japanese sentence"),
        pytest.param("遅" * 200, "“" + "遅" * 160 + "…”", id="anywhere where there is no gap"),
    ],
)
def test_a_long_quote_is_cut_where_it_hurts_least(written: str, quoted: str) -> None:
    assert text(compose([replace(LATE, excerpts=(written,))])).splitlines()[3] == quoted


def test_no_alerts_are_a_line() -> None:
    assert text(compose([])) == "No alerts.\n"
