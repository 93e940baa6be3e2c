"""The values of a YAML text, each with its line and column, and the ways to look at them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool | None
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value begins; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it begins; with its aliases expanded, how many values and characters, and how deep it nests."""

    place: Place
    value: "Scalar | Mapping[str, Entry] | tuple[Node, ...]"
    count: int = 1
    depth: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a mapping, with where its key begins."""

    key_place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with the text at one place; after a `fatal` one there is no tree."""

    place: Place
    message: str
    fatal: bool = False


def plain(node: Node) -> object:
    """Return the values alone, as pydantic takes them."""
    match node.value:
        case Mapping():
            return {key: plain(entry.node) for key, entry in node.value.items()}
        case tuple():
            return [plain(part) for part in node.value]
        case scalar:
            return scalar


def walk(node: Node, path: Steps) -> Iterator[tuple[str | int, Entry]]:
    """Follow a path: each step with its value. A step that the tree does not have is left out."""
    for step in path:
        match node.value, step:
            case Mapping() as entries, str() if step in entries:
                entry = entries[step]
            case tuple() as parts, int() if 0 <= step < len(parts):
                entry = Entry(parts[step].place, parts[step])
            case _:
                continue
        node = entry.node
        yield step, entry


def without(node: Node, paths: frozenset[Steps], here: Steps = ()) -> Node:
    """Return the tree less the values at these paths."""
    match node.value:
        case Mapping():
            kept = {
                key: Entry(entry.key_place, without(entry.node, paths, (*here, key)))
                for key, entry in node.value.items()
                if (*here, key) not in paths
            }
            return Node(node.place, kept)
        case tuple():
            parts = (
                without(part, paths, (*here, at)) for at, part in enumerate(node.value) if (*here, at) not in paths
            )
            return Node(node.place, tuple(parts))
        case _:
            return node


def texts(node: Node) -> Iterator[str]:
    """Yield every text that a value holds, its keys among them."""
    match node.value:
        case str():
            yield node.value
        case Mapping():
            for key, entry in node.value.items():
                yield key
                yield from texts(entry.node)
        case tuple():
            for part in node.value:
                yield from texts(part)
        case _:
            pass
