"""What pages show, as values: no page, no store."""

from datetime import timedelta

import pytest

from service.console.pages.leading import local
from service.console.views.books import Ledger, TeamBook, ledger
from service.console.views.charts import Interval, Point, Trend, interval, trend
from service.console.views.playbooks import Difference, Line, Placed, differences, placed
from service.console.views.scores import write
from service.console.views.times import ago, exact, instant, lasting
from service.console.views.wording import count, percent, sentence, words
from service.core.records.words import Verdict, Wait
from service.core.scorecard import Measure
from service.ports import Books
from tests.builders import START


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=3, seconds=59), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(seconds=-5), "in a moment"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_how_long_ago_something_was_is_told_in_one_unit(past: timedelta, said: str) -> None:
    assert ago(START - past, START) == said


def test_instants_are_written_for_people_and_for_machines() -> None:
    assert (exact(START), instant(START)) == ("Mon 04 May 2026, 09:00:00 UTC", "2026-05-04T09:00:00Z")
    assert [lasting(seconds) for seconds in (4, 90, 7_200)] == ["4 s", "1 min", "2 h"]


def test_members_and_figures_are_written_as_words() -> None:
    assert (words(Wait.OVER_BUDGET), sentence(Wait.OVER_BUDGET)) == ("over budget", "Over budget")
    assert [count(number, "customer") for number in (0, 1, 1_204)] == ["0 customers", "1 customer", "1,204 customers"]
    assert [percent(share) for share in (0, 0.004, 0.5, 1)] == ["0%", "0.4%", "50%", "100%"]
    assert [write(Measure.NPS, figure) for figure in (-20.4, 0.2, 41)] == ["-20", "0", "+41"]
    assert (write(Measure.CES_MEAN, 5.126), write(Measure.CSAT, 0.691)) == ("5.13", "69%")


def test_an_interval_lies_on_the_whole_scale_of_its_figure() -> None:
    assert interval(Measure.CSAT, 0, 0.5, 1) == Interval(low=4, at=66, high=128, zero=None)
    assert interval(Measure.NPS, -100, 0, 100) == Interval(low=4, at=66, high=128, zero=66)


def test_a_trend_is_broken_where_a_period_has_no_figure_and_needs_two_that_have() -> None:
    figures = [(0.0, 0.5, 1.0), None, (0.0, 1.0, 1.0)]
    assert trend(Measure.CSAT, [None, (0.0, 0.5, 1.0)]) is None
    assert trend(Measure.CSAT, figures) == Trend(
        runs=((Point(x=4, y=13, low=22, high=4),), (Point(x=92, y=4, low=22, high=4),))
    )


def test_the_books_say_what_is_unaccounted_for() -> None:
    books = Books(
        consumed=10,
        accepted=7,
        duplicate=1,
        rejected={("intake", "bad_time"): 1},
        verdicts={("drivers", "opened"): 2, ("drivers", "quiet"): 1, ("", "recorded"): 4},
    )
    assert ledger(books, {"drivers": "Drivers"}) == Ledger(
        consumed=10,
        parts=(("Accepted", 7, 0.7), ("Duplicate", 1, 0.1), ("Superseded", 0, 0.0), ("Rejected", 1, 0.1)),
        difference=1,
        verdicts=tuple(one for one in Verdict if one.value in ("opened", "quiet", "recorded")),
        teams=(
            TeamBook(name="Drivers", counts=_in_order(opened=2, quiet=1), total=3),
            TeamBook(name=None, counts=_in_order(recorded=4), total=4),
        ),
        judged=7,
        rejected=(("intake", "bad_time", 1),),
    )


def _in_order(**counts: int) -> tuple[int, ...]:
    return tuple(counts.get(one.value, 0) for one in Verdict if one.value in ("opened", "quiet", "recorded"))


def test_what_differs_between_two_playbooks_is_told_by_file_and_line() -> None:
    old = {"a.yaml": "one\ntwo\n", "b.yaml": "same\n"}
    new = {"a.yaml": "one\nthree\n", "b.yaml": "same\n"}
    lines = (
        Line(kind="place", text="-1,2 +1,2"),
        Line(kind="same", text="one"),
        Line(kind="removed", text="two"),
        Line(kind="added", text="three"),
    )
    assert differences(old, new) == (Difference(file="a.yaml", lines=lines, cut=False),)


def test_a_fault_has_the_line_that_it_is_about_where_it_is_about_one() -> None:
    documents = {"a.yaml": "one\ntwo\n"}
    faults: list[dict[str, str | int]] = [
        {"file": "a.yaml", "line": 2, "path": "x", "message": "wrong"},
        {"file": "", "line": 0, "path": "tests[1]", "message": "fails"},
    ]
    assert placed(faults, documents) == (
        Placed(file="a.yaml", line=2, path="x", message="wrong", source="two"),
        Placed(file="", line=0, path="tests[1]", message="fails", source=None),
    )


@pytest.mark.parametrize("to", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "", None])
def test_no_form_leads_to_another_site(to: str | None) -> None:
    assert (local(to), local("/teams/drivers?state=all")) == ("/", "/teams/drivers?state=all")
