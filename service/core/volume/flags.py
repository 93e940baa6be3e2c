"""The closed list of what a reader of a review should know about its evidence."""

from enum import StrEnum


class EvidenceFlag(StrEnum):
    """deploy/docs/volume.md says when each is raised."""

    LOW_CONFIDENCE = "low_confidence"
    EXPOSURE_UNKNOWN = "exposure_unknown"
    EXPOSURE_BY_ANSWERS = "exposure_by_answers"
    DEFAULT_PRIOR = "default_prior"
    SMALL_SUBGROUP = "small_subgroup"
    SMALL_RATE = "small_rate"
    DOWNTIME = "downtime"
    DOWNTIME_RATIO_UNKNOWN = "downtime_ratio_unknown"
