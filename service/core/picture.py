"""The evidence of a review -> a small picture of its weeks, as SVG: what was counted, and where it was to be expected.

Bars are weeks, those of the finding's window dark; the band is where 95 % of weeks would lie if nothing had changed,
the line in it what was to be expected. Refuses evidence without weeks, which older reviews have: None.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 480, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 8, 28, 34
_BAR = 0.62
_STEPS = (1, 2, 5)
_LINES = 5
# Characters that fit into the width.
_TITLE = 72
_INK, _FAINT, _BAND, _BARS, _FOUND = "#1f2937", "#6b7280", "#dbe4f0", "#9aa8bd", "#b4232a"


def picture(title: str, evidence: Mapping[str, Any]) -> str | None:
    """Draw the weeks of a review's evidence, as `reviews.jsonl` has it; 480 by 180 points, text included."""
    weeks: Sequence[Mapping[str, Any]] = evidence.get("course") or ()
    if not weeks:
        return None
    first, last = evidence["window"]
    most = max(1, *(count for week in weeks for count in (week["x"], week["high"])))
    step = _step(most)
    top = step * -(-most // step)
    slot = (_WIDTH - _LEFT - _RIGHT) / len(weeks)

    def x(place: float) -> str:
        return _number(_LEFT + place * slot)

    def y(count: float) -> str:
        return _number(_HEIGHT - _BOTTOM - count / top * (_HEIGHT - _TOP - _BOTTOM))

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            'font-family="system-ui, sans-serif" font-size="11">'
        ),
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_told(weeks, evidence))}</desc>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="16" fill="{_INK}" font-size="12">{escape(_cut(title))}</text>',
        _band(weeks, x, y),
    ]
    for count in range(0, top + 1, step):
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(count)}" y2="{y(count)}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(count)}" dy="4" text-anchor="end" fill="{_FAINT}">{count}</text>')
    for place, week in enumerate(weeks):
        inside = first <= week["last"] <= last
        height = _number(float(y(0)) - float(y(week["x"])))
        parts.append(
            f'<rect x="{x(place + (1 - _BAR) / 2)}" y="{y(week["x"])}" width="{_number(slot * _BAR)}" '
            f'height="{height}" fill="{_FOUND if inside else _BARS}"/>'
        )
    line = " ".join(f"{x(place + 0.5)},{y(week['expected'])}" for place, week in enumerate(weeks))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_INK}" stroke-width="1.5" stroke-dasharray="4 3"/>')
    parts += [
        f'<text x="{x(0)}" y="{_HEIGHT - 18}" fill="{_FAINT}">week to {escape(weeks[0]["last"])}</text>',
        (
            f'<text x="{x(len(weeks))}" y="{_HEIGHT - 18}" text-anchor="end" fill="{_FAINT}">'
            f"to {escape(weeks[-1]['last'])}</text>"
        ),
        (
            f'<text x="{_LEFT}" y="{_HEIGHT - 5}" fill="{_FAINT}">customers a week; '
            '<tspan fill="#b4232a">the window</tspan>; band: 95 % of weeks if nothing had changed</text>'
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _band(weeks: Sequence[Mapping[str, Any]], x: Callable[[float], str], y: Callable[[float], str]) -> str:
    """A step for each week, there along the top and back along the bottom."""
    above = [f"{x(place + side)},{y(week['high'])}" for place, week in enumerate(weeks) for side in (0, 1)]
    below = [f"{x(place + side)},{y(week['low'])}" for place, week in enumerate(weeks) for side in (0, 1)]
    return f'<polygon points="{" ".join(above + below[::-1])}" fill="{_BAND}"/>'


def _told(weeks: Sequence[Mapping[str, Any]], evidence: Mapping[str, Any]) -> str:
    """The picture for who can not see it."""
    counts = ", ".join(f"{week['x']} where {week['low']} to {week['high']} were usual" for week in weeks)
    return f"{evidence.get('says', '')} Week by week: {counts}."


def _step(most: int) -> int:
    """The least of 1, 2, 5, 10, 20 and so on that divides the height into five parts at most."""
    scale = 1
    while True:
        for step in _STEPS:
            if most <= _LINES * step * scale:
                return step * scale
        scale *= 10


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"


def _number(value: float) -> str:
    return f"{value:.1f}"
