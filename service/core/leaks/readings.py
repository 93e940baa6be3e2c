"""What is held somewhere -> the texts that a person could read out of it.

Looked through: JSON, its escapes, %-escapes, HTML entities, base64 and hexadecimal, one within another up to four deep.
Not looked through: what is compressed or encrypted. The cost is linear in the length.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

import orjson

_DEEPEST = 4
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SPELT = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:\\?[x\\]x?)?((?:[0-9a-fA-F]{2}){6,})(?![0-9A-Za-z])")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]{12,}={0,2}")
# A value that a person wrote has no control characters; what is decoded by mistake has plenty.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text; one that is JSON as a whole is followed by what its strings say, without its numbers."""

    text: str
    is_json: bool


def readings(held: str | bytes) -> Iterator[Reading]:
    """Yield the text itself first, then what it hides, none of it twice."""
    waiting = [(held.decode(errors="replace") if isinstance(held, bytes) else held, 0)]
    seen: set[str] = set()
    while waiting:
        text, depth = waiting.pop()
        if text in seen:
            continue
        seen.add(text)
        said = _strings(text)
        yield Reading(text, is_json=said is not None)
        if depth < _DEEPEST:
            waiting += [(hidden, depth + 1) for hidden in (_hidden(text) if said is None else [said])]


def _strings(text: str) -> str | None:
    """Return the strings of a JSON object or list, names included, one on a line; None for any other text."""
    if text[:1] not in ("{", "["):
        return None
    try:
        waiting: list[Any] = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        return None
    strings: list[str] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            strings.append(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            strings += value
            waiting += value.values()
    return "\n".join(strings)


def _hidden(text: str) -> Iterator[str]:
    if "\\" in text:
        yield _SURROGATES.sub(_joined, _ESCAPE.sub(_spelt, text))
    if "%" in text:
        yield unquote(text, errors="replace")
    if "&" in text:
        yield unescape(text)
    decoded = [_of_hex(found[1]) for found in _HEX.finditer(text)]
    decoded += [_of_base64(found[0]) for found in _BASE64.finditer(text)]
    yield from filter(None, decoded)


def _spelt(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _SPELT.get(escape[2], escape[2])


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _of_hex(digits: str) -> str:
    return _readable(bytes.fromhex(digits))


def _of_base64(written: str) -> str:
    bare = written.rstrip("=").replace("-", "+").replace("_", "/")
    # One character beyond whole groups of four carries no byte.
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return _readable(b64decode(bare + "=" * (-len(bare) % 4)))
    except binascii.Error:
        return ""


def _readable(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ""
    return "" if _UNREADABLE.search(text) else text
