"""A small seeded run of the shipped rule; its bounds leave about three standard errors around the full study."""

from typing import Any

import pytest

from service.core.pipeline.thresholds import compile_volume
from service.core.playbook.volume import Volume
from service.simulation import Asked, Budget, Population, parts_of, rule_of, simulate, solve

# A minute and a half of made-up years.
pytestmark = pytest.mark.quality
WEEKLY = rule_of(compile_volume(Volume()), "weekly")
ALL = Asked(rivals=True, outages=True)
SEEDS = range(900, 930)


@pytest.fixture(scope="module")
def heard() -> list[int]:
    return []


@pytest.fixture(scope="module")
def report(heard: list[int]) -> dict[str, Any]:
    return simulate(SEEDS, Population(), WEEKLY, ALL, heard.append)


def test_the_shipped_cuts_keep_their_budget(report: dict[str, Any]) -> None:
    assert (report["cells"], report["weeks"], report["seeds"]) == (100, 52, 30)
    assert 0.80 < report["false_per_100_cells_week"]["local"] < 1.12
    assert 0.055 < report["false_per_100_cells_week"]["formal"] < 0.125
    assert report["false_by_hours"]["local"] < 0.04
    assert report["false_by_siblings"]["local"] < 0.06


def test_a_month_at_three_times_the_rate_and_two_at_twice_are_found_as_often_as_the_guide_says(
    report: dict[str, Any],
) -> None:
    power = report["power"]
    assert power["x3_4w"]["local"] > 0.76
    assert power["x3_4w"]["formal"] > 0.57
    assert power["x2_8w"]["local"] > 0.69
    assert power["x2_8w"]["formal"] > 0.43


def test_a_fixed_count_and_a_c_chart_raise_many_times_the_false_alarms(report: dict[str, Any]) -> None:
    rivals = report["rivals"]
    assert rivals["fixed_count"]["false_per_100_cells_week"] > 5
    assert rivals["c_chart"]["false_per_100_cells_week"] > 2


def test_no_rule_that_learns_its_rates_does_much_better_than_the_ceiling(report: dict[str, Any]) -> None:
    rivals = report["rivals"]
    ceiling, known = (rivals[name]["power"] for name in ("ceiling_rate_unknown", "ceiling_rate_known"))
    for shift in ("x3_4w", "x2_8w"):
        assert report["power"][shift]["formal"] < ceiling[shift]["formal"] + 0.06
        assert ceiling[shift]["formal"] < known[shift]["formal"] + 0.02


def test_siblings_find_an_outage_more_than_twice_as_often_as_one_of_their_cells(report: dict[str, Any]) -> None:
    assert report["outage_x2_1w"]["pooled"] > 2 * report["outage_x2_1w"]["one_cell"]


def test_the_busier_a_cell_the_sooner_a_sudden_outage_is_found(report: dict[str, Any]) -> None:
    found = list(report["outage_x20_6h"].values())
    assert found == sorted(found)
    assert found[-1] > 0.5


def test_the_way_through_the_seeds_is_told(report: dict[str, Any], heard: list[int]) -> None:
    assert sum(heard) == report["seeds"] * parts_of(WEEKLY, Population(), ALL)


def test_where_people_close_every_review_in_vain_what_lasts_is_found_at_no_more_false_alarms() -> None:
    acting = Population(acted_after_days=3)
    found = simulate(SEEDS, acting, WEEKLY, Asked(rivals=False, outages=False), lambda _: None)
    assert found["power"].keys() == {"x3_4w", "x2_8w", "x3_8w", "x2_16w"}
    assert found["power"]["x3_8w"]["formal"] > 0.65
    assert found["power"]["x2_16w"]["formal"] > 0.44
    assert found["false_per_100_cells_week"]["formal"] < 0.125


def test_solving_for_half_the_budget_gives_higher_cuts_that_keep_it() -> None:
    population = Population()
    found = solve(range(6), population, WEEKLY, Budget(local=0.5, formal=0.05), lambda _: None)
    assert found.thresholds.h_local > WEEKLY.thresholds.h_local + 0.3
    assert found.thresholds.h_formal > WEEKLY.thresholds.h_formal + 0.2
    kept = simulate(range(500, 508), population, found, Asked(rivals=False, outages=False), lambda _: None)
    assert kept["false_per_100_cells_week"]["local"] == pytest.approx(0.5, abs=0.2)
