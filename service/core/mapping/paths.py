"""Path text -> compiled path -> the value that it finds in a record, or nothing.

    form_response.hidden.user_id            names, from the record inwards
    FFT answer                              a name may hold spaces
    meta."odd.name"                         quotes keep a dot or a bracket in a name
    tags[0]                                 one of a list, counted from 0
    answers[field.ref=score].number         the first of a list in which this holds
    answers[*field.type=long_text].text     all of a list in which it holds
    answers[*].text                         all of a list
    fields[id={answers[0].field.id}].title  compared with another value of the record

Refused when read: paths too long, too deep or not well formed. Looking a value up never fails: what is not there, or is
of another shape, is absent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias, assert_never

from service.core.playbook.origins import label_text

MAX_STEPS = 16
MAX_NESTING = 2
# So many values at most does a path collect, whatever a payload holds.
MAX_COLLECTED = 100

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

_QUOTED = re.compile(r'"([^"]+)"|\'([^\']+)\'')
_BARE = re.compile(r"[^.\[\]{}\"'=*]+")
_INDEX = re.compile(r"\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    index: int


@dataclass(frozen=True, slots=True)
class Choose:
    """The items of a list, every one or only the first, in which `key` has the text `wanted`; no key takes them all."""

    every: bool
    key: "Path" = ()
    wanted: "str | Path" = ""


Step: TypeAlias = Name | Index | Choose
Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PathFault:
    """What is wrong with a path's text, `at` counted in characters from 0."""

    message: str
    at: int


def parse_path(text: str) -> Path | PathFault:
    found = _Reader(text).path(end="", nesting=0)
    return found if isinstance(found, PathFault) else found[0]


def find(path: Path, record: Json, most: int = MAX_COLLECTED) -> Json:
    """Return what is at the path, None where nothing is; a path that collects gives a list of what is not None."""
    return _find_within(path, record, record, most)


def collects(path: Path) -> bool:
    return any(isinstance(step, Choose) and step.every for step in path)


def names(path: Path) -> tuple[str, ...] | None:
    """Return the names of a path that is made of names only, else None."""
    found = tuple(step.name for step in path if isinstance(step, Name))
    return found if len(found) == len(path) else None


def without(record: Mapping[str, Json], path: tuple[str, ...]) -> dict[str, Json]:
    """Return the record less what stands under a path of names."""
    head, *rest = path
    kept = {name: value for name, value in record.items() if name != head}
    inner = record.get(head)
    if rest and head in record:
        kept[head] = without(inner, tuple(rest)) if isinstance(inner, dict) else inner
    return kept


def put(record: Mapping[str, Json], path: tuple[str, ...], value: Json) -> dict[str, Json]:
    """Return the record with another value under a path of names that it has."""
    head, *rest = path
    inner = record.get(head)
    return {**record, head: put(inner, tuple(rest), value) if rest and isinstance(inner, dict) else value}


def _find_within(path: Path, node: Json, record: Json, most: int) -> Json:
    for at, step in enumerate(path):
        match step:
            case Name(name):
                node = node.get(name) if isinstance(node, dict) else None
            case Index(index):
                node = node[index] if isinstance(node, list) and index < len(node) else None
            case Choose():
                hits = _hits(step, path[at + 1 :], node, record, most)
                return list(islice(hits, most)) if collects(path) else next(hits, None)
            case _:
                assert_never(step)
        if node is None:
            return None
    return node


def _hits(step: Choose, rest: Path, node: Json, record: Json, most: int) -> Iterator[Json]:
    for item in _chosen(step, node, record):
        found = _find_within(rest, item, record, most)
        if isinstance(found, list) and collects(rest):
            yield from found
        elif found is not None:
            yield found


def _chosen(step: Choose, node: Json, record: Json) -> Iterator[Json]:
    if not isinstance(node, list):
        return iter(())
    if not step.key:
        return iter(node)
    wanted = step.wanted if isinstance(step.wanted, str) else find(step.wanted, record)
    if wanted is None or isinstance(wanted, list | dict):
        return iter(())
    text = label_text(wanted)
    held = (item for item in node if _is_labelled(find(step.key, item), text))
    return held if step.every else islice(held, 1)


def _is_labelled(value: Json, text: str) -> bool:
    return value is not None and not isinstance(value, list | dict) and label_text(value) == text


@dataclass(frozen=True, slots=True)
class _Reader:
    """A recursive descent over one path's text; each rule takes a position, gives what it read and where it ended."""

    text: str

    def path(self, *, end: str, nesting: int, at: int = 0) -> tuple[Path, int] | PathFault:
        steps: list[Step] = []
        while True:
            read = self._name(at)
            if isinstance(read, PathFault):
                return read
            name, at = read
            steps.append(Name(name))
            while self._char(at) == "[":
                bracket = self._bracket(at, nesting)
                if isinstance(bracket, PathFault):
                    return bracket
                step, end_of_bracket = bracket
                # Looked up anew for each item of a list, it would cost the square of a payload's length.
                if isinstance(step, Choose) and isinstance(step.wanted, tuple) and collects(tuple(steps)):
                    return PathFault("a path in braces can not stand behind [*]", at)
                steps.append(step)
                at = end_of_bracket
            if len(steps) > MAX_STEPS:
                return PathFault(f"a path has at most {MAX_STEPS} steps", at)
            if self._char(at) in end or at == len(self.text):
                return tuple(steps), at
            if self._char(at) != ".":
                return PathFault(f"{self._char(at)!r} does not belong here; put an odd name in quotes", at)
            at += 1

    def _name(self, at: int) -> tuple[str, int] | PathFault:
        if quoted := _QUOTED.match(self.text, at):
            return quoted[1] or quoted[2], quoted.end()
        if (bare := _BARE.match(self.text, at)) and bare[0].strip():
            return bare[0].strip(), bare.end()
        return PathFault("a name is missing", at)

    def _bracket(self, at: int, nesting: int) -> tuple[Step, int] | PathFault:
        if index := _INDEX.match(self.text, at):
            return Index(int(index[1])), index.end()
        at += 1
        every = self._char(at) == "*"
        at += every
        if every and self._char(at) == "]":
            return Choose(every=True), at + 1
        key = self.path(end="=", nesting=nesting, at=at)
        if isinstance(key, PathFault):
            return key
        wanted = self._wanted(key[1] + 1, nesting)
        if isinstance(wanted, PathFault):
            return wanted
        if names(key[0]) is None or self._char(key[1]) != "=" or self._char(wanted[1]) != "]":
            return PathFault("write a choice from a list as [name=value], [*name=value], [*] or [0]", at)
        return Choose(every=every, key=key[0], wanted=wanted[0]), wanted[1] + 1

    def _wanted(self, at: int, nesting: int) -> tuple[str | Path, int] | PathFault:
        if self._char(at) != "{":
            return self._name(at)
        if nesting == MAX_NESTING:
            return PathFault(f"paths within paths go {MAX_NESTING} deep at most", at)
        inner = self.path(end="}", nesting=nesting + 1, at=at + 1)
        if isinstance(inner, PathFault):
            return inner
        if self._char(inner[1]) != "}" or collects(inner[0]):
            return PathFault("the path in braces ends with } and finds one value", at)
        return inner[0], inner[1] + 1

    def _char(self, at: int) -> str:
        return self.text[at : at + 1]
