"""A sound JSON value -> one that is almost right: a part taken out, renamed, wrapped, given twice or made hostile."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from tests.fuzz.examples import SECRET


def _nested(depth: int) -> Any:  # noqa: ANN401 - any JSON value
    value: Any = SECRET
    for level in range(depth):
        value = [value] if level % 2 else {SECRET: value}
    return value


# What tools, people and enemies have put where something else was meant.
HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**53, 2**63, -(2**63) - 1, 2**64, 10**400, 1e308, -1.7e308, 5e-324, 1e15 + 1),
    *(float("nan"), float("inf"), float("-inf"), "NaN", "1e400", "9" * 400, "0x10", "\u0661\u0662", "-0"),
    *("", " ", SECRET, SECRET * 200, "x" * 70_000, "\0", "a\0b", "\n", "\u202eabc\u202c", "\ufeff", "\u0085\u2028"),
    *("\ud800", "\udfffx", "\U0001f4a5" * 300, "e" + "\u0301" * 3_000, "\U0001f469\u200d" * 500, "\ufdfa" * 2_000),
    *("0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-05-04T09:00:00+24:00"),
    *("2026-05-04", "04/05/2026", 1_777_885_951, "1777885951", "1900-01-01T00:00:00+23:59", "2200-12-31T23:59:59Z"),
    *("1-" * 4_000, "@" * 4_000, "a@b.example +44 7700 900123 4111 1111 1111 1111", "<a " * 4_000, "&#99999999;"),
    *([], {}, [[]], [None], [{}], {"": ""}, {SECRET: SECRET}, [SECRET] * 200, _nested(20), _nested(40)),
    {f"{SECRET}{at}": at for at in range(120)},
    [{"text": SECRET, "kind": "nps", "raw": 1}] * 120,
)


def mutated(value: Any, random: Random, times: int) -> Any:  # noqa: ANN401 - any JSON value
    """Change a copy of the value in so many places."""
    # A list around it gives the value itself a place, so that it can be replaced as well.
    holder = [json.loads(json.dumps(value, default=str))]
    for _ in range(times):
        places = list(_places(holder))
        if not places:
            break
        inside, key = random.choice(places)
        _change(inside, key, random)
    return holder[0] if holder else None


def repeated(text: bytes, random: Random) -> bytes:
    """Give one of an object's members a second time, as JSON text alone can."""
    opened = [at for at, byte in enumerate(text[:2_000]) if byte == ord("{")]
    if not opened:
        return text
    at = random.choice(opened) + 1
    name = random.choice(("id", "source", "type", "time", "data", "text", "raw", "ref", "kind"))
    comma = b"" if text[at : at + 1] == b"}" else b","
    return text[:at] + json.dumps({name: random.choice(HOSTILE)}).encode()[1:-1] + comma + text[at:]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON value
    left = [value]
    while left:
        one = left.pop()
        members = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        for key, held in members:
            yield one, key
            left.append(held)


def _change(inside: Any, key: Any, random: Random) -> None:  # noqa: ANN401 - any JSON value
    match random.randrange(6):
        case 0:
            del inside[key]
        case 1 if isinstance(inside, dict):
            inside[random.choice((SECRET, key.upper(), key + " ", "kind", "text", ""))] = inside.pop(key)
        case 2:
            inside[key] = [inside[key]]
        case 3:
            inside[key] = {key if isinstance(key, str) else SECRET: inside[key]}
        case 4 if not isinstance(inside[key], str):
            inside[key] = json.dumps(inside[key])
        case _:
            inside[key] = deepcopy(random.choice(HOSTILE))
