"""What the scores of all answers come to: deploy/docs/metrics.md, each answer written out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from tests.oracle.parts import Part
from tests.oracle.severity import goodness

_Z = 1.959963984540054
_DIMENSIONS: Mapping[str, Callable[[Part], str | None]] = {
    "all": lambda _: None,
    "segment": lambda part: part.said.segment,
    "channel": lambda part: part.said.channel,
    "region": lambda part: part.said.region,
    "team": lambda part: part.targets[0].team,
    "process": lambda part: part.process,
    "touchpoint": lambda part: part.said.touchpoint,
    "survey": lambda part: part.said.survey,
}


def scorecards(parts: Iterable[Part], floor: int) -> list[dict[str, Any]]:
    """Return a line for each figure of each value, not rounded; `floor` answers are the fewest that have a figure."""
    customers = [part for part in parts if part.said.kind != "employee"]
    lines = []
    for by, value_of in _DIMENSIONS.items():
        given: defaultdict[tuple[str | None, str], list[float]] = defaultdict(list)
        for part in customers:
            for kind, metric in part.said.metrics:
                given[value_of(part), kind].append(goodness(kind, metric))
        for (value, kind), answers in given.items():
            for name, figures in _told(kind, answers).items():
                enough = len(answers) >= floor
                told = figures if enough else ("insufficient", None, None, None)
                named = dict(zip(("figure", "standard_error", "low", "high"), told, strict=True))
                lines.append({"by": by, "value": value, "metric": name, "n": len(answers), **named})
    return lines


def _told(kind: str, answers: Sequence[float]) -> dict[str, tuple[float | None, ...]]:
    """Return the figures of one kind of answers, each 0 for the worst to 1 for the best."""
    match kind:
        case "nps":
            return {"nps": _nps([10 * one for one in answers])}
        case "ces":
            ease = [1 + 6 * one for one in answers]
            return {"ces_mean": _mean(ease, 1, 7), "ces_share": _share(ease, 5)}
        case "binary":
            return {"binary": _share(answers, 0.5)}
        case "csat":
            return {"csat": _share([1 + 4 * one for one in answers], 4)}
        case _:
            stars = [1 + 4 * one for one in answers]
            return {"rating_mean": _mean(stars, 1, 5), "rating_share": _share(stars, 4)}


def _nps(answers: Sequence[float]) -> tuple[float | None, ...]:
    n = len(answers)
    p, d = sum(one > 9 - 1e-9 for one in answers) / n, sum(one < 7 - 1e-9 for one in answers) / n
    score, error = 100 * (p - d), 100 * sqrt(max(0.0, (p + d - (p - d) ** 2) / n))
    return score, error, max(-100.0, score - _Z * error), min(100.0, score + _Z * error)


def _mean(answers: Sequence[float], low: float, high: float) -> tuple[float | None, ...]:
    n = len(answers)
    mean = sum(answers) / n
    error = sqrt(sum((one - mean) ** 2 for one in answers) / n / n)
    return mean, error, max(low, mean - _Z * error), min(high, mean + _Z * error)


def _share(answers: Sequence[float], good_from: float) -> tuple[float | None, ...]:
    n = len(answers)
    p = sum(one > good_from - 1e-9 for one in answers) / n
    middle, half = p + _Z**2 / (2 * n), _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
    return p, None, (middle - half) / (1 + _Z**2 / n), (middle + half) / (1 + _Z**2 / n)
