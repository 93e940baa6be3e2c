"""The whole report on a small storm, and files that stand for the real ones."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.bench import Asked, Scale, Suite, run, table
from service.cli.main import app
from service.core.pipeline.rules import compile_playbook
from tests.builders import make_playbook

SCALE = Scale(events=1_000, repeats=1)


RULES = compile_playbook(make_playbook())


@dataclass(frozen=True, slots=True)
class Reported:
    """A report, and what was said on the way."""

    report: dict[str, Any]
    said: list[str]


@pytest.fixture(scope="module")
async def storm_alone() -> Reported:
    said: list[str] = []
    return Reported((await run([Suite.FATIGUE], RULES, SCALE, said.append))["fatigue"], said)


async def test_without_the_files_the_storm_alone_is_measured_and_that_is_said(storm_alone: Reported) -> None:
    report = storm_alone.report
    assert list(report["inputs"]) == ["storm"]
    assert [line for line in storm_alone.said if "is not there" in line] == [
        f"fatigue: {file} is not there and is left out; name its folder with --data"
        for file in ("nhs_survey.raw.jsonl", "servicenow_incidents.raw.jsonl")
    ]
    storm = report["inputs"]["storm"]
    assert (storm["since"], storm["until"]) == ("2026-03-30T00:00:00+00:00", "2026-04-13T00:00:00+00:00")
    assert 0 < storm["alerts"]["total"] < storm["negative"] < storm["events"] < 1_000
    assert storm["critical"]["unaccounted"] == 0
    assert storm["week"]["alertmanager"] is None
    assert 0 < storm["week"]["ours"]["interrupts"]["total"] <= storm["interrupts"]["total"] + 10


async def test_a_file_is_measured_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    answers = [
        {
            "Comment ID": f"C{number}",
            "Trust": "NEAS",
            "Respondent ID": f"R{number}",
            "Date": date,
            "Service Type 1": "PTS",
            "FFT categorical answer": 5,
            "FFT qualitative comment": "The transport was late",
        }
        for number, date in enumerate(("14/02/2022", "15/02/2022", "15/02/2022", "27/02/2022"))
    ]
    (tmp_path / "nhs_survey.raw.jsonl").write_text("\n".join(map(json.dumps, answers)))
    report = (await run([Suite.FATIGUE], RULES, SCALE, lambda _: None, Asked(folder=tmp_path)))["fatigue"]
    nhs = report["inputs"]["nhs"]
    assert (nhs["since"], nhs["until"], nhs["events"]) == (
        "2022-02-14T00:00:00+00:00",
        "2022-02-28T00:00:00+00:00",
        4,
    )


async def test_the_table_has_a_line_for_each_figure_and_leaves_out_what_is_not_known(storm_alone: Reported) -> None:
    report = storm_alone.report
    lines = table(report).splitlines()
    assert lines[0].split() == ["storm", "its", "week"]
    assert lines[1].split() == ["events", str(report["inputs"]["storm"]["events"]), *lines[1].split()[2:]]
    assert len(lines) == 20


def test_without_an_alertmanager_the_command_says_so_and_fails_in_ci_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALERTMANAGER_BIN", str(tmp_path / "nowhere"))
    command = ["bench", "fatigue", "--alertmanager", "--events", "500"]
    monkeypatch.setenv("CI", "true")
    assert CliRunner().invoke(app, command).exit_code == 3
    monkeypatch.setenv("CI", "false")
    ended = CliRunner().invoke(app, command)
    assert (ended.exit_code, "its columns are left out" in ended.stderr) == (0, True)
