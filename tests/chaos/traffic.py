"""A seed and a span of time -> records to publish, with all that networks, tools and people do to them.

The demo's retailer is told anew in the span, but for the cases of high-value customers, which began days before: some
end in time, some too late, and some never. What engines say of all others comes as they send it, often after the
feedback that it is about. On the way records come twice, late and broken, subjects overtake one another within the
bound, revisions of one subject change places, and complaints are corrected and withdrawn. Who has answered a survey
answers again, or turns to the help desk, and may take that back. All records of a subject go to one partition, as its
key would have them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zlib import crc32

from service.demo.plot import DAYS
from service.demo.stream import stream
from tests.chaos.engines import Engines
from tests.chaos.outcomes import is_bad, outcomes

SURVEYS, TICKETS, PROCESSES = "feedback.surveys", "feedback.tickets", "process.events"
TOPICS = (SURVEYS, TICKETS, PROCESSES)
# By how much cases of high-value customers are put before the rest: whatever the order of partitions, they are known.
LEAD = timedelta(hours=12)

_TOLD_FROM = datetime(2026, 3, 2, tzinfo=UTC)
_TOLD_SPAN = timedelta(days=DAYS)
_STAMP = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z"')
_STAMP_ANEW = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"')
_TWICE, _POISON, _LATE, _TOLD_LATER, _SWAPPED, _WITHDRAWN, _CORRECTED = 0.05, 0.01, 0.1, 0.3, 0.15, 0.04, 0.04
# How many of those who were content, and of those who complained, are heard of again.
_COMES_BACK = (0.02, 0.5)
# Whose cases run as long as they are told to here, and what one takes that ends in time.
_HIGH_VALUE, _IN_TIME = ("gold", "platinum"), timedelta(hours=6)
_ENDS = ("complete", "complete", "cancel", "fail")
_STATES = ("survey.response", "ticket.created", "ticket.updated", "ticket.status", "ticket.reopened")
_POISONS = (
    b"",
    b"\x00\x01\x02",
    b"\xff\xfe{}",
    b"{",
    b"[1,2,3]",
    b'"a text"',
    b'{"specversion":"1.0"}',
    b'{"specversion":"1.0","id":"p","source":"/p","type":"feedback.survey.response.v1","time":"2026-02-30T00:00:00Z","data":{}}',
    b'{"specversion":"1.0","id":"p","source":"/p","type":"no.such.type.v1","time":"2026-03-02T00:00:00Z","data":{}}',
    b"[" * 5_000 + b"]" * 5_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record before it has an offset; `arrives` orders the records of a partition, and `at` is its event time."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    at: datetime
    arrives: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """When the story begins, how long it takes, and by how much records may overtake one another in it.

    The cases of high-value customers began so long `before`, which is more than some limits of the playbook and less
    than others.
    """

    start: datetime
    span: timedelta
    bound: timedelta
    before: timedelta = timedelta(days=4)


def traffic(seed: int, events: int, told: Told, *, partitions: int) -> Sequence[Record]:
    """Return the records in the order in which they are to be published."""
    dice = Random(seed)
    bodies = list(_followed(dice, _bodies(seed, events, told), told))
    subjects: dict[str, list[Record]] = {}
    for body in bodies:
        subjects.setdefault(_subject_of(body), []).append(_record(body, partitions))
    found: list[Record] = []
    for records in subjects.values():
        found += _delivered(dice, records, told.bound, partitions)
    found += list(_poisoned(dice, found, partitions))
    return sorted(found, key=lambda one: (one.arrives, one.topic, one.partition))


def _bodies(seed: int, events: int, told: Told) -> Iterator[dict[str, Any]]:
    """Tell the demo's story in another span of time."""
    scale = told.span / _TOLD_SPAN

    def moved(stamp: re.Match[str]) -> str:
        since = datetime.fromisoformat(stamp[1]).replace(tzinfo=UTC) - _TOLD_FROM
        return json.dumps(_stamp(told.start + since * scale))

    instances: set[str] = set()
    for one in stream(seed, events, _TOLD_FROM):
        if isinstance(one.value, bytes):
            # The demo's own broken records keep their old times: nobody will read them.
            continue
        body: dict[str, Any] = json.loads(_STAMP.sub(moved, json.dumps(one.value)))
        if _is_of_high_value(body):
            # One step is all that a late case is made of.
            if body["subject"] in instances:
                continue
            instances.add(body["subject"])
            body = json.loads(_STAMP_ANEW.sub(_led, json.dumps(body)))
        yield body


def _led(stamp: re.Match[str]) -> str:
    return json.dumps(_stamp(datetime.fromisoformat(stamp[1]) - LEAD))


def _followed(dice: Random, bodies: Iterable[dict[str, Any]], told: Told) -> Iterator[dict[str, Any]]:
    """Put corrections and withdrawals after some of the first words, and after that of a downtime that it went on."""
    soon = min(told.span / 50, timedelta(hours=20))
    end = told.start + told.span
    engines = Engines(dice, soon)
    for body in _of_engines(dice, engines, bodies, told):
        yield body
        if body["type"] == "process.instance.v1":
            continue
        at = _time_of(body) + soon * (0.1 + dice.random())
        drawn = dice.random()
        if at >= end:
            continue
        if body["type"] == "feedback.ticket.created.v1" and drawn < _WITHDRAWN:
            yield _later(body, "deleted", at)
        elif body["type"] == "feedback.ticket.created.v1" and drawn < 2 * _WITHDRAWN:
            yield from engines.merged(body, _later(body, "merged", at), at)
        elif body["type"] == "feedback.survey.response.v1" and drawn < _CORRECTED:
            yield _corrected(dice, body, at)
        elif body["type"] == "feedback.survey.response.v1" and drawn < _CORRECTED + _COMES_BACK[is_bad(body)]:
            # An hour in a story of a few hours: more than what counts as one contact.
            yield from outcomes(dice, body, max(soon, min(told.span / 5, timedelta(hours=1))), end)
        elif body["type"] == "process.downtime.v1":
            data = {**body["data"], "ended_at": _stamp(at)}
            yield {**body, "id": f"{body['id']}-corrected", "time": _stamp(at), "data": data}


def _of_engines(
    dice: Random, engines: Engines, bodies: Iterable[dict[str, Any]], told: Told
) -> Iterator[dict[str, Any]]:
    """Put in all that engines say of instances, and let some answers name theirs in another way."""
    for body in bodies:
        if _is_of_high_value(body):
            yield from _run(dice, body, told.before)
        elif body["type"] == "process.instance.v1":
            yield from engines.steps(body)
        else:
            yield engines.about(body) if body["type"] == "feedback.survey.response.v1" else body


def _run(dice: Random, step: dict[str, Any], before: timedelta) -> Iterator[dict[str, Any]]:
    began = _time_of(step) - before
    yield _step(step, "started", "start", began)
    lasted = dice.choice((min(_IN_TIME, before), before, None))
    if lasted is not None:
        yield _step(step, "ended", dice.choice(_ENDS), began + lasted)


def _step(step: dict[str, Any], name: str, lifecycle: str, at: datetime) -> dict[str, Any]:
    data = {**step["data"], "lifecycle": lifecycle, "time": _stamp(at)}
    return {**step, "id": f"{step['id']}-{name}", "time": _stamp(at), "data": data}


def _later(ticket: dict[str, Any], change: str, at: datetime) -> dict[str, Any]:
    data = {**ticket["data"], "revision": 90, "updated_at": _stamp(at)}
    return {
        **ticket,
        "id": f"{ticket['id']}-{change}",
        "type": f"feedback.ticket.{change}.v1",
        "time": _stamp(at),
        "data": data,
    }


def _corrected(dice: Random, response: dict[str, Any], at: datetime) -> dict[str, Any]:
    metrics = [{**one, "raw": dice.choice((1, 2, 3, 4, 5))} for one in response["data"]["metrics"]]
    data = {**response["data"], "revision": 90, "state": "updated", "metrics": metrics, "submitted_at": _stamp(at)}
    return {**response, "id": f"{response['id']}-corrected", "time": _stamp(at), "data": data}


def _delivered(dice: Random, records: list[Record], bound: timedelta, partitions: int) -> Iterator[Record]:
    """Let the records of one subject arrive: some late, two of them swapped now and then, some twice."""
    last = datetime.min.replace(tzinfo=UTC)
    arriving: list[Record] = []
    for record in sorted(records, key=lambda one: one.at):
        late = bound * dice.random() if dice.random() < _share_late(record) else timedelta()
        last = max(last + timedelta(microseconds=1), record.at + late)
        arriving.append(replace(record, arrives=last))
    if len(arriving) > 1 and dice.random() < _SWAPPED:
        arriving = list(_swapped(dice, arriving, bound))
    for record in arriving:
        yield record
        if dice.random() < _TWICE:
            again = replace(record, arrives=record.arrives + bound * dice.random() * 0.5)
            # A copy elsewhere could overtake a later revision, so only who says one thing may be heard in two places.
            elsewhere = len(arriving) == 1 and record.topic != PROCESSES
            yield replace(again, partition=dice.randrange(partitions)) if elsewhere else again


def _share_late(record: Record) -> float:
    """Say how often such a record is late; order may not decide which cases of high-value customers are."""
    if record.topic != PROCESSES:
        return _LATE
    body = json.loads(record.value)
    return _TOLD_LATER if body["type"] == "process.instance.v1" and not _is_of_high_value(body) else 0.0


def _is_of_high_value(body: dict[str, Any]) -> bool:
    return body["type"] == "process.instance.v1" and body["data"].get("tier") in _HIGH_VALUE


def _swapped(dice: Random, records: Sequence[Record], bound: timedelta) -> Iterator[Record]:
    """Let two neighbouring states change places, if both stay within the bound."""
    at = dice.randrange(len(records) - 1)
    first, second = records[at], records[at + 1]
    near = second.arrives - first.at < bound
    if near and all(any(name.encode() in one.value for name in _STATES) for one in (first, second)):
        records = [
            *records[:at],
            replace(second, arrives=first.arrives),
            replace(first, arrives=second.arrives),
            *records[at + 2 :],
        ]
    yield from records


def _poisoned(dice: Random, records: Sequence[Record], partitions: int) -> Iterator[Record]:
    for record in records:
        if dice.random() < _POISON:
            yield replace(
                record,
                partition=dice.randrange(partitions) if record.topic != PROCESSES else 0,
                key=None,
                value=_poison(dice, record),
                arrives=record.arrives + timedelta(microseconds=3),
            )


def _poison(dice: Random, record: Record) -> bytes:
    """Break a record: sometimes nonsense, sometimes the record itself, cut off or lamed."""
    body = json.loads(record.value)
    match dice.randrange(6):
        case 0:
            return record.value[: len(record.value) // 2]
        case 1:
            return json.dumps({name: value for name, value in body.items() if name != "id"}).encode()
        case 2:
            return json.dumps({**body, "id": "lame", "data": "see attachment"}).encode()
        case 3:
            return json.dumps({**body, "id": "lame", "time": "yesterday"}).encode()
        case _:
            return dice.choice(_POISONS)


def _record(body: dict[str, Any], partitions: int) -> Record:
    topic = _topic_of(body["type"])
    subject = _subject_of(body)
    at = _time_of(body)
    return Record(
        topic=topic,
        partition=crc32(subject.encode()) % partitions if topic != PROCESSES else 0,
        key=subject.encode(),
        value=json.dumps(body).encode(),
        at=at,
        arrives=at,
    )


def _topic_of(kind: str) -> str:
    if kind.startswith("feedback.ticket."):
        return TICKETS
    return PROCESSES if kind.startswith(("process.", "privacy.")) else SURVEYS


def _subject_of(body: dict[str, Any]) -> str:
    return f"{body['source']} {body['subject']}"


def _time_of(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(body["time"])


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
