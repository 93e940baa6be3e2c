import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.adapters.memory import MemoryDesk
from service.adapters.result_files import write_results
from service.core.playbook.model import Metrics
from tests.builders import Timeline, finish, survey

MINUTE = timedelta(minutes=1)


def _written(timeline: Timeline, out: Path) -> list[dict[str, Any]]:
    out.mkdir()
    finish(write_results(timeline.store, MemoryDesk(timeline.store), out, metrics=Metrics(floor=5)))
    return [json.loads(line) for line in (out / "scorecards.jsonl").read_bytes().splitlines()]


def _answered(scores: list[int]) -> Timeline:
    timeline = Timeline()
    for at, score in enumerate(scores):
        timeline.push(at * MINUTE, survey(f"r{at}", score, customer=f"c{at}", channel="email"))
    return timeline


def test_scorecards_are_of_the_whole_time_one_line_for_each_dimension_value_and_figure(tmp_path: Path) -> None:
    found = _written(_answered([9, 9, 10, 8, 0]), tmp_path / "out")
    figures = {"n": 5, "censored": None, "figure": 40.0, "standard_error": 35.777088, "low": -30.121803, "high": 100}
    assert found == [
        {"by": by, "value": value, "metric": "nps", **figures}
        for by, value in (
            ("all", None),
            ("segment", None),
            ("channel", "email"),
            ("region", None),
            ("team", "judges"),
            ("process", "unassigned"),
            ("category", "unmapped"),
            ("touchpoint", None),
            ("survey", None),
        )
    ]


def test_below_the_floor_a_line_has_a_count_and_no_figure(tmp_path: Path) -> None:
    found = _written(_answered([9, 9, 10, 8]), tmp_path / "out")
    told = {"metric": "nps", "n": 4, "censored": None, "figure": "insufficient"}
    assert found[0] == {"by": "all", "value": None, **told, "standard_error": None, "low": None, "high": None}


def test_the_order_in_which_answers_came_changes_no_byte(tmp_path: Path) -> None:
    scores = [0, 3, 7, 9, 10, 2, 8, 9]
    for name, given in (("one", scores), ("other", scores[::-1])):
        _written(_answered(given), tmp_path / name)
    one, other = ((tmp_path / name / "scorecards.jsonl").read_bytes() for name in ("one", "other"))
    assert one == other
