"""Bytes that should be JSON -> the fault that a parser would not name, or None.

A record is refused here for what is harmless to parse and harmful to keep: a NUL, which no PostgreSQL text can hold,
nesting so deep that a later reader might fail on it, and NaN. Every step is a linear pass in C, so that a megabyte of
brackets costs milliseconds and no recursion. One byte is found many times faster than a word, so that it is asked for
first.
"""

import re

from service.core.contracts.faults import Fault, FaultReason

MAX_DEPTH = 32

# An escape is real when the backslashes before it pair up.
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_ROUND = bytes.maketrans(b"[]{}", b"()()")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def screen(value: bytes) -> Fault | None:
    if b"\0" in value or (b"\\" in value and b"\\u0000" in value and _ESCAPED_NUL.search(value)):
        return Fault(reason=FaultReason.NUL_BYTE, detail="value: nul_byte")
    if value.count(b"[") + value.count(b"{") > MAX_DEPTH and _is_deep(_outside_strings(value)):
        return Fault(reason=FaultReason.TOO_DEEP, detail=f"value: deeper than {MAX_DEPTH}")
    if (b"N" in value and b"NaN" in value) or (b"I" in value and b"Infinity" in value):
        bare = _outside_strings(value)
        if b"NaN" in bare or b"Infinity" in bare:
            return Fault(reason=FaultReason.BROKEN_JSON, detail="value: not_finite")
    return None


def _outside_strings(value: bytes) -> bytes:
    unescaped = value.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b" ".join(unescaped.split(b'"')[::2])


def _is_deep(text: bytes) -> bool:
    """Say whether brackets nest beyond the limit, by taking out the innermost pairs once for each level allowed."""
    brackets = text.translate(_ROUND, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        shorter = brackets.replace(b"()", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    # What is left of closed brackets is deeper than the limit; what is left of open ones may be, and cannot be JSON.
    return b"()" in brackets or brackets.count(b"(") > MAX_DEPTH
