"""A small, repeatable form of what `make quality` measures on more processes: test_causes_claims.py beside this."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.core.cause import causes_of
from service.simulation.causes import Plant, Process, draw_cases, judge_seed
from service.simulation.causes.judged import Told

ROOT = Path(__file__).parents[2]
USUAL = Process()


@pytest.mark.parametrize("plant", list(Plant))
def test_what_was_planted_is_among_the_first_three_and_nothing_hides_it(plant: Plant) -> None:
    judged = [judge_seed(seed, USUAL, plant) for seed in range(12)]
    assert all(one.rank is not None and one.rank <= 3 for one in judged)
    assert all(one.plant is not Told.EXPLAINED for one in judged)
    assert all(one.by_hand is not Told.STANDS for one in judged)


@pytest.mark.quality
def test_where_nothing_was_planted_little_is_named_and_without_strata_much() -> None:
    judged = [judge_seed(seed, USUAL, None) for seed in range(36)]
    assert sum(one.named > 0 for one in judged) <= 4
    assert sum(one.without_strata > 0 for one in judged) > 4


def test_a_seed_gives_the_same_process_again_and_another_one_another() -> None:
    drawn = [draw_cases(np.random.default_rng(seed), USUAL, Plant.LOOP) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_figures_of_a_process_are_those_that_its_instances_have() -> None:
    process = replace(USUAL, instances=20_000)
    cases = draw_cases(np.random.default_rng(5), process, Plant.VERSION)
    bad = [one for one in cases if one.version == "7"]
    calm = [one for one in cases if one.version != "7"]
    rates = [sum(one.negative for one in side) / len(side) for side in (bad, calm)]
    assert sum(one.negative for one in cases) / len(cases) == pytest.approx(0.08, abs=0.006)
    assert len(bad) / len(cases) == pytest.approx(0.12, abs=0.007)
    assert rates[0] / rates[1] == pytest.approx(3, abs=0.4)
    assert sum(one.attributes["browser"] == "new" for one in bad) / len(bad) == pytest.approx(0.6, abs=0.03)


def test_without_a_plant_rework_and_versions_make_no_difference() -> None:
    cases = draw_cases(np.random.default_rng(6), replace(USUAL, instances=20_000), None)
    assert causes_of(cases).findings == ()


def test_the_command_reports_what_was_found_and_what_was_named_wrongly() -> None:
    command = (sys.executable, "-m", "service", "simulate-causes", "--seeds", "2", "--seed", "4", "--instances", "400")
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["seeds"], report["seed"], report["process"]["instances"]) == (2, 4, 400)
    assert report["nothing_planted"].keys() == {
        "names_anything",
        "names_what_an_outage_explains",
        "names_anything_without_strata",
        "version_said_to_differ",
    }
    assert report["planted"].keys() == {"loop", "handoff", "version"}
    assert all(0 <= one["found_in_top_3"]["share"] <= 1 for one in report["planted"].values())
