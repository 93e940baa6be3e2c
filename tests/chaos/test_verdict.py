"""The comparison finds what is wrong with alerts that hold no members."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from service.ports import Books
from tests.chaos.notices import Peace
from tests.chaos.outcome import Outcome, Told
from tests.chaos.verdict import compare
from tests.oracle import Expected
from tests.oracle.test_oracle import HOUR, survey, told
from tests.oracle.test_oracle_watched import step


@pytest.mark.parametrize("kind", ["late_case", "at_risk"])
@pytest.mark.parametrize(
    ("change", "found"),
    [({}, []), ({"state": "resolved"}, ["wrong_counts"]), ({"events": 9}, ["wrong_counts"]), (None, ["lost"])],
    ids=["as it is to be", "closed", "with another count", "missing"],
)
def test_an_alert_about_one_case_or_customer(kind: str, change: Mapping[str, Any] | None, found: list[str]) -> None:
    surveys = [survey(f"r{number}", after=number * HOUR) for number in range(3)]
    expected = told(step("start", timedelta(0)), *surveys, until=90 * HOUR)
    others = [one for one in expected.alerts if one["kind"] != kind]
    (mine,) = (one for one in expected.alerts if one["kind"] == kind)
    assert kinds(expected, others if change is None else [*others, {**mine, **change}]) == found
    if change == {}:
        assert kinds(expected, [*others, mine, mine]) == ["alerts_doubled"]


def kinds(expected: Expected, alerts: list[Mapping[str, Any]]) -> list[str]:
    """Hold these alerts against the oracle, and nothing else."""
    nothing = dataclasses.replace(expected, consumed=0, accepted=0, feedback={}, current=frozenset(), holding={})
    outcome = Outcome(
        books=Books(),
        feedback=[],
        alerts=alerts,
        notices=[],
        dead_letters=[],
        batches=[],
        subjects={},
        versions={},
        reviews=[],
        recount=[],
        owed=[],
        told=Told(records=[]),
    )
    return [one.kind.value for one in compare(nothing, outcome, Peace(quiet={}, budgets={})).found]
