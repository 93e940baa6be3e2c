"""Texts -> those that differ from one another, each with how many say much the same.

Two are alike when they share at least half of their shingles: runs of three words, fewer in a short text, or of four
letters where a script puts no spaces between words (Broder 1997, "On the resemblance and containment of documents").
Case, punctuation and figures do not matter: three days late is five days late.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from service.core.text import fold, is_unspaced

# Two texts say much the same that share one shingle in two. One that shares one in four with what is already shown
# comes after those that share less.
_ALIKE, _RESEMBLES = 2, 4
# Each text is compared with all before it that are unlike one another; what comes after so many is not read.
MOST_COMPARED = 200

_FIGURE = re.compile(r"\d(?:[\d.,]*\d)?")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
# From so many words, or letters, on shingles have this size.
_WORD_SIZES = ((7, 3), (3, 2))
_LETTER_SIZES = ((8, 4), (2, 2))

Units = tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class _Shingled:
    """A text's shingles by their size, up to the size that fits its length."""

    of_letters: bool
    largest: int
    sets: dict[int, frozenset[Units]]

    def shares(self, other: "_Shingled", *, one_in: int) -> bool:
        """Say whether the Jaccard similarity, at the size of the shorter text, is at least 1 / `one_in`."""
        if self.of_letters != other.of_letters:
            return False
        size = min(self.largest, other.largest)
        ours, theirs = self.sets[size], other.sets[size]
        shared = len(ours & theirs)
        return one_in * shared >= len(ours) + len(theirs) - shared


@dataclass(slots=True)
class _Voice:
    text: str
    shingled: _Shingled
    said: int = 1


def voices(texts: Iterable[str], most: int) -> Iterator[tuple[str, int]]:
    """Yield texts of which no two are alike, each with the number of those that it stands for.

    The first text comes first, as its place says that it matters; then what is said most often, where possible
    something that hardly resembles what came before.
    """
    left: list[_Voice] = []
    for text in islice((one for one in texts if one.strip()), MOST_COMPARED):
        shingled = _shingled(text)
        like = next((one for one in left if shingled.shares(one.shingled, one_in=_ALIKE)), None)
        if like is None:
            left.append(_Voice(text, shingled))
        else:
            like.said += 1
    heard: list[_Voice] = []
    while left and len(heard) < most:
        voice = min(left, key=lambda one: (_is_stale(one, heard), -one.said)) if heard else left[0]
        left.remove(voice)
        heard.append(voice)
        yield voice.text, voice.said


def distinct(texts: Iterable[str]) -> Iterator[int]:
    """Yield the places of the texts that are alike to none before them; of what comes after so many nothing is read."""
    known: list[_Shingled] = []
    for place, text in enumerate(islice(texts, MOST_COMPARED)):
        shingled = _shingled(text)
        if not any(shingled.shares(one, one_in=_ALIKE) for one in known):
            known.append(shingled)
            yield place


def _is_stale(voice: _Voice, heard: Iterable[_Voice]) -> bool:
    return any(voice.shingled.shares(one.shingled, one_in=_RESEMBLES) for one in heard)


def _shingled(text: str) -> _Shingled:
    folded = _APOSTROPHE.sub("", _FIGURE.sub("0", fold(text)))
    words = tuple("".join(one if _of_word(one) else " " for one in folded).split()) or (folded,)
    letters = "".join(words)
    of_letters = 2 * sum(not one.isascii() and is_unspaced(one) for one in letters) > len(letters)
    units, sizes = (letters, _LETTER_SIZES) if of_letters else (words, _WORD_SIZES)
    fitting = (*(size for least, size in sizes if len(units) >= least), 1)
    return _Shingled(of_letters, fitting[0], {size: _shingles(units, size) for size in fitting})


def _shingles(units: Units, size: int) -> frozenset[Units]:
    return frozenset(units[at : at + size] for at in range(len(units) - size + 1))


def _of_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, which isalnum() does not count.
    return character.isalnum() or unicodedata.category(character).startswith("M")
