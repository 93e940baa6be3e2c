"""How a playbook writes a kind of number -> Form; a key of the registry -> its canonical form; two -> are they near.

A form writes `#` for a digit, `@` for a letter from A to Z, and anything else for itself; it is refused with ValueError
where words and numbers of everyday text would pass for it. A canonical form is upper case without separators.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SEPARATOR = r"\s\-\u2010-\u2015\u2212./:#"
FEWEST_LEADING = 2
NEIGHBOURS = 2

_FEWEST_DIGITS = 3
_LONGEST_FORM = 32


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of number is written: a `#`, an `@` or a literal capital or digit for each character."""

    places: str
    digits: int
    leading: int

    @property
    def ends_in_letter(self) -> bool:
        return self.places[-1] == "@" or self.places[-1].isalpha()


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
    return Form(places=places, digits=places.count("#"), leading=leading if leading >= FEWEST_LEADING else 0)


def canonical(key: str, forms: Sequence[Form]) -> str | None:
    """Write a key of the registry as a reference, or None where no form fits the whole of it, its digits as digits."""
    written = "".join(re.findall(rf"[^{SEPARATOR}]", key)).upper()
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
    return len(ours) == len(theirs) == NEIGHBOURS and ours == theirs[::-1]


def _fits_as_typed(places: str, written: str) -> bool:
    return (
        written.isascii()
        and len(places) == len(written)
        and all(
            character.isdigit() if place == "#" else character.isalpha() if place == "@" else character == place
            for place, character in zip(places, written, strict=True)
        )
    )


def _agreeing(one: str, other: str) -> int:
    """Count the characters from the left that are the same in both."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), min(len(one), len(other))
    )
