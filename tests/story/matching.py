"""Wants and notices -> pairs of one each, wants that nothing met, and notices that nobody wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.story.wording import Said, Window


@dataclass(frozen=True, slots=True)
class Want:
    window: Window
    said: Said


@dataclass(frozen=True, slots=True)
class Notice:
    at: timedelta
    said: Said


@dataclass(frozen=True, slots=True)
class Matched:
    """Each want and each notice is in one of these, once."""

    met: tuple[tuple[Want, Notice], ...]
    missing: tuple[Want, ...]
    unexpected: tuple[Notice, ...]


def match(wants: Sequence[Want], notices: Sequence[Notice]) -> Matched:
    """Pair as many as can be: each notice, in order of time, with the want of its words whose window ends first."""
    left = sorted(wants, key=lambda one: (one.window.last, one.window.first))
    met: list[tuple[Want, Notice]] = []
    unexpected: list[Notice] = []
    for notice in sorted(notices, key=lambda one: one.at):
        found = next((one for one in left if one.said == notice.said and _holds(one.window, notice.at)), None)
        if found is None:
            unexpected.append(notice)
        else:
            left.remove(found)
            met.append((found, notice))
    return Matched(tuple(met), tuple(left), tuple(unexpected))


def _holds(window: Window, moment: timedelta) -> bool:
    return window.first <= moment <= window.last
