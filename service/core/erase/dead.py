"""A record that was refused -> short hashes of every customer it could name, so that it is found when one is erased.

Nobody knows where such a record names its customer, or it would not have been refused: so every short value counts.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from service.core.pseudonym import PseudonymKey

NAMED_BITS = 64
MOST_NAMED = 200
_LONGEST = 200


def named_in(key: bytes | None, value: bytes | None, secret: PseudonymKey) -> tuple[int, ...]:
    """Hash the record's key and the short values of its JSON, the first 200 of them, sorted."""
    found: dict[str, None] = {}
    if key:
        found[key.decode(errors="replace")[:_LONGEST]] = None
    try:
        given = orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        given = None
    for one in _values(given):
        if len(found) == MOST_NAMED:
            break
        found[one] = None
    return tuple(sorted({number_of(secret.pseudonym(one)) for one in found}))


def number_of(pseudonym: str) -> int:
    """Return the first 64 bits of a pseudonym, as the signed number that they are in two's complement."""
    return int.from_bytes(bytes.fromhex(pseudonym.rpartition(":")[2])[: NAMED_BITS // 8], signed=True)


def _values(given: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    asked = [given]
    while asked:
        one = asked.pop()
        match one:
            case dict():
                asked.extend(reversed(one.values()))
            case list():
                asked.extend(reversed(one))
            case str() if 0 < len(one) <= _LONGEST:
                yield one
            case int() if not isinstance(one, bool):
                yield str(one)
            case _:
                continue
