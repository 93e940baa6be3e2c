"""Playbook -> every relation in it that does not hold, all at once, each with its place and what to do.

The model has seen to the shape of each part; here are names that nothing answers to, ids given twice, routes that
nothing reaches, words that decide nothing, and conditions that can not be judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at a path of the document. `missing` is the name that nothing answers to, where that is the fault."""

    path: tuple[str | int, ...]
    message: str
    missing: str | None = None
