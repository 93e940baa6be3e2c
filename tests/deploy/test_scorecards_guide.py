"""The guide to metrics says what the code does: its figures, its floor, its periods and its examples."""

import json
import re

import pytest
from pydantic import ValidationError

from service.api.routes import scorecards as route
from service.core.intervals import share
from service.core.playbook.model import Metrics
from service.core.playbook.volume import Recontact
from service.core.scale import on_scale
from service.core.scorecard import LONGEST, RECENT, CaseTally, Dimension, Measure, Tally, scorecard_line, scorecards
from service.core.scorecard.measures import DEFINITIONS, net_promoter_score
from tests.builders import make_metric
from tests.deploy.test_docs import coded, page, rows, section


def test_it_names_every_figure_and_the_kind_of_answers_behind_it() -> None:
    told = [(coded(row[0])[0], coded(row[2])[0]) for row in rows(section("metrics.md", "The figures"))]
    assert told == [(measure.value, definition.kind) for measure, definition in DEFINITIONS.items()]
    looped = {name for row in rows(section("metrics.md", "The closed loop")) for name in coded(row[0])}
    assert {measure.value for measure in Measure} == {*(name for name, _ in told), "fcr", *looped}
    assert section("metrics.md", "First-contact resolution").lstrip().startswith("`fcr`")


def test_it_names_every_dimension() -> None:
    first = section("metrics.md", "By what, and when").split("; several")[0]
    assert coded(first) == ["by", *Dimension]


@pytest.mark.parametrize(("n", "margin"), rows(section("metrics.md", "How sure a figure is")))
def test_its_margins_of_nps_come_out_as_it_says(n: str, margin: str) -> None:
    many = int(n) // 10
    found = net_promoter_score({9.0: 5 * many, 7.0: 3 * many, 0.0: 2 * many})
    assert (found.figure, round(found.high - 30)) == (30, int(margin))


def test_its_intervals_of_shares_come_out_as_it_says() -> None:
    told = re.findall(
        r"(\d+) (?:good )?of (\d+) are (0\.\d+) to (0\.\d+)", section("metrics.md", "How sure a figure is")
    )
    assert len(told) == 3
    for good, n, low, high in told:
        found = share(int(good), int(n))
        assert (f"{found.low:.2f}", f"{found.high:.2f}") == (low, high)


def test_its_examples_of_other_scales_come_out_as_it_says() -> None:
    assert "an effort of 2 of 7 is an ease of 6, a CSAT of 8 of 1 to 10 is a 4.1 of 5" in page("metrics.md")
    assert on_scale(make_metric("ces", 2, 1, 7, higher_is_better=False)) == 6
    assert f"{on_scale(make_metric('csat', 8, 1, 10)):.1f}" == "4.1"
    assert "of NPS on 0 to 5 only a 5 is from 9, and a 4 is an 8" in page("metrics.md")
    assert [on_scale(make_metric("nps", raw, 0, 5)) for raw in (4, 5)] == [8, 10]


def test_its_example_of_an_answer_comes_out_as_it_says() -> None:
    example = json.loads(section("metrics.md", "By what, and when").split("```json\n")[1].split("```")[0])
    four, two = make_metric("csat", 4, 1, 5), make_metric("csat", 2, 1, 5)
    nine, eight, zero = (make_metric("nps", raw, 0, 10) for raw in (9, 8, 0))
    cases = CaseTally(value="returns", closed=41, returned=9, censored=5)
    given = {
        (Dimension.PROCESS, "delivery"): ((four, 74), (two, 33)),
        (Dimension.TEAM, "fulfilment"): ((nine, 15), (eight, 9), (zero, 6)),
        (Dimension.TEAM, "returns"): ((nine, 12),),
    }
    assert example["scorecards"] == [
        scorecard_line(card)
        for (by, value), scores in given.items()
        for card in scorecards(by, [Tally(value=value, score=one, count=times) for one, times in scores], 30)
    ] + [scorecard_line(card) for card in scorecards(Dimension.TEAM, (), 30, [cases])]


def test_its_floor_is_the_default_and_no_playbook_can_go_below_the_least() -> None:
    assert f"({Metrics().floor}, and never less than 5)," in page("metrics.md")
    assert Metrics(floor=5).floor == 5
    with pytest.raises(ValidationError):
        Metrics(floor=4)


def test_its_days_to_come_back_in_are_the_default_and_their_bounds_those_of_the_playbook() -> None:
    assert f"`metrics.recontact_days` ({Metrics().recontact_days}; 1 to 30)" in page("metrics.md")
    assert [Metrics(recontact_days=days).recontact_days for days in (1, 30)] == [1, 30]
    for days in (0, 31):
        with pytest.raises(ValidationError):
            Metrics(recontact_days=days)


def test_the_figures_of_recontacts_in_the_volume_guide_are_the_defaults() -> None:
    told = section("volume.md", "Customers who come back")
    assert f"`recontact.min_closed` ({Recontact().min_closed})" in told
    assert f"`metrics.recontact_days` ({Metrics().recontact_days})" in told
    assert "(it is off)" in told
    assert not Recontact().enabled


def test_its_bounds_are_those_of_the_code() -> None:
    told = " ".join(section("metrics.md", "By what, and when").split())
    assert [one.days for one in (RECENT, LONGEST)] == [28, 400]
    assert "it is 28 days long" in told
    assert "at most 400 days are answered for at once" in told
    assert f"more than {route.MOST_VALUES}, those with the most answers are told" in told
    assert f"| {LONGEST.days} days; {route.MOST_VALUES}; {route.MOST_TALLIES:,} |" in page("limits.md")
