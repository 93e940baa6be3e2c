"""How many tries failed -> how long to wait before the next: doubling, bounded, with jitter so that none keep step."""

import random


def pause(tries: int, *, first: float = 0.1, longest: float = 10.0) -> float:
    """Return seconds between half and all of `first` doubled with each try after the first, at most `longest`."""
    return min(longest, first * 2.0 ** min(tries - 1, 20)) * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load)
