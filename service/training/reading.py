"""LABELLED, as lines of JSON -> labelled lines, or every fault with its line and what to do about it.

A line is an object with `id` and `text`, and may have `language`, `question`, `labels`, `severity`, `sentiment` and
`group`; what it has besides is ignored. Texts are made visible and redacted, as those that the service reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from service.core.redact import redact
from service.core.text import shorten, visible
from service.training.labelled import Labelled

# What the service reads of a text; what lies behind is not redacted either.
MOST_CHARACTERS = 10_000
_SPANS = {"severity": (0, 100), "sentiment": (-1, 1)}


@dataclass(frozen=True, slots=True)
class LineFault:
    """`number` counts lines from 1."""

    number: int
    message: str


def read_labelled(lines: Iterable[bytes], region: str) -> tuple[Sequence[Labelled], Sequence[LineFault]]:
    """Read all lines; `region` is where phone numbers without a country code are from. Blank lines are none."""
    found: list[Labelled] = []
    faults: list[LineFault] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        read = _read(line, number, region)
        if isinstance(read, LineFault):
            faults.append(read)
        elif read.id in seen:
            faults.append(
                LineFault(number, f"id {read.id!r} stands in line {seen[read.id]} as well: give each its own.")
            )
        else:
            seen[read.id] = number
            found.append(read)
    return found, faults


def _read(line: bytes, number: int, region: str) -> Labelled | LineFault:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return LineFault(number, f"This is no JSON ({error}): write one object on each line.")
    if not isinstance(told, dict):
        return LineFault(number, 'This is no object: write {"id": ..., "text": ..., "labels": [...]}.')
    message = _fault(told)
    if message:
        return LineFault(number, message)
    return Labelled(
        id=str(told["id"]),
        text=_cleaned(told["text"], region),
        language=told.get("language") or "und",
        question=_cleaned(told.get("question") or "", region),
        labels=tuple(dict.fromkeys(told.get("labels") or ())),
        severity=told.get("severity"),
        sentiment=told.get("sentiment"),
        group=str(told.get("group") or ""),
        number=number,
    )


def _fault(told: dict[str, Any]) -> str:
    if not isinstance(told.get("id"), str | int) or told["id"] in ("", None):
        return "`id` is not there: give each line a text or number of its own."
    if not isinstance(told.get("text"), str):
        return "`text` is not there, or no text: put what the customer wrote."
    for name in ("language", "question"):
        if not isinstance(told.get(name) or "", str):
            return f"`{name}` is no text: put one, or leave it out."
    labels = told.get("labels")
    if labels is not None and not (isinstance(labels, list) and all(isinstance(one, str) and one for one in labels)):
        return "`labels` is no list of category ids: put the primary one first, or [] for what is out of scope."
    for name, (low, high) in _SPANS.items():
        value = told.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high
        ):
            return f"`{name}` is no number from {low} to {high}: put one, or leave it out."
    group = told.get("group")
    if isinstance(group, bool) or not isinstance(group, str | int | float | None):
        return "`group` is no text or number: give the lines that tell of one thing the same one, or leave it out."
    return ""


def _cleaned(text: str, region: str) -> str:
    return shorten(redact(shorten(visible(text), 2 * MOST_CHARACTERS), region).text, MOST_CHARACTERS)
