"""What must not be kept is found before parsing, in linear time."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.screen import MAX_DEPTH, screen

MEBIBYTE = 1_048_576
# Seconds of processor time; each takes a tenth of it or less when the machine is idle.
BOUND = 2.0


def _nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b'"]}"' + b"]" * (depth - 1) + b"}"


def test_nesting_is_allowed_to_the_limit_and_refused_beyond() -> None:
    too_deep = Fault(reason=FaultReason.TOO_DEEP, detail="value: deeper than 32")
    assert (screen(_nested(MAX_DEPTH)), screen(_nested(MAX_DEPTH + 1))) == (None, too_deep)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert screen(json.dumps([[{}] * 100] * 100).encode()) is None


@pytest.mark.parametrize(
    ("value", "faulty"),
    [
        (rb'"\u0000"', True),
        (rb'"a\\\u0000"', True),
        (rb'"\\u0000"', False),
        (rb'"\\\\u0000"', False),
        (b'"\0"', True),
    ],
)
def test_a_nul_is_found_behind_any_number_of_backslashes(value: bytes, *, faulty: bool) -> None:
    expected = Fault(reason=FaultReason.NUL_BYTE, detail="value: nul_byte") if faulty else None
    assert screen(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"[" * MEBIBYTE, id="opened and never closed"),
        pytest.param(b"[" * (MEBIBYTE // 2) + b"]" * (MEBIBYTE // 2), id="deep and closed"),
        pytest.param(b"[]" * (MEBIBYTE // 2), id="side by side"),
        pytest.param(b'"' * MEBIBYTE, id="quotes"),
        pytest.param(b'"' + b'\\"' * (MEBIBYTE // 2) + b"[" * 40, id="escaped quotes without an end"),
        pytest.param(b"\\" * MEBIBYTE + b"u0000", id="backslashes before an escape"),
        pytest.param(b"NaN[" * (MEBIBYTE // 4), id="not numbers"),
    ],
)
def test_a_megabyte_of_malice_is_cheap(value: bytes) -> None:
    started = time.process_time()
    screen(value)
    assert time.process_time() - started < BOUND


def _depth(value: Any) -> int:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(
    inner=st.recursive(st.text('\\"[]{}a'), lambda one: st.lists(one, max_size=3), max_leaves=30),
    wraps=st.integers(0, 40),
)
def test_the_depth_of_valid_json_is_judged_as_a_walk_through_it_would(inner: object, wraps: int) -> None:
    value = inner
    for _ in range(wraps):
        value = [value, "[[[["]
    expected = Fault(reason=FaultReason.TOO_DEEP, detail="value: deeper than 32") if _depth(value) > MAX_DEPTH else None
    assert screen(json.dumps(value).encode()) == expected
