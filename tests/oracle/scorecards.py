"""What the scores of all answers and all closed cases come to: deploy/docs/metrics.md, each written out."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import sqrt
from typing import Any

from tests.oracle.alerts import PartName
from tests.oracle.parts import Part
from tests.oracle.severity import goodness

_Z = 1.959963984540054
_FEW = ("insufficient", None, None, None)
_DIMENSIONS: Mapping[str, Callable[[Part], str | None]] = {
    "all": lambda _: None,
    "segment": lambda part: part.said.segment,
    "channel": lambda part: part.said.channel,
    "region": lambda part: part.said.region,
    "team": lambda part: part.targets[0].team,
    "process": lambda part: part.process,
    "category": lambda part: part.said.category.name,
    "touchpoint": lambda part: part.said.touchpoint,
    "survey": lambda part: part.said.survey,
}


def scorecards(parts: Mapping[PartName, Part], floor: int, recontact_days: int) -> list[dict[str, Any]]:
    """Return a line for each figure of each value, not rounded; `floor` answers are the fewest that have a figure."""
    customers = [part for part in parts.values() if part.said.kind != "employee"]
    outcomes = _outcomes(parts, timedelta(days=recontact_days))
    lines = []
    for by, value_of in _DIMENSIONS.items():
        given: defaultdict[tuple[str | None, str], list[float]] = defaultdict(list)
        for part in customers:
            for kind, metric in part.said.metrics:
                given[value_of(part), kind].append(goodness(kind, metric))
        for (value, kind), answers in given.items():
            for name, said in _told(kind, answers).items():
                lines.append(_line(by, value, name, len(answers), None, said if len(answers) >= floor else _FEW))
        closed: defaultdict[str | None, list[bool | None]] = defaultdict(list)
        for part, outcome in outcomes:
            closed[value_of(part)].append(outcome)
        for value, cases in closed.items():
            known = [case for case in cases if case is not None]
            stayed = [float(not case) for case in known]
            told = _share(stayed, 1) if len(known) >= floor else _FEW
            lines.append(_line(by, value, "fcr", len(known), len(cases) - len(known), told))
    return lines


def _line(
    by: str, value: str | None, metric: str, n: int, censored: int | None, figures: tuple[float | str | None, ...]
) -> dict[str, Any]:
    named = dict(zip(("figure", "standard_error", "low", "high"), figures, strict=True))
    return {"by": by, "value": value, "metric": metric, "n": n, "censored": censored, **named}


def _outcomes(parts: Mapping[PartName, Part], window: timedelta) -> list[tuple[Part, bool | None]]:
    """Say of each closed case whether its customer came back; None where that can still happen."""
    times = [at for part in parts.values() for at in (part.began, part.closed) if at is not None]
    found: list[tuple[Part, bool | None]] = []
    for (source, subject, remark), part in parts.items():
        if remark or part.closed is None or "anonymous" in part.said.flags:
            continue
        returns = [
            other
            for (elsewhere, another, _), other in parts.items()
            if (elsewhere, another) != (source, subject)
            and other.said.customer == part.said.customer
            and other.said.category.name == part.said.category.name
            and part.closed < other.began < part.closed + window
        ]
        back = part.reopened or any(_turns_to_us(other, parts) for other in returns)
        found.append((part, back if part.closed + window <= max(times) else None))
    return found


def _turns_to_us(part: Part, parts: Mapping[PartName, Part]) -> bool:
    """A ticket does, and a bad answer or a bad remark."""
    is_state = parts.get((part.said.source, part.said.subject, "")) is part
    negative = part.judgement is not None and part.judgement.negative
    return negative or (part.said.kind == "ticket" and is_state)


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
