"""Differences of ln Gamma, and the tail of the negative binomial, without a special-function library.

Refuses nothing; arguments outside the stated ranges give meaningless numbers.
"""

import math

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_SHIFT = 8
_NEGLIGIBLE = 1e-17


def log_rising(r: Matrix, n: Matrix) -> Matrix:
    """Return ln Gamma(r + n) - ln Gamma(r) for r > 0 and n >= 0, broadcast; exactly 0 at n = 0.

    Stirling's series after a shift by eight, arranged so that large r loses no digits: the error stays below 1e-12 of
    the larger of 1 and n ln(r + n).
    """
    top = r + n
    shifted_r, shifted_top = r + _SHIFT, top + _SHIFT
    numerator, denominator = r, top
    for step in range(1, _SHIFT):
        numerator = numerator * (r + step)
        denominator = denominator * (top + step)
    stirling: Matrix = (
        n * np.log(shifted_top)
        + (shifted_r - 0.5) * np.log1p(n / shifted_r)
        - n
        + (_series(shifted_top) - _series(shifted_r))
    )
    return stirling + np.log(numerator / denominator)


def tail_probability(x: int, mean: float, dispersion: float) -> float:
    """Return P(X >= x) of the negative binomial with this mean > 0 and variance / mean `dispersion` > 1."""
    if x <= 0:
        return 1.0
    r = mean / (dispersion - 1)
    q = 1 - 1 / dispersion
    at_x = math.exp(
        math.lgamma(x + r) - math.lgamma(r) - math.lgamma(x + 1) - r * math.log(dispersion) + x * math.log(q)
    )
    # Summing away from the mode keeps the terms falling, so that either sum ends after a few standard deviations.
    if x > mean:
        total, term, n = 0.0, at_x, x
        while term > _NEGLIGIBLE * total:
            total += term
            term *= q * (n + r) / (n + 1)
            n += 1
        return min(1.0, total)
    below, term, n = 0.0, at_x, x
    while n > 0 and term > _NEGLIGIBLE * below:
        term *= n / (q * (n - 1 + r))
        below += term
        n -= 1
    return max(0.0, 1 - below)


def _series(z: Matrix) -> Matrix:
    inverse = 1 / z
    square = inverse * inverse
    series: Matrix = inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188))))
    )
    return series
