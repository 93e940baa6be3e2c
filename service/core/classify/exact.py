"""Rows of numbers -> products of rows that are the same whatever stands beside a row.

A matrix product adds up in an order that depends on the shapes and on where a row stands, so that its last digits do as
well. Whole numbers are added up alike in any order for as long as no sum passes 2^24, which single precision holds
exactly: so rows are brought onto a grid that is as fine as this allows.
"""

import numpy as np

from service.core.classify.heads import Floats

# The product of two rows of that length, with what rounding adds over two thousand columns, stays below 2^24.
FINEST = 4_000.0


def whole(rows: Floats, grid: float) -> Floats:
    """Return the nearest whole numbers of rows that are stretched by a grid; the product of two needs its square."""
    stretched = rows * np.float32(grid)
    found: Floats = np.rint(stretched, out=stretched)
    return found
