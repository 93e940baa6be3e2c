"""What a replay makes of both raw files."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from service.adapters.memory import MemoryDesk, MemoryStore
from service.adapters.result_files import write_results
from service.assets import playbooks
from service.cli.speech import offline_key, open_rules
from service.runtime.replay import Line, read_lines, replay
from tests.e2e.served import lines

pytestmark = pytest.mark.quality


async def _replayed(name: str, source: str, path: Path, out: Path) -> dict[str, Any]:
    rules, store = open_rules(playbooks() / name), MemoryStore()
    raw = _lines(path)
    await replay(store, read_lines(raw, rules, offline_key(), rules.sources[source]), rules, timedelta(hours=24))
    return await write_results(store, MemoryDesk(store), out, metrics=rules.playbook.metrics)


async def test_every_line_of_the_patient_survey_is_consumed_and_the_books_balance(
    shared_data: Path, tmp_path: Path
) -> None:
    books = await _replayed("nhs", "nhs_survey", shared_data / "nhs_survey.raw.jsonl", tmp_path)
    assert (books["consumed"], books["rejected"], books["balanced"]) == (4_747, {}, True)


async def test_every_incident_is_one_instance_and_has_one_alert_at_a_time(shared_data: Path, tmp_path: Path) -> None:
    raw = shared_data / "servicenow_incidents.raw.jsonl"
    books = await _replayed("servicenow", "servicenow", raw, tmp_path)
    assert (books["consumed"], books["rejected"], books["balanced"]) == (5_998, {}, True)
    numbers = {json.loads(line)["number"] for line in (one.value for one in _lines(raw))}
    linked = {line["link"]["instance_id"] for line in lines(tmp_path / "feedback.jsonl")}
    assert linked == numbers
    assert len(numbers) == 890
    episodes: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for alert in lines(tmp_path / "alerts.jsonl"):
        if alert["kind"] == "event":
            episodes[alert["key"]].append(alert)
    for alerts in episodes.values():
        alerts.sort(key=lambda alert: alert["episode"])
        for before, after in pairwise(alerts):
            gap = datetime.fromisoformat(after["opened_at"]) - datetime.fromisoformat(before["resolved_at"])
            assert gap > timedelta(days=7)
    assert sum(len(alerts) > 1 and not alerts[0]["copy"] for alerts in episodes.values()) == 2


def _lines(path: Path) -> list[Line]:
    return [Line(file=path.name, number=at, value=line) for at, line in enumerate(path.read_bytes().splitlines())]
