"""A folder of real files, and the demo's stream -> what is measured: rules and recorded events, in order.

What is not there is left out, and named: the files are not part of the project.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from service.adapters.playbook_files import load
from service.app.instruments import INSTRUMENTS
from service.assets import playbooks
from service.bench.fatigue.values import Span
from service.bench.scale import Say, Scale
from service.core.pipeline.read import ReadRecord, read, read_payload
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message, Reading
from service.demo.plot import OUTAGE
from service.demo.stream import stream
from service.runtime.replay import BEGINNING, Line, in_order, read_lines

_KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")
# File, playbook and source of each.
_FILES = {
    "nhs": ("nhs_survey.raw.jsonl", "nhs", "nhs_survey"),
    "servicenow": ("servicenow_incidents.raw.jsonl", "servicenow", "servicenow"),
}
_STORM_BEGINS = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`folder` is where the files of real data are, None without any; `alertmanager` the program to compare with."""

    folder: Path | None = None
    alertmanager: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """`span` is the part that is measured: all of a file, and the fortnight of the storm."""

    name: str
    rules: Rules
    records: Sequence[ReadRecord]
    span: Span


def inputs(asked: Asked, scale: Scale, say: Say) -> Iterator[Input]:
    """Yield the files that are there, then the demo's storm."""
    for name, (file, playbook, source) in _FILES.items():
        path = None if asked.folder is None else asked.folder / file
        if path is None or not path.is_file():
            say(f"fatigue: {file} is not there and is left out; name its folder with --data")
            continue
        rules = _rules(playbook)
        lines = [
            Line(file=file, number=number, value=value)
            for number, value in enumerate(path.read_bytes().splitlines(), start=1)
        ]
        records = read_lines(lines, rules, _KEY, rules.sources[source])
        yield Input(name=name, rules=rules, records=records, span=_whole_days(records))
    yield storm(scale)


def storm(scale: Scale) -> Input:
    """Build the demo's nine weeks with `scale.events` events; the two in which a carrier fails are measured."""
    rules = _rules("retail")
    records: list[ReadRecord] = []
    for number, event in enumerate(stream(scale.seed, scale.events, _STORM_BEGINS)):
        value = event.value if isinstance(event.value, bytes) else orjson.dumps(event.value)
        message = Message(topic=event.topic, partition=0, offset=number, key=None, value=value, received_at=BEGINNING)
        source = rules.topics.get(event.topic)
        records += read(message, rules, _KEY) if source is None else read_payload(message, source, rules, _KEY)
    days = timedelta(days=OUTAGE.start), timedelta(days=OUTAGE.stop)
    span = Span(since=_STORM_BEGINS + days[0], until=_STORM_BEGINS + days[1])
    return Input(name="storm", rules=rules, records=in_order(records), span=span)


def occurred_at(record: ReadRecord) -> datetime | None:
    """Return when a record happened; None where it could not be read."""
    return record.read.occurred_at if isinstance(record.read, Reading) else None


def _rules(name: str) -> Rules:
    playbook = load(playbooks() / name).playbook
    if playbook is None:
        raise LookupError(f"the playbook {name} has faults; feedback-router check names them")
    return compile_playbook(playbook, instruments=INSTRUMENTS)


def _whole_days(records: Sequence[ReadRecord]) -> Span:
    times = [at for at in map(occurred_at, records) if at is not None]
    first, last = (
        at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) for at in (min(times), max(times))
    )
    return Span(since=first, until=last + timedelta(days=1))
