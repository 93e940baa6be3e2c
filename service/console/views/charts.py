"""Figures with their intervals -> where to draw them: plain coordinates, which a template puts into SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.core.scorecard import Measure

WIDTH, HEIGHT = 132, 18
TREND_WIDTH, TREND_HEIGHT = 96, 26
_EDGE = 4
_SCALES: Mapping[Measure, tuple[float, float]] = {
    Measure.NPS: (-100, 100),
    Measure.CES_MEAN: (1, 7),
    Measure.RATING_MEAN: (1, 5),
}
_SHARE = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure on its scale between the ends of its interval; `zero` is the middle of a scale that has two sides."""

    low: float
    at: float
    high: float
    zero: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A figure of one period; what one period in between has no figure for breaks the line."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The periods of which there is a figure, in runs without a gap."""

    runs: tuple[tuple[Point, ...], ...]

    @property
    def last(self) -> Point:
        return self.runs[-1][-1]


def scale_of(measure: Measure) -> tuple[float, float]:
    return _SCALES.get(measure, _SHARE)


def interval(measure: Measure, low: float, figure: float, high: float) -> Interval:
    least, most = scale_of(measure)

    def x(value: float) -> float:
        return round(_EDGE + (value - least) / (most - least) * (WIDTH - 2 * _EDGE), 1)

    return Interval(low=x(low), at=x(figure), high=x(high), zero=x(0) if least < 0 else None)


def trend(measure: Measure, figures: Sequence[tuple[float, float, float] | None]) -> Trend | None:
    """Place (low, figure, high) of each period from left to right; None where fewer than two have any."""
    known = [one for one in figures if one is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    least, most = min(low for low, _, _ in known), max(high for _, _, high in known)
    span = (most - least) or (scale_of(measure)[1] - scale_of(measure)[0])

    def y(value: float) -> float:
        return round(TREND_HEIGHT - _EDGE - (value - least) / span * (TREND_HEIGHT - 2 * _EDGE), 1)

    step = (TREND_WIDTH - 2 * _EDGE) / max(1, len(figures) - 1)
    runs: list[list[Point]] = [[]]
    for place, one in enumerate(figures):
        if one is None:
            runs.append([])
            continue
        low, figure, high = one
        runs[-1].append(Point(x=round(_EDGE + place * step, 1), y=y(figure), low=y(low), high=y(high)))
    return Trend(runs=tuple(tuple(run) for run in runs if run))
