"""What happened to process instances -> one OCEL 2.0 log in JSON, streamed, which takes its place when it is whole.

The same rows give the same bytes.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from service.core.event_log.export import (
    INSTANCE_TYPES,
    LogEvent,
    Types,
    declared,
    feedback_event,
    instance_object,
    plain_object,
    step_event,
)
from service.core.event_log.names import CUSTOMER, TEAM, TICKET
from service.ports import Span, Tracks


async def write_ocel(
    tracks: Tracks, span: Span, path: Path, written: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Write the log, and return how many events and objects of each type, and relationships of each qualifier, it has.

    `written` hears of each event and object.
    """
    types, counts = Types(), _Counts()
    async for event in _events(tracks, span):
        types.note(event)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(b'{"events":[')
            await _listed(file, counts.events(types.written(one) async for one in _events(tracks, span)), written)
            file.write(b'],"objects":[')
            await _listed(file, counts.objects(_objects(tracks, span)), written)
            file.write(b'],"eventTypes":' + _json(types.declared()))
            kinds = {name: {} if name in (CUSTOMER, TICKET, TEAM) else INSTANCE_TYPES for name in counts.of_objects}
            file.write(b',"objectTypes":' + _json([declared(name, kinds[name]) for name in sorted(kinds)]) + b"}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counts.summary()


async def _events(tracks: Tracks, span: Span) -> AsyncIterator[LogEvent]:
    async for step in tracks.steps(span):
        yield step_event(step)
    async for one in tracks.complaints(span):
        yield feedback_event(one)


async def _objects(tracks: Tracks, span: Span) -> AsyncIterator[Mapping[str, Any]]:
    async for one in tracks.instances(span):
        yield instance_object(one.instance_id, one.process, one.known)
    for kind, names in (
        (CUSTOMER, tracks.customers(span)),
        (TICKET, tracks.tickets(span)),
        (TEAM, tracks.teams(span)),
    ):
        async for name in names:
            yield plain_object(kind, name)


async def _listed(file: BinaryIO, documents: AsyncIterator[Mapping[str, Any]], written: Callable[[int], None]) -> None:
    before = b"\n"
    async for document in documents:
        file.write(before + _json(document))
        before = b",\n"
        written(1)


class _Counts:
    """How much of each kind went by."""

    def __init__(self) -> None:
        self.of_events: Counter[str] = Counter()
        self.of_objects: Counter[str] = Counter()
        self.related: Counter[str] = Counter()

    async def events(self, documents: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
        async for document in documents:
            self.of_events[document["type"]] += 1
            self.related.update(one["qualifier"] for one in document["relationships"])
            yield document

    async def objects(self, documents: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
        async for document in documents:
            self.of_objects[document["type"]] += 1
            yield document

    def summary(self) -> dict[str, Any]:
        return {
            "events": dict(self.of_events),
            "objects": dict(self.of_objects),
            "relationships": dict(self.related),
        }


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
