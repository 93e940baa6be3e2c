"""The race's document -> plots as SVG by name: bars of events a second, and of latency, for each workload.

Written by hand, so that the race needs no library to draw. Scales are logarithmic: the slowest and the fastest are a
hundred times apart.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from tests.bench.race.contestants import YARDSTICKS
from tests.bench.race.page import is_ours, named

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 230, 80, 24, 48
_INK, _FAINT = "#333", "#ddd"
_OURS, _PEER, _YARDSTICK = "#1f6f8b", "#b9c6ce", "#e3d5b8"
_FONT = 'font-family="sans-serif" font-size="12"'
_RATE = "events_per_second"


def plots(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what can be drawn of the figures that are there."""
    found: dict[str, str] = {}
    for workload, figures in document["figures"].items():
        names = {name: named(name, document["about"]) for name in figures}
        rates = {name: one[_RATE] for name, one in figures.items() if _RATE in one}
        lates = {name: one["latency_ms"]["p99"] for name, one in figures.items() if "latency_ms" in one}
        if rates:
            found[f"race-{workload}"] = _bars(f"{workload}: events a second", rates, names, descending=True)
        if lates:
            title = f"{workload}: p99 in ms from schedule to commit, at half of the own rate"
            found[f"race-{workload}-latency"] = _bars(title, lates, names, descending=False)
    return found


def _bars(title: str, spreads: Mapping[str, Mapping[str, float]], names: Mapping[str, str], *, descending: bool) -> str:
    order = sorted(spreads, key=lambda name: spreads[name]["median"], reverse=descending)
    least = min(one["min"] for one in spreads.values())
    most = max(one["max"] for one in spreads.values())
    decades = range(math.floor(math.log10(max(least, 0.1))), max(1, math.ceil(math.log10(max(most, 1)))) + 1)
    height = _TOP + _ROW * len(order) + 16
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT} fill="{_INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>',
        *_grid(decades, height),
    ]
    for row, name in enumerate(order):
        lines += _bar(names[name], spreads[name], _colour(name), _TOP + row * _ROW, decades)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _grid(decades: Sequence[int], height: int) -> Iterator[str]:
    for decade in decades:
        at = _place(10.0**decade, decades)
        yield f'<line x1="{at:.1f}" y1="{_TOP - 6}" x2="{at:.1f}" y2="{height - 12}" stroke="{_FAINT}"/>'
        yield f'<text x="{at:.1f}" y="{_TOP - 10}" text-anchor="middle" font-size="10">{10.0**decade:,g}</text>'


def _bar(name: str, spread: Mapping[str, float], colour: str, top: int, decades: Sequence[int]) -> Iterator[str]:
    least, middle, most = (_place(spread[which], decades) for which in ("min", "median", "max"))
    centre = top + _ROW // 2
    yield f'<text x="{_LEFT - 8}" y="{centre + 4}" text-anchor="end">{escape(name)}</text>'
    yield f'<rect x="{_LEFT}" y="{top + 4}" width="{middle - _LEFT:.1f}" height="{_ROW - 8}" fill="{colour}"/>'
    yield f'<line x1="{least:.1f}" y1="{centre}" x2="{most:.1f}" y2="{centre}" stroke="{_INK}"/>'
    yield f'<text x="{most + 6:.1f}" y="{centre + 4}">{spread["median"]:,.0f}</text>'


def _place(value: float, decades: Sequence[int]) -> float:
    share = (math.log10(max(value, 10.0 ** decades[0])) - decades[0]) / (decades[-1] - decades[0])
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _colour(name: str) -> str:
    return _OURS if is_ours(name) else _YARDSTICK if name in YARDSTICKS else _PEER
