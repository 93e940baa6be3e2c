"""Text, forms -> the references that it names, in time linear in its length."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.core.references.forms import SEPARATOR, Form
from service.core.references.typed import BAR, WIDEST_JOINT, Read, Reader, Typed, reader_of

MOST_REFERENCES = 10
# What a hostile text repeats is soon among these, and what it does not repeat must not fill the memory.
_MOST_KNOWN = 10_000

# More than three separators are layout, not a number that somebody spread out.
_JOINT = re.compile(rf"[{SEPARATOR}]{{0,{WIDEST_JOINT}}}")
# A bar may stand for a 1, but it also frames what stands in a table: it is a word of its own, never the first or last.
_WORD = re.compile(rf"[^\W_]+|[{BAR}]")


@dataclass(frozen=True, slots=True)
class References:
    """Canonical references in order of appearance, distinct, at most ten of each kind.

    `exact` are written as a form says; `loose` are so but for one typing error, and never overlap an exact one. Where
    the literal head of a form was left out, a loose one has it again, so it may equal what an instance carries.
    """

    exact: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


class _Word(NamedTuple):
    """What was typed, its digits, whether it may go on from the word before, and whether it is one letter apart."""

    typed: str
    digits: int
    is_joined: bool
    is_alone: bool


class _Span(NamedTuple):
    """Words from `first` up to and without `behind`, read as a reference."""

    first: int
    behind: int
    reference: str


_NONE = References()


def references(text: str, forms: Sequence[Form]) -> References:
    """Find what the text names, up to the tenth exact one."""
    if not forms:
        return _NONE
    reader = reader_of(tuple(forms))
    within = reader.within(text)
    return _found([word for part in within for word in _words(text, part, reader.longest)], reader) if within else _NONE


def _found(words: Sequence[_Word], reader: Reader) -> References:
    known: dict[Typed, Read | None] = {}
    exact: list[_Span] = []
    loose: list[_Span] = []
    certain: dict[str, None] = {}
    for first in _near_digits(words, reader.longest):
        for behind, typed in _spans(words, first, reader.longest, reader.fewest):
            if typed not in known:
                if len(known) == _MOST_KNOWN:
                    known.clear()
                known[typed] = reader.read(typed)
            found = known[typed]
            if found is not None and found.is_exact:
                _keep_widest(exact, _Span(first, behind, found.reference))
            elif found is not None:
                loose.append(_Span(first, behind, found.reference))
        if exact:
            certain[exact[-1].reference] = None
        if len(certain) == MOST_REFERENCES:
            break
    taken = {at for span in exact for at in range(span.first, span.behind)}
    apart = _narrowest([span for span in loose if taken.isdisjoint(range(span.first, span.behind))])
    uncertain = dict.fromkeys(span.reference for span in apart if span.reference not in certain)
    return References(tuple(certain), tuple(uncertain)[:MOST_REFERENCES])


def _words(text: str, within: tuple[int, int], longest: int) -> list[_Word]:
    """Split into words; one that can be in no reference is empty, and joined to nothing."""
    words: list[_Word] = []
    end, before = within[0], ""
    for match in _WORD.finditer(text, *within):
        typed = match[0] if match[0].isascii() and len(match[0]) <= longest else ""
        is_joined = bool(before and typed and _JOINT.fullmatch(text, end, match.start()))
        # Only who types every character apart would type a letter for the last digit apart.
        is_alone = len(typed) == 1 < len(before) and typed.isalpha() and text[match.start() - 1].isspace()
        digits = 0 if typed.isalpha() else sum(map(str.isdigit, typed))
        words.append(_Word(typed, digits, is_joined=is_joined, is_alone=is_alone))
        end, before = match.end(), typed
    return words


def _near_digits(words: Sequence[_Word], longest: int) -> Sequence[int]:
    """Tell from which words on a span may reach a digit, in ascending order."""
    found: dict[int, None] = {}
    for at, word in enumerate(words):
        if word.digits:
            first, length = at, len(word.typed)
            while words[first].is_joined and length + len(words[first - 1].typed) <= longest:
                first -= 1
                length += len(words[first].typed)
            found.update(dict.fromkeys(range(first, at + 1)))
    return sorted(found)


def _spans(words: Sequence[_Word], first: int, longest: int, fewest: int) -> Iterator[tuple[int, Typed]]:
    """Yield what begins with a word and has digits enough."""
    written, digits = "", 0
    for at in range(first, len(words)):
        word = words[at]
        if at > first and not word.is_joined:
            return
        written += word.typed
        digits += word.digits
        if len(written) > longest:
            return
        if digits >= fewest and BAR not in (words[first].typed, word.typed):
            yield at + 1, Typed(written, is_word=at == first, ends_in_word=at > first and word.is_alone)


def _keep_widest(kept: list[_Span], span: _Span) -> None:
    """Add a span, later or longer than those before, but not `0012345` within `INC 0012345`."""
    if kept and span.behind <= kept[-1].behind:
        return
    if kept and span.first == kept[-1].first:
        kept.pop()
    kept.append(span)


def _narrowest(spans: list[_Span]) -> list[_Span]:
    """Leave out what has another within: `INC001234 a`, one wrong, has `INC001234`, one too few."""
    kept: list[_Span] = []
    for span in sorted(spans, key=lambda span: (-span.first, span.behind)):
        if not kept or span.behind < kept[-1].behind:
            kept.append(span)
    return kept[::-1]
