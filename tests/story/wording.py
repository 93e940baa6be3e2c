"""The words of a story: times after its start, windows of them, notices and open alerts as whole values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.builders import START


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


@dataclass(frozen=True, slots=True)
class Window:
    """From one instant of the story to another, both included."""

    first: timedelta
    last: timedelta

    def __str__(self) -> str:
        if self.first == self.last:
            return f"at {clock(self.first)}"
        return f"between {clock(self.first)} and {clock(self.last)}"


def at(moment: timedelta) -> Window:
    return Window(moment, moment)


def between(first: timedelta, last: timedelta) -> Window:
    assert first <= last, "a window ends when it begins, or later"
    return Window(first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a notice and an alert have in common; a story compares all of it."""

    queue: str
    severity: str
    customers: int = 1
    kind: str = "event"
    level: str | None = None

    def _people(self) -> str:
        kind = "" if self.kind == "event" else f", {self.kind}"
        level = "" if self.level is None else f" ({self.level})"
        return f"{self.severity}, {self.customers} customer{'' if self.customers == 1 else 's'}{kind}{level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(_Shown):
    """A notice, less its time."""

    reason: str

    def __str__(self) -> str:
        return f"{self.queue}: {self.reason}, {self._people()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(_Shown):
    """An alert that is open; `events` is as many as `customers` unless it says so."""

    category: str
    events: int | None = None

    def __post_init__(self) -> None:
        if self.events is None:
            object.__setattr__(self, "events", self.customers)

    def __str__(self) -> str:
        return f"{self.queue}: {self.category}, {self._people()}, {self.events} event{'' if self.events == 1 else 's'}"


def said(document: Mapping[str, Any]) -> tuple[timedelta, Said]:
    """Read a notice as the archive has it."""
    told = Said(queue=document["team"], reason=document["reason"], **_shared(document))
    return datetime.fromisoformat(document["at"]) - START, told


def opened(document: Mapping[str, Any]) -> Open:
    """Read an alert as the archive has it."""
    return Open(queue=document["team"], category=document["category"], events=document["events"], **_shared(document))


def clock(moment: timedelta) -> str:
    """Write a time of the story as days, hours, minutes and seconds."""
    whole, rest = divmod(moment, timedelta(days=1))
    text = str(rest).rjust(8, "0")
    return f"{whole}d {text}" if whole else text


def _shared(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("severity", "customers", "kind", "level")}
