"""A prior and the hours of past contacts -> Tempo: what the hourly horizon has to know between two ticks of days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.core.volume.gamma import Matrix
from service.core.volume.prior import Prior

WEEK_HOURS = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """`hours` has for each hour of a week, from Monday 00:00 UTC on, how busy it is, with mean 1."""

    prior: Prior
    hours: tuple[float, ...]


def tempo(prior: Prior, counted: Sequence[int]) -> Tempo:
    """Fit the week's profile to the contacts of all cells by hour of the week; one more is added to each hour.

    So no hour is thought impossible, and with few contacts the week is nearly even.
    """
    each = np.array(counted, np.float64) + 1
    even: Matrix = each / each.mean()
    return Tempo(prior=prior, hours=tuple(float(f"{share:.6g}") for share in even))
