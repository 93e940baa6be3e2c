"""The report -> a table for people: one column for each input, its busiest week, and an Alertmanager's."""

from collections.abc import Iterator, Mapping
from typing import Any

_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("events", ("events",)),
    ("negative", ("negative",)),
    ("alerts", ("alerts", "total")),
    ("interrupts", ("interrupts", "total")),
    ("  about single feedbacks", ("interrupts", "by_kind", "event")),
    ("  a team and day, mean", ("interrupts", "per_team_and_day", "mean")),
    ("  a team and day, median", ("interrupts", "per_team_and_day", "median")),
    ("  a team and day, worst", ("interrupts", "per_team_and_day", "worst")),
    ("reduction", ("reduction",)),
    ("  about single feedbacks", ("reduction_of_events",)),
    ("  of these without repeats", ("reduction_without_repeats",)),
    ("digests", ("digests",)),
    ("purity, weighted by members", ("purity", "weighted")),
    ("critical events", ("critical", "events")),
    ("  told", ("critical", "told")),
    ("  joined what was announced", ("critical", "joined_announced")),
    ("  unaccounted for", ("critical", "unaccounted")),
    ("delay, median, s", ("delay_seconds", "median")),
    ("delay, worst, s", ("delay_seconds", "worst")),
)
_WIDTH = 14


def table(report: Mapping[str, Any]) -> str:
    """Lay the report out in lines; what an Alertmanager does not have is left blank."""
    columns = list(_columns(report))
    names = max(len(name) for name, _ in _ROWS)
    head = " " * names + "".join(f"{name:>{_WIDTH + 4}}" for name, _ in columns)
    lines = [
        f"{name:<{names}}" + "".join(f"{_shown(figures, path):>{_WIDTH + 4}}" for _, figures in columns)
        for name, path in _ROWS
    ]
    return "\n".join([head, *lines])


def _columns(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, figures in report["inputs"].items():
        yield name, figures
        week = figures["week"]
        if week is not None:
            yield "its week", week["ours"]
            if week["alertmanager"] is not None:
                yield "Alertmanager", week["alertmanager"]


def _shown(figures: Mapping[str, Any], path: tuple[str, ...]) -> str:
    found: Any = figures
    for step in path:
        if not isinstance(found, Mapping) or step not in found:
            return ""
        found = found[step]
    return "" if found is None else f"{found:,}"
