"""Cells that the playbook gives to a control chart -> the point of the judged week, and the level that it calls for.

A chart calls for a local adjustment at most: none of them was made to tell a lasting change from a bad week. Refuses a
cell without a baseline, or a p chart without the answers of the week: there the fixed count decides.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from service.core.volume.charts import Charted, baseline_rate, cusum_chart, ewma_chart, p_chart, u_chart
from service.core.volume.gamma import Matrix
from service.core.volume.grid import MAX_WEEKS, CellHistory, WeekGrid, week_grid, weekly_trials, windows_since
from service.core.volume.levels import CrowdOf, LevelReason, Levels, guards, held_back
from service.core.volume.settings import Method

_CHARTS = frozenset({Method.U_CHART, Method.P_CHART, Method.EWMA, Method.CUSUM})
_SUMS = frozenset({Method.EWMA, Method.CUSUM})
_LOCAL = 1
_LEAST_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """The judged week on its chart; `expected` is what the centre makes of the week, in customers.

    All three figures are None where the fixed count stands in.
    """

    method: Method
    value: float | None
    limit: float | None
    expected: float | None
    too_small: bool


def plot(
    histories: Sequence[CellHistory], window_end: date, down_weight: float, phi: float, levels: Levels, crowd: CrowdOf
) -> dict[int, Plotted]:
    """Chart the cells whose method is a chart, and put the level of each into `levels`."""
    rows_of: defaultdict[Method, list[int]] = defaultdict(list)
    for row, one in enumerate(histories):
        if one.thresholds.method in _CHARTS and levels.reasons[row] is not LevelReason.FIXED_COUNT:
            windows = windows_since(one.acted_at, window_end)
            # A sum over weeks that reaches back to before an act would tell of what was dealt with.
            anew = one.thresholds.method in _SUMS and windows < MAX_WEEKS
            rows_of[Method.U_CHART if anew else one.thresholds.method].append(row)
    found: dict[int, Plotted] = {}
    for method, rows in rows_of.items():
        some = [histories[row] for row in rows]
        trials = np.array([weekly_trials(one, window_end) for one in some])
        grid = week_grid(some, window_end, down_weight)
        charted = _charted(method, grid, trials, phi)
        # A p chart's centre is a share of the answers; that of the others a rate.
        size = trials[:, 0] if method is Method.P_CHART else grid.exposure[:, 0]
        for place, row in enumerate(rows):
            found[row] = _point(method, charted, place, float(size[place]))
            x = float(grid.counts[place, 0])
            after_act = windows_since(histories[row].acted_at, window_end) > 0
            signal = bool(charted.signal[place])
            _judge(levels, row, histories[row], x, found[row], signal=signal, after_act=after_act, crowd=crowd)
    return found


def _charted(method: Method, grid: WeekGrid, trials: Matrix, phi: float) -> Charted:
    """Charts run from the oldest week to the newest."""
    counts, exposure = grid.counts[:, ::-1], grid.exposure[:, ::-1]
    clean = (grid.clean & (grid.weighted_exposure == grid.exposure))[:, ::-1]
    match method:
        case Method.P_CHART:
            return p_chart(counts, trials[:, ::-1], clean)
        case Method.EWMA:
            return ewma_chart(counts, exposure, _settled(clean), phi=phi)
        case Method.CUSUM:
            settled = _settled(clean)
            charted = cusum_chart(counts, exposure, settled, phi=phi, restart=True)
            # A sum has its centre at 0, which is no rate.
            return replace(charted, centre=baseline_rate(counts, exposure, settled))
        case _:
            return u_chart(counts, exposure, clean)


def _settled(clean: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave the newest weeks out of the baseline where enough others are left.

    These charts sum up small rises over weeks; a baseline that takes the rise in hides it from them.
    """
    earlier = clean.copy()
    earlier[:, -1 - MAX_WEEKS :] = False
    enough = earlier.sum(axis=1, keepdims=True) >= _LEAST_WEEKS
    return np.where(enough, earlier, clean)


def _point(method: Method, charted: Charted, place: int, size: float) -> Plotted:
    value, limit, centre = (float(array[place]) for array in (charted.value, charted.limit, charted.centre))
    if not np.isfinite(limit):
        return Plotted(method=Method.FIXED_COUNT, value=None, limit=None, expected=None, too_small=False)
    return Plotted(
        method=method,
        value=value,
        limit=limit,
        expected=centre * size,
        too_small=bool(charted.too_small[place]),
    )


def _judge(
    levels: Levels,
    row: int,
    history: CellHistory,
    x: float,
    point: Plotted,
    *,
    signal: bool,
    after_act: bool,
    crowd: CrowdOf,
) -> None:
    thresholds = history.thresholds
    levels.rank[row], levels.weeks[row] = 0, 1
    signal = signal and after_act
    if point.expected is None:
        levels.reasons[row] = LevelReason.FIXED_COUNT
        levels.rank[row] = _LOCAL if x >= thresholds.warm_up_min and after_act else 0
        return
    levels.reasons[row] = LevelReason.CHART
    if not signal:
        return
    _, (_, _, guard) = guards(thresholds)
    if x < guard.min_x or x < thresholds.min_ratio * point.expected:
        levels.reasons[row] = LevelReason.SMALL_WINDOW
        return
    held = held_back(crowd(row, 1), guard, thresholds.max_customer_share)
    if held is not None:
        levels.reasons[row] = held
        return
    levels.rank[row] = _LOCAL
