"""The bytes of a record that was refused -> what of it may be kept: JSON, redacted string by string, without customers.

Each string is redacted for itself, names and numbers too, so that no escape hides anything. What is no JSON gives
None: nobody could say what stands in it. Work stops with the first characters, however large the record is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from service.core.mapping.paths import Name
from service.core.pipeline.rules import Rules
from service.core.redact import redact
from service.core.text import shorten, visible

MOST_PAYLOAD = 4_000
# Where our own contracts name a customer; a refused record has no pseudonym that could stand there instead.
_CUSTOMER_NAMES = frozenset({"customer", "ref"})
_DEEPEST = 32
# What even an empty value or one in quotes takes.
_LEAST = 4
# With fewer digits a number is no identifier that redaction knows.
_FEWEST_DIGITS = 9


def kept_payload(value: bytes, topic: str, rules: Rules) -> str | None:
    """Return at most `MOST_PAYLOAD` characters; `topic` says whose mapping knows where the customer is named."""
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    walk = _Walk(rules.playbook.privacy.phone_region, _CUSTOMER_NAMES | _customer_names(topic, rules), MOST_PAYLOAD)
    return shorten(orjson.dumps(walk.kept(said, 0)).decode(), MOST_PAYLOAD)


def _customer_names(topic: str, rules: Rules) -> frozenset[str]:
    """Return the last names of the paths on which a source of this topic finds references of customers."""
    source = rules.topics.get(topic)
    if source is None:
        return frozenset()
    paths = [
        path
        for place, value in source.values.items()
        if place.startswith("customer.") and place.endswith("ref")
        for one in (value, *value.join)
        for path in one.paths
    ]
    return frozenset(path[-1].name for path in paths if isinstance(path[-1], Name))


@dataclass(slots=True)
class _Walk:
    """Copies a value as long as there is room for it; `room` is in characters."""

    region: str
    customers: Collection[str]
    room: int

    def kept(self, value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        self.room -= _LEAST
        if depth > _DEEPEST:
            return "[deep]"
        match value:
            case str():
                return self._text(value)
            case dict():
                return self._object(value, depth)
            case list():
                return self._list(value, depth)
            case bool() | None:
                return value
            case _:
                return self._number(value)

    def _text(self, text: str) -> str:
        text = shorten(visible(text), max(0, self.room))
        self.room -= len(text)
        return redact(text, self.region).text

    def _number(self, number: float) -> str | float:
        written = str(number)
        if len(written) < _FEWEST_DIGITS:
            return number
        told = self._text(written)
        return number if told == written else told

    def _object(self, members: dict[str, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, value in members.items():
            if self.room <= 0:
                break
            is_customer = name in self.customers and not isinstance(value, dict | list) and value is not None
            kept[self._text(name)] = "[customer]" if is_customer else self.kept(value, depth + 1)
        return kept

    def _list(self, items: list[Any], depth: int) -> list[Any]:
        kept: list[Any] = []
        for item in items:
            if self.room <= 0:
                break
            kept.append(self.kept(item, depth + 1))
        return kept
