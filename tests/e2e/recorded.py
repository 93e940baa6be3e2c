"""Recorded events in the order of event time, and what a replay and an export make of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from service.demo.stream import stream
from tests.e2e.served import Deployment

START = datetime(2026, 3, 2, tzinfo=UTC)
# Whatever type an event has, the service reads it on any of its topics.
EVENT_TOPIC = "feedback.surveys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A file of events, one a line, with how many there are and when the last was."""

    path: Path
    count: int
    last: datetime
    source: str | None = None


def recorded(folder: Path, events: int, only: str = "") -> Recorded:
    """Write a stream of the demo; `only` keeps the types that begin so."""
    values = [one.value for one in stream(7, events, START) if isinstance(one.value, dict)]
    values = [value for value in values if value["type"].startswith(only)]
    values.sort(key=lambda value: (datetime.fromisoformat(value["time"]), value["source"], value["id"]))
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(orjson.dumps(value) + b"\n" for value in values))
    last = max(datetime.fromisoformat(value["time"]) for value in values)
    return Recorded(path=path, count=len(values), last=last)


def dealt(events: Recorded, count: int) -> Sequence[Sequence[bytes]]:
    """Deal events over partitions by subject, each partition in event order."""
    parts: list[list[bytes]] = [[] for _ in range(count)]
    for line in events.path.read_bytes().splitlines():
        parts[sum(json.loads(line)["subject"].encode()) % count].append(line)
    return parts


async def replayed(deployment: Deployment, events: Recorded) -> Path:
    """Replay up to the last event's time; return the folder of the results."""
    out = deployment.folder / "replayed"
    source = () if events.source is None else ("--source", events.source)
    until = ("--until", events.last.isoformat())
    await deployment.run("replay", str(deployment.playbook), str(events.path), *source, *until, "--out", str(out))
    return out


async def exported(deployment: Deployment, name: str) -> Path:
    """Export what is in the database; return the folder of the results."""
    out = deployment.folder / name
    await deployment.run("export", "--out", str(out))
    return out
