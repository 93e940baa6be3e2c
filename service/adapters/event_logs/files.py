"""A path -> which kind of log it is, and its events; what is wrong with the file as a whole names file and place."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from service.adapters.event_logs.faults import BrokenLogError
from service.adapters.event_logs.json_members import members
from service.adapters.event_logs.xes_parts import parts
from service.core.contracts.cloudevent import Event
from service.core.event_log import (
    OcelEvent,
    OcelObject,
    OcelReading,
    Unread,
    XesReading,
    object_of,
    ocel_events,
    xes_events,
)

MOST_OBJECTS = 2_000_000
_HEAD = 4_096
_MEMBERS = (b'"objectTypes"', b'"eventTypes"', b'"objects"', b'"events"')

__all__ = ["BrokenLogError", "Format", "format_of", "read_ocel", "read_xes"]


class Format(StrEnum):
    XES = "xes"
    OCEL = "ocel"


def format_of(path: Path) -> Format | None:
    """Tell by the name; a .json file is a log if the first of its members is one of a log's. None is no log."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".xes"):
        return Format.XES
    if name.endswith(".jsonocel"):
        return Format.OCEL
    if not name.endswith(".json"):
        return None
    with _opened(path) as stream:
        head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    return Format.OCEL if head[:1] == b"{" and head[1:].lstrip().startswith(_MEMBERS) else None


def read_xes(path: Path, how: XesReading) -> Iterator[Event | Unread]:
    """Yield the events of a log in its order.

    Raises:
        BrokenLogError: the file is no XML, declares entities, or can not be read to its end.
    """
    with _opened(path) as stream:
        yield from xes_events(parts(stream, path.name), how)


def read_ocel(path: Path, how: OcelReading) -> Iterator[Event | Unread | None]:
    """Yield the events of a log in its order; None is one that is about no instance. The file is read twice.

    Held are the objects, at most two million, and of each instance what was last.

    Raises:
        BrokenLogError: the file is no JSON of this shape, has too many objects or none that is an instance.
    """
    objects = _objects(path, how)
    with _opened(path) as stream:
        found = members(stream, path.name, "events")
        yield from ocel_events((OcelEvent(number=number, raw=raw) for number, raw in found), objects, how)


def _objects(path: Path, how: OcelReading) -> dict[str, OcelObject]:
    objects: dict[str, OcelObject] = {}
    bare: dict[str, OcelObject] = {}
    with _opened(path) as stream:
        for number, raw in members(stream, path.name, "objects"):
            found = object_of(raw, how.instances)
            if found is None:
                raise BrokenLogError(path.name, f"object {number}", "is no object with id and type; mend the file")
            if number > MOST_OBJECTS:
                raise BrokenLogError(path.name, f"object {number}", f"more than {MOST_OBJECTS} objects; split the file")
            name, one = found
            # Most objects have nothing but a type, which is kept once.
            objects[name] = one if one.attributes else bare.setdefault(one.type, one)
    kinds = {one.type for one in objects.values()}
    if not kinds & how.instances:
        known = ", ".join(sorted(kinds)[:20]) or "none"
        raise BrokenLogError(path.name, "objects", f"none is an instance; name a type by --instances: {known}")
    return objects


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    is_packed = path.name.lower().endswith(".gz")
    with cast("BinaryIO", gzip.open(path)) if is_packed else path.open("rb") as stream:
        try:
            yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BrokenLogError(path.name, "gzip", "is cut off or no gzip; fetch the file anew") from error
