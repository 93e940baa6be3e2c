"""The values of one attribute -> the few that are told apart: the commonest, or of many numbers the quarters.

Refuses to take numbers for numbers where one value is none.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

# Up to so many values are told apart by themselves; of more numbers the quarters, of more words the commonest.
MOST_VALUES = 20
_MOST_NUMBERS = 8


def attribute_values(values: Sequence[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    """Yield what is said of each instance; `values` are instances and what the attribute is there."""
    counts = Counter(value for _, value in values)
    numbers = _numbers(counts) if len(counts) > _MOST_NUMBERS else None
    if numbers is None:
        kept = {value for value, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]}
        yield from ((value, at) for at, value in values if value in kept)
        return
    ends = np.quantile([numbers[value] for _, value in values], (0.25, 0.5, 0.75)).tolist()
    low, middle, high = (f"{end:g}" for end in ends)
    said = (f"at most {low}", f"over {low}, at most {middle}", f"over {middle}, at most {high}", f"over {high}")
    yield from ((said[sum(numbers[value] > end for end in ends)], at) for at, value in values)


def _numbers(values: Counter[str]) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for value in values:
        try:
            number = float(value)
        except ValueError:
            return None
        if not math.isfinite(number):
            return None
        found[value] = number
    return found
