"""What several cells call for together: deploy/docs/volume.md, 'Several cells at once'."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tests.core.volume.oracle import POOLED_DOUBLED, POOLED_TREBLED, STRUCK, log_bayes_factors
from tests.oracle.judging import (
    FORMAL,
    LARGEST_SHARE,
    LOCAL,
    SIBLINGS_H_FORMAL,
    SIBLINGS_H_LOCAL,
    SIBLINGS_H_REST,
    CellName,
    Finding,
    History,
    spoilt,
)
from tests.oracle.prior import Prior

EVERY = "*"
_LEAST, _NAMED = 3, 10
_MOST = 60.0
_METHOD = "pooled_bayes_factor"


def groups(cells: Iterable[CellName]) -> Mapping[CellName, Sequence[CellName]]:
    """The cells of one category over processes and those of one process over categories, three or more."""
    found: defaultdict[CellName, list[CellName]] = defaultdict(list)
    for process, category in sorted(cells):
        found[EVERY, category].append((process, category))
        found[process, EVERY].append((process, category))
    return {name: members for name, members in sorted(found.items()) if len(members) >= _LEAST}


def judge_together(members: Mapping[CellName, History], prior: Prior) -> Finding:
    """Find the highest level that they reach together and that enough customers are behind."""
    whole, rest, weeks = _odds(members.values(), prior)
    for level, threshold, least in ((FORMAL, SIBLINGS_H_FORMAL, 5), (LOCAL, SIBLINGS_H_LOCAL, 3)):
        found = _finding(members, prior, weeks, level=level, value=whole)
        if whole >= threshold and rest >= SIBLINGS_H_REST and found.carried_by(least, LARGEST_SHARE):
            return found
    return _finding(members, prior, weeks, level=None, value=whole)


def scattered(end: date) -> Finding:
    """Too few are left to be judged together."""
    return Finding(
        level=None,
        method=_METHOD,
        first=end - timedelta(days=6),
        people=(),
        expected=0.0,
        statistic=None,
        flags=frozenset(),
    )


def _odds(histories: Iterable[History], prior: Prior) -> tuple[float, float, int]:
    """T, the same without the strongest, and the window with the largest odds, which the weights have no part in."""
    known = [log_bayes_factors(one.cell, one.tick, prior.a0, prior.b0, prior.phi) for one in histories]
    total = (sum(POOLED_DOUBLED) + sum(POOLED_TREBLED)) * len(STRUCK)
    whole, rest = [], []
    window: defaultdict[int, list[float]] = defaultdict(list)
    for shift, weights in enumerate((POOLED_DOUBLED, POOLED_TREBLED)):
        for k, weight in enumerate(weights, start=1):
            for e in STRUCK:
                each = [_struck(min(_MOST, one[k][shift]), e) if k in one else 0.0 for one in known]
                together = math.fsum(each)
                window[k].append(together)
                whole.append(math.log(weight / total) + together)
                rest.append(math.log(weight / total) + together - max(0.0, *each))
    return _log_sum(whole), _log_sum(rest), max(window, key=lambda k: (_log_sum(window[k]), -k))


def _struck(factor: float, e: float) -> float:
    """How much a cell that is struck with probability e adds to the logarithm of the odds."""
    return math.log(1 - e + e * math.exp(factor)) if e < 1 else factor


def _log_sum(values: Sequence[float]) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))


def _finding(
    members: Mapping[CellName, History], prior: Prior, weeks: int, *, level: str | None, value: float
) -> Finding:
    each = [(name, len(one.people(weeks)), one.expected(weeks, prior)) for name, one in members.items()]
    unknown = any(one.exposure.flag == "exposure_unknown" for one in members.values())
    down = spoilt(list(members.values()), weeks)
    flags = {"exposure_unknown": unknown, "downtime": down is not None}
    return Finding(
        level=level,
        method=_METHOD,
        first=min(one.first_of(weeks) for one in members.values()),
        people=[customer for one in members.values() for customer in one.people(weeks)],
        expected=math.fsum(expected for *_, expected in each),
        statistic=value,
        flags=frozenset(flag for flag, holds in flags.items() if holds),
        siblings=sorted(each, key=lambda one: one[2] - one[1])[:_NAMED],
        spoilt=down,
    )
