"""Which thresholds hold for a cell: those of the most specific rule that matches, and for the rest those of all."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.thresholds import VolumeRules, compile_volume
from service.core.playbook.volume import CUTS, RECURRENCE_CUTS, SIBLING_CUTS, Volume
from service.core.volume import (
    CellKey,
    DowntimeMode,
    DowntimeRule,
    HourlyThresholds,
    Legs,
    Method,
    PooledThresholds,
    RecontactThresholds,
    Thresholds,
    VolumeSettings,
)


def compiled(**volume: Any) -> VolumeRules:  # noqa: ANN401 - fields of the volume part
    return compile_volume(Volume.model_validate(volume))


def cell(process: str = "shipping", category: str = "delivery", region: str | None = "uk") -> CellKey:
    return CellKey(process=process, category=category, region=region)


def rule(*names: str) -> dict[str, str]:
    """A rule that is named after what it names."""
    values = {"region": "uk", "process": "shipping", "category": "delivery"}
    return {"id": "-".join(names), **{name: values[name] for name in names}}


BY_WEIGHT = [
    rule("region", "process", "category"),
    rule("region", "process"),
    rule("region", "category"),
    rule("region"),
    rule("process", "category"),
    rule("process"),
    rule("category"),
]


@pytest.mark.parametrize(
    "rules", [pytest.param(BY_WEIGHT[at:], id=BY_WEIGHT[at]["id"]) for at in range(len(BY_WEIGHT))]
)
def test_of_the_rules_that_match_the_most_specific_holds(rules: Sequence[dict[str, str]]) -> None:
    for order in (rules, rules[::-1]):
        assert compiled(by_region=True, thresholds=order).thresholds_of(cell()).rule == rules[0]["id"]


@pytest.mark.parametrize(
    ("of", "held_by"),
    [
        pytest.param(cell(region="de"), "process-category", id="another region"),
        pytest.param(cell(region=None), "process-category", id="a cell that names no region"),
        pytest.param(cell(process="returns"), "region-category", id="another process"),
        pytest.param(cell(category="refund"), "region-process", id="another category"),
        pytest.param(cell("returns", "refund", "uk"), "region", id="no more than the region"),
        pytest.param(cell("shipping", "refund", "de"), "process", id="no more than the process"),
        pytest.param(cell("returns", "delivery", "de"), "category", id="no more than the category"),
        pytest.param(cell("returns", "refund", "de"), "volume", id="nothing of a rule"),
    ],
)
def test_a_rule_holds_for_no_cell_that_it_does_not_name(of: CellKey, held_by: str) -> None:
    assert compiled(by_region=True, thresholds=BY_WEIGHT).thresholds_of(of).rule == held_by


def test_what_a_rule_leaves_out_is_as_for_all_cells() -> None:
    found = compiled(
        h_formal=6.5,
        local_min=4,
        method="ewma",
        thresholds=[{"id": "calm", "process": "shipping", "h_local": 3.0, "formal_min": 9, "max_customer_share": 0.2}],
    )
    rest = Thresholds(method=Method.EWMA, h_local=CUTS["weekly"].local, h_formal=6.5, local_min=4)
    assert found.thresholds_of(cell("returns")) == rest
    assert found.thresholds_of(cell()) == Thresholds(
        rule="calm",
        method=Method.EWMA,
        h_local=3.0,
        h_formal=6.5,
        local_min=4,
        formal_min=9,
        max_customer_share=0.2,
    )


def test_a_rule_may_say_every_figure_and_zero_is_one() -> None:
    figures: dict[str, Any] = {
        "h_local": 0.0,
        "h_formal": 0.5,
        "local_min": 0,
        "formal_min": 1,
        "min_ratio": 0.0,
        "local_min_customers": 0,
        "formal_min_customers": 2,
        "warm_up_min": 7,
        "max_customer_share": 1.0,
    }
    found = compiled(thresholds=[{"id": "eager", "category": "delivery", "method": "u_chart", **figures}])
    assert found.thresholds_of(cell()) == Thresholds(rule="eager", method=Method.U_CHART, **figures)


@pytest.mark.parametrize("tick", ["weekly", "daily"])
def test_cuts_that_nobody_named_are_those_solved_for_the_tick(tick: str) -> None:
    found = compiled(tick=tick)
    assert found.thresholds_of(cell()) == Thresholds(
        h_local=CUTS[tick].local, h_formal=CUTS[tick].formal, h_recurrence=RECURRENCE_CUTS[tick]
    )
    assert found.pooled == PooledThresholds(
        h_local=SIBLING_CUTS[tick].local, h_formal=SIBLING_CUTS[tick].formal, guards=found.thresholds_of(cell())
    )


@pytest.mark.parametrize("tick", ["weekly", "daily"])
def test_recontacts_have_the_cut_of_a_formal_review_and_the_guards_of_a_local_adjustment(tick: str) -> None:
    assert compiled(tick=tick).recontact is None
    found = compiled(tick=tick, method="u_chart", min_ratio=2.0, recontact={"enabled": True, "min_closed": 20})
    assert found.recontact == RecontactThresholds(
        cell=Thresholds(
            rule="volume.recontact",
            h_local=CUTS[tick].formal,
            h_formal=math.inf,
            h_recurrence=None,
            min_ratio=2.0,
        ),
        min_closed=20,
    )
    named = compiled(tick=tick, recontact={"enabled": True, "h": 2.5}).recontact
    assert named is not None
    assert named.cell.h_local == 2.5


CALIBRATED: dict[str, Any] = {
    "h_local": 2.5,
    "h_formal": 5.0,
    "siblings": {"h_local": 3.5, "h_formal": 7.0},
    "tick": "weekly",
    "half_life_weeks": None,
    "two_of_three": False,
    "several_regions": False,
    "report": {},
}


def test_calibrated_cuts_stand_in_for_the_solved_ones_and_those_named_stand_before_them() -> None:
    found = compiled(calibrated=CALIBRATED)
    assert found.thresholds_of(cell()) == Thresholds(h_local=2.5, h_formal=5.0)
    assert found.pooled == PooledThresholds(h_local=3.5, h_formal=7.0, guards=found.thresholds_of(cell()))
    named = compiled(h_formal=6.0, siblings={"h_local": 4.0}, calibrated=CALIBRATED)
    assert named.thresholds_of(cell()) == Thresholds(h_local=2.5, h_formal=6.0)
    assert named.pooled == PooledThresholds(h_local=4.0, h_formal=7.0, guards=named.thresholds_of(cell()))


def test_cuts_that_were_calibrated_without_siblings_leave_theirs_as_solved() -> None:
    found = compiled(calibrated={**CALIBRATED, "siblings": None})
    assert found.pooled == PooledThresholds(
        h_local=SIBLING_CUTS["weekly"].local,
        h_formal=SIBLING_CUTS["weekly"].formal,
        guards=found.thresholds_of(cell()),
    )


def test_what_holds_for_all_cells_is_compiled_as_it_is_said() -> None:
    found = compiled(
        half_life_weeks=26,
        zero_tolerance=["safety"],
        two_of_three=True,
        several_regions=True,
        max_customer_share=0.3,
        hourly={"h": 7.0, "min_customers": 8, "min_ratio": 4},
        downtime={"mode": "stratify", "least": "30m", "after": "12h"},
    )
    assert (found.settings, found.legs, found.hourly, found.downtime) == (
        VolumeSettings(half_life_weeks=26),
        Legs(zero_tolerance=frozenset({"safety"}), two_of_three=True, several_regions=True),
        HourlyThresholds(h=7.0, min_customers=8, min_ratio=4.0, max_customer_share=0.3),
        DowntimeRule(mode=DowntimeMode.STRATIFY, least=timedelta(minutes=30), after=timedelta(hours=12)),
    )


def test_downtime_is_only_told_of_where_nothing_else_is_said() -> None:
    assert compiled().downtime == DowntimeRule(mode=DowntimeMode.TAG)


def test_what_is_switched_off_has_no_thresholds() -> None:
    found = compiled(siblings={"enabled": False}, hourly={"enabled": False})
    assert (found.pooled, found.hourly) == (None, None)


def test_siblings_are_held_back_by_the_guards_for_all_cells() -> None:
    found = compiled(max_customer_share=0.2, local_min_customers=4).pooled
    assert found is not None
    assert (found.guards.max_customer_share, found.guards.local_min_customers) == (0.2, 4)
