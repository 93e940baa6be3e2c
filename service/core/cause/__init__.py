"""Instances of one process and window, some of them complained of -> what these have oftener than the others.

deploy/docs/cause.md has the rules in words. What is found is an association and is worded as one. Refuses to name
anything from fewer than five complaints, or where nobody is left to compare with.
"""

from service.core.cause.case import Case, Visit
from service.core.cause.exact import Table
from service.core.cause.features import Feature, FeatureKind
from service.core.cause.findings import Causes, CauseStatus, Finding, causes_of
from service.core.cause.testing import Tested
from service.core.cause.versions import Comparison, Side, VersionVerdict, compare_versions

__all__ = [
    "Case",
    "CauseStatus",
    "Causes",
    "Comparison",
    "Feature",
    "FeatureKind",
    "Finding",
    "Side",
    "Table",
    "Tested",
    "VersionVerdict",
    "Visit",
    "causes_of",
    "compare_versions",
]
