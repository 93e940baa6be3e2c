"""A made-up stream -> decided in memory, exported, read by pm4py and by our own reader, compared; 1 on a difference.

What pm4py writes of it, in OCEL 2.0 and as XES, is read by our own readers in turn.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.adapters.event_logs import read_ocel, read_xes
from service.adapters.memory import MemoryStore, MemoryTracks
from service.adapters.ocel_file import write_ocel
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.contracts.cloudevent import Event
from service.core.contracts.placing import structured
from service.core.event_log import OcelReading, XesReading
from service.core.event_log.names import CUSTOMER, TEAM, TICKET
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.steps import Step
from service.demo.stream import stream
from service.ports import Span
from service.runtime.replay import Line, read_lines, replay

SEED, START = 7, datetime(2026, 3, 2, tzinfo=UTC)
KEY = PseudonymKey(key_id="interop", secret=b"of a made-up stream alone")
# The process that is handed back as XES.
PROCESS = "delivery"
_READER = Path(__file__).with_name("with_pm4py.py")
_COMPARED = ("events", "objects", "relationships", "first", "last")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was exported: the log, its counts, its steps, and how our own reader is to read it."""

    log: Path
    counts: dict[str, Any]
    steps: list[Step]
    how: OcelReading


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pm4py", required=True, help="the Python of the environment that has pm4py")
    arguments.add_argument("--events", type=int, default=3000, help="how many events the stream has")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rules = _rules()
        exported = asyncio.run(_exported(rules, Path(folder) / "log.jsonocel", given.events))
        command = [given.pm4py, str(_READER), str(exported.log), PROCESS]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"pm4py could not read the log:\n{done.stderr}")
        found = json.loads(done.stdout)
        differences = {
            name: {"exported": exported.counts[name], "pm4py": found[name]}
            for name in _COMPARED
            if exported.counts[name] != found[name]
        }
        reread = {
            "ours": asyncio.run(_reread(rules, exported, exported.log)),
            "pm4py's": asyncio.run(_reread(rules, exported, exported.log.with_name("again.jsonocel"))),
            "xes": _traces(exported.log.with_name("flat.xes")) == found["xes"],
        }
    answer = {
        "pm4py": found["pm4py"],
        **exported.counts,
        "steps": len(exported.steps),
        "xes": found["xes"],
        "differences": differences,
        "same_read_back": reread,
    }
    sys.stdout.write(json.dumps(answer, sort_keys=True, indent=1) + "\n")
    sys.exit(bool(differences) or not all(reread.values()))


async def _exported(rules: Rules, log: Path, events: int) -> Exported:
    told = (one.value for one in stream(SEED, events, START))
    store = await _decided(rules, (one if isinstance(one, bytes) else json.dumps(one).encode() for one in told))
    tracks = MemoryTracks(store)
    counts = await write_ocel(tracks, Span(), log)
    steps = await _steps(store)
    times = sorted([*(step.at for step in steps), *[one.began_at async for one in tracks.complaints(Span())]])
    return Exported(
        log=log,
        counts={**counts, "first": times[0].isoformat(), "last": times[-1].isoformat()},
        steps=steps,
        how=OcelReading(instances=frozenset(counts["objects"]) - {CUSTOMER, TICKET, TEAM}),
    )


async def _reread(rules: Rules, exported: Exported, log: Path) -> bool:
    """Say whether a log, published and decided, leaves the steps that were exported."""
    events = (one for one in read_ocel(log, exported.how) if isinstance(one, Event))
    again = await _decided(rules, (structured(one) for one in events))
    return await _steps(again) == exported.steps


def _traces(log: Path) -> dict[str, int]:
    """Count traces, by the starts that each is given, and all other events."""
    events = [one for one in read_xes(log, XesReading(process=PROCESS)) if isinstance(one, Event)]
    traces = len({one.subject for one in events})
    return {"traces": traces, "events": len(events) - traces}


def _rules() -> Rules:
    loaded = load(playbooks() / "retail")
    if loaded.playbook is None:
        sys.exit("the retail playbook has faults; run feedback-router check")
    return compile_playbook(loaded.playbook)


async def _decided(rules: Rules, events: Iterable[bytes]) -> MemoryStore:
    store = MemoryStore()
    lines = (Line(file="stream", number=at, value=value) for at, value in enumerate(events, start=1))
    await replay(store, read_lines(lines, rules, KEY, None), rules, timedelta(), lambda _: None)
    return store


async def _steps(store: MemoryStore) -> list[Step]:
    return [step async for step in MemoryTracks(store).steps(Span())]


if __name__ == "__main__":
    main()
