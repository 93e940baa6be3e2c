"""Needles, pieces of what is held -> which classes of needle and of sure identifier are in which place, how often.

No value of what is found leaves this module: a leak is a place, a class and a count.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from service.core.leaks.needles import Needle, Pattern, letters, patterns
from service.core.leaks.readings import readings
from service.core.redact import sure_classes
from service.core.text import fold, visible

# Hashes and UUIDs have digits enough to pass for a card now and then.
_OURS = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that is held: in `place` (a column, a topic, a file), more precisely `at`.

    A number is no identifier by itself, since counts and times are numbers too.
    """

    place: str
    at: str
    value: str | bytes | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """How many pieces of a place hold something of a class, and where the first of them is."""

    place: str
    kind: str
    count: int
    first: str


class Scanner:
    """Looks for all needles at once, and for sure identifiers whosoever they are."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        wanted: dict[str, list[Pattern]] = {}
        for needle in needles:
            for pattern in patterns(needle):
                wanted.setdefault(pattern.letters, []).append(pattern)
        self._patterns = tuple(wanted.values())
        self._automaton = AhoCorasick(list(wanted), implementation=Implementation.ContiguousNFA)

    def found(self, value: str | bytes | int) -> frozenset[str]:
        """Return the classes of what the value holds."""
        if isinstance(value, int):
            return frozenset(self._needles(str(value)))
        kinds: set[str] = set()
        for reading in readings(value):
            kinds.update(self._needles(reading.text))
            if not reading.is_json:
                kinds.update(self._identifiers(reading.text))
        return frozenset(kinds)

    def _needles(self, text: str) -> Iterator[str]:
        if not self._patterns:
            return
        run = letters(text)
        hits = self._automaton.find_matches_as_indexes(run, overlapping=True)
        edges: tuple[set[int], set[int]] | None = None
        for index, start, end in hits:
            for pattern in self._patterns[index]:
                if pattern.is_alone:
                    edges = edges or _edges(text)
                    if start not in edges[0] or end not in edges[1]:
                        continue
                yield pattern.kind

    @staticmethod
    def _identifiers(text: str) -> Iterator[str]:
        return (pii.value for pii in sure_classes(_OURS.sub(" ", visible(text))))


class Tally:
    """Counts what is found, place by place."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._found: dict[tuple[str, str], tuple[int, str]] = {}
        self.pieces = 0

    def add(self, piece: Piece) -> None:
        self.pieces += 1
        for kind in self._scanner.found(piece.value):
            count, first = self._found.get((piece.place, kind), (0, piece.at))
            self._found[piece.place, kind] = (count + 1, first)

    def leaks(self) -> tuple[Leak, ...]:
        return tuple(
            Leak(place=place, kind=kind, count=count, first=first)
            for (place, kind), (count, first) in sorted(self._found.items())
        )


def _edges(text: str) -> tuple[set[int], set[int]]:
    """Return where words begin and where they end, as places in `letters(text)`."""
    starts, ends, at = set(), set(), 0
    for word in _WORD.finditer(fold(visible(text))):
        starts.add(at)
        at += len(word[0])
        ends.add(at)
    return starts, ends
