"""Scores of many cells -> groups of siblings and the evidence that several of them rose at once.

Siblings are the cells of one category over processes, those of one process over categories, and those of one process
and category over regions. Refuses groups of fewer than three cells, and evidence that rests on a single cell.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.core.volume.counting import CellKey
from service.core.volume.gamma import Matrix
from service.core.volume.recurrence import PROOF_WEEKS
from service.core.volume.score import Scores, log_sum_exp
from service.core.volume.settings import PooledThresholds

EVERY = "*"
MIN_SIBLINGS = 3
# How much is expected of each window of 1 to 8 weeks, for each shift: what strikes several cells at once is an outage
# more often than not, and shows within days.
POOLED_WEIGHTS = np.array([(80, 20, 10, 5, 2, 2, 2, 2), (40, 10, 5, 2, 1, 1, 1, 1)], np.float64).T
POOLED_WEIGHTS = POOLED_WEIGHTS / POOLED_WEIGHTS.sum()
# Which part of the siblings a common cause may strike.
STRUCK = (0.3, 0.6, 1.0)
_MAX_LOG = 60.0
_MEMBERS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """A group under the key that it is told by, in which `*` stands for every process or category."""

    cell: CellKey
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledScores:
    """One element a group. `statistic` is the logarithm of the averaged Bayes factor, `weeks` its strongest window.

    `without_strongest` leaves out the one cell that adds most, by which a common cause is told from one cell's trouble.
    `mended` says that the last two weeks speak against a doubled rate in all of them.
    """

    statistic: Matrix
    without_strongest: Matrix
    weeks: NDArray[np.int64]
    mended: NDArray[np.bool_]


def siblings(cells: Sequence[CellKey]) -> tuple[Siblings, ...]:
    """All groups of at least three cells, in the order of their keys; a group equal to a larger kind is left out."""
    rows_of: defaultdict[CellKey, list[int]] = defaultdict(list)
    for row, cell in enumerate(cells):
        rows_of[CellKey(process=EVERY, category=cell.category, region=None)].append(row)
        rows_of[CellKey(process=cell.process, category=EVERY, region=None)].append(row)
        if cell.region is not None:
            rows_of[CellKey(process=cell.process, category=cell.category, region=EVERY)].append(row)
    groups = {tuple(rows): key for key, rows in sorted(rows_of.items(), key=_order) if len(rows) >= MIN_SIBLINGS}
    return tuple(Siblings(cell=key, rows=rows) for rows, key in sorted(groups.items(), key=lambda one: _place(one[1])))


def pool(scores: Scores, groups: Sequence[Siblings], windows: Sequence[int] | None = None) -> PooledScores:
    """T = ln(weighted mean over windows, shifts and parts e of the product over cells of (1 - e + e BF)).

    Each cell is struck with probability e, independently; its BF is that of the window and shift, at most e^60, and 1
    where it has no baseline before the window. The weights are POOLED_WEIGHTS, equal over STRUCK. `windows` is how many
    of each group's windows may be used, else all of them.
    """
    statistic, without_strongest, weeks = np.zeros(len(groups)), np.zeros(len(groups)), np.ones(len(groups), np.int64)
    mended = np.zeros(len(groups), np.bool_)
    usable = np.full(len(groups), len(POOLED_WEIGHTS)) if windows is None else np.array(windows, np.int64)
    for batch in _batches(groups):
        struck, rest = _struck(scores, groups[batch])
        mended[batch] = (struck[:, STRUCK.index(1.0), PROOF_WEEKS - 1, 0] < 0) & (usable[batch] >= PROOF_WEEKS)
        used = (np.arange(1, len(POOLED_WEIGHTS) + 1) <= usable[batch][:, None])[:, None, :, None]
        struck, rest = np.where(used, struck, -np.inf), np.where(used, rest, -np.inf)
        by_week = struck.transpose(0, 2, 1, 3).reshape(len(struck), len(POOLED_WEIGHTS), -1)
        statistic[batch], without_strongest[batch] = _averaged(struck), _averaged(rest)
        weeks[batch] = log_sum_exp(by_week).argmax(axis=1) + 1
    return PooledScores(statistic=statistic, without_strongest=without_strongest, weeks=weeks, mended=mended)


def _batches(groups: Sequence[Siblings]) -> Iterator[slice]:
    """Some groups at a time: the factors of all members at once would take much room."""
    start = members = 0
    for number, group in enumerate(groups):
        members += len(group.rows)
        if members >= _MEMBERS_AT_ONCE:
            yield slice(start, number + 1)
            start, members = number + 1, 0
    if start < len(groups):
        yield slice(start, len(groups))


def _struck(scores: Scores, groups: Sequence[Siblings]) -> tuple[Matrix, Matrix]:
    """Groups by parts by windows by shifts: the logarithm of the product over cells, and without the strongest."""
    members = np.concatenate([np.array(group.rows) for group in groups])
    starts = np.cumsum([0, *(len(group.rows) for group in groups[:-1])])
    factors = scores.log_bayes_factors[members]
    known = np.where(np.isfinite(factors), np.minimum(factors, _MAX_LOG), 0.0)
    sums, rests = [], []
    for part in STRUCK:
        each = known if part == 1 else np.log1p(part * np.expm1(known))
        sums.append(np.add.reduceat(each, starts, axis=0))
        rests.append(sums[-1] - np.maximum(np.maximum.reduceat(each, starts, axis=0), 0.0))
    return np.stack(sums, axis=1), np.stack(rests, axis=1)


def pooled_rank(scores: PooledScores, group: int, thresholds: PooledThresholds) -> int:
    """Return 0, or the rank of the level that the evidence of one group calls for."""
    if scores.without_strongest[group] < thresholds.h_without_strongest:
        return 0
    return sum(bool(scores.statistic[group] >= h) for h in (thresholds.h_local, thresholds.h_formal))


def _averaged(sums: Matrix) -> Matrix:
    """Groups by parts by windows by shifts -> groups."""
    weighted = sums + np.log(POOLED_WEIGHTS) - np.log(len(STRUCK))
    return log_sum_exp(weighted.reshape(len(sums), -1))


def _order(item: tuple[CellKey, list[int]]) -> tuple[int, str, str, str]:
    # Of groups with the same cells the last one stays: regions of a category, or categories of a process, say more.
    key = item[0]
    return (key.process != EVERY, *_place(key))


def _place(key: CellKey) -> tuple[str, str, str]:
    return (key.process, key.category, key.region or "")
