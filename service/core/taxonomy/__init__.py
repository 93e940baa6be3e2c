"""The taxonomy at work: categories of all axes found by rules, and what is to be said of it."""

from service.core.taxonomy.examples import example_faults
from service.core.taxonomy.ladder import Ladder, compile_ladder, on_all_axes
from service.core.taxonomy.warnings import warnings

__all__ = ["Ladder", "compile_ladder", "example_faults", "on_all_axes", "warnings"]
