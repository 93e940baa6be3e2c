"""The command as a person runs it, in a process of its own."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "service", "simulate-volume", *arguments)
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    done = ran("deploy/playbooks/retail", "--seeds", "4", "--seed", "3", "--solve", "--cells", "40", "--processes", "8")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_report_names_its_playbook_its_tenant_and_what_it_found(solved: dict[str, Any]) -> None:
    assert (solved["cells"], solved["weeks"], solved["seeds"], solved["seed"]) == (40, 52, 4, 3)
    assert solved["false_per_100_cells_week"].keys() == {"local", "formal"}
    assert solved["power"].keys() == {"x3_4w", "x2_8w"}
    assert all(0 <= share <= 1 for found in solved["power"].values() for share in found.values())


def test_what_was_solved_is_what_a_playbook_can_hold_until_its_rule_is_another(
    solved: dict[str, Any], tmp_path: Path
) -> None:
    playbook = tmp_path / "playbook.yaml"
    document: dict[str, Any] = {
        "version": 1,
        "name": "A tenant",
        "taxonomy": [{"id": "late", "label": {"en": "Late"}}],
        "teams": [{"id": "desk", "name": "Desk"}],
        "routes": {"team": "desk", "arbitration": "desk"},
        "volume": {"calibrated": solved["calibrated"], "hourly": {"enabled": False}},
    }
    playbook.write_text(yaml.safe_dump(document), encoding="utf-8")
    again = ran(str(playbook), "--seeds", "2", "--cells", "20", "--processes", "4")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["rule"]["h_local"] == solved["calibrated"]["h_local"]
    document["volume"]["two_of_three"] = True
    playbook.write_text(yaml.safe_dump(document), encoding="utf-8")
    refused = ran(str(playbook), "--seeds", "2")
    assert refused.returncode == 1
    assert "was solved with two_of_three off, and it is on now; run simulate-volume --solve again" in refused.stderr


def test_cells_that_do_not_divide_are_refused() -> None:
    refused = ran("deploy/playbooks/retail", "--cells", "30", "--processes", "7")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "30 cells" in refused.stderr


def recorded(folder: Path, weeks: int) -> Path:
    """Six categories of complaints, so many weeks long, a customer each."""
    words = ["late", "rude", "broken", "refund", "expensive", "slow"]
    file = folder / f"{weeks}.jsonl"
    lines = [
        {
            "specversion": "1.0",
            "id": f"{word}-{week}-{number}",
            "source": "/surveys",
            "type": "feedback.survey.response.v1",
            "time": (datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(weeks=week, days=number % 5)).isoformat(),
            "data": {
                "response_id": f"{word}-{week}-{number}",
                "metrics": [{"kind": "csat", "raw": 1}],
                "verbatims": [{"text": word, "language": "en"}],
                "customer": {"ref": f"{word}-{week}-{number}"},
            },
        }
        for week in range(weeks)
        for place, word in enumerate(words)
        for number in range(1 + place)
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return file


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    words = ["late", "rude", "broken", "refund", "expensive", "slow"]
    playbook = tmp_path / "playbook.yaml"
    document = {
        "version": 1,
        "name": "A shop",
        "taxonomy": [{"id": word, "label": {"en": word}, "keywords": {"en": [word]}} for word in words],
        "teams": [{"id": "desk", "name": "Desk"}],
        "routes": {"team": "desk", "arbitration": "desk"},
        "volume": {"hourly": {"enabled": False}},
    }
    playbook.write_text(yaml.safe_dump(document), encoding="utf-8")
    return playbook


def test_a_tenant_is_measured_in_its_recorded_events_unless_a_figure_is_given(shop: Path, tmp_path: Path) -> None:
    done = ran(str(shop), "--events", str(recorded(tmp_path, 20)), "--seeds", "2", "--phi", "1.7")
    assert done.returncode == 0, done.stderr
    assert "Measured in 6 cells of 1 processes" in done.stderr
    report = json.loads(done.stdout)
    assert report["measured"] == {"cells": 6, "weeks": 19, "customers": 399}
    population = report["population"]
    assert (population["cells"], population["processes"], population["history_weeks"]) == (20, 1, 19)
    assert (population["phi"], 2.0 < population["weekly_median"] < 4.0) == (1.7, True)


def test_events_in_which_nothing_can_be_measured_are_refused(shop: Path, tmp_path: Path) -> None:
    short = ran(str(shop), "--events", str(recorded(tmp_path, 5)))
    assert (short.returncode, short.stdout) == (1, "")
    assert "no five cells with eight weeks each" in short.stderr
    missing = ran(str(shop), "--events", str(tmp_path / "nowhere.jsonl"))
    assert missing.returncode == 1
    assert "there is no such file" in missing.stderr
