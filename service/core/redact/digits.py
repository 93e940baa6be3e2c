"""Text -> where its digits are, so that what looks for numbers looks there alone: most of a long text has none.

Characters are told apart a block at a time, since to try a pattern at each of them costs more than all the rest.
"""

import re
from typing import NamedTuple

from service.core.redact.cues import Span
from service.core.text import places_of

# No value that a finder looks for by its digits goes on for longer than this before its first or behind its last digit,
# nor between two of them, and what it asks of the characters around it lies within as well.
REACH = 32
_DIGIT = re.compile(r"\d")
_ASCII = b"0123456789"
# The bytes of UTF-8 with which every other decimal digit begins, and few other characters of European texts.
_FURTHER = b"\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0"
_NEITHER = bytes(one for one in range(256) if one not in _ASCII + _FURTHER)
_FEW = 8


class Digits(NamedTuple):
    """How many there are, and the parts of the text that reach around them, in ascending order and apart."""

    many: int = 0
    near: tuple[Span, ...] = ()


_NONE = Digits()


def digits_of(text: str) -> Digits:
    places = _places(text)
    if not places:
        return _NONE
    near: list[Span] = []
    first = last = places[0]
    for at in places:
        if at - last > 2 * REACH:
            near.append((max(0, first - REACH), last + REACH))
            first = at
        last = at
    near.append((max(0, first - REACH), last + REACH))
    return Digits(many=len(places), near=tuple(near))


def _places(text: str) -> list[int]:
    like = text.encode(errors="replace").translate(None, _NEITHER)
    if not like:
        return []
    if len(like) * _FEW > len(text) or not like.isdigit():
        return [found.start() for found in _DIGIT.finditer(text)]
    return places_of(text, set(like.decode()))
