"""Figures that were learnt -> the same in the precision of a model's file."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def short(values: NDArray[Any]) -> NDArray[np.float32]:
    """Round to what a model file keeps, so that a model answers the same before it is saved and after."""
    return values.astype(np.float16).astype(np.float32)
