"""What is learnt of severity and sentiment, and from how few lines nothing is."""

from dataclasses import replace
from typing import Any

import pytest

from service.training import Labelled
from service.training.looking import lexical_view, read_views, rows_of
from service.training.tone import FEWEST, Toned, fit_tones

GLANCES = ("glance:severity", "glance:sentiment")
LEXICON = {"awful": -3.0, "great": 3.0}
# What people said of each, and how it was meant: a severity and a sentiment.
SAID = (("awful, {}", 90.0, -1.0), ("the {} was what it was", 50.0, 0.0), ("great {}", 10.0, 1.0))
THINGS = ("crew", "ward", "meal", "car", "bed", "call", "form", "nurse", "door", "bill", "desk", "room", "trip", "help")


def told(count: int = len(THINGS) * len(SAID) * 2, **changes: Any) -> list[Labelled]:  # noqa: ANN401 - any field
    lines = [
        Labelled(
            id=f"{thing}-{severity}-{more}",
            text=said.format(thing) + more,
            labels=("care",),
            severity=severity,
            sentiment=sentiment,
        )
        for more in ("", " today")
        for thing in THINGS
        for said, severity, sentiment in SAID
    ]
    return [replace(one, **changes) for one in lines[:count]]


def learnt(lines: list[Labelled]) -> Toned:
    return fit_tones(lines, read_views(lines, 1) | lexical_view(LEXICON), (), seed=1)


def test_severity_and_sentiment_are_heard_in_texts_that_were_not_seen() -> None:
    lines = told()
    views = read_views(lines, 1) | lexical_view(LEXICON)
    tones = fit_tones(lines, views, (), seed=1).tones
    rows = rows_of(views, [Labelled(id=said, text=said.format("garden")) for said, _, _ in SAID])
    rows |= {name: tones[name][0].signs(rows) for name in GLANCES}
    severity, sentiment = (tones[name][0].values(rows) for name in ("severity", "sentiment"))
    assert 90 >= severity[0] > 70 > severity[1] > 30 > severity[2] >= 10
    assert sentiment[0] <= -0.5 < sentiment[1] < 0.5 <= sentiment[2]


def test_the_report_has_the_figures_of_held_out_lines() -> None:
    report = learnt(told()).report
    assert report["severity"]["n"] == len(told())
    assert report["severity"]["levels"] == [10.0, 50.0, 90.0]
    assert report["severity"]["spearman"] > 0.9
    assert report["sentiment"]["macro_f1"] == 1.0
    assert report["sentiment"]["offsets"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        pytest.param(
            told(FEWEST), {"severity", "sentiment", *GLANCES}, id="just enough, each with a glance at the other"
        ),
        pytest.param(told(FEWEST - 1), set(), id="too few"),
        pytest.param(told(severity=None), {"sentiment"}, id="one of the two"),
        pytest.param(told(severity=40.0, sentiment=None), set(), id="all the same"),
    ],
)
def test_what_too_few_lines_tell_is_not_learnt(lines: list[Labelled], heard: set[str]) -> None:
    assert learnt(lines).tones.keys() == heard


def test_of_many_values_neighbours_share_a_level() -> None:
    lines = [replace(one, severity=float(at)) for at, one in enumerate(told())]
    levels = learnt(lines).report["severity"]["levels"]
    assert len(levels) == 9
    assert levels == sorted(levels)


def test_what_was_learnt_is_the_same_again() -> None:
    first, second = (learnt(told(sentiment=None)).tones["severity"][0] for _ in range(2))
    assert {view: one.tobytes() for view, one in first.weights.items()} == {
        view: one.tobytes() for view, one in second.weights.items()
    }
