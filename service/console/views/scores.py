"""Scorecards of a period and of those before it -> a table for each figure, with intervals and trends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.api.routes.scorecards import ScorecardShown
from service.console.views.charts import Interval, Trend, interval, trend
from service.console.views.times import lasting
from service.core.scorecard import Dimension, Measure

NAMES: Mapping[Measure, str] = {
    Measure.NPS: "Net promoter score",
    Measure.CSAT: "Satisfied (CSAT)",
    Measure.CES_MEAN: "Ease, mean (CES)",
    Measure.CES_SHARE: "Found it easy (CES)",
    Measure.BINARY: "Thumbs up",
    Measure.RATING_MEAN: "Rating, mean",
    Measure.RATING_SHARE: "Good ratings",
    Measure.FCR: "First-contact resolution",
    Measure.FOLLOW_UP: "Followed up",
    Measure.FIRST_ACTION_MEDIAN: "Time to the first act, median",
    Measure.FIRST_ACTION_P90: "Time to the first act, of nine in ten",
    Measure.RECOVERED: "Won back",
}
# Of these there is a number of seconds, and no interval.
_TIMES = (Measure.FIRST_ACTION_MEDIAN, Measure.FIRST_ACTION_P90)
_MEANS = (Measure.CES_MEAN, Measure.RATING_MEAN)
_NOBODY = "names none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One figure of one value; `figure` is None where there are too few answers to tell, `n` where it is hidden."""

    value: str
    figure: str | None
    between: str | None
    n: int | None
    censored: int | None
    drawn: Interval | None
    trend: Trend | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    measure: Measure
    name: str
    rows: tuple[Score, ...]


def tables(
    now: Sequence[ScorecardShown], before: Sequence[Sequence[ScorecardShown]], names: Mapping[str, str]
) -> tuple[Table, ...]:
    """Make a table of each figure for which there is an answer.

    `before` are the periods before, the latest last, `names` what values are called.
    """
    past = [{(one.metric, one.value): one for one in period} for period in before]
    found: dict[Measure, list[Score]] = {}
    for one in now:
        course = [_estimate(period.get((one.metric, one.value))) for period in past]
        found.setdefault(one.metric, []).append(_score(one, [*course, _estimate(one)], names))
    return tuple(Table(measure=one, name=name_of(one), rows=tuple(found[one])) for one in Measure if one in found)


def name_of(measure: Measure) -> str:
    return NAMES.get(measure, measure.value.replace("_", " ").capitalize())


def write(measure: Measure, figure: float) -> str:
    """Write a figure as its readers know it."""
    if measure in _TIMES:
        return lasting(figure)
    if measure is Measure.NPS:
        return f"{round(figure):+d}" if round(figure) else "0"
    return f"{figure:.2f}" if measure in _MEANS else f"{figure:.0%}"


def _score(one: ScorecardShown, course: Sequence[tuple[float, float, float] | None], names: Mapping[str, str]) -> Score:
    told = _estimate(one)
    value = "All" if one.by is Dimension.ALL else _NOBODY if one.value is None else names.get(one.value, one.value)
    if told is None:
        alone = write(one.metric, one.figure) if isinstance(one.figure, float) else None
        return Score(value=value, figure=alone, between=None, n=one.n, censored=one.censored, drawn=None, trend=None)
    low, figure, high = told
    return Score(
        value=value,
        figure=write(one.metric, figure),
        between=f"{write(one.metric, low)} to {write(one.metric, high)}",
        n=one.n,
        censored=one.censored,
        drawn=interval(one.metric, low, figure, high),
        trend=trend(one.metric, course),
    )


def _estimate(one: ScorecardShown | None) -> tuple[float, float, float] | None:
    if one is None or not isinstance(one.figure, float) or one.low is None or one.high is None:
        return None
    return one.low, one.figure, one.high
