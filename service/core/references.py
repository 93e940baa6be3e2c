"""Text, forms -> the numbers of tickets, orders or claims that it names: deploy/docs/linking.md, "References".

A form writes `#` for a digit, `@` for a letter from A to Z, and anything else for itself; it is refused with ValueError
where words and numbers of everyday text would pass for it. The canonical form of a reference is upper case without
separators. Every text is read in time linear in its length.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

MOST_REFERENCES = 10

_FEWEST_DIGITS = 3
_LONGEST_FORM = 32
_FEWEST_LEADING = 2
_NEIGHBOURS = 2

_SEPARATOR = r"\s\-\u2010-\u2015\u2212./:#"
# More than three separators are layout, not a number that somebody spread out.
_JOINT = re.compile(rf"[{_SEPARATOR}]{{0,3}}")
# A bar may stand for a 1, but it also frames what stands in a table: it is a word of its own, never the first or last.
_BAR = "|"
_WORD = re.compile(r"[^\W_]+|[|]")
_TYPED_FOR = str.maketrans("OoQDIli|ZzSsB", "0000111122558")


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of number is written: a `#`, an `@` or a literal capital or digit for each character."""

    places: str
    digits: int
    leading: int


@dataclass(frozen=True, slots=True)
class References:
    """Canonical references in order of appearance, distinct, at most ten of each kind.

    `exact` are written as a form says; `loose` are so but for one typing error, and never overlap an exact one. Where
    the literal head of a form was left out, a loose one has it again, so it may equal what an instance carries.
    """

    exact: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """Words from `first` up to and without `behind`, read as a reference."""

    first: int
    behind: int
    reference: str


def form(written: str) -> Form:
    """Read `INC#######`. Separators in it mean nothing, since a text may have them anywhere.

    Raises ValueError where it has fewer than three `#`, more than 32 characters, or one that no reference can have.
    """
    places = re.sub(r"[\s\-./:]", "", written).upper()
    if not re.fullmatch(r"[A-Z0-9#@]*", places):
        raise ValueError("a reference has letters from A to Z, digits, # for any digit and @ for any letter")
    if places.count("#") < _FEWEST_DIGITS:
        raise ValueError("a reference has at least three digits (#), since words would pass for it otherwise")
    if len(places) > _LONGEST_FORM:
        raise ValueError(f"a reference has at most {_LONGEST_FORM} characters")
    leading = len(places) - len(places.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return Form(places=places, digits=places.count("#"), leading=leading if leading >= _FEWEST_LEADING else 0)


def references(text: str, forms: Sequence[Form]) -> References:
    """Find what the text names. One span is read by the first form that fits it."""
    as_said = _by_length(forms, lambda each: {len(each.places)})
    almost = _by_length(forms, lambda each: {len(each.places) + error for error in (-1, 0, 1)})
    headless = _by_length(forms, lambda each: {len(each.places) - each.leading} if each.leading else set())
    words, joined = _words(text, longest=max(almost, default=0))
    exact: list[_Span] = []
    loose: list[_Span] = []
    for first in range(len(words)):
        for behind, written in _spans(words, joined, first, longest=max(almost, default=0)):
            digits = sum(map(str.isdigit, written))
            if reading := _first(_exact, as_said[len(written)], written, digits):
                exact.append(_Span(first, behind, reading))
            elif reading := _first(_loose, almost[len(written)], written, digits):
                loose.append(_Span(first, behind, reading))
    # Groups of digits with no letters before them are rather a date or a telephone number, so this asks single words.
    for at, word in enumerate(words):
        if reading := _first(_headless, headless[len(word)], word, sum(map(str.isdigit, word))):
            loose.append(_Span(at, at + 1, reading))
    exact = _widest(exact)
    certain = _distinct(exact)
    taken = {at for span in exact for at in range(span.first, span.behind)}
    apart = [span for span in loose if taken.isdisjoint(range(span.first, span.behind))]
    uncertain = [reference for reference in _distinct(_narrowest(apart)) if reference not in certain]
    return References(tuple(certain[:MOST_REFERENCES]), tuple(uncertain[:MOST_REFERENCES]))


def canonical(key: str, forms: Sequence[Form]) -> str | None:
    """Write a key of the registry as a reference, or None where no form fits the whole of it, its digits as digits."""
    written = "".join(re.findall(rf"[^{_SEPARATOR}]", key)).upper()
    return written if any(_fits_as_typed(each.places, written) for each in forms) else None


def is_near(written: str, known: str) -> bool:
    """Say whether one character was left out, put in, changed, or changed places with its neighbour.

    That is a distance of exactly 1 in optimal string alignment.
    """
    head = _agreeing(written, known)
    tail = _agreeing(written[head:][::-1], known[head:][::-1])
    ours, theirs = written[head : len(written) - tail], known[head : len(known) - tail]
    if len(ours) <= 1 and len(theirs) <= 1:
        return ours != theirs
    return len(ours) == len(theirs) == _NEIGHBOURS and ours == theirs[::-1]


def _words(text: str, longest: int) -> tuple[list[str], list[bool]]:
    """Split into words, and say of each whether it may go on a reference from the word before.

    A word that can be in no reference is empty, and joined to nothing.
    """
    words: list[str] = []
    joined: list[bool] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match[0] if match[0].isascii() and len(match[0]) <= longest else ""
        joined.append(bool(words and words[-1] and word and _JOINT.fullmatch(text, end, match.start())))
        words.append(word)
        end = match.end()
    return words, joined


def _spans(words: list[str], joined: list[bool], first: int, longest: int) -> Iterator[tuple[int, str]]:
    written = ""
    for at in range(first, len(words)):
        if at > first and not joined[at]:
            return
        written += words[at]
        if len(written) > longest:
            return
        if _BAR not in (words[first], words[at]):
            yield at + 1, written


def _by_length(forms: Sequence[Form], lengths: Callable[[Form], set[int]]) -> defaultdict[int, list[Form]]:
    found: defaultdict[int, list[Form]] = defaultdict(list)
    for each in forms:
        for length in lengths(each):
            found[length].append(each)
    return found


def _first(read: Callable[[Form, str], str | None], forms: list[Form], written: str, digits: int) -> str | None:
    """Read by the first form that fits. Half of its digits at least were typed as such: `so I did` is no SO####."""
    return next((found for each in forms if 2 * digits >= each.digits and (found := read(each, written))), None)


def _exact(form: Form, written: str) -> str | None:
    return _read(form.places, written) if _fitting(form.places, written) == len(form.places) else None


def _headless(form: Form, written: str) -> str | None:
    head, rest = form.places[: form.leading], form.places[form.leading :]
    return head + _read(rest, written) if _fitting(rest, written) == len(rest) else None


def _loose(form: Form, written: str) -> str | None:
    places = form.places
    head = _fitting(places, written)
    tail = _fitting(places[head:][::-1], written[head:][::-1])
    missing, odd = places[head : len(places) - tail], written[head : len(written) - tail]
    if len(missing) == len(odd) == _NEIGHBOURS and _fitting(missing[::-1], odd) == len(odd):
        middle = _read(missing[::-1], odd)
    elif len(missing) <= 1 and len(odd) <= 1:
        middle = odd.upper().replace(_BAR, "1")
    else:
        return None
    return _read(places[:head], written[:head]) + middle + _read(*_ends(places, written, tail))


def _ends(places: str, written: str, length: int) -> tuple[str, str]:
    return places[len(places) - length :], written[len(written) - length :]


def _fitting(places: str, written: str) -> int:
    """Count the characters from the left that are what their places ask for."""
    for at, (place, character) in enumerate(zip(places, written, strict=False)):
        if not _fits(place, character):
            return at
    return min(len(places), len(written))


def _fits(place: str, character: str) -> bool:
    if place == "@":
        return character.isalpha()
    if place == "#":
        return character.translate(_TYPED_FOR).isdigit()
    return place == (character.translate(_TYPED_FOR) if place.isdigit() else character.upper())


def _fits_as_typed(places: str, written: str) -> bool:
    return (
        written.isascii()
        and len(places) == len(written)
        and all(
            character.isdigit() if place == "#" else character.isalpha() if place == "@" else character == place
            for place, character in zip(places, written, strict=True)
        )
    )


def _read(places: str, written: str) -> str:
    return "".join(
        character.translate(_TYPED_FOR) if place == "#" or place.isdigit() else character.upper()
        for place, character in zip(places, written, strict=True)
    )


def _agreeing(one: str, other: str) -> int:
    """Count the characters from the left that are the same in both."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), min(len(one), len(other))
    )


def _widest(spans: list[_Span]) -> list[_Span]:
    """Leave out what lies within another: `0012345` within `INC 0012345`. Sorted by first word and end, and so kept."""
    kept: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.first, -span.behind)):
        if not kept or span.behind > kept[-1].behind:
            kept.append(span)
    return kept


def _narrowest(spans: list[_Span]) -> list[_Span]:
    """Leave out what has another within: `INC001234 a`, one wrong, has `INC001234`, one too few."""
    kept: list[_Span] = []
    for span in sorted(spans, key=lambda span: (-span.first, span.behind)):
        if not kept or span.behind < kept[-1].behind:
            kept.append(span)
    return kept[::-1]


def _distinct(spans: list[_Span]) -> list[str]:
    return list(dict.fromkeys(span.reference for span in spans))
