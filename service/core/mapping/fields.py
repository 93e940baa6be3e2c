"""The values of one record, asked for by the place that they have in the source; what the source leaves out is None."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.core.mapping.values import (
    CompiledValue,
    Scope,
    as_flag,
    as_number,
    as_text,
    as_texts,
    first,
    value_of,
)
from service.core.playbook.origins import Scalar

MAX_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    values: Mapping[str, CompiledValue]
    scope: Scope

    def found(self, place: str) -> Scalar | tuple[Scalar, ...]:
        value = self.values.get(place)
        return None if value is None else value_of(value, self.scope)

    def scalar(self, place: str) -> Scalar:
        return first(self.found(place))

    def text(self, place: str) -> str | None:
        return as_text(self.found(place)) if place in self.values else None

    def texts(self, place: str) -> tuple[str, ...]:
        return as_texts(self.found(place)) if place in self.values else ()

    def all_texts(self, place: str, count: int) -> tuple[str, ...]:
        """Return the texts of a list of values, in order."""
        return tuple(text for at in range(count) for text in self.texts(f"{place}[{at}]"))

    def line(self, place: str) -> str | None:
        """Return a text on one line, of at most 200 characters, for what names something and is no key."""
        return next(iter(self.lines(place)), None)

    def lines(self, place: str) -> tuple[str, ...]:
        return tuple(line for text in self.texts(place) if (line := one_line(text, MAX_LINE)))

    def flag(self, place: str) -> bool | None:
        return as_flag(self.found(place))

    def number(self, place: str) -> float | None:
        return as_number(self.found(place))

    def count(self, place: str) -> int | Scalar:
        """Return a whole number where there is one, else what was found, for the contract to refuse."""
        number = self.number(place)
        return int(number) if number is not None and number.is_integer() else self.scalar(place)


def one_line(text: str, limit: int) -> str:
    if text.isascii() and text.isprintable() and "  " not in text:
        return text[:limit].strip()
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:limit].rstrip()
