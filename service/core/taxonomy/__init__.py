"""The taxonomy at work: categories of all axes found by rules, and what is to be said of it."""

from service.core.taxonomy.coverage import Coverage, Item, Looked, Uncovered, is_over, items
from service.core.taxonomy.examples import example_faults
from service.core.taxonomy.ladder import Ladder, compile_ladder, on_all_axes
from service.core.taxonomy.themes import MOST_READ
from service.core.taxonomy.warnings import warnings

__all__ = [
    "MOST_READ",
    "Coverage",
    "Item",
    "Ladder",
    "Looked",
    "Uncovered",
    "compile_ladder",
    "example_faults",
    "is_over",
    "items",
    "on_all_axes",
    "warnings",
]
