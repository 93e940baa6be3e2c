"""A tick's judgement of single cells -> what siblings say together: the evidence of each group.

Refuses a level whose guards fail, as for single cells: what counts is who is behind the events of all of them.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import fsum

from service.core.volume.counting import CellKey, DayRange
from service.core.volume.downtime import fallen, flags_of
from service.core.volume.evidence import Evidence, Judgement, Sibling, window_of
from service.core.volume.flags import EvidenceFlag
from service.core.volume.grid import windows_since
from service.core.volume.levels import LEVELS, LevelReason, guards, held_back
from service.core.volume.pooled import PooledScores, Siblings, pool, pooled_rank, siblings
from service.core.volume.settings import Method, PooledThresholds, Thresholds

_MAX_LOG = 700.0
# Siblings that a pooled finding names.
_MOST_SIBLINGS = 10


def pooled_evidence(
    judgement: Judgement, thresholds: PooledThresholds, acts: Mapping[CellKey, datetime] | None = None
) -> tuple[Evidence, ...]:
    """What was found in each group of siblings; `acts` says when a person last closed the review of one."""
    groups = siblings([one.cell for one in judgement.histories])
    acted = acts or {}
    windows = [windows_since(acted.get(group.cell), judgement.window_end) for group in groups]
    scores = pool(judgement.scores, groups, windows)
    return tuple(_pooled(judgement, scores, number, group, thresholds) for number, group in enumerate(groups))


def _pooled(
    judgement: Judgement, scores: PooledScores, number: int, group: Siblings, thresholds: PooledThresholds
) -> Evidence:
    weeks, rows, limits = int(scores.weeks[number]), list(group.rows), thresholds.guards
    x, expected = judgement.scores.x[rows, weeks - 1], judgement.scores.expected[rows, weeks - 1]
    crowd = judgement.crowd_of(rows, weeks)
    rank, reason = pooled_rank(scores, number, thresholds), LevelReason.STATISTIC
    least = {level: guard for level, _, guard in guards(limits)}
    while rank and (held := held_back(crowd, least[rank], limits.max_customer_share)) is not None:
        rank, reason = rank - 1, held
    most = sorted(range(len(rows)), key=lambda at: (expected[at] - x[at], at))[:_MOST_SIBLINGS]
    named = (
        Sibling(cell=judgement.histories[rows[at]].cell, x=int(x[at]), expected=float(expected[at])) for at in most
    )
    histories = [judgement.histories[row] for row in rows]
    oldest = min(histories, key=lambda one: one.first_day)
    unknown = any(one.exposure is None for one in histories)
    down = fallen(histories, judgement.window_end, weeks)
    statistic = float(scores.statistic[number])
    harms = zip((one.harm for one in histories), x.tolist(), strict=True)
    known = [(harm, count) for harm, count in harms if harm is not None and count > 0]
    return Evidence(
        cell=group.cell,
        window_end=judgement.window_end,
        level=LEVELS[rank],
        reason=reason,
        method=Method.POOLED,
        window=window_of(oldest, judgement.window_end, weeks),
        x=int(x.sum()),
        expected=float(expected.sum()),
        ratio=float(x.sum() / expected.sum()) if expected.sum() > 0 else 0.0,
        customers=crowd.customers,
        largest_share=crowd.largest_share,
        statistic=statistic if math.isfinite(statistic) else None,
        bayes_factor=math.exp(min(_MAX_LOG, statistic)) if math.isfinite(statistic) else None,
        p=None,
        flags=(*((EvidenceFlag.EXPOSURE_UNKNOWN,) if unknown else ()), *flags_of(down)),
        thresholds=replace(limits, rule="volume.siblings", h_local=thresholds.h_local, h_formal=thresholds.h_formal),
        siblings=tuple(named),
        course=judgement.course(rows, weeks),
        downtime=down,
        mended=bool(scores.mended[number]),
        harm=fsum(harm * count for harm, count in known) / fsum(count for _, count in known) if known else None,
    )


def scattered(cell: CellKey, window_end: date) -> Evidence:
    """Siblings of which too few are left to be judged together: nothing is found any more."""
    return Evidence(
        cell=cell,
        window_end=window_end,
        level=None,
        reason=LevelReason.STATISTIC,
        method=Method.POOLED,
        window=DayRange(first=window_end - timedelta(days=6), last=window_end),
        x=0,
        expected=0.0,
        ratio=0.0,
        customers=0,
        largest_share=0.0,
        statistic=None,
        bayes_factor=None,
        p=None,
        flags=(),
        thresholds=Thresholds(rule="volume.siblings"),
    )
