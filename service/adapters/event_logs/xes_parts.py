"""Bytes of an XES file -> its events and the ends of its traces, one at a time.

Document types and entities are refused before anything is made of them. Attributes within attributes, and lists, are
left out; so are the log's own attributes, classifiers and globals.
"""

import math
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from service.adapters.event_logs.faults import BrokenLogError
from service.core.event_log import XesEvent, XesTraceEnd
from service.core.event_log.logged import Value

_CHUNK = 1 << 16
# A tag is read as a whole, so it must not be without an end.
LONGEST_TAG = 1 << 20
DEEPEST = 100
_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
# What a store can hold as a number; a longer one stays a text.
_LONGEST_NUMBER = 18


def parts(stream: BinaryIO, file: str) -> Iterator[XesEvent | XesTraceEnd]:
    """Read a stream to its end.

    Raises:
        BrokenLogError: it is no XML, declares entities, or has a tag above a megabyte.
    """
    parser = expat.ParserCreate()
    reading = _Reading(parser, file)
    fed = 0
    while True:
        chunk = stream.read(_CHUNK)
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise BrokenLogError(
                file, f"line {error.lineno}", f"{expat.ErrorString(error.code)}; mend the file"
            ) from error
        yield from reading.taken()
        if not chunk:
            break
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > LONGEST_TAG:
            raise BrokenLogError(file, f"line {parser.CurrentLineNumber}", "a tag is longer than a megabyte; split it")
    if not reading.is_log:
        raise BrokenLogError(file, "line 1", "has no log element; is it XES?")


class _Reading:
    """Where the parser stands: the elements around it, and the attributes read so far of its trace and event."""

    def __init__(self, parser: expat.XMLParserType, file: str) -> None:
        self._parser, self._file = parser, file
        self._around: list[str] = []
        self._trace: dict[str, Value] | None = None
        self._event: dict[str, Value] | None = None
        self._found: list[XesEvent | XesTraceEnd] = []
        self.is_log = False
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse

    def taken(self) -> list[XesEvent | XesTraceEnd]:
        found, self._found = self._found, []
        return found

    def _begin(self, name: str, members: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        holder = self._around[-1] if self._around else None
        self._around.append(tag)
        if len(self._around) > DEEPEST:
            place = f"line {self._parser.CurrentLineNumber}"
            raise BrokenLogError(self._file, place, f"elements are nested above {DEEPEST} deep; is it XES?")
        match holder, tag:
            case None, "log":
                self.is_log = True
            case "log", "trace":
                self._trace = {}
            case "log" | "trace", "event":
                self._event = {}
            case "event", _ if tag in _VALUES and self._event is not None:
                _put(self._event, tag, members)
            case "trace", _ if tag in _VALUES and self._trace is not None:
                _put(self._trace, tag, members)

    def _end(self, _name: str) -> None:
        tag, line = self._around.pop(), self._parser.CurrentLineNumber
        holder = self._around[-1] if self._around else None
        if tag == "event" and holder in ("log", "trace") and self._event is not None:
            self._found.append(XesEvent(line=line, trace=self._trace, own=self._event))
            self._event = None
        elif tag == "trace" and holder == "log":
            self._found.append(XesTraceEnd(line=line))
            self._trace = None

    def _refuse(self, *_: object) -> None:
        place = f"line {self._parser.CurrentLineNumber}"
        raise BrokenLogError(self._file, place, "document types and entities are not read; take the declaration out")


def _put(held: dict[str, Value], tag: str, members: dict[str, str]) -> None:
    name, text = members.get("key"), members.get("value")
    value = None if text is None else _value(tag, text)
    if name and value is not None:
        held[name] = value


def _value(tag: str, text: str) -> Value | None:
    """Read a value of its type; what is none of its type stays a text, and a number that is not finite is absent."""
    try:
        match tag:
            case "int" if len(text) <= _LONGEST_NUMBER:
                return int(text)
            case "float":
                return number if math.isfinite(number := float(text)) else None
            case "boolean" if text.strip().casefold() in ("true", "false"):
                return text.strip().casefold() == "true"
            case _:
                return text
    except ValueError:
        return text
