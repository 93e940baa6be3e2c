"""Templates and a seed -> texts with their planted values, each with its class and place, and texts without any.

`{x}` in a template is a planted value where x is a class, and harmless where it is one of `_HARMLESS`. Three sets of
templates, names, streets and towns: `drawing_board` was looked at while the rules were written, `second_board` was
written before them, and `held_out` after them. Each of the latter two was measured before anything was changed for it,
and then worked with; deploy/docs/privacy.md has those first figures.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.quality.redaction import numbers

Make = Callable[[Random, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one language of a set has: names, streets with `{n}` for the house number, towns, templates."""

    first: Sequence[str]
    last: Sequence[str]
    streets: Sequence[str]
    towns: Sequence[str]
    born: Sequence[str]
    planted: Sequence[str]
    harmless: Sequence[str]


@dataclass(frozen=True, slots=True)
class Planted:
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Written:
    language: str
    text: str
    planted: tuple[Planted, ...]


_NUMBERS: Mapping[str, Make] = {
    name: getattr(numbers, name)
    for name in ("iban", "card", "email", "phone", "nhs_number", "national_id", "plate", "id_document", "ip_address")
}
_FIELD = re.compile(r"\{([a-z_]+)\}")
_PRODUCTS = (
    "XR-2200",
    "WH1000XM4",
    "iPhone 15 Pro",
    "B08N5WRWNW",
    "EAN 4006381333931",
    "Type 4471-B",
    "v2.14.3",
    "Galaxy S23",
    "RTX 4090",
)


def texts(words: Mapping[str, Words], seed: int, each: int) -> Iterator[Written]:
    """Write each template of each language `each` times."""
    for language, own in words.items():
        dice = Random(f"{seed}:{language}")
        for template in (*own.planted, *own.harmless):
            for _ in range(each):
                yield _written(template, language, own, dice)


def _written(template: str, language: str, words: Words, dice: Random) -> Written:
    parts: list[str] = []
    planted: list[Planted] = []
    length = at = 0
    for field in _FIELD.finditer(template):
        before = template[at : field.start()]
        kind, value = _value(field[1], language, words, dice)
        length += len(before)
        if kind:
            planted.append(Planted(kind, length, length + len(value)))
        length += len(value)
        parts += (before, value)
        at = field.end()
    return Written(language, "".join((*parts, template[at:])), tuple(planted))


def _value(field: str, language: str, words: Words, dice: Random) -> tuple[str, str]:
    """Return the class of a planted value, empty for a harmless one, and the value."""
    if field in _HARMLESS:
        return "", _HARMLESS[field](dice)
    if field in _NUMBERS:
        return field, _NUMBERS[field](dice, language)
    kind, make = _WRITTEN[field]
    return kind, make(dice, language, words)


def _address(dice: Random, language: str, words: Words) -> str:
    street = dice.choice(words.streets).format(n=dice.randrange(1, 200))
    code, town = numbers.postcode(dice, language), dice.choice(words.towns)
    joint = dice.choice([", ", "\n"])
    return (
        f"{street}{joint}{town}{dice.choice([' ', ', '])}{code}"
        if language == "en"
        else f"{street}{joint}{code} {town}"
    )


def _born(dice: Random, _language: str, words: Words) -> str:
    day, year = dice.randrange(1, 29), dice.randrange(1935, 2008)
    spelt = dice.choice(words.born).format(d=day, y=year)
    return dice.choice(
        [f"{day:02}.{dice.randrange(1, 13):02}.{year}", f"{day:02}/{dice.randrange(1, 13):02}/{year}", spelt]
    )


def _street(dice: Random, _language: str, words: Words) -> str:
    return dice.choice(words.streets).format(n=dice.randrange(1, 200))


def _price(dice: Random) -> str:
    whole = dice.randrange(100, 999)
    return dice.choice([f"£{whole}.99", f"{whole},50 €", f"1.{whole},00 EUR"])


_HARMLESS: Mapping[str, Callable[[Random], str]] = {
    "order": lambda dice: dice.choice(
        [f"SO-{dice.randrange(10**5)}", f"#{dice.randrange(10**8)}", f"INC{dice.randrange(10**7):07}"]
    ),
    "ticket": lambda dice: f"{dice.randrange(10**5, 10**6)}",
    "price": _price,
    "date": lambda dice: f"{dice.randrange(1, 29):02}.{dice.randrange(1, 13):02}.20{dice.randrange(20, 27)}",
    "time": lambda dice: f"{dice.randrange(24)}:{dice.randrange(60):02}",
    "product": lambda dice: dice.choice(_PRODUCTS),
    "amount": lambda dice: f"{dice.randrange(10_000, 99_999)}",
}
_WRITTEN: Mapping[str, tuple[str, Callable[[Random, str, Words], str]]] = {
    "first": ("name", lambda dice, _, words: dice.choice(words.first)),
    "last": ("name", lambda dice, _, words: dice.choice(words.last)),
    "full": ("name", lambda dice, _, words: f"{dice.choice(words.first)} {dice.choice(words.last)}"),
    "address": ("address", _address),
    "street": ("address", _street),
    "born": ("date_of_birth", _born),
}
