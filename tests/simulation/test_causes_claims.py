"""What deploy/docs/cause.md claims, on seeds that nothing else uses."""

from typing import Any

import pytest

from service.simulation.causes import Plant, Process, report_causes

pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return report_causes(range(77_000_000, 77_000_200), Process(), lambda _: None)


@pytest.mark.parametrize("plant", list(Plant))
def test_a_cause_of_three_times_the_complaints_is_found_in_95_of_100_processes(
    report: dict[str, Any], plant: Plant
) -> None:
    found = report["planted"][plant.value]
    assert found["found_in_top_3"]["share"] >= 0.95
    assert found["plant"]["explained"] <= 0.02
    assert found["confounder"]["stands"] <= 0.10


def test_without_a_cause_at_most_one_process_in_ten_has_anything_named(report: dict[str, Any]) -> None:
    assert report["nothing_planted"]["names_anything"]["share"] <= 0.10
    assert report["nothing_planted"]["version_said_to_differ"]["share"] <= 0.10
