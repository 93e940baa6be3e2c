"""The characters of one span, forms -> the reference that they are: as a form says, or so but for one typing error.

Letters are read for the digits that they are typed for, if at least half of the digits were typed as such.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from service.core.references.forms import FEWEST_LEADING, NEIGHBOURS, Form
from service.core.text import places_of

BAR = "|"
# Between two words of a reference there are no more characters than these, and all of them are separators.
WIDEST_JOINT = 3
# Few playbooks are in use at a time, and those in their tests are small.
_MOST_READERS = 64
_DIGITS = "0123456789"
_TYPED_FOR = str.maketrans("OoQDIli|ZzSsB", "0000111122558")


class Typed(NamedTuple):
    """A span without its separators, whether it is one word, and whether its last letter stands alone, as words do."""

    written: str
    is_word: bool
    ends_in_word: bool


@dataclass(frozen=True, slots=True)
class Read:
    reference: str
    is_exact: bool


class Reader:
    """Reads spans by the first form that fits; none that has fewer than `fewest` digits is a reference."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.longest = max(len(each.places) for each in forms) + 1
        self.fewest = min((each.digits + 1) // 2 for each in forms)
        self._exact, self._loose, self._headless = _Lengths(), _Lengths(), _Lengths()
        for each in forms:
            length = len(each.places)
            self._exact.add(each, length)
            for error in (-1, 0, 1):
                self._loose.add(each, length + error)
            if each.leading:
                self._headless.add(each, length - each.leading, in_digits=True)
        # Letters and separators that may stand between two digits of one reference.
        self._apart = (self.longest - self.fewest) * (WIDEST_JOINT + 1) + WIDEST_JOINT
        self._reach = self.longest * (WIDEST_JOINT + 1)

    def within(self, text: str) -> Sequence[tuple[int, int]]:
        """Say in which parts of a text its references are, with room for a word before; most texts have none.

        They are in ascending order and do not overlap, so that no reference is in two of them.
        """
        parts: list[tuple[int, int]] = []
        for first, last, count in self._groups(places_of(text, _DIGITS)):
            if count >= self.fewest:
                start, end = max(0, first - self._reach), last + 1 + self._reach
                if parts and start <= parts[-1][1]:
                    start, _ = parts.pop()
                parts.append((start, end))
        return parts

    def _groups(self, places: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Yield the first and the last place of digits near enough for one reference, and how many they are."""
        first = last = count = 0
        for at in places:
            if count and at - last - 1 > self._apart:
                yield first, last, count
                count = 0
            first, last, count = first if count else at, at, count + 1
        yield first, last, count

    def read(self, typed: Typed) -> Read | None:
        if found := _first(_exact, self._exact.of(typed), typed):
            return Read(found, is_exact=True)
        found = _first(_loose, self._loose.of(typed), typed)
        # Groups of digits with no letters before them are rather a date or a telephone number.
        if found is None and typed.is_word:
            found = _first(_headless, self._headless.of(typed), typed)
        return None if found is None else Read(found, is_exact=False)


class _Lengths:
    """Forms by the length that they can have, and by whether two digits in front can be theirs.

    No single error puts two digits before two letters.
    """

    def __init__(self) -> None:
        self._forms: defaultdict[tuple[int, bool], list[Form]] = defaultdict(list)

    def add(self, form: Form, length: int, *, in_digits: bool = False) -> None:
        self._forms[length, False].append(form)
        if in_digits or not form.leading:
            self._forms[length, True].append(form)

    def of(self, typed: Typed) -> Sequence[Form]:
        return self._forms[len(typed.written), typed.written[:FEWEST_LEADING].isdigit()]


@lru_cache(maxsize=_MOST_READERS)
def reader_of(forms: tuple[Form, ...]) -> Reader:
    """Return what reads these forms, made once."""
    return Reader(forms)


def _first(read: Callable[[Form, str], str | None], forms: Sequence[Form], typed: Typed) -> str | None:
    """Read by the first form that fits. `so I did` has too few digits for SO####, and `INC001234: I` ends before I."""
    if not forms:
        return None
    digits = sum(map(str.isdigit, typed.written))
    for form in forms:
        is_word = typed.ends_in_word and not form.ends_in_letter
        if not is_word and 2 * digits >= form.digits and (found := read(form, typed.written)):
            return found
    return None


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
    if len(missing) == len(odd) == NEIGHBOURS and _fitting(missing[::-1], odd) == len(odd):
        middle = _read(missing[::-1], odd)
    elif len(missing) <= 1 and len(odd) <= 1:
        middle = odd.upper().replace(BAR, "1")
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


def _read(places: str, written: str) -> str:
    return "".join(
        character.translate(_TYPED_FOR) if place == "#" or place.isdigit() else character.upper()
        for place, character in zip(places, written, strict=True)
    )
