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
from service.core.volume.downtime import Fallen, with_downtimes
from service.core.volume.episode import (
    CellState,
    Transition,
    advance,
    advance_hours,
    after_act,
    after_acts,
    is_blank,
    is_news,
)
from service.core.volume.evidence import (
    ClosedBehind,
    Evidence,
    Judgement,
    Sibling,
    evaluate,
    evaluate_all,
)
from service.core.volume.exposure import Exposure, exposures
from service.core.volume.flags import EvidenceFlag
from service.core.volume.grid import GRID_DAYS, MAX_WEEKS, CellHistory, windows_since
from service.core.volume.hourly import HOURS_REACH, judge_hours, tell_downtimes
from service.core.volume.joint import pooled_evidence, scattered
from service.core.volume.legs import Legs, raise_levels
from service.core.volume.levels import LevelReason
from service.core.volume.pooled import EVERY, Siblings
from service.core.volume.prior import Prior, fit_prior
from service.core.volume.recontact import ClosedCases, Closings, cases_together, judge_recontacts
from service.core.volume.recurrence import raise_recurred
from service.core.volume.settings import (
    DowntimeMode,
    DowntimeRule,
    ExposureSource,
    HourlyThresholds,
    Method,
    PooledThresholds,
    RecontactThresholds,
    Thresholds,
    VolumeSettings,
)
from service.core.volume.tempo import WEEK_HOURS, Tempo, tempo
from service.core.volume.watched import ACTS_REACH, HARM_REACH, Answers, Harm, Place, Watched, WatchedHours

__all__ = [
    "ACTS_REACH",
    "EVERY",
    "GRID_DAYS",
    "HARM_REACH",
    "HOURS_REACH",
    "MAX_WEEKS",
    "NOBODY",
    "WEEK_HOURS",
    "Answers",
    "CellHistory",
    "CellKey",
    "CellState",
    "ClosedBehind",
    "ClosedCases",
    "Closings",
    "Contact",
    "CourseWeek",
    "DayRange",
    "DowntimeMode",
    "DowntimeRule",
    "Evidence",
    "EvidenceFlag",
    "Exposure",
    "ExposureSource",
    "Fallen",
    "Harm",
    "HourlyThresholds",
    "Judgement",
    "Legs",
    "LevelReason",
    "Method",
    "Place",
    "PooledThresholds",
    "Prior",
    "RecontactThresholds",
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
    "after_act",
    "after_acts",
    "cases_together",
    "counted_customers",
    "evaluate",
    "evaluate_all",
    "exposures",
    "fit_prior",
    "hour_of",
    "is_blank",
    "is_news",
    "judge_hours",
    "judge_recontacts",
    "pooled_evidence",
    "raise_levels",
    "raise_recurred",
    "scattered",
    "tell_downtimes",
    "tempo",
    "together",
    "turnouts",
    "windows_since",
    "with_downtimes",
]
