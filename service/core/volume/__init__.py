"""A cell's contacts and its past -> whether their volume calls for a local adjustment or a formal review.

Refuses to judge by statistics before five weeks have been watched: a fixed count stands in, and is labelled so.
"""

from service.core.volume.counting import (
    NOBODY,
    CellKey,
    Contact,
    DayRange,
    Turnout,
    counted_customers,
    hour_of,
    together,
    turnouts,
)
from service.core.volume.course import CourseWeek
from service.core.volume.episode import CellState, Transition, advance, advance_hours, is_blank
from service.core.volume.evidence import (
    Evidence,
    EvidenceFlag,
    Judgement,
    Sibling,
    evaluate,
    evaluate_all,
    pooled_evidence,
    scattered,
)
from service.core.volume.exposure import Exposure, exposures
from service.core.volume.grid import GRID_DAYS, CellHistory
from service.core.volume.hourly import HOURS_REACH, judge_hours
from service.core.volume.legs import Legs, raise_levels
from service.core.volume.levels import LevelReason
from service.core.volume.pooled import EVERY, Siblings
from service.core.volume.prior import Prior, fit_prior
from service.core.volume.settings import (
    ExposureSource,
    HourlyThresholds,
    Method,
    PooledThresholds,
    Thresholds,
    VolumeSettings,
)
from service.core.volume.tempo import WEEK_HOURS, Tempo, tempo
from service.core.volume.watched import Answers, Place, Watched, WatchedHours

__all__ = [
    "EVERY",
    "GRID_DAYS",
    "HOURS_REACH",
    "NOBODY",
    "WEEK_HOURS",
    "Answers",
    "CellHistory",
    "CellKey",
    "CellState",
    "Contact",
    "CourseWeek",
    "DayRange",
    "Evidence",
    "EvidenceFlag",
    "Exposure",
    "ExposureSource",
    "HourlyThresholds",
    "Judgement",
    "Legs",
    "LevelReason",
    "Method",
    "Place",
    "PooledThresholds",
    "Prior",
    "Sibling",
    "Siblings",
    "Tempo",
    "Thresholds",
    "Transition",
    "Turnout",
    "VolumeSettings",
    "Watched",
    "WatchedHours",
    "advance",
    "advance_hours",
    "counted_customers",
    "evaluate",
    "evaluate_all",
    "exposures",
    "fit_prior",
    "hour_of",
    "is_blank",
    "judge_hours",
    "pooled_evidence",
    "raise_levels",
    "scattered",
    "tempo",
    "together",
    "turnouts",
]
