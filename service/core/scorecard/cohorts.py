"""Contributions -> after how many of the closed cases of a period the customer came back, by one dimension.

Refuses to count a case before the whole time to come back in is over, since silence so far says nothing: how many these
are is told beside.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.core.recontact import cases
from service.core.records.decisions import Contribution
from service.core.records.renamed import Renamed, as_current
from service.core.scorecard.counting import UNBOUNDED, Dimension, value_of
from service.core.scorecard.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The cases closed in a period, of at most so many values, and the days in which a customer may come back.

    Nothing is known of what happened at `known_until` or later, aware. `renamed` says what categories are called now.
    """

    by: Dimension
    period: Period
    days: int
    known_until: datetime
    values: int = UNBOUNDED
    renamed: Renamed = field(default_factory=dict)

    @property
    def window(self) -> timedelta:
        """The time in which a contact is one of coming back."""
        return timedelta(days=self.days)

    @property
    def elapsed_at(self) -> datetime:
        """The last instant of which a case can be whose window is over by the end."""
        return min(self.period.until, self.known_until) - self.window


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTally:
    """The closed cases of one value: those whose window is over, in how many of these the customer came back.

    `censored` are those of which it is too early to tell; they are in neither.
    """

    value: str | None
    closed: int
    returned: int
    censored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesTallied:
    """The tallies of the values with the most cases; `left_off` counts the values that had no room."""

    tallies: Sequence[CaseTally]
    left_off: int = 0


def count_cases(contributions: Iterable[Contribution], cohort: Cohort) -> CasesTallied:
    """Count the cases of a cohort; values with more cases come first, then in the order of code points, None last."""
    found: defaultdict[str | None, list[bool | None]] = defaultdict(list)
    for one in cases((as_current(one, cohort.renamed) for one in contributions), cohort.window):
        if cohort.period.since <= one.closed_at < cohort.period.until:
            outcome = one.returned if one.closed_at <= cohort.elapsed_at else None
            found[value_of(one.state, cohort.by)].append(outcome)
    order = sorted(found, key=lambda value: (-len(found[value]), value is None, value or ""))
    return CasesTallied(
        tallies=[_tally(value, found[value]) for value in order[: cohort.values]],
        left_off=max(0, len(order) - cohort.values),
    )


def heard_until(contributions: Iterable[Contribution]) -> datetime | None:
    """Return the last instant at which something began or was closed; None where nothing was ever heard."""
    times = (at for one in contributions for at in (one.began_at, one.done_at) if at is not None)
    return max(times, default=None)


def _tally(value: str | None, outcomes: Sequence[bool | None]) -> CaseTally:
    known = [one for one in outcomes if one is not None]
    return CaseTally(value=value, closed=len(known), returned=sum(known), censored=len(outcomes) - len(known))
