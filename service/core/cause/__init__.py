"""Instances of one process and window, some of them complained of -> what these have oftener than the others.

deploy/docs/cause.md has the rules in words. What is found is an association and is worded as one. Refuses to name
anything from fewer than five complaints, or where nobody is left to compare with.
"""

from service.core.cause.case import Case, Visit
from service.core.cause.exact import Table
from service.core.cause.features import Feature, FeatureKind
from service.core.cause.findings import Causes, CauseStatus, Finding, causes_of
from service.core.cause.gathering import SURE, Compared, Gathered, cases_of, compared_of, gather, is_complaint
from service.core.cause.testing import Tested, finite
from service.core.cause.versions import (
    Comparison,
    VersionsAsked,
    VersionTally,
    VersionVerdict,
    chosen,
    compare_versions,
    count_versions,
)

__all__ = [
    "SURE",
    "Case",
    "CauseStatus",
    "Causes",
    "Compared",
    "Comparison",
    "Feature",
    "FeatureKind",
    "Finding",
    "Gathered",
    "Table",
    "Tested",
    "VersionTally",
    "VersionVerdict",
    "VersionsAsked",
    "Visit",
    "cases_of",
    "causes_of",
    "chosen",
    "compare_versions",
    "compared_of",
    "count_versions",
    "finite",
    "gather",
    "is_complaint",
]
