"""Text, cues -> where what the cues announce stands: a title its name, `date of birth` a date.

A cue is a phrase in lower case that stands as a word; all of them are looked for at once, in one pass over the text.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

Span = tuple[int, int]
# The text and where the cue begins and ends in it -> what it announces, if that is there.
Rule = Callable[[str, int, int], Span | None]


@dataclass(frozen=True, slots=True)
class Cued:
    """What a cue announced: the number of its rule, and where it stands."""

    rule: int
    span: Span


class Cues:
    def __init__(self, rules: Sequence[tuple[Rule, Iterable[str]]]) -> None:
        meanings: dict[str, list[int]] = {}
        for number, (_, phrases) in enumerate(rules):
            for phrase in phrases:
                meanings.setdefault(phrase, []).append(number)
        self._rules = tuple(rule for rule, _ in rules)
        self._meanings = tuple(map(tuple, meanings.values()))
        self._automaton = AhoCorasick(list(meanings), implementation=Implementation.DFA)

    def find(self, text: str) -> list[Cued]:
        """Return what is announced, in ascending order, and nothing that overlaps what begins before it."""
        found: list[Cued] = []
        for index, start, end in self._automaton.find_matches_as_indexes(_lowered(text), overlapping=True):
            # Most of what is met begins within a longer word.
            if (start and ((before := text[start - 1]).isalnum() or before == "_")) or not _is_end(text, end):
                continue
            for rule in self._meanings[index]:
                span = self._rules[rule](text, start, end)
                if span is not None:
                    found.append(Cued(rule, span))
        if not found:
            return found
        found.sort(key=lambda one: (one.span[0], -one.span[1]))
        apart: list[Cued] = []
        for one in found:
            if not apart or one.span[0] >= apart[-1].span[1]:
                apart.append(one)
        return apart


def _lowered(text: str) -> str:
    """Write the text in lower case without moving a character: one that would become two stays."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := one.lower()) == 1 else one for one in text)
    lowered = lowered.replace("\u2019", "'").replace("\u00a0", " ")
    # The automaton takes UTF-8, in which a lone surrogate can not be written.
    return lowered if lowered.isascii() else lowered.encode(errors="replace").decode()


def _is_end(text: str, end: int) -> bool:
    behind = text[end : end + 1]
    return not (behind.isalnum() or behind == "_") or not text[end - 1].isalnum()
