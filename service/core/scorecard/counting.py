"""Contributions -> how often each score was given, by the values of one dimension.

Refuses nothing. What employees say of their work is left out: it is no voice of a customer. A contribution says what
holds at present, so that a corrected, superseded or withdrawn answer is not counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.core.records.decisions import Contribution
from service.core.records.feedback import Metric
from service.core.records.renamed import Renamed, as_current
from service.core.records.words import FeedbackKind
from service.core.scorecard.period import Period

# The kinds of feedback whose scores count.
COUNTED = (FeedbackKind.SURVEY, FeedbackKind.TICKET)
# No bound, as a number that every store can compare with.
UNBOUNDED = 2**31 - 1


class Dimension(StrEnum):
    """What scores are told apart by; `all` does not tell them apart."""

    ALL = "all"
    SEGMENT = "segment"
    CHANNEL = "channel"
    REGION = "region"
    TEAM = "team"
    PROCESS = "process"
    CATEGORY = "category"
    TOUCHPOINT = "touchpoint"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Which scores are counted: those of a period, of at most so many values, in at most so many tallies.

    `renamed` says what categories are called now.
    """

    by: Dimension
    period: Period
    values: int = UNBOUNDED
    tallies: int = UNBOUNDED
    renamed: Renamed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often one score was given; `value` None is of feedback that says nothing of the dimension."""

    value: str | None
    score: Metric
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """The tallies of whole values, those with the most scores; `left_off` counts the values that had no room."""

    tallies: Sequence[Tally]
    left_off: int = 0


def count(contributions: Iterable[Contribution], sample: Sample) -> Tallied:
    """Count the scores of a sample; of several scores in one contribution each counts once.

    Values with more scores come first, then in the order of code points, None last. No value comes after one that had
    no room, and none with a part of its scores.
    """
    found: defaultdict[str | None, Counter[Metric]] = defaultdict(Counter)
    for one in contributions:
        if sample.period.since <= one.began_at < sample.period.until and one.feedback.kind in COUNTED:
            found[value_of(as_current(one, sample.renamed), sample.by)].update(one.feedback.metrics)
    scored = {value: scores for value, scores in found.items() if scores}
    tallies: list[Tally] = []
    kept = 0
    for value in sorted(scored, key=lambda value: (-scored[value].total(), value is None, value or "")):
        if kept == sample.values or len(tallies) + len(scored[value]) > sample.tallies:
            break
        tallies += [Tally(value=value, score=score, count=times) for score, times in scored[value].items()]
        kept += 1
    return Tallied(tallies=tallies, left_off=len(scored) - kept)


def value_of(contribution: Contribution, by: Dimension) -> str | None:
    """Return what a contribution says of a dimension."""
    feedback = contribution.feedback
    match by:
        case Dimension.ALL:
            return None
        case Dimension.SEGMENT:
            return feedback.segment
        case Dimension.CHANNEL:
            return feedback.channel
        case Dimension.REGION:
            return feedback.region
        case Dimension.TEAM:
            return contribution.routed.owner.team
        case Dimension.PROCESS:
            return contribution.process
        case Dimension.CATEGORY:
            return contribution.categorised.category
        case Dimension.TOUCHPOINT:
            return feedback.touchpoint
        case Dimension.SURVEY:
            return feedback.survey
