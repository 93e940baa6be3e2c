"""A cell's contacts and its past -> whether their volume calls for a local adjustment or a formal review.

Refuses to judge by statistics before five weeks have been watched: a fixed count stands in, and is labelled so.
"""

from service.core.volume.counting import CellKey, Contact, DayRange, counted_customers, daily_counts
from service.core.volume.episode import CellState, Transition, advance
from service.core.volume.evidence import (
    Evidence,
    EvidenceFlag,
    LevelReason,
    Method,
    evaluate,
    evaluate_all,
)
from service.core.volume.grid import CellHistory
from service.core.volume.prior import Prior, fit_prior
from service.core.volume.settings import VolumeSettings

__all__ = [
    "CellHistory",
    "CellKey",
    "CellState",
    "Contact",
    "DayRange",
    "Evidence",
    "EvidenceFlag",
    "LevelReason",
    "Method",
    "Prior",
    "Transition",
    "VolumeSettings",
    "advance",
    "counted_customers",
    "daily_counts",
    "evaluate",
    "evaluate_all",
    "fit_prior",
]
