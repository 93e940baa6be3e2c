"""One YAML text -> a tree of values that know their line and column, and what is wrong with the text.

Only what a reviewer can read at a glance is taken: one document, text keys, plain scalars of YAML 1.2 (true and false,
decimal numbers, null), no tags and no merge keys. Size, nesting and what aliases expand to are bounded, since a
playbook also arrives over HTTP.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from service.adapters.playbook_files.tree import Entry, Node, Place, Scalar, TextFault

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_VALUES = 50_000
# With aliases expanded: a long text behind thousands of aliases would be copied by whoever writes it out.
MAX_CHARACTERS = 2 * MAX_BYTES
MAX_FAULTS = 100

_WORDS: Mapping[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
# A number with a leading zero is a code, such as 0042, and stays text.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# The scanner takes quadratic time for the length of a tag; nothing that is taken here has a long one.
_TAG = re.compile(r'![^\s"]*')
_LONGEST_TAG = 10_000
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


def read_tree(file: str, text: str) -> tuple[Node | None, tuple[TextFault, ...]]:
    """Read one document; an empty one is an empty mapping. The tree is None after a fatal fault."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return None, (TextFault(Place(file), f"the file is larger than {MAX_BYTES} bytes; split it", fatal=True),)
    if any(tag.end() - tag.start() > _LONGEST_TAG for tag in _TAG.finditer(text)):
        return None, (TextFault(Place(file), "not YAML: a tag without an end", fatal=True),)
    reader = _Reader(file)
    for event in _events(reader, file, text):
        reader.take(event)
        if reader.is_stopped:
            break
    return reader.result()


def _events(reader: "_Reader", file: str, text: str) -> Iterator[Event]:
    """Yield what the parser finds, up to what it cannot read; only its own errors are taken for the text's fault."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file) if mark is None else Place(file, mark.line + 1, mark.column + 1)
        reader.fatal(place, f"not YAML: {error.problem or error.context or 'it can not be read'}")
    except ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        reader.fatal(place, "not YAML: a control character; write it as an escape in double quotes")
    except (YAMLError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, NotImplementedError):
        # The scanner lets some slips of broken escapes and directives out as they come.
        reader.fatal(reader.last, "not YAML: it can not be read from here on")


@dataclass(slots=True)
class _Open:
    place: Place
    anchor: str | None
    is_mapping: bool
    parts: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: tuple[str | None, Place] | None = None


class _Reader:
    """Builds the tree of one event after another, without recursion."""

    def __init__(self, file: str) -> None:
        self.last = Place(file)
        self._file = file
        self._faults: list[TextFault] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None
        self._documents = 0
        self._read = 0
        self._characters = 0
        self.is_stopped = False

    def result(self) -> tuple[Node | None, tuple[TextFault, ...]]:
        root = None if self.is_stopped else self._root or Node(Place(self._file), {})
        return root, tuple(self._faults)

    def fatal(self, place: Place, message: str) -> None:
        self.is_stopped = True
        self._faults.append(TextFault(place, message, fatal=True))

    def take(self, event: Event) -> None:
        mark = event.start_mark
        self.last = place = Place(self._file, mark.line + 1, mark.column + 1)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.fatal(place, "a second document begins here; a file holds one")
            case MappingStartEvent() | SequenceStartEvent():
                if event.tag is not None:
                    self._fault(place, "tags are not supported; leave it out")
                self._open.append(_Open(place, event.anchor, isinstance(event, MappingStartEvent)))
                if len(self._open) > MAX_DEPTH:
                    self.fatal(place, f"more than {MAX_DEPTH} levels of nesting")
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case ScalarEvent():
                value = self._scalar(event, place)
                self._add(Node(place, value, size=len(event.value)), event.anchor)
            case AliasEvent() if event.anchor not in self._anchors:
                self._fault(place, f"*{event.anchor[:40]} names no anchor that was closed before it")
                self._add(Node(place, None), None)
            case AliasEvent():
                self._add(self._anchors[event.anchor], None, place)
            case _:
                pass

    def _close(self) -> None:
        opened = self._open.pop()
        parts = [entry.node for entry in opened.entries.values()] if opened.is_mapping else opened.parts
        node = Node(
            opened.place,
            opened.entries if opened.is_mapping else tuple(opened.parts),
            count=1 + sum(part.count for part in parts),
            depth=1 + max((part.depth for part in parts), default=0),
            size=sum(part.size for part in parts) + sum(map(len, opened.entries)),
        )
        if node.count > MAX_VALUES:
            self.fatal(opened.place, f"more than {MAX_VALUES} values once aliases are expanded")
        elif node.depth + len(self._open) > MAX_DEPTH:
            self.fatal(opened.place, f"more than {MAX_DEPTH} levels of nesting once aliases are expanded")
        else:
            self._add(node, opened.anchor)

    def _add(self, node: Node, anchor: str | None, place: Place | None = None) -> None:
        self._read += 1
        if self._read > MAX_VALUES:
            self.fatal(node.place, f"more than {MAX_VALUES} values; split the playbook")
            return
        # What a list or mapping holds was counted as it was read; an alias brings it in once more.
        self._characters += node.size if place is not None or not isinstance(node.value, Mapping | tuple) else 0
        if self._characters > MAX_CHARACTERS:
            self.fatal(place or node.place, f"more than {MAX_CHARACTERS} characters once aliases are expanded")
            return
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        holder = self._open[-1]
        if not holder.is_mapping:
            holder.parts.append(node)
        elif holder.key is None:
            holder.key = (self._key(node, place or node.place), place or node.place)
        else:
            key, key_place = holder.key
            holder.key = None
            if key is not None and key in holder.entries:
                first = holder.entries[key].key_place
                self._fault(key_place, f"{key!r} is given twice; the first is on line {first.line}")
            elif key is not None:
                holder.entries[key] = Entry(key_place, node)

    def _key(self, node: Node, place: Place) -> str | None:
        match node.value:
            case "<<":
                self._fault(place, "merge keys are not supported; write the lines out, or alias a whole value")
                return None
            case str():
                return node.value
            case _:
                self._fault(place, "a key must be a text")
                return None

    def _scalar(self, event: ScalarEvent, place: Place) -> Scalar:
        text = str(event.value)
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            self._fault(place, "tags are not supported; leave it out")
        if _CONTROL.search(text) is not None:
            self._fault(place, "a control character or half a character; no text holds these")
            return ""
        is_key = bool(self._open) and self._open[-1].is_mapping and self._open[-1].key is None
        is_plain = event.tag is None and event.implicit[0]
        return _plain_scalar(text) if is_plain and not is_key else text

    def _fault(self, place: Place, message: str) -> None:
        self._faults.append(TextFault(place, message))
        if len(self._faults) == MAX_FAULTS:
            self.fatal(place, "too many faults; the rest of the file was not read")


def _plain_scalar(text: str) -> Scalar:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
