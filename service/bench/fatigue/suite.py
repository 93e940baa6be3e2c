"""What is asked -> the report: each input as a whole, its busiest week, and that week through an Alertmanager."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.bench.fatigue.accounting import is_owed
from service.bench.fatigue.alertmanager import AlertmanagerUnavailable, compare
from service.bench.fatigue.alertmanager.feed import Post, posts
from service.bench.fatigue.alertmanager.running import SCALE, version
from service.bench.fatigue.inputs import Asked, Input, inputs
from service.bench.fatigue.measures import figures
from service.bench.fatigue.replayed import replayed, walked
from service.bench.fatigue.values import Span
from service.bench.fatigue.weeks import busiest
from service.bench.scale import Say, Scale
from service.core.pipeline.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """What an Alertmanager is to be put through; `negative` counts our negative events of the week."""

    rules: Rules
    span: Span
    posted: list[Post]
    negative: int


async def fatigue(asked: Asked, scale: Scale, say: Say) -> dict[str, Any]:
    """Measure every input, and then let the Alertmanager, if one is asked for, go through all weeks side by side."""
    found: dict[str, Any] = {}
    weeks: dict[str, _Week] = {}
    for given in inputs(asked, scale, say):
        found[given.name], week = await _measured(given)
        say(f"fatigue: {given.name}, {found[given.name]['interrupts']['total']} interrupts")
        if week is not None:
            weeks[given.name] = week
    report: dict[str, Any] = {"inputs": found, "alertmanager": None}
    if asked.alertmanager is not None:
        report["alertmanager"] = {"version": version(asked.alertmanager), "scale": SCALE}
        longest = max((week.span.until - week.span.since).total_seconds() / SCALE for week in weeks.values())
        say(
            f"fatigue: {report['alertmanager']['version']}, {len(weeks)} weeks side by side, {longest / 60:.0f} minutes"
        )
        for name, theirs in (await _beside(asked.alertmanager, weeks)).items():
            found[name]["week"]["alertmanager"] = theirs
    return report


async def _measured(given: Input) -> tuple[dict[str, Any], _Week | None]:
    decided = await replayed(given)
    measured = figures(decided, given.span)
    span = busiest(one.at for one in decided.heard if one.at in given.span and is_owed(one))
    if span is None:
        return {**measured, "week": None}, None
    of_week, steps = await walked(given, span)
    ours = figures(of_week, span)
    week = _Week(rules=given.rules, span=span, posted=list(posts(steps, given.rules)), negative=ours["negative"])
    return {**measured, "week": {"ours": ours, "alertmanager": None}}, week


async def _beside(program: Path, weeks: dict[str, _Week]) -> dict[str, Any]:
    stop = threading.Event()
    try:
        found = await asyncio.gather(
            *(asyncio.to_thread(_left_out_if_failed(program, week, stop)) for week in weeks.values())
        )
    finally:
        # A thread can not be cancelled; it looks at this at least once a second.
        stop.set()
    return dict(zip(weeks, found, strict=True))


def _left_out_if_failed(program: Path, week: _Week, stop: threading.Event) -> Callable[[], dict[str, Any]]:
    def through() -> dict[str, Any]:
        try:
            return compare(program, week.posted, week.rules, week.span, week.negative, stop)
        except AlertmanagerUnavailable as reason:
            return {"left_out": str(reason)}

    return through
