"""`backtest` as people and CI run it: two playbooks, one file of events, and an exit code."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from service.assets import playbooks
from tests.builders import START, survey
from tests.e2e.recorded import recorded

GATE = "new.interrupts > 1.2 * old.interrupts || new.newly_silent_customers > 0"
# Mild words about deliveries, and complaints about refunds of whom ben has two.
EVENTS = [
    *[survey(f"d{at}", 4, "late again", customer=f"c{at}") for at in range(3)],
    survey("r1", 0, "refund, cancel", customer="anna"),
    survey("r2", 0, "refund, cancel", customer="ben"),
    survey("r3", 0, "refund, cancel", customer="ben"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: bytes
    talk: str


def playbook(folder: Path, name: str, *, floor: str, by: list[str]) -> Path:
    """Write a playbook of two teams; `by` is what refunds are grouped by."""
    path = folder / f"{name}.yaml"
    document = {
        "name": name,
        "taxonomy": [
            {"id": "delivery", "label": {"en": "Delivery"}, "keywords": {"en": ["late"]}},
            {"id": "refund", "label": {"en": "Refund"}, "keywords": {"en": ["refund"]}},
        ],
        "severity": {"hot_words": [{"id": "cancel", "words": {"en": ["cancel"]}}]},
        "teams": [{"id": name, "name": name} for name in ("drivers", "refunds", "desk")],
        "routes": {
            "team": "desk",
            "arbitration": "desk",
            "routes": [
                {"id": "delivery", "match": {"category": "delivery"}, "team": "drivers"},
                {"id": "refund", "match": {"category": "refund"}, "team": "refunds", "group_by": by},
            ],
        },
        "fatigue": {"floor": floor, "repeat": []},
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


async def backtest(*arguments: object, **environment: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "backtest", *map(str, arguments)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, talk = await process.communicate()
    return Ended(code=process.returncode or 0, out=out, talk=talk.decode())


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    lines = [
        orjson.dumps({**event, "time": (START + at * timedelta(hours=1)).isoformat()})
        for at, event in enumerate(EVENTS)
    ]
    path.write_bytes(b"\n".join(lines) + b"\nnot json\n")
    return path


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    old = playbook(tmp_path, "old", floor="low", by=["customer"])
    return old, playbook(tmp_path, "new", floor="high", by=["subject"])


async def test_a_change_that_silences_customers_and_rings_a_team_more_often_is_told_and_fails(
    events: Path, sides: tuple[Path, Path], tmp_path: Path
) -> None:
    ended = await backtest(*sides, events, "--fail-if", GATE, "--out", tmp_path / "report.json")
    found = orjson.loads(ended.out)
    assert ended.code == 1
    assert {team: changed(told) for team, told in found["teams"].items()} == {
        "drivers": {"interrupts": (2, 0), "newly_silent_customers": (0, 3)},
        "refunds": {"interrupts": (2, 3), "newly_silent_customers": (0, 0)},
        "desk": {"interrupts": (0, 0), "newly_silent_customers": (0, 0)},
    }
    silent = found["changed"]["newly_silent_customers"]
    assert (silent["total"], sorted(one["event_ids"] for one in silent["examples"])) == (
        3,
        [["d0-1"], ["d1-1"], ["d2-1"]],
    )
    assert found["gate"] == {
        "expression": GATE,
        "holds": True,
        "because": [{"expression": "new.newly_silent_customers > 0", "figures": {"new.newly_silent_customers": 3.0}}],
    }
    assert "Too much changes: new.newly_silent_customers > 0 (new.newly_silent_customers = 3)." in ended.talk
    assert (found["old"]["rejected"], found["new"]["rejected"]) == (1, 1)
    assert orjson.loads((tmp_path / "report.json").read_bytes()) == found


def changed(told: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {name: (told["old"][name], told["new"][name]) for name in ("interrupts", "newly_silent_customers")}


async def test_a_gate_about_one_team_says_its_figures(events: Path, sides: tuple[Path, Path]) -> None:
    gate = "new.teams['refunds'].interrupts >= 1.5 * old.teams['refunds'].interrupts"
    ended = await backtest(*sides, events, "--fail-if", gate)
    assert ended.code == 1
    assert orjson.loads(ended.out)["gate"]["because"] == [
        {
            "expression": gate,
            "figures": {"new.teams.refunds.interrupts": 3.0, "old.teams.refunds.interrupts": 2.0},
        }
    ]


async def test_a_playbook_against_itself_changes_nothing_and_passes(events: Path, sides: tuple[Path, Path]) -> None:
    ended = await backtest(sides[0], sides[0], events, "--fail-if", GATE)
    found = orjson.loads(ended.out)
    assert (ended.code, found["gate"]["holds"]) == (0, False)
    assert found["old"] == found["new"]
    assert found["changed"]["alerts_only_in_new"]["total"] == 0


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("new.interrupts >", "--fail-if: this is not CEL"),
        ("new.interrupts", "--fail-if: it must give true or false"),
        ("new.rings > 1", "--fail-if: new.rings is not a figure; use one of"),
        (
            "new.teams['lawyers'].alerts > 1",
            "'lawyers' is not a team of either playbook; they have desk, drivers, refunds",
        ),
    ],
)
async def test_an_unsound_gate_is_a_wrong_use_before_anything_is_read(
    gate: str, says: str, sides: tuple[Path, Path], tmp_path: Path
) -> None:
    ended = await backtest(*sides, tmp_path / "nowhere.jsonl", "--fail-if", gate)
    assert (ended.code, ended.out) == (2, b"")
    assert says in ended.talk.replace("\n", " ")


async def test_a_file_that_is_not_there_is_the_inputs_fault(sides: tuple[Path, Path], tmp_path: Path) -> None:
    ended = await backtest(*sides, tmp_path / "nowhere.jsonl")
    assert ended.code == 1
    assert "there is no such file" in ended.talk


async def test_the_same_inputs_give_the_same_bytes_whatever_the_process_is_like(tmp_path: Path) -> None:
    recording = recorded(tmp_path, 600)
    retail, other = playbooks() / "retail", playbook(tmp_path, "other", floor="low", by=["category"])
    one, two = await asyncio.gather(
        backtest(retail, other, recording.path, PYTHONHASHSEED="1", TZ="UTC"),
        backtest(retail, other, recording.path, PYTHONHASHSEED="2", TZ="Asia/Kathmandu"),
    )
    assert (one.code, two.code) == (0, 0)
    assert one.out == two.out
    assert orjson.loads(one.out)["changed"]["alerts_only_in_old"]["total"] > 20
